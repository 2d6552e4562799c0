"""What joins an open transaction can be taken back by itself, however often, on both databases."""

from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa

from storage import bulk
from storage.bulk import Native
from storage.db import Database
from storage.ids import new_id
from storage.tables import counters, organizations

NAMES = "abcdefgh"
COLUMNS = ("organization_id", "name", "value")


class Back(Exception):
    """Takes back what joined."""


async def an_organization(db: Database) -> UUID:
    made = new_id()
    async with db.transaction(system=True) as s:
        await s.execute(organizations.insert().values(id=made, name="x", created_at=sa.func.now()))
    return made


async def joins(db: Database, ours: UUID, name: str, *inner: str, back: bool, bare: bool = False) -> bool:
    """Write `name` in a transaction that joins, by the `bare` driver or not, and `inner` in others that join
    while it is open."""
    try:
        async with db.transaction(ours) as s:
            for one in inner:
                await joins(db, ours, one, back=False)
            if bare:
                native = Native(s.dialect)
                await bulk.insert_many(s, counters, COLUMNS, [(native.id(ours), name, 1)])
            else:
                await s.execute(counters.insert().values(organization_id=ours, name=name, value=1))
            if back:
                raise Back
    except Back:
        return False
    return True


async def written(db: Database, ours: UUID) -> set[str]:
    async with db.reading(ours) as s:
        rows = await s.rows(sa.select(counters.c.name).where(counters.c.organization_id == ours))
    return {row.name for row in rows}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("scope", ["organization", "system"])
async def test_what_was_not_taken_back_is_there(db: Database, seed: int, scope: str) -> None:
    random, ours, expected = Random(seed), await an_organization(db), set[str]()
    async with db.ambient(ours if scope == "organization" else None):
        for name in NAMES:
            inner = f"{name} in" if random.random() < 0.4 else ""
            back, bare = random.random() < 0.6, random.random() < 0.5
            if await joins(db, ours, name, *filter(None, [inner]), back=back, bare=bare):
                expected |= {name, inner} - {""}
            assert await written(db, ours) == expected
    assert await written(db, ours) == expected


@pytest.mark.parametrize("fails", [0, 1])
async def test_an_error_outside_takes_back_all_of_it(db: Database, fails: int) -> None:
    ours = await an_organization(db)

    async def all_in_vain() -> None:
        async with db.ambient(ours):
            for number, name in enumerate(NAMES):
                assert await joins(db, ours, name, back=number < fails) is (number >= fails)
            raise Back

    with pytest.raises(Back):
        await all_in_vain()
    assert await written(db, ours) == set()


@pytest.mark.parametrize("fails", [False, True])
async def test_what_the_driver_did_first_is_kept_when_another_fails(db: Database, fails: bool) -> None:
    ours = await an_organization(db)
    async with db.ambient(ours):
        if fails:
            assert not await joins(db, ours, "a", back=True)
        assert await joins(db, ours, "b", back=False, bare=True)
        assert not await joins(db, ours, "c", back=True, bare=True)
    assert await written(db, ours) == {"b"}
