"""Part `purchases`: keeping fetched purchases once, beside count-then-insert; a window that has not changed;
finding one among millions; and a business read whole."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from uuid import UUID

from benchmarks import postgres
from benchmarks.purchases_found import LOOKUPS, MANY, Found, lookups
from benchmarks.purchases_synced import RECORDS, Synced, sync
from benchmarks.purchases_table import ROWS as TABLE_ROWS
from benchmarks.purchases_table import Brought, bring, table, validate
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, NotTheSame
from domain.leads import Money
from domain.transactions import SourceTransaction, TransactionLine
from services.clock import system_clock
from services.people.organizations import Organizations
from services.transactions.storing import TransactionStore
from storage.db import Database
from storage.ids import new_id
from storage.secrets import Vault
from storage.transactions import transaction_sources

ROWS, PAGE = 50_000, 1000
SAMPLE = 2000
"""Rows of the floor's run: it takes as long for each of them, so the whole is reckoned from these."""

MOST_SHARE, MOST_UNCHANGED, MOST_MS, MOST_SYNC, MOST_TABLE = 1 / 20, 0.6, 1.0, 3.0, 1.5
START = datetime(2026, 1, 1, tzinfo=UTC)

_FLOOR_TABLE = """
CREATE TABLE IF NOT EXISTS floor_transactions (
    id uuid PRIMARY KEY, business uuid NOT NULL, external_id varchar(200) NOT NULL, amount numeric NOT NULL,
    phone varchar(32) NOT NULL, happened_at timestamptz NOT NULL, description text NOT NULL
)"""
_FLOOR_INDEX = "CREATE INDEX IF NOT EXISTS floor_known ON floor_transactions (business, external_id)"
_COUNT = "SELECT count(*) FROM floor_transactions WHERE business = $1 AND external_id = $2"
_INSERT = "INSERT INTO floor_transactions VALUES ($1, $2, $3, $4, $5, $6, $7)"
_FLOOR_ROWS = "SELECT count(*) FROM floor_transactions WHERE business = $1"


class Side:
    """One database, and what both methods do in it."""

    def __init__(self, db: Database, url: str, organization_id: UUID) -> None:
        self.db, self.url, self.organization_id = db, url, organization_id
        self.store = TransactionStore(Vault(base64.b64encode(bytes(32)).decode()), system_clock)

    async def source(self) -> UUID:
        now = system_clock()
        async with self.db.transaction(self.organization_id) as s:
            return await transaction_sources.add(
                s, now, provider="till", name="till", first_since=now, first_until=now, since=now, due_at=now
            )

    async def keep(self, source_id: UUID, told: Sequence[SourceTransaction]) -> int:
        """As a run does, page by page; returns how many were written."""
        written = 0
        for at in range(0, len(told), PAGE):
            async with self.db.transaction(self.organization_id) as s:
                await transaction_sources.hold(s, source_id)
                counts = await self.store.keep(s, source_id, told[at : at + PAGE], system_clock())
                await transaction_sources.change(s, source_id, place=str(at))
            written += counts["added"] + counts["changed"]
        return written

    async def count_then_insert(self, business: UUID, told: Sequence[SourceTransaction]) -> None:
        """The source's own method: each row looked for, put in, committed."""
        connection = await postgres.connect(self.url)
        try:
            for one in told:
                async with connection.transaction():
                    if not await connection.fetchval(_COUNT, business, one.external_id):
                        await connection.execute(
                            _INSERT, new_id(), business, one.external_id, one.amount.amount, one.phone,
                            one.happened_at, one.description,
                        )  # fmt: skip
        finally:
            await connection.close()

    async def scalar(self, statement: str, *given: object) -> int:
        connection = await postgres.connect(self.url)
        try:
            return int(await connection.fetchval(statement, *given) or 0)
        finally:
            await connection.close()


def told_rows(count: int) -> list[SourceTransaction]:
    line = TransactionLine("Coffee", Decimal(1), Decimal("150.00"), "17", "drinks")
    return [
        SourceTransaction(
            f"b{number}", Money(Decimal(100 + number % 900)), START + timedelta(seconds=number),
            phone=f"+7916{number % 9000:07d}", description="Receipt", lines=(line,), revision=1,
        )
        for number in range(count)
    ]  # fmt: skip


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def measure() -> Result:
    """Both methods in turn, two writers each; then the unchanged window; then the many."""
    told = told_rows(ROWS)
    with postgres.server() as server:
        url = await postgres.database(server, "purchases")
        db = Database(url)
        try:
            organization = await Organizations(db, system_clock).ensure_first("Bench", "en", "RU", "UTC", [1])
            side = Side(db, url, organization)
            for statement in (_FLOOR_TABLE, _FLOOR_INDEX):
                await side.scalar(statement)
            kept = [await _both(side, told) for _ in range(ROUNDS)]
            again = [await _unchanged(side, told) for _ in range(ROUNDS)]
            found = await lookups(side.db, url, organization, await side.source())
        finally:
            await db.close()
        synced = [await sync(server, number) for number in range(ROUNDS)]
        validate(table(100))
        brought = [await bring(server, number) for number in range(ROUNDS)]
    return _result(kept, again, found, synced, brought)


async def _both(side: Side, told: Sequence[SourceTransaction]) -> tuple[float, float, int]:
    """(floor's seconds for all rows, ours, rows that the floor has twice)."""
    business, source = new_id(), await side.source()
    sample = told[:SAMPLE]
    floor = await _timed(
        lambda: asyncio.gather(*(side.count_then_insert(business, sample) for _ in range(2)))
    )
    ours = await _timed(lambda: asyncio.gather(*(side.keep(source, told) for _ in range(2))))
    rows = await side.scalar("SELECT count(*) FROM transactions WHERE source_id = $1", source)
    if rows != len(told):
        raise NotTheSame(f"{rows} rows of {len(told)}")
    floor_rows = await side.scalar(_FLOOR_ROWS, business)
    return floor * len(told) / SAMPLE, ours, floor_rows - SAMPLE


async def _unchanged(side: Side, told: Sequence[SourceTransaction]) -> tuple[float, float]:
    """(seconds of a fresh run, of the same window once more)."""
    source = await side.source()
    fresh = await _timed(lambda: side.keep(source, told))
    newest = "SELECT max(xmin::text::bigint) FROM transactions WHERE source_id = $1"
    before = await side.scalar(newest, source)
    again = await _timed(lambda: side.keep(source, told))
    if await side.scalar(newest, source) != before:
        raise NotTheSame("the window that has not changed was written")
    return fresh, again


def _result(
    kept: Sequence[tuple[float, float, int]],
    again: Sequence[tuple[float, float]],
    found: Found,
    synced: Sequence[Synced],
    brought: Sequence[Brought],
) -> Result:
    share = median(ours / floor for floor, ours, _ in kept)
    unchanged = median(second / first for first, second in again)
    seconds = median(one.seconds for one in synced)
    table_read = median(one.read / one.validated for one in brought)
    table_kept = median(one.committed / one.validated for one in brought)
    pandas = f"{median(one.validated for one in brought):.2f}"
    return Result(
        part="purchases",
        title="Keeping purchases once (`purchases`)",
        about=(
            f"{ROWS:,} fetched purchases told by two writers at once (a poll and a webhook), PostgreSQL, in "
            f"pages of {PAGE:,}. The floor counts, inserts and commits row by row with the bare driver; it "
            f"is run with {SAMPLE:,} rows and reckoned up. Then the same window again by one writer. "
            f"Records looked up by their ids among {MANY:,}: {LOOKUPS:,} one by one within the database's "
            f"own process, where nothing but the looking up is measured, and in pages of {PAGE:,} from the "
            f"program, as a run does. And a café's {RECORDS:,} orders read whole from the iiko stand-in, "
            f"with their bonuses, at the pace that the provider allows: {synced[0].requests} requests. And a "
            f"CSV of {TABLE_ROWS:,} purchases beside pandas and phonenumbers that read it, validate phones, "
            f"sums and times, and keep nothing. {ROUNDS} rounds."
        ),
        columns=("Compared", "floor", "product", "ratio"),
        rows=[
            [f"{ROWS:,} purchases, two writers, s", f"{median(one[0] for one in kept):.1f}",
             f"{median(one[1] for one in kept):.2f}", f"{share:.4f}x"],
            ["rows that stand there twice", f"{max(one[2] for one in kept)} of {SAMPLE:,}", "0", ""],
            ["unchanged window beside a fresh one, s", f"{median(one[0] for one in again):.2f}",
             f"{median(one[1] for one in again):.2f}", f"{unchanged:.2f}x"],
            [f"one among {MANY:,}, median and 99th percentile, ms", "",
             f"{found.middle:.3f}, {found.slow:.3f}", ""],
            [f"a page of {PAGE:,} among {MANY:,}, ms a record", "", f"{found.of_page:.4f}", ""],
            [f"{RECORDS:,} records of a business, s", "", f"{seconds:.2f}", ""],
            ["a table received and every row told right or wrong, s", pandas,
             f"{median(one.read for one in brought):.2f}", f"{table_read:.2f}x"],
            ["the table received and brought in, s", pandas,
             f"{median(one.committed for one in brought):.2f}", f"{table_kept:.2f}x"],
        ],
        goals=[
            Goal("time of count-then-insert", share, MOST_SHARE),
            Goal("an unchanged window, nothing written", unchanged, MOST_UNCHANGED),
            Goal("99th percentile of a lookup, over a millisecond", found.slow, MOST_MS),
            Goal("a table, validated as pandas does", table_read, MOST_TABLE),
            Goal("a table, received and brought in", table_kept, MOST_TABLE),
            Goal(f"sync of {RECORDS:,} records, over a second", seconds, MOST_SYNC),
        ],
    )  # fmt: skip
