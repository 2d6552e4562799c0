"""Any mixture of edits, deliveries and webhooks ends with equal values on both sides, and ends."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.db import Database
from tests.clock import MovableClock
from tests.databases import SqliteDatabases
from tests.delivery.doors import open_doors
from tests.delivery.house import open_house
from tests.delivery.sides import Sides, sides_of

COMPANIES = ("альфа", "бета", "гамма")
STATUSES = ("New", "Assigned", "Converted", "Dead")
STAGES = ("new", "call", "qualified", "refused")

STEPS = st.lists(
    st.tuples(st.sampled_from(("ours", "theirs", "move", "status", "deliver", "hear", "walk", "replay")),
              st.integers(0, 3)),
    min_size=1,
    max_size=10,
)  # fmt: skip
MOST_OPERATIONS = 24


async def _ours(sides: Sides, lead_id: UUID, number: int) -> None:
    await sides.change_here(lead_id, company=COMPANIES[number % 3])


async def _theirs(sides: Sides, lead_id: UUID, number: int) -> None:
    sides.change_there(accountName=COMPANIES[number % 3])


async def _move(sides: Sides, lead_id: UUID, number: int) -> None:
    sides.tick()
    house = sides.house
    await house.pipeline.move(house.manager, lead_id, await house.stage(STAGES[number]), "не дозвонились")


async def _status(sides: Sides, lead_id: UUID, number: int) -> None:
    sides.change_there(status=STATUSES[number])


async def _deliver(sides: Sides, lead_id: UUID, number: int) -> None:
    await sides.house.crm_sync.work_once("storm")


async def _hear(sides: Sides, lead_id: UUID, number: int) -> None:
    await sides.told()


async def _walk(sides: Sides, lead_id: UUID, number: int) -> None:
    (row,) = await sides.house.rows("integrations")
    await sides.reconcile.walk(sides.house.organization_id, row.id)


async def _replay(sides: Sides, lead_id: UUID, number: int) -> None:
    rows = await sides.house.rows("inbox")
    if rows:
        row = rows[number % len(rows)]
        if row.state in ("done", "ignored", "failed"):
            await sides.house.operations.replay_delivery(sides.house.owner, row.id)


DOING: Mapping[str, Callable[[Sides, UUID, int], Awaitable[None]]] = {
    "ours": _ours,
    "theirs": _theirs,
    "move": _move,
    "status": _status,
    "deliver": _deliver,
    "hear": _hear,
    "walk": _walk,
    "replay": _replay,
}


async def _calm(sides: Sides) -> int:
    """Let everything arrive; returns how many writes that took."""
    writes = 0
    for _ in range(6):
        writes += await sides.house.work()
        await sides.told()
    (row,) = await sides.house.rows("integrations")
    await sides.reconcile.walk(sides.house.organization_id, row.id)
    return writes


async def _storm(url: str, steps: list[tuple[str, int]]) -> None:
    database = Database(url)
    try:
        async with open_house(database, MovableClock()) as house, open_doors(house):
            await house.connect()
            sides = sides_of(house)
            lead_id = await sides.sent(company="начало")
            for step, number in steps:
                await DOING[step](sides, lead_id, number)
            assert await _calm(sides) <= MOST_OPERATIONS
            lead, record = await sides.lead(lead_id), sides.record()
            assert lead.company == record["accountName"]
            assert STATUSES[STAGES.index(str(lead.stage.key))] == record["status"]
            requests = len(house.crm.requests("PUT"))
            assert await _calm(sides) == 0, "nothing is owed once both sides agree"
            assert len(house.crm.requests("PUT")) == requests
    finally:
        await database.close()


def test_both_sides_come_to_rest_with_equal_values(sqlite_databases: SqliteDatabases, tmp_path: Path) -> None:
    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=STEPS)
    def run(steps: list[tuple[str, int]]) -> None:
        async def once() -> None:
            await _storm(await sqlite_databases.migrated(tmp_path), steps)

        asyncio.run(once())

    run()
