"""Migrations go up and down, and leave what the code expects, on both engines."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from storage import migrations
from storage.db import Database
from storage.tables import metadata


async def table_names(url: str) -> set[str]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    await engine.dispose()
    return set(names)


async def test_up_down_and_up_again(bare_url: str) -> None:
    await migrations.upgrade(bare_url)
    assert await migrations.current(bare_url) == migrations.head()
    assert set(metadata.tables) <= await table_names(bare_url)

    await migrations.downgrade(bare_url, "base")
    assert await migrations.current(bare_url) is None
    assert await table_names(bare_url) == {"alembic_version"}

    await migrations.upgrade(bare_url)
    assert await migrations.current(bare_url) == migrations.head()


async def test_the_database_equals_the_tables_of_the_code(database_url: str) -> None:
    assert await migrations.differences(database_url) == []


async def test_a_difference_would_be_seen(bare_url: str) -> None:
    await migrations.upgrade(bare_url)
    engine = create_async_engine(bare_url)
    async with engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE stray (id INTEGER PRIMARY KEY)"))
        await connection.execute(sa.text("DROP INDEX ix_leads_stage"))
    await engine.dispose()
    assert {change[0] for change in await migrations.differences(bare_url)} == {"remove_table", "add_index"}


async def test_several_processes_may_upgrade_at_once(bare_url: str) -> None:
    await asyncio.gather(*(migrations.upgrade(bare_url) for _ in range(4)))
    assert await migrations.current(bare_url) == migrations.head()


async def test_a_step_that_fails_leaves_nothing_behind(bare_url: str) -> None:
    engine = create_async_engine(bare_url)
    async with engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE leads (id INTEGER PRIMARY KEY)"))
    await engine.dispose()

    with pytest.raises(sa.exc.DBAPIError):
        await migrations.upgrade(bare_url)

    assert await table_names(bare_url) == {"leads"}


async def test_a_test_starts_with_an_empty_database(db: Database, leg: str) -> None:
    assert db.is_sqlite == (leg == "sqlite")
    async with db.reading(system=True) as session:
        counts = [
            await session.scalar(sa.select(sa.func.count()).select_from(t)) for t in metadata.sorted_tables
        ]
    assert set(counts) == {0}
