"""What `python -m bot crm` takes. Imports nothing of the product: every command builds the parser."""

import argparse

STEPS = {
    "resume": "go on with a move that was paused or cut off",
    "pause": "begin nothing more for now",
    "activate": "make the new CRM the active one; the old one still gets every change",
    "finish": "stop writing to the old CRM",
    "cancel": "call the move off",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `crm` and what each takes."""
    parser.add_argument("--organization", default="", help="its name or id, where there are several")
    commands = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    commands.add_parser("test", help="check the connection, rights, fields and limits")
    shown = commands.add_parser("preview", help="show the requests that a lead would make; nothing is sent")
    shown.add_argument("lead", nargs="?", type=int, help="a lead's number; a sample lead without it")
    shown.add_argument("--json", action="store_true", help="as JSON")
    push = commands.add_parser("push", help="send what is owed now")
    which = push.add_mutually_exclusive_group(required=True)
    which.add_argument("lead", nargs="?", type=int, help="a lead's number")
    which.add_argument("--all", action="store_true", help="everything that is owed")
    compared = commands.add_parser("diff", help="what becomes of a lead in one CRM and in another, as a file")
    compared.add_argument("left", help="a CRM: espocrm, bitrix24, amocrm, retailcrm ...")
    compared.add_argument("right", help="another one")
    compared.add_argument("--to", metavar="FILE", default="", help="the file; LEFT-RIGHT.html without it")
    move = commands.add_parser("switch", help="move to another CRM that is connected")
    what = move.add_mutually_exclusive_group(required=True)
    what.add_argument("--list", action="store_true", help="where a move could go, and the one that is open")
    what.add_argument("--to", metavar="CRM", help="an id or a title of --list: copy all leads there")
    for name, text in STEPS.items():
        what.add_argument(f"--{name}", action="store_true", help=text)
    what.add_argument("--report", metavar="FILE", help="write where the two differ into a file")
