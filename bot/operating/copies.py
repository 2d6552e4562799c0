"""`python -m bot backup|restore|move`, in plain sentences.

The exit code is 0 when it was done, 1 when it could not be done and nothing was changed.
"""

import argparse
import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Coroutine, Mapping
from pathlib import Path
from socket import gaierror
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.operating import archives
from bot.operating.archives import ArchiveBroken, Manifest
from bot.operating.restoring import InUse
from bot.operating.restoring import restore as bring_back
from bot.operating.troubles import CannotStart
from bot.settings import Settings, load_settings, operators_language
from bot.starting import place_of
from bot.watching.masking import mask_text
from domain.errors import FilesAway
from locales import N_, _, ngettext, use_language
from storage import migrations
from storage.copies import dumps, sqlite_copies
from storage.files.address import read_address
from storage.files.opening import open_store

AWAY = N_("The database does not answer ({reason}). Is it running, and is DATABASE_URL right?")
REFUSALS: Mapping[type[Exception], str] = {
    dumps.NotEmpty: N_("The database has rows already (in {reason}). --replace of restore deletes them."),
    dumps.CountsDiffer: N_("Rows are missing ({reason}); nothing was changed."),
    ArchiveBroken: N_("This archive cannot be used: {reason}."),
    FileExistsError: N_("{reason} is there already. Choose another name."),
    InUse: N_("{reason} is in use: stop the program that has it open, and run this again."),
    sqlite_copies.Damaged: N_("SQLite finds the database damaged: {reason}."),
    sqlite3.Error: N_("SQLite cannot read the file ({reason}). Is it a database of ours?"),
    ConnectionError: AWAY,
    TimeoutError: AWAY,
    gaierror: AWAY,
}
FILES_AWAY = N_("The database is back, but not all files ({reason}). Run it again with --replace.")


def backup(options: argparse.Namespace) -> int:
    """Write an archive. Raises SettingsError."""
    settings = load_settings(needed=())
    return _carried_out(_backup(Path(options.archive), settings))


async def _backup(archive: Path, settings: Settings) -> None:
    made = await archives.write(archive, settings.migrations_url, files_of(settings))
    _tell(made)
    size = f"{archive.stat().st_size / 1_000_000:.1f}"
    _say(_("Written and read back: {archive}, {size} MB.").format(archive=archive, size=size))
    _say(_("Keep SECRET_KEY elsewhere: without it the credentials in the archive cannot be opened."))
    if files_of(settings) is None:
        _say(_("Files are in their bucket, and not in the archive: let the bucket keep versions of them."))


def restore(options: argparse.Namespace) -> int:
    """Bring an archive back, or only read it. Raises SettingsError."""
    archive = Path(options.archive)
    if options.check:
        return _carried_out(_check(archive))
    settings = load_settings(needed=())
    return _carried_out(_restore(archive, settings, replace=options.replace))


async def _check(archive: Path) -> None:
    _tell(await asyncio.to_thread(archives.check, archive))
    _say(_("All parts are what was written."))


async def _restore(archive: Path, settings: Settings, *, replace: bool) -> None:
    url = settings.migrations_url
    store = open_store(settings.files_url, settings.files_key, settings.files_secret)
    try:
        _tell(await bring_back(archive, url, settings.database_url, store, replace=replace))
    finally:
        await store.aclose()
    done = _("Restored into {place}, every table counted, and brought up to date.")
    _say(done.format(place=place_of(url)))


def move(options: argparse.Namespace) -> int:
    """Copy a SQLite database into PostgreSQL. Raises SettingsError."""
    settings, source = load_settings(needed=()), Path(options.source)
    if archives.kind_of(settings.database_url) != "postgresql":
        raise CannotStart(N_("DATABASE_URL must be the PostgreSQL to move to."))
    if not source.is_file():
        raise CannotStart(N_("There is no file {name}. Name the SQLite file to move."), name=source)
    return _carried_out(_move(source, settings))


async def _move(source: Path, settings: Settings) -> None:
    """The source is copied first and only the copy brought up to date: it stays what it was."""
    with tempfile.TemporaryDirectory(dir=source.absolute().parent, prefix=".voronka-") as directory:
        copy = Path(directory) / archives.SQLITE_NAME
        await asyncio.to_thread(sqlite_copies.copy, source, copy)
        await migrations.upgrade(f"sqlite+aiosqlite:///{copy}")
        counts = await sqlite_copies.move(copy, settings.migrations_url)
    await migrations.upgrade(settings.migrations_url, serving=settings.database_url)
    width = max(map(len, counts))
    for table, count in counts.items():
        _say(f"  {table:{width}}  {count:>10} = {count}")
    total, place = sum(counts.values()), place_of(settings.migrations_url)
    done = ngettext(
        "{count} row moved into {place}, the same in every table.",
        "{count} rows moved into {place}, the same in every table.",
        total,
    )
    _say(done.format(count=total, place=place))
    _say(_("{name} is as it was.").format(name=source))


def files_of(settings: Settings) -> Path | None:
    """The folder of files; None where they are elsewhere."""
    address = read_address(settings.files_url)
    return address if isinstance(address, Path) else None


def _tell(manifest: Manifest) -> None:
    rows, tables, files = sum(manifest.counts.values()), len(manifest.counts), manifest.files
    told = _("{made} UTC, {database} at {revision}: {rows}, {tables}, {files}.")
    _say(
        told.format(
            made=manifest.made_at[:19],
            database=manifest.database,
            revision=manifest.revision,
            rows=ngettext("{count} row", "{count} rows", rows).format(count=rows),
            tables=ngettext("{count} table", "{count} tables", tables).format(count=tables),
            files=ngettext("{count} file", "{count} files", files).format(count=files),
        )
    )


def _carried_out(work: Coroutine[Any, Any, None]) -> int:
    with use_language(operators_language()):
        try:
            asyncio.run(work)
        except FilesAway as error:
            return _refused(_(FILES_AWAY).format(reason=error.reason))
        except tuple(REFUSALS) as error:
            sentence = next(text for kind, text in REFUSALS.items() if isinstance(error, kind))
            return _refused(_(sentence).format(reason=error))
        except (DBAPIError, asyncpg.PostgresError) as error:
            why = mask_text(str(getattr(error, "orig", error)).splitlines()[0])
            return _refused(_("The database refuses, and nothing was changed: {reason}").format(reason=why))
        except (SQLAlchemyError, OSError) as error:
            return _refused(_not_done(error))
    return 0


def _not_done(error: Exception) -> str:
    if isinstance(error, FileNotFoundError) and error.filename:
        return _("There is no file {name}.").format(name=error.filename)
    return _("This could not be done: {reason}").format(reason=f"{type(error).__name__}: {error}")


def _refused(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
