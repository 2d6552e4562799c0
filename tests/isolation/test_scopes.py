"""A session's scope is what PostgreSQL knows, whatever transactions and savepoints it has come through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa

from storage import bulk
from storage.db import Database, Session
from storage.ids import new_id
from storage.tables import counters, organizations
from tests.databases import PostgresDatabases

EVERY = sa.select(counters.c.organization_id)


class Back(Exception):
    """Takes a savepoint back."""


@pytest.fixture
async def db(postgres_databases: PostgresDatabases, tmp_path: object) -> AsyncIterator[Database]:
    database = Database(await postgres_databases.migrated(tmp_path))  # type: ignore[arg-type]
    yield database
    await database.close()


@pytest.fixture
async def ours(db: Database) -> tuple[UUID, UUID]:
    """Two organizations with a counter each."""
    made = new_id(), new_id()
    async with db.transaction(system=True) as s:
        for one in made:
            await s.execute(organizations.insert().values(id=one, name="x", created_at=sa.func.now()))
            await s.execute(counters.insert().values(organization_id=one, name="lead", value=1))
    return made


async def seen(s: Session) -> set[UUID]:
    """Whose rows a statement finds that names no organization in its conditions."""
    return {row.organization_id for row in await s.rows(EVERY)}


@asynccontextmanager
async def perhaps_back(db: Database, tenant: UUID | None, system: bool, back: bool) -> AsyncIterator[Session]:
    try:
        async with db.transaction(tenant, system=system) as s:
            yield s
            if back:
                raise Back
    except Back:
        pass


@pytest.mark.parametrize("seed", range(6))
async def test_any_walk_through_savepoints_keeps_to_the_scope(
    db: Database, ours: tuple[UUID, UUID], seed: int
) -> None:
    random = Random(seed)
    scopes: list[tuple[UUID | None, bool, set[UUID]]] = [
        (None, True, set(ours)),
        *((one, False, {one}) for one in ours),
    ]

    async def walk(depth: int) -> None:
        for _ in range(3):
            tenant, system, expected = random.choice(scopes)
            if random.random() < 0.3:
                async with db.reading(tenant, system=system) as s:
                    assert await seen(s) == expected
                continue
            async with perhaps_back(db, tenant, system, random.random() < 0.5) as s:
                if random.random() < 0.7:
                    assert await seen(s) == expected
                if depth:
                    await walk(depth - 1)
                assert await seen(s) == expected
                async with s.connection.begin_nested() as inner:
                    other = s.scoped(random.choice(ours), system=False)
                    assert await seen(other) == {other.tenant}
                    await inner.rollback()
                assert await seen(s) == expected

    async with db.ambient() as outer:
        await walk(2)
        assert await seen(outer) == set(ours)
    async with db.reading() as s:
        assert await seen(s) == set()


async def test_the_scope_takes_no_message_of_its_own(
    db: Database, ours: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage import scopes

    sent: list[str] = []
    execute = scopes.ScopedConnection.execute

    async def listen(connection: object, query: str, *rest: object, **more: object) -> object:
        sent.append(query)
        return await execute(connection, query, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(scopes.ScopedConnection, "execute", listen)
    async with db.transaction(ours[0]) as s:
        assert await seen(s) == {ours[0]}
        assert await seen(s) == {ours[0]}
    async with db.ambient() as outer, db.transaction(ours[1]) as s:
        await outer.scalar(sa.text("SELECT count(*) FROM people"))
        assert await seen(s) == {ours[1]}
    assert [query.partition(";")[0] for query in sent if "SELECT" not in query] == [
        "BEGIN", "COMMIT", "BEGIN", f"SET LOCAL voronka.scope = '{ours[1]}'", "COMMIT",
    ]  # fmt: skip


async def test_many_rows_at_once_stay_in_the_scope(db: Database, ours: tuple[UUID, UUID]) -> None:
    columns = ("organization_id", "name", "value")
    async with db.transaction(ours[0]) as s:
        await bulk.insert_many(s, counters, columns, [(ours[0], f"n{number}", number) for number in range(3)])
    with pytest.raises(Exception, match="row-level security"):
        async with db.transaction(ours[0]) as s:
            await bulk.insert_many(s, counters, columns, [(ours[1], "n", 1)])
    with pytest.raises(Exception, match="too long"):
        async with db.transaction(ours[0]) as s:
            await bulk.insert_many(s, counters, columns, [(ours[0], "n" * 33, 1)])
    async with db.reading(system=True) as s:
        assert await s.scalar(sa.select(sa.func.count()).select_from(counters)) == 5


async def test_a_connection_that_is_lost_between_scopes_is_an_error_of_the_database(
    db: Database, ours: tuple[UUID, UUID]
) -> None:
    async def lose() -> None:
        async with db.transaction(ours[0]) as s:
            await seen(s)
            (await s.driver()).terminate()
            await seen(s.scoped(ours[1], system=False))

    with pytest.raises(sa.exc.SQLAlchemyError):
        await lose()
    async with db.transaction(ours[0]) as s:
        assert await seen(s) == {ours[0]}


async def test_what_a_transaction_remembers_is_of_one_organization(
    db: Database, ours: tuple[UUID, UUID]
) -> None:
    async with db.ambient():
        async with db.transaction(ours[0]) as s:
            s.remembered["rules"] = 1
        async with db.reading(ours[1]) as s:
            assert "rules" not in s.remembered
        async with db.reading(ours[0]) as s:
            assert s.remembered["rules"] == 1
