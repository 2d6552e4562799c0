"""`python -m sandbox twenty`: the stand-in from the command line."""

import argparse

from sandbox import command
from sandbox.twenty.seed import Keys
from sandbox.twenty.server import TwentySandbox
from sandbox.twenty.state import OLDER, Ways

SECRETS = {"api_key": "API key of the workspace"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; a key that is not given is random."""
    command.add_arguments(parser, 8095, SECRETS)
    parser.add_argument("--older", action="store_true", help="answer as older versions do")
    parser.add_argument("--bare", action="store_true", help="without the fields that the product wants")


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = Keys(**command.given(options, SECRETS))
    ways = OLDER if options.older else Ways()
    crm = TwentySandbox(
        options.port, options.speed, host=options.host, keys=keys, ways=ways, prepared=not options.bare
    )
    return command.run(crm, lambda: f"Twenty stand-in: {crm.url}\n  Bearer {keys.api_key}")
