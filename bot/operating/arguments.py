"""What `python -m bot` has for whoever runs it: looking after it, and keeping copies."""

import argparse
from collections.abc import Callable

Run = Callable[[argparse.Namespace], int]
Add = Callable[[str, Run, str], argparse.ArgumentParser]


def add_operating(add: Add) -> None:
    """doctor, backup, restore, move, files: what each takes."""
    doctor = add("doctor", _doctor, "check every setting and connection, and say what to mend")
    doctor.add_argument("--json", action="store_true", help="as JSON")
    backup = add("backup", _backup, "write the database and the files into one archive, while all runs on")
    backup.add_argument("archive", help="the file to write; it must not be there yet")
    restore = add("restore", _restore, "bring an archive back into an empty database")
    restore.add_argument("archive", help="what backup has written")
    restore.add_argument("--replace", action="store_true", help="delete what is in the database now")
    restore.add_argument("--check", action="store_true", help="only read the archive, and change nothing")
    moved = add("move", _move, "copy a SQLite database into the empty PostgreSQL of DATABASE_URL")
    moved.add_argument("source", help="the SQLite file")
    add_files(add("files", _files, "check where files are kept, and move them"))


def add_files(parser: argparse.ArgumentParser) -> None:
    """The sub-commands of `files`."""
    commands = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    commands.add_parser("check", help="read every kept file, and name those that are missing or damaged")
    moved = commands.add_parser("move", help="bring every file to where FILES_URL says")
    moved.add_argument("--from", dest="source", default="", help="what FILES_URL was before")
    moved.add_argument("--delete", action="store_true", help="delete there what has arrived here whole")


def _files(options: argparse.Namespace) -> int:
    from bot.operating import files

    return files.check(options) if options.what == "check" else files.move(options)


def _doctor(options: argparse.Namespace) -> int:
    from bot.operating.doctor import run

    return run(options)


def _backup(options: argparse.Namespace) -> int:
    from bot.operating.copies import backup

    return backup(options)


def _restore(options: argparse.Namespace) -> int:
    from bot.operating.copies import restore

    return restore(options)


def _move(options: argparse.Namespace) -> int:
    from bot.operating.copies import move

    return move(options)
