"""Backup, restore and move, through the command line: every row comes back, or nothing is changed."""

import base64
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.demo.command import OWNER
from bot.demo.day import live
from bot.settings import load_settings
from sandbox.s3.server import S3Sandbox
from storage.copies import dumps
from storage.db import Database
from storage.migrations import upgrade
from storage.tables import metadata
from tests.databases import PostgresDatabases
from tests.programs import run

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture(scope="module")
async def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with a working day in it."""
    file = tmp_path_factory.mktemp("lived") / "voronka.db"
    settings = load_settings(
        bot_token="1:x",
        database_url=f"sqlite+aiosqlite:///{file}",
        redis_url="",
        secret_key=KEY,
        admin_ids=(OWNER,),
        crm_provider="none",
    )
    await upgrade(settings.database_url)
    await live(settings, datetime.now(UTC))
    return file


async def command(*arguments: str, url: str, files: Path | None = None, **more: str) -> tuple[int, str]:
    given = {"ENV_FILE": "", "SECRET_KEY": KEY, "DATABASE_URL": url}
    with TemporaryDirectory(prefix="voronka-files-") as elsewhere:
        place = str(files or Path(elsewhere, "none-there"))
        return await run(arguments, {**given, "FILES_URL": place, **more})


async def rows_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the product reads it, in the order of their keys."""
    db = Database(url)
    try:
        async with db.reading(system=True) as s:
            return {
                table.name: sorted(
                    (tuple(row) for row in await s.rows(table.select())),
                    key=lambda row: str(row[: len(table.primary_key)]),
                )
                for table in metadata.sorted_tables
            }
    finally:
        await db.close()


async def test_a_sqlite_archive_brings_back_every_row_and_file(lived: Path, tmp_path: Path) -> None:
    url, files = f"sqlite+aiosqlite:///{lived}", tmp_path / "files"
    (files / "deep").mkdir(parents=True)
    (files / "deep" / "scan.pdf").write_bytes(b"%PDF")
    archive, target = tmp_path / "one.tar.gz", tmp_path / "new" / "voronka.db"
    with closing(sqlite3.connect(lived, isolation_level=None)) as writer:
        # somebody is in the middle of writing
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE people SET username = 'half done'")
        code, said = await command("backup", str(archive), url=url, files=files)
        writer.execute("ROLLBACK")
    assert code == 0, said
    assert archive.stat().st_mode & 0o077 == 0
    restored = f"sqlite+aiosqlite:///{target}"
    code, said = await command("restore", str(archive), url=restored, files=tmp_path / "back")
    assert code == 0, said
    assert await rows_of(restored) == await rows_of(url)
    assert (tmp_path / "back/deep/scan.pdf").read_bytes() == b"%PDF"

    code, said = await command("restore", str(archive), url=restored)
    assert (code, "has rows already" in said) == (1, True)
    with closing(sqlite3.connect(target, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        code, said = await command("restore", str(archive), "--replace", url=restored)
        assert (code, "in use" in said) == (1, True)
    async with S3Sandbox() as s3:
        keys: dict[str, Any] = {"FILES_URL": s3.files_url(), "FILES_KEY": s3.key, "FILES_SECRET": s3.secret}
        code, said = await command("restore", str(archive), "--replace", url=restored, **keys)
        assert code == 0, said
        assert {key: one.content for key, one in s3.objects().items()} == {"deep/scan.pdf": b"%PDF"}
        s3.fail("read_only")
        code, said = await command("restore", str(archive), "--replace", url=restored, **keys)
        assert (code, "not all files (AccessDenied)" in said) == (1, True), said


async def test_a_damaged_archive_changes_nothing(lived: Path, tmp_path: Path) -> None:
    url, archive = f"sqlite+aiosqlite:///{lived}", tmp_path / "one.tar.gz"
    assert (await command("backup", str(archive), url=url))[0] == 0
    code, said = await command("backup", str(archive), url=url)
    assert (code, "is there already" in said) == (1, True)
    whole = archive.read_bytes()
    for name, content in {
        "short": whole[: len(whole) // 2],
        "flipped": whole[:2000] + bytes([whole[2000] ^ 255]) + whole[2001:],
        "none": b"no archive",
    }.items():
        (tmp_path / name).write_bytes(content)
        code, said = await command(
            "restore", str(tmp_path / name), url=f"sqlite+aiosqlite:///{tmp_path}/x.db"
        )
        assert (code, "cannot be used" in said) == (1, True), said
    with tarfile.open(tmp_path / "outside", "w:gz") as tar:
        tar.add(archive, "files/../../outside")
    code, said = await command("restore", str(tmp_path / "outside"), "--check", url=url)
    assert (code, "no backup of ours" in said) == (1, True)
    nowhere = "postgresql+asyncpg://u:p@127.0.0.1:1/d"
    code, said = await command("move", str(tmp_path / "none"), url=nowhere)
    assert (code, "SQLite cannot read the file" in said) == (1, True), said
    code, said = await command("move", str(lived), url=nowhere)
    assert (code, "The database does not answer" in said) == (1, True), said
    assert not (tmp_path / "x.db").exists()


async def test_sqlite_moves_to_postgres_and_postgres_comes_back(
    lived: Path, tmp_path: Path, postgres_databases: PostgresDatabases
) -> None:
    url, target = f"sqlite+aiosqlite:///{lived}", await postgres_databases.bare(tmp_path)
    before = await rows_of(url)
    code, said = await command("move", str(lived), url=target)
    assert code == 0, said
    assert f"{sum(map(len, before.values()))} rows moved" in said
    assert await rows_of(target) == before == await rows_of(url)
    code, said = await command("move", str(lived), url=target)
    assert (code, "has rows already" in said) == (1, True)

    archive, third = tmp_path / "pg.tar.gz", await postgres_databases.bare(tmp_path)
    code, said = await command("backup", str(archive), url=target)
    assert code == 0, said
    code, said = await command("restore", str(archive), url=third)
    assert code == 0, said
    assert await rows_of(third) == before
    code, said = await command("restore", str(archive), url=f"sqlite+aiosqlite:///{tmp_path}/y.db")
    assert (code, "holds a postgresql database" in said) == (1, True)


async def test_a_restore_that_loses_a_row_leaves_the_database_as_it_was(
    lived: Path, tmp_path: Path, postgres_databases: PostgresDatabases
) -> None:
    target = await postgres_databases.bare(tmp_path)
    assert (await command("move", str(lived), url=target))[0] == 0
    revision, counts = await dumps.dump(target, tmp_path)
    more = {**counts, "people": counts["people"] + 1}
    with pytest.raises(dumps.CountsDiffer):
        await dumps.load(target, tmp_path, revision, more, replace=True)
    assert {table: len(rows) for table, rows in (await rows_of(target)).items()} == counts
