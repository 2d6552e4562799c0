"""`python -m sandbox bitrix24`: the stand-in from the command line."""

import argparse
import asyncio
import sys
from contextlib import suppress

from sandbox.bitrix24.seed import Keys
from sandbox.bitrix24.server import Bitrix24Sandbox

SECRETS = {
    "code": "code of the inbound webhook",
    "client_id": "id of the application",
    "client_secret": "secret of the application",
    "application_token": "application token in its events",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; secrets that are not given are random."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8092, help="0 takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast its clock runs")
    parser.add_argument("--mode", type=int, choices=(1, 2), default=1, help="1: with leads, 2: without")
    parser.add_argument("--burst", type=float, default=50, help="requests at once")
    parser.add_argument("--drain", type=float, default=2, help="requests a second")
    for name, text in SECRETS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=f"{text}; random by default")


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled; prints the addresses and the keys."""
    keys = Keys(**{name: value for name in SECRETS if (value := getattr(options, name))})
    async with Bitrix24Sandbox(
        options.port,
        options.speed,
        host=options.host,
        keys=keys,
        mode=options.mode,
        burst=options.burst,
        drain=options.drain,
    ) as crm:
        sys.stdout.write(f"Bitrix24 stand-in: {crm.url}\n  inbound webhook: {crm.hook_url}\n")
        sys.stdout.write(f"  application: {keys.client_id} / {keys.client_secret}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options))
    return 0
