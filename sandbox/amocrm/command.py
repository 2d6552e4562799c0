"""`python -m sandbox amocrm`: the stand-in from the command line."""

import argparse
import asyncio
import sys
from contextlib import suppress

from sandbox.amocrm.seed import Keys
from sandbox.amocrm.server import AmoSandbox

SECRETS = {
    "client_id": "id of the integration",
    "client_secret": "secret of the integration",
    "redirect_uri": "where the consent comes back to",
    "long_lived": "a long-lived token",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; secrets that are not given are random."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8093, help="0 takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast its clock runs")
    parser.add_argument("--per-second", type=int, default=7, help="limit of requests; 0 is none")
    for name, text in SECRETS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=text)


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled; prints the address and the keys."""
    keys = Keys(**{name: value for name in SECRETS if (value := getattr(options, name))})
    limits = {"per_second": options.per_second}
    async with AmoSandbox(options.port, options.speed, host=options.host, keys=keys, **limits) as crm:
        sys.stdout.write(f"amoCRM stand-in: {crm.url}\n  long-lived token: {crm.token}\n")
        sys.stdout.write(
            f"  client {keys.client_id} / {keys.client_secret}\n  redirect_uri {keys.redirect_uri}\n"
        )
        sys.stdout.flush()
        await asyncio.Event().wait()


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options))
    return 0
