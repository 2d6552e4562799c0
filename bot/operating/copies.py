"""`python -m bot backup|restore|move`, in plain sentences.

The exit code is 0 when it was done, 1 when it could not be done and nothing was changed.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.operating import archives
from bot.operating.archives import ArchiveBroken, Manifest
from bot.operating.restoring import restore as bring_back
from bot.operating.troubles import CannotStart
from bot.settings import Settings, load_settings
from bot.starting import place_of
from bot.watching.masking import mask_text
from domain.errors import FilesAway
from storage import migrations
from storage.copies import dumps, sqlite_copies
from storage.files.address import read_address
from storage.files.opening import open_store


def backup(options: argparse.Namespace) -> int:
    """Write an archive. Raises SettingsError."""
    settings = load_settings(needed=())
    return _carried_out(_backup(Path(options.archive), settings))


async def _backup(archive: Path, settings: Settings) -> None:
    made = await archives.write(archive, settings.migrations_url, files_of(settings))
    _tell(made)
    size = archive.stat().st_size
    _say(
        f"Written and read back: {archive}, {size / 1_000_000:.1f} MB. Keep SECRET_KEY elsewhere: without it"
    )
    _say("the credentials in the archive cannot be opened.")
    if files_of(settings) is None:
        _say("Files are in their bucket, and not in the archive: let the bucket keep versions of them.")


def restore(options: argparse.Namespace) -> int:
    """Bring an archive back, or only read it. Raises SettingsError."""
    archive = Path(options.archive)
    if options.check:
        return _carried_out(_check(archive))
    settings = load_settings(needed=())
    return _carried_out(_restore(archive, settings, replace=options.replace))


async def _check(archive: Path) -> None:
    _tell(await asyncio.to_thread(archives.check, archive))
    _say("All parts are what was written.")


async def _restore(archive: Path, settings: Settings, *, replace: bool) -> None:
    url = settings.migrations_url
    store = open_store(settings.files_url, settings.files_key, settings.files_secret)
    try:
        _tell(await bring_back(archive, url, settings.database_url, store, replace=replace))
    finally:
        await store.aclose()
    _say(f"Restored into {place_of(url)}, every table counted, and brought up to date.")


def move(options: argparse.Namespace) -> int:
    """Copy a SQLite database into PostgreSQL. Raises SettingsError."""
    settings, source = load_settings(needed=()), Path(options.source)
    if archives.kind_of(settings.database_url) != "postgresql":
        raise CannotStart("DATABASE_URL must be the PostgreSQL to move to.")
    if not source.is_file():
        raise CannotStart(f"There is no file {source}.")
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
    _say(f"{total} rows moved into {place}, the same in every table.")
    _say(f"{source} is as it was.")


def files_of(settings: Settings) -> Path | None:
    """The folder of files; None where they are elsewhere."""
    address = read_address(settings.files_url)
    return address if isinstance(address, Path) else None


def _tell(manifest: Manifest) -> None:
    rows, tables = sum(manifest.counts.values()), len(manifest.counts)
    _say(
        f"{manifest.made_at[:19]} UTC, {manifest.database} at {manifest.revision}: {rows} rows in {tables} "
        f"tables, {manifest.files} files."
    )


def _carried_out(work: Coroutine[Any, Any, None]) -> int:
    try:
        asyncio.run(work)
    except dumps.NotEmpty as error:
        return _refused(f"The database has rows already (in {error}). --replace of restore deletes them.")
    except dumps.CountsDiffer as error:
        return _refused(f"Rows are missing ({error}); nothing was changed.")
    except ArchiveBroken as error:
        return _refused(f"This archive cannot be used: {error}.")
    except FilesAway as error:
        return _refused(
            f"The database is back, but not all files ({error.reason}). Run it again with --replace."
        )
    except FileExistsError as error:
        return _refused(f"{error} is there already.")
    except sqlite_copies.Damaged as error:
        return _refused(f"SQLite finds the database damaged: {error}.")
    except (DBAPIError, asyncpg.PostgresError) as error:
        why = mask_text(str(getattr(error, "orig", error)).splitlines()[0])
        return _refused(f"The database refuses, and nothing was changed: {why}")
    except (SQLAlchemyError, OSError) as error:
        return _refused(f"{type(error).__name__}: {error}")
    return 0


def _refused(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
