"""A PostgreSQL database as files, one a table, and back: by COPY, in one transaction each way.

pg_dump would do the same, but must be as new as the server, and is not in the product's image. What is read
is one moment of the database, while everybody goes on writing.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage import migrations
from storage.row_security import SETTING, SYSTEM

VERSION = "alembic_version"
"""Alembic's own table; the archive says the revision instead."""

_TABLES = """
SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname
"""
_REFERENCES = """
SELECT t.relname AS table, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid
WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace ORDER BY t.relname, c.conname
"""
_FORCED = """
SELECT relname FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relforcerowsecurity ORDER BY relname
"""
_ALL_ROWS = sa.text("SELECT set_config(:name, :value, true)").bindparams(name=SETTING, value=SYSTEM)


@asynccontextmanager
async def connected(url: str, isolation: str | None = None) -> AsyncIterator[AsyncConnection]:
    """A transaction in which all organizations' rows are seen, as far as the role goes."""
    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        async with engine.connect() as connection:
            if isolation:
                await connection.execution_options(isolation_level=isolation, postgresql_readonly=True)
            async with connection.begin():
                await connection.execute(_ALL_ROWS)
                yield connection
    finally:
        await engine.dispose()


async def _driver(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection


async def dump(url: str, folder: Path) -> tuple[str, dict[str, int]]:
    """Write every table of the database into `folder` as NAME.copy; returns its revision, and how many rows
    each table has."""
    counts: dict[str, int] = {}
    async with connected(url, "REPEATABLE READ") as connection:
        revision = str(await connection.scalar(sa.text("SELECT version_num FROM alembic_version")))
        driver = await _driver(connection)
        for table, columns in await driver.fetch(_TABLES):
            listed = ", ".join(f'"{one}"' for one in columns)
            with (folder / f"{table}.copy").open("wb") as file:
                done = await driver.copy_from_query(f'SELECT {listed} FROM "{table}"', output=file)  # noqa: S608
            (folder / f"{table}.columns").write_text("\n".join(columns), encoding="utf-8")
            counts[table] = int(done.split()[-1])
    return revision, counts


async def load(url: str, folder: Path, revision: str, counts: Mapping[str, int], *, replace: bool) -> None:
    """Bring what `dump` wrote at `revision` into the database, and the database up to date: all, or nothing.

    Raises NotEmpty unless it has no rows or `replace` is set, CountsDiffer when a row got lost.
    """
    async with connected(url) as connection:
        await _empty(connection, replace=replace)
        await connection.run_sync(migrations.upgrade_within, revision)
        async with loading(connection):
            driver = await _driver(connection)
            for table in counts:
                columns = (folder / f"{table}.columns").read_text(encoding="utf-8").split("\n")
                await driver.copy_to_table(table, source=folder / f"{table}.copy", columns=columns)
            await compare(connection, counts)
        await connection.run_sync(migrations.upgrade_within, "head")


class NotEmpty(Exception):
    """There are rows where something is to be brought in."""


class CountsDiffer(Exception):
    """A table does not have as many rows as where they came from; nothing was changed."""


async def _empty(connection: AsyncConnection, *, replace: bool) -> None:
    """Drop the tables that are there, which must have no rows unless `replace`."""
    found = [row.name for row in (await connection.execute(sa.text(_TABLES))).all()]
    if not replace:
        await refuse_rows(connection, found)
    for table in [*found, VERSION]:
        await connection.execute(sa.text(f'DROP TABLE IF EXISTS "{table}" CASCADE'))


async def refuse_rows(connection: AsyncConnection, tables: list[str]) -> None:
    """Raise NotEmpty when one of the tables has a row."""
    for table in tables:
        if (await connection.execute(sa.text(f'SELECT 1 FROM "{table}" LIMIT 1'))).first():  # noqa: S608
            raise NotEmpty(table)


@asynccontextmanager
async def loading(connection: AsyncConnection) -> AsyncIterator[None]:
    """References and row security are put aside by the tables' owner, and put back, and checked, at the end:
    COPY knows neither the order of tables nor policies."""
    references = (await connection.execute(sa.text(_REFERENCES))).all()
    forced = [row.relname for row in (await connection.execute(sa.text(_FORCED))).all()]
    for one in references:
        await connection.execute(sa.text(f'ALTER TABLE "{one.table}" DROP CONSTRAINT "{one.name}"'))
    for table in forced:
        await connection.execute(sa.text(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY'))
    yield
    for one in references:
        statement = f'ALTER TABLE "{one.table}" ADD CONSTRAINT "{one.name}" {one.definition}'
        await connection.exec_driver_sql(statement)
    for table in forced:
        await connection.execute(sa.text(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'))


async def compare(connection: AsyncConnection, counts: Mapping[str, int]) -> None:
    """Raise CountsDiffer unless every table has so many rows."""
    for table, count in counts.items():
        found = await connection.scalar(sa.text(f'SELECT count(*) FROM "{table}"'))  # noqa: S608
        if found != count:
            raise CountsDiffer(f"{table}: {found}/{count}")
