"""`python -m sandbox espocrm`: the stand-in from the command line."""

import argparse

from sandbox import command
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
    command.add_arguments(parser, 8091, SECRETS)
    parser.add_argument("--version", choices=VERSIONS, default=VERSIONS[-1])


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = Keys(**command.given(options, SECRETS))
    crm = EspoSandbox(options.port, options.version, options.speed, host=options.host, keys=keys)
    return command.run(
        crm,
        lambda: (
            f"EspoCRM {options.version} stand-in: {crm.url}\n  X-Api-Key: {crm.api_key}\n"
            f"  HMAC: {crm.hmac_key} / {crm.hmac_secret}\n  admin / {keys.admin_password}"
        ),
    )
