"""`python -m sandbox renovatio`: the stand-in from the command line."""

import argparse

from sandbox import command
from sandbox.renovatio.seed import Keys
from sandbox.renovatio.server import RenovatioSandbox

SECRETS = {"api_key": "key that may everything", "narrow": "key of the directories alone"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; secrets that are not given are random."""
    command.add_arguments(parser, 8099, SECRETS)
    parser.add_argument("--zone", default="Europe/Moscow", help="wall clock of the clinic")


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = Keys(**command.given(options, SECRETS))
    crm = RenovatioSandbox(options.port, options.speed, host=options.host, zone=options.zone, keys=keys)
    return command.run(crm, lambda: f"Renovatio stand-in: {crm.url}\n  api_key: {keys.api_key}")
