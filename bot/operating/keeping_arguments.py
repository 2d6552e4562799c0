"""What `python -m bot audit`, `archive`, `secrets` and `second-factor` take. Imports nothing of the
product: every command builds the parser."""

import argparse


def add_audit(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `audit`."""
    commands = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    verify = commands.add_parser("verify", help="walk the record of actions and name the first broken entry")
    _add_organization(verify)
    verify.add_argument(
        "--anchor", action="append", default=[], metavar="NUMBER:MARK",
        help="what an earlier run printed: the record must still hold it",
    )  # fmt: skip


def add_archive(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `archive`."""
    commands = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    _add_organization(commands.add_parser("restore", help="put what is archived back, and archive no more"))


def add_secrets(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `secrets`."""
    commands = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    commands.add_parser("rotate", help="seal everything anew with SECRET_KEY, while the product runs")
    commands.add_parser("keys", help="tell which keys are still in use")


def add_second_factor(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `second-factor`."""
    commands = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    _add_organization(commands.add_parser("list", help="who has turned it on"))
    off = commands.add_parser("off", help="turn it off for somebody whom no owner can help")
    off.add_argument("telegram_id", type=int, metavar="TELEGRAM_ID", help="as list prints it")
    _add_organization(off)


def _add_organization(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--organization", default="", help="its name or id; all of them without it")
