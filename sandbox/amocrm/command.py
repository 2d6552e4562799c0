"""`python -m sandbox amocrm`: the stand-in from the command line."""

import argparse

from sandbox import command
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
    command.add_arguments(parser, 8093, SECRETS)
    parser.add_argument("--per-second", type=int, default=7, help="limit of requests; 0 is none")


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = Keys(**command.given(options, SECRETS))
    crm = AmoSandbox(options.port, options.speed, host=options.host, keys=keys, per_second=options.per_second)
    return command.run(
        crm,
        lambda: (
            f"amoCRM stand-in: {crm.url}\n  long-lived token: {crm.token}\n"
            f"  client {keys.client_id} / {keys.client_secret}\n  redirect_uri {keys.redirect_uri}"
        ),
    )
