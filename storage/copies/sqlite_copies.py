"""Copies of a SQLite database, made while others write, and moved into PostgreSQL."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage import migrations
from storage.copies import dumps
from storage.tables import metadata

AT_ONCE = 5_000
"""Rows that are held in memory at a time."""

PAGES = 2_000


class Damaged(Exception):
    """SQLite finds the file damaged, or it is none of its own."""


def copy(source: Path, target: Path) -> None:
    """Write the database as it is at one moment into the new file `target` (SQLite's online backup)."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as there,
        closing(sqlite3.connect(target)) as here,
    ):
        there.backup(here, pages=PAGES)
        # one file, without a log beside it
        here.execute("PRAGMA journal_mode=DELETE")


def counts_of(file: Path) -> tuple[str, dict[str, int]]:
    """The revision of a database and how many rows each table has. Raises Damaged."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            verdict = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if verdict != "ok":
                raise Damaged(verdict)
            names = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
            )
            tables = sorted(name for (name,) in names if name != dumps.VERSION)
            counts = {
                one: database.execute(f'SELECT count(*) FROM "{one}"').fetchone()[0]  # noqa: S608
                for one in tables
            }
            found = database.execute(f"SELECT version_num FROM {dumps.VERSION}").fetchone()  # noqa: S608
    except sqlite3.DatabaseError as error:
        raise Damaged(str(error)) from error
    return (found[0] if found else ""), counts


async def move(file: Path, url: str) -> dict[str, int]:
    """Bring all rows of the up-to-date database in `file` into the PostgreSQL at `url`, which has none: all,
    or nothing. Returns the rows of each table, counted on both sides.

    Raises dumps.NotEmpty, dumps.CountsDiffer.
    """
    _revision, counts = counts_of(file)
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", poolclass=sa.NullPool)
    try:
        async with engine.connect() as source, dumps.connected(url) as target:
            await target.run_sync(migrations.upgrade_within, "head")
            await dumps.refuse_rows(target, [table.name for table in metadata.sorted_tables])
            async with dumps.loading(target):
                driver = (await target.get_raw_connection()).driver_connection
                for table in metadata.sorted_tables:
                    await _copy_rows(source, driver, table)
                await dumps.compare(target, counts)
    finally:
        await engine.dispose()
    return counts


async def _copy_rows(source: AsyncConnection, driver: Any, table: sa.Table) -> None:
    write = _writer(table)
    names = [column.name for column in table.columns]
    rows = await source.stream(sa.select(table).execution_options(yield_per=AT_ONCE))
    async for part in rows.partitions(AT_ONCE):
        await driver.copy_records_to_table(table.name, records=[write(row) for row in part], columns=names)


def _writer(table: sa.Table) -> Callable[[Any], tuple[Any, ...]]:
    """Puts a row's values into the shape in which PostgreSQL's driver takes them."""
    dialect = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]
    into = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]

    def write(row: Any) -> tuple[Any, ...]:
        return tuple(
            value if processor is None or value is None else processor(value)
            for value, processor in zip(row, into, strict=True)
        )

    return write
