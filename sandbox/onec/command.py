"""`python -m sandbox onec`: the stand-in from the command line."""

import argparse

from sandbox import command
from sandbox.onec.seed import Keys
from sandbox.onec.server import OneCSandbox

SECRETS = {"password": "password of the user", "client_secret": "secret of the OAuth2 client"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; secrets that are not given are random."""
    command.add_arguments(parser, 8098, SECRETS)
    parser.add_argument("--zone", default="Europe/Moscow", help="wall clock of the base")


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = Keys(**command.given(options, SECRETS))
    crm = OneCSandbox(options.port, options.speed, host=options.host, zone=options.zone, keys=keys)
    return command.run(
        crm, lambda: f"1C stand-in: {crm.url}\n  user: {keys.login}\n  password: {keys.password}"
    )
