"""`python -m sandbox iiko`: the stand-in from the command line."""

import argparse

from sandbox import command
from sandbox.iiko.seed import APP_ID, Keys
from sandbox.iiko.server import IikoSandbox

SECRETS = {
    "api_login": "the login of the old way",
    "api_key": "the key of the new way",
    "client_secret": "the application's secret of the new way",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; secrets that are not given are random."""
    command.add_arguments(parser, 8097, SECRETS)
    parser.add_argument("--zone", default="Europe/Moscow", help="time zone of the terminals")


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = Keys(**command.given(options, SECRETS))
    crm = IikoSandbox(options.port, options.speed, host=options.host, zone=options.zone, keys=keys)
    return command.run(
        crm,
        lambda: (
            f"iiko stand-in: {crm.url}\n  apiLogin: {keys.api_login}\n"
            f"  apiKey: {keys.api_key}, appId: {APP_ID}, clientSecret: {keys.client_secret}"
        ),
    )
