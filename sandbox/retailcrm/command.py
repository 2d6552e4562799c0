"""`python -m sandbox retailcrm`: the stand-in from the command line."""

import argparse

from sandbox import command
from sandbox.retailcrm.seed import Keys
from sandbox.retailcrm.server import RetailSandbox

SECRETS = {
    "api_key": "key of the first shop",
    "two_sites": "key of both shops; it must name one",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; secrets that are not given are random."""
    command.add_arguments(parser, 8094, SECRETS)
    parser.add_argument("--zone", default="Europe/Moscow", help="time zone of the account")


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = Keys(**command.given(options, SECRETS))
    crm = RetailSandbox(options.port, options.speed, host=options.host, zone=options.zone, keys=keys)
    return command.run(
        crm,
        lambda: (
            f"RetailCRM stand-in: {crm.url}\n  X-API-KEY: {keys.api_key}\n  of both shops: {keys.two_sites}"
        ),
    )
