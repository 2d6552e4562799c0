"""`python -m sandbox retailcrm`: the stand-in from the command line."""

import argparse
import asyncio
import sys
from contextlib import suppress

from sandbox.retailcrm.seed import Keys
from sandbox.retailcrm.server import RetailSandbox

SECRETS = {
    "api_key": "key of the first shop",
    "two_sites": "key of both shops; it must name one",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; keys that are not given are random."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8094, help="0 takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast its clock runs")
    parser.add_argument("--zone", default="Europe/Moscow", help="time zone of the account")
    for name, text in SECRETS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=f"{text}; random by default")


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled; prints the address and the keys."""
    keys = Keys(**{name: value for name in SECRETS if (value := getattr(options, name))})
    given = {"host": options.host, "zone": options.zone, "keys": keys}
    async with RetailSandbox(options.port, options.speed, **given) as crm:
        sys.stdout.write(f"RetailCRM stand-in: {crm.url}\n  X-API-KEY: {keys.api_key}\n")
        sys.stdout.write(f"  of both shops: {keys.two_sites}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options))
    return 0
