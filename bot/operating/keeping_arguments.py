"""What `python -m bot audit` and `secrets` take. Imports nothing of the product: every command builds the
parser."""

import argparse


def add_audit(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `audit`."""
    commands = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    verify = commands.add_parser("verify", help="walk the record of actions and name the first broken entry")
    verify.add_argument("--organization", default="", help="its name or id; all of them without it")
    verify.add_argument(
        "--anchor", action="append", default=[], metavar="NUMBER:MARK",
        help="what an earlier run printed: the record must still hold it",
    )  # fmt: skip


def add_secrets(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `secrets`."""
    commands = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    commands.add_parser("rotate", help="seal everything anew with SECRET_KEY, while the product runs")
    commands.add_parser("keys", help="tell which keys are still in use")
