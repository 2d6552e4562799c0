"""`python -m sandbox yclients`: the stand-in from the command line."""

import argparse

from sandbox import command
from sandbox.yclients.seed import Keys
from sandbox.yclients.server import YclientsSandbox

SECRETS = {"partner_token": "the integrator's token", "user_token": "the owner's token"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; secrets that are not given are random."""
    command.add_arguments(parser, 8096, SECRETS)
    parser.add_argument("--zone", default="Europe/Moscow", help="time zone of the branches")


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = Keys(**command.given(options, SECRETS))
    crm = YclientsSandbox(options.port, options.speed, host=options.host, zone=options.zone, keys=keys)
    return command.run(
        crm,
        lambda: (
            f"YCLIENTS stand-in: {crm.url}\n  Bearer {keys.partner_token}, User {keys.user_token}\n"
            f"  branch: {crm.company}"
        ),
    )
