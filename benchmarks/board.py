"""Part `board`: the board of a million leads beside the SQL that somebody would write by hand."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from statistics import quantiles
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks import postgres
from benchmarks.lead_data import MANAGER, Loaded, load
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, NotTheSame
from domain.board import BoardFilter, BoardView, Whose
from domain.members import Member
from services.clock import system_clock
from services.pipelines.board import PAGE, Board
from storage.people import members as member_rows

LEADS = 1_000_000
TIMES = 20
MOST = 3.0

AMOUNTS = """
UPDATE leads SET amount = number * 100, currency = CASE WHEN number % 9 = 0 THEN 'USD' ELSE 'RUB' END
WHERE number % 3 > 0
"""
BY_STAGE = """
SELECT stage_id, currency, count(*), sum(amount) FROM leads
WHERE organization_id = $1 AND deleted_at IS NULL AND withdrawn_at IS NULL
GROUP BY stage_id, currency
"""
MINE = BY_STAGE.replace("GROUP", "AND assignee_id = $2 GROUP")
OF_STAGE = """
SELECT count(*), sum(amount) FROM leads
WHERE organization_id = $1 AND stage_id = $2 AND deleted_at IS NULL AND withdrawn_at IS NULL
GROUP BY currency
"""
PAGE_OF_STAGE = """
SELECT leads.*, stages.name, stages.color, assignee.name FROM leads JOIN stages ON stages.id = leads.stage_id
LEFT JOIN members AS assignee ON assignee.id = leads.assignee_id
WHERE leads.organization_id = $1 AND leads.stage_id = $2 AND deleted_at IS NULL AND withdrawn_at IS NULL
ORDER BY number DESC LIMIT $3
"""

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Compared:
    """The 95th percentile of both sides, seconds, a pair a round."""

    what: str
    pairs: tuple[tuple[float, float], ...]

    def middle(self, read: Callable[[tuple[float, float]], float]) -> float:
        return sorted(map(read, self.pairs))[len(self.pairs) // 2]

    @property
    def ratio(self) -> float:
        return self.middle(lambda pair: pair[1] / pair[0])

    def row(self) -> list[str]:
        floor, product = self.middle(lambda pair: pair[0]), self.middle(lambda pair: pair[1])
        ratios = sorted(product / floor for floor, product in self.pairs)
        times = (f"{floor * 1e3:.0f}", f"{product * 1e3:.0f}")
        return [self.what, *times, f"{self.ratio:.2f}x", f"{ratios[0]:.2f} to {ratios[-1]:.2f}"]


async def compare(what: str, floor: Work, product: Work) -> Compared:
    """Both sides in turn, TIMES a round; a round before the first warms up and is not counted."""
    pairs = []
    for _ in range(ROUNDS + 1):
        costs = [(await _timed(floor), await _timed(product)) for _ in range(TIMES)]
        pairs.append((_p95([one for one, _ in costs]), _p95([one for _, one in costs])))
    return Compared(what, tuple(pairs[1:]))


async def _timed(work: Work) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


def _p95(costs: list[float]) -> float:
    return quantiles(costs, n=20, method="inclusive")[-1]


class Bare:
    """The same questions by asyncpg, on prepared statements."""

    def __init__(self, loaded: Loaded, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.organization = loaded.partner.organization_id
        self.stage = loaded.stage_id

    async def board(self) -> Any:
        return await self.connection.fetch(BY_STAGE, self.organization)

    async def mine(self, member_id: UUID) -> Any:
        return await self.connection.fetch(MINE, self.organization, member_id)

    async def stage_page(self) -> Any:
        await self.connection.fetch(OF_STAGE, self.organization, self.stage)
        return await self.connection.fetch(PAGE_OF_STAGE, self.organization, self.stage, PAGE)


def figures(view: BoardView) -> dict[tuple[UUID, str], Decimal]:
    """Sums by stage and currency."""
    return {(one.stage.id, money.currency): money.amount for one in view.totals for money in one.sums}


async def measure() -> Result:
    """Load a million leads, check that both sides answer the same, compare."""
    with postgres.server() as url:
        loaded = await load(await postgres.database(url, "board"), LEADS)
        connection = await postgres.connect(loaded.url)
        await connection.execute(AMOUNTS)
        await connection.execute("VACUUM ANALYZE leads")
        manager = await _member(loaded)
        board, bare = Board(loaded.db, system_clock), Bare(loaded, connection)
        every, mine = BoardFilter(), BoardFilter(whose=Whose.MINE)
        _demand_same(await bare.board(), await board.view(manager, None, every))
        _demand_same(await bare.mine(manager.id), await board.view(manager, None, mine))
        found = [
            await compare("the whole board", bare.board, lambda: board.view(manager, None, every)),
            await compare(
                "of one manager", lambda: bare.mine(manager.id), lambda: board.view(manager, None, mine)
            ),
            await compare("a stage's page", bare.stage_page, lambda: board.stage(manager, bare.stage, every)),
        ]
        await connection.close()
        await loaded.db.close()
    return _result(found)


async def _member(loaded: Loaded) -> Member:
    """A manager who has half of the leads; the other half is free, so they see every one."""
    async with loaded.db.reading(loaded.partner.organization_id) as s:
        found = await member_rows.member_of(s, MANAGER)
    assert found is not None
    return found


def _demand_same(rows: Any, view: BoardView) -> None:
    sums = {(row["stage_id"], row["currency"]): Decimal(row["sum"]) / 100 for row in rows if row["sum"]}
    if sums != figures(view) or sum(row["count"] for row in rows) != view.count:
        raise NotTheSame("the board and the statement tell different figures")


def _result(found: list[Compared]) -> Result:
    return Result(
        part="board",
        title="The board of a million leads (`board`)",
        about=(
            "Time of the board's use cases (pipelines and stages read, rights and filters applied, counts "
            "and sums by stage and currency; for a page its leads with their contacts), against bare asyncpg "
            f"statements on the leads alone. The 95th percentile of {TIMES} calls a round, each in turn with "
            f"one of the other side; {ROUNDS} rounds. Both sides told the same counts and sums."
        ),
        columns=("Question", "SQL, ms", "product, ms", "ratio", "of the rounds"),
        rows=[one.row() for one in found],
        goals=[Goal(one.what, one.ratio, MOST) for one in found],
        notes=[f"PostgreSQL: {postgres.SAID}; all on one machine."],
    )
