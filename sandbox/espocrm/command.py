"""`python -m sandbox espocrm`: the stand-in from the command line."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress

from sandbox.espocrm.seed import Keys
from sandbox.espocrm.server import EspoSandbox
from sandbox.espocrm.state import VERSIONS

SECRETS = {
    "api_key": "key of the API user voronka",
    "hmac_key": "key of the API user voronka-hmac",
    "hmac_secret": "secret of the API user voronka-hmac",
    "admin_password": "password of the user admin",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; secrets that are not given are random."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8091, help="0 takes a free one")
    parser.add_argument("--version", choices=VERSIONS, default=VERSIONS[-1])
    parser.add_argument("--speed", type=float, default=1.0, help="how fast its clock runs")
    for name, text in SECRETS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=f"{text}; random by default")


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled; prints the address and the keys."""
    keys = Keys(**{name: value for name in SECRETS if (value := getattr(options, name))})
    async with EspoSandbox(options.port, options.version, options.speed, host=options.host, keys=keys) as crm:
        sys.stdout.write(f"EspoCRM {options.version} stand-in: {crm.url}\n  X-Api-Key: {crm.api_key}\n")
        sys.stdout.write(f"  HMAC: {crm.hmac_key} / {crm.hmac_secret}\n  admin / {keys.admin_password}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """`run` with arguments that are still to be read."""
    parser = argparse.ArgumentParser(prog="sandbox espocrm", description="A stateful EspoCRM stand-in.")
    add_arguments(parser)
    return run(parser.parse_args(argv))
