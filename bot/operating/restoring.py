"""An archive brought back: into the database first, all or nothing, then the files."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.operating import archives
from bot.operating.archives import ArchiveBroken, Manifest
from domain.file_body import CHUNK, FileBody
from locales import _
from storage import migrations
from storage.copies import dumps, sqlite_copies
from storage.files.store import FileStore
from storage.revision import newest


class InUse(Exception):
    """Another program has the database open. The text is the file's name."""


async def restore(archive: Path, url: str, serving: str, store: FileStore, *, replace: bool) -> Manifest:
    """Bring the archive back into the database at `url`, and up to date, and let the role of `serving` in.

    Raises ArchiveBroken, InUse, dumps.NotEmpty, dumps.CountsDiffer, OSError; then the database is as it was.
    Raises FilesAway where the database is back and a file is not.
    """
    kind = archives.kind_of(url)
    beside = archives.sqlite_file(url).absolute().parent if kind == "sqlite" else archive.absolute().parent
    beside.mkdir(parents=True, exist_ok=True)
    with archives.unpacked(archive, beside) as (manifest, folder):
        _insist(manifest, kind)
        if kind == "sqlite":
            await _restore_sqlite(folder, archives.sqlite_file(url), manifest, replace=replace)
        else:
            database = folder / "database"
            await dumps.load(url, database, manifest.revision, manifest.counts, replace=replace)
            await migrations.upgrade(url, serving=serving)
        await _restore_files(folder / "files", store)
    return manifest


async def _restore_files(folder: Path, store: FileStore) -> None:
    """Into whatever keeps files now, under the same names."""
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        with FileBody() as body:
            with file.open("rb") as opened:
                while chunk := opened.read(CHUNK):
                    body.write(chunk)
            await store.put(file.relative_to(folder).as_posix(), body)


def _insist(manifest: Manifest, kind: str) -> None:
    if manifest.revision > newest():
        why = _("a newer program has written it, at {revision}: start that one")
        raise ArchiveBroken(why.format(revision=manifest.revision))
    if manifest.database != kind:
        why = _("it holds a {held} database, and DATABASE_URL is {kind}").format(
            held=manifest.database, kind=kind
        )
        way = "; " + _("restore it into a file, then `python -m bot move FILE`") if kind != "sqlite" else ""
        raise ArchiveBroken(why + way)


async def _restore_sqlite(folder: Path, target: Path, manifest: Manifest, *, replace: bool) -> None:
    staged = folder / "database" / archives.SQLITE_NAME
    revision, counts = await asyncio.to_thread(sqlite_copies.counts_of, staged)
    if (revision, counts) != (manifest.revision, dict(manifest.counts)):
        raise dumps.CountsDiffer(_("the rows are not those that were written"))
    await migrations.upgrade(f"sqlite+aiosqlite:///{staged}")
    if target.exists():
        _take_over(target, replace=replace)
    for beside in ("-wal", "-shm"):
        Path(f"{target}{beside}").unlink(missing_ok=True)
    os.replace(staged, target)


def _take_over(target: Path, *, replace: bool) -> None:
    """Nobody may have the database open, and it must have no rows unless `replace`."""
    if not replace:
        _revision, counts = sqlite_copies.counts_of(target)
        filled = [table for table, count in counts.items() if count]
        if filled:
            raise dumps.NotEmpty(filled[0])
    try:
        with closing(sqlite3.connect(target, timeout=0.5, isolation_level=None)) as database:
            database.execute("PRAGMA locking_mode=EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
            database.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise InUse(target) from error
    except sqlite3.DatabaseError:
        if not replace:
            raise
