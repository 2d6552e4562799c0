"""`python -m sandbox bitrix24`: the stand-in from the command line."""

import argparse

from sandbox import command
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
    command.add_arguments(parser, 8092, SECRETS)
    parser.add_argument("--mode", type=int, choices=(1, 2), default=1, help="1: with leads, 2: without")
    parser.add_argument("--burst", type=float, default=50, help="requests at once")
    parser.add_argument("--drain", type=float, default=2, help="requests a second")


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = Keys(**command.given(options, SECRETS))
    limits = {"burst": options.burst, "drain": options.drain}
    crm = Bitrix24Sandbox(
        options.port, options.speed, host=options.host, keys=keys, mode=options.mode, **limits
    )
    return command.run(
        crm,
        lambda: (
            f"Bitrix24 stand-in: {crm.url}\n  inbound webhook: {crm.hook_url}\n"
            f"  application: {keys.client_id} / {keys.client_secret}"
        ),
    )
