"""What PostgreSQL itself refuses, with nothing of the product between: the server's role and raw SQL."""

from collections.abc import Awaitable

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from storage.ids import new_id
from storage.row_security import OWN, SYSTEM, RowSecurity, Standing, row_security
from tests.databases import OWNER, SERVER, PostgresDatabases
from tests.isolation.everything import OWNED, add, connected, fill, scope

OURS, THEIRS = new_id(), new_id()


@pytest.fixture
async def url(postgres_databases: PostgresDatabases, tmp_path: object) -> str:
    """A database with a row of OURS and one of THEIRS in every table."""
    made = await postgres_databases.migrated(tmp_path)  # type: ignore[arg-type]
    async with connected(made, "postgres") as superuser:
        for organization_id in (OURS, THEIRS):
            await fill(superuser, organization_id)
    return made


async def count_of(connection: asyncpg.Connection, table: str, where: str = "true") -> int:
    found: int = await connection.fetchval(f"SELECT count(*) FROM {table} WHERE {where}")
    return found


async def written(connection: asyncpg.Connection, statement: str) -> int:
    """How many rows a statement would write; they stay as they are."""
    transaction = connection.transaction()
    await transaction.start()
    done: str = await connection.execute(statement)
    await transaction.rollback()
    return int(done.rpartition(" ")[2])


async def refused(connection: asyncpg.Connection, work: Awaitable[object]) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await work


@pytest.mark.parametrize("told", ["", "nonsense"])
async def test_without_a_scope_there_are_no_rows(url: str, told: str) -> None:
    async with connected(url) as server:
        if told:
            await scope(server, told)
            with pytest.raises(asyncpg.InvalidTextRepresentationError):
                await count_of(server, "leads")
            return
        for table in OWNED:
            assert await count_of(server, table.name) == 0, table.name
            assert await written(server, f"UPDATE {table.name} SET {OWN} = {OWN}") == 0, table.name
            assert await written(server, f"DELETE FROM {table.name}") == 0, table.name
            await refused(server, add(server, table, OURS))


async def test_an_organization_reaches_its_own_rows_alone(url: str) -> None:
    async with connected(url) as server:
        await scope(server, OURS)
        assert await server.fetch("SELECT id FROM organizations") == [(OURS,)]
        assert await written(server, "UPDATE organizations SET name = 'x'") == 1
        for table in OWNED:
            name = table.name
            assert await server.fetch(f"SELECT {OWN} FROM {name}") == [(OURS,)], name
            assert await written(server, f"UPDATE {name} SET {OWN} = {OWN}") == 1, name
            assert await written(server, f"DELETE FROM {name}") == 1, name
            assert await written(server, f"DELETE FROM {name} WHERE {OWN} = '{THEIRS}'") == 0, name
            await refused(server, server.execute(f"UPDATE {name} SET {OWN} = '{THEIRS}'"))
            await refused(server, add(server, table, THEIRS))


async def test_the_system_scope_reaches_all(url: str) -> None:
    async with connected(url) as server:
        await scope(server, SYSTEM)
        for table in OWNED:
            assert await count_of(server, table.name) == 2, table.name


async def test_no_other_road_leads_to_rows(url: str) -> None:
    async with connected(url) as server:
        await scope(server, OURS)
        for statement in (
            "ALTER TABLE leads DISABLE ROW LEVEL SECURITY",
            "DROP POLICY organization ON leads",
            "SET ROLE voronka_owner",
            "TRUNCATE leads CASCADE",
            "CREATE TABLE mine (id int)",
            "UPDATE alembic_version SET version_num = '0001'",
            "COPY leads TO '/tmp/leads'",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await server.execute(statement)
        await server.execute("SET row_security = off")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await server.fetch("SELECT * FROM leads")


async def standing(url: str, role: str, *before: str) -> RowSecurity:
    """How things stand for a role, after statements that are taken back."""
    engine = create_async_engine(make_url(url).set(username=role))
    async with engine.connect() as connection:
        for statement in before:
            await connection.execute(sa.text(statement))
        found = await row_security(connection)
        await connection.rollback()
    await engine.dispose()
    return found


async def test_how_things_stand_is_told(url: str) -> None:
    assert await standing(url, SERVER) == RowSecurity(Standing.HOLDS, SERVER)
    assert await standing(url, OWNER) == RowSecurity(Standing.OWNER, OWNER)
    passed_by = await standing(url, "postgres")
    assert (passed_by.standing, passed_by.is_kept) == (Standing.PASSED_BY, False)
    undone = (
        "ALTER TABLE leads NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY organization ON stages",
        "CREATE TABLE later (organization_id uuid)",
    )
    missing = await standing(url, OWNER, *undone)
    assert missing == RowSecurity(Standing.MISSING, OWNER, ("later", "leads", "stages"))
