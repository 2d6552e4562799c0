"""A crowd of purchases told again and again, out of order, to workers that are killed.

Every record has several versions of which the last one counts. The source's pages hold the last version and
an older one; what is read back after a webhook is any of them.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.process import BaseProcess
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_adapters import PROVIDERS
from crm_adapters.base import Connection, Manifest, Provider, Setting
from domain.crm import ConnectionReport, CrmEvent, CrmEventKind, Subscription
from domain.transactions import SourceTransaction, TransactionPage, Window
from storage.db import Database
from storage.tables import inbox, transaction_sources
from tests.forks import PROCESSES
from tests.transactions.shop import Shop, Till, open_shop, sale

NAME, PAGE, FASTER = "crowd", 100, 30
IDS_A_DELIVERY = 6
LOOK_EVERY = 0.1
"""Seconds between two looks at how far it is: each look takes from the workers' time."""

HAPPENED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class FastClock:
    """Thirty seconds a second, the same in every process: what a killed worker held is free two seconds
    later."""

    start: float

    def __call__(self) -> datetime:
        now = time.time()
        return datetime.fromtimestamp(self.start + (now - self.start) * FASTER, UTC)


def versions(number: int) -> list[SourceTransaction]:
    """All versions of a record, the last of which counts."""
    random = Random(number)
    return [
        sale(
            f"e{number}", str(random.randrange(100, 99_999)), HAPPENED, f"+7916{number % 500:07d}",
            revision=version + 1, cancelled=random.random() < 0.1,
        )
        for version in range(random.randint(1, 4))
    ]  # fmt: skip


class Crowd:
    """Fulfils Tests, Transactions and Webhooks out of arithmetic alone."""

    overlap = timedelta(0)

    def __init__(self, connection: Connection) -> None:
        self.events = int(connection.settings["events"])
        self.random = Random()

    async def test(self) -> ConnectionReport:
        return ConnectionReport("crowd", "1")

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        await asyncio.sleep(0.02)
        if window.mark:
            # all has been told: what is told again is what was changed just now
            return TransactionPage(self._told(self.random.sample(range(self.events), PAGE)), mark=window.mark)
        at = int(after or 0)
        found = self._told(list(range(at, min(at + PAGE, self.events))))
        more = at + PAGE < self.events
        return TransactionPage(found, next=str(at + PAGE) if more else "", mark="1", total=self.events)

    def _told(self, numbers: list[int]) -> list[SourceTransaction]:
        self.random.shuffle(numbers)
        return [one for number in numbers for one in (versions(number)[-1], versions(number)[0])]

    async def read_transaction(self, external_id: str) -> SourceTransaction:
        return self.random.choice(versions(int(external_id[1:])))

    async def subscribe(self, event: str, url: str) -> Subscription:
        return Subscription(event, url, "s1", "")

    async def unsubscribe(self, external_id: str) -> None:
        return


def _parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    return [CrmEvent(CrmEventKind.TRANSACTION_CHANGED, one) for one in json.loads(body)]


def _verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    return


CROWD = Provider(
    manifest=Manifest(NAME, "Crowd", (Setting("events"),), ("changed",), serves=frozenset({"transactions"})),
    build=Crowd,
    default_mapping={},
    verify=_verify,
    parse=_parse,
    check_settings=lambda settings: None,
)


@dataclass
class Outcome:
    """What is there in the end, and how it came about."""

    rows: int
    right: int
    bonus_errors: int
    ledger: Decimal
    deliveries: int
    kills: int
    caught: int
    """Kills while deliveries were in hand."""

    seconds: float

    @property
    def is_clean(self) -> bool:
        return self.rows == self.right and not self.bonus_errors and not self.ledger


def work(url: str, start: float, owner: str) -> None:
    """A worker's whole life: both roads, until it is killed."""
    asyncio.run(_work(url, FastClock(start), owner))


async def _work(url: str, clock: FastClock, owner: str) -> None:
    PROVIDERS[NAME] = CROWD  # type: ignore[index]
    db = Database(url)
    async with open_shop(db, clock, Till()) as shop:
        while True:
            done = await asyncio.gather(shop.inbox.work_once(), shop.sync.run(owner))
            if not any(done):
                await asyncio.sleep(0.05)


class Workers:
    """Workers that can be killed and come back."""

    def __init__(self, url: str, start: float, count: int, events: int) -> None:
        self.url, self.start, self.made, self.pages = url, start, 0, -(-events // PAGE)
        self.running: list[BaseProcess] = []
        for _ in range(count):
            self.add()

    def add(self) -> None:
        self.made += 1
        made = PROCESSES.Process(target=work, args=(self.url, self.start, f"w{self.made}"), daemon=True)
        made.start()
        self.running.append(made)

    def kill(self, random: Random) -> None:
        """kill -9, without a word, and another in its place."""
        one = self.running.pop(random.randrange(len(self.running)))
        one.kill()
        one.join()
        self.add()

    def end(self) -> None:
        for one in self.running:
            one.kill()
            one.join()


async def crowd(url: str, events: int, kills: int, seed: int = 1, patience: float = 60) -> Outcome:
    """Tell `events` purchases by both roads to two workers, of which `kills` die; then count."""
    PROVIDERS[NAME] = CROWD  # type: ignore[index]
    began, random = time.monotonic(), Random(seed)
    start = time.time()
    db = Database(url)
    try:
        async with open_shop(db, FastClock(start), Till()) as shop:
            await shop.rules.add(shop.owner, "all", {"percent": "10"})
            await _move_rule_back(shop)
            deliveries = await _deliver(shop, events, random)
            workers = Workers(url, start, 2, events)
            try:
                caught = await _kill_and_wait(shop, workers, kills, deliveries, random, patience)
            finally:
                workers.end()
            return await _count(shop, events, (deliveries, kills, caught), time.monotonic() - began)
    finally:
        del PROVIDERS[NAME]  # type: ignore[attr-defined]
        await db.close()


async def _move_rule_back(shop: Shop) -> None:
    """The purchases happened before this moment."""
    async with shop.db.transaction(shop.organization_id) as s:
        await s.execute(sa.text("UPDATE loyalty_rules SET starts_at = '2026-01-01 00:00:00+00:00'"
                                " WHERE organization_id IS NOT NULL"))  # fmt: skip


async def _deliver(shop: Shop, events: int, random: Random) -> int:
    report, _ = await shop.sources.connect(shop.owner, NAME, {"events": str(events)}, months=0)
    assert report.usable
    key = (await shop.rows("hooks"))[0].key
    told = [f"e{number}" for number in range(events) for _ in range(random.randint(1, 3))]
    random.shuffle(told)
    parts = [told[at : at + IDS_A_DELIVERY] for at in range(0, len(told), IDS_A_DELIVERY)]
    for at in range(0, len(parts), 200):
        await asyncio.gather(
            *(shop.intake.receive(NAME, key, {}, json.dumps(one).encode()) for one in parts[at : at + 200])
        )
    return len(parts)


async def _kill_and_wait(
    shop: Shop, workers: Workers, kills: int, deliveries: int, random: Random, patience: float
) -> int:
    """Returns how many kills caught somebody at work."""
    moments = sorted(random.uniform(0.05, 0.6) for _ in range(kills))
    seen, since, caught = (-1, -1), time.monotonic(), 0
    while True:
        done, pages, read = await _progress(shop)
        share = (done / deliveries + (1 if read else pages / workers.pages)) / 2
        if moments and share >= moments[0]:
            moments.pop(0)
            caught += await _under_way(shop)
            workers.kill(random)
        if done == deliveries and read and not moments:
            return caught
        if (done, pages) != seen:
            seen, since = (done, pages), time.monotonic()
        if time.monotonic() - since > patience:
            raise TimeoutError(f"{done} of {deliveries}, read: {read}")
        await asyncio.sleep(LOOK_EVERY)


async def _under_way(shop: Shop) -> bool:
    """Whether somebody has deliveries in hand that are not done."""
    in_hand = sa.and_(inbox.c.lease_until.is_not(None), inbox.c.done_at.is_(None))
    async with shop.db.reading(system=True) as s:
        return bool(await s.scalar(sa.select(sa.func.count()).select_from(inbox).where(in_hand)))


async def _progress(shop: Shop) -> tuple[int, int, bool]:
    """(deliveries worked off, pages read, whether the source was read to its end)."""
    async with shop.db.reading(system=True) as s:
        done = await s.scalar(sa.select(sa.func.count()).select_from(inbox).where(inbox.c.state == "done"))
        source = await s.first(sa.select(transaction_sources.c.last_success_at, transaction_sources.c.counts))
    assert source is not None
    return int(done), int(source.counts.get("pages", 0)), source.last_success_at is not None


async def _count(shop: Shop, events: int, run: tuple[int, int, int], seconds: float) -> Outcome:
    rows = await shop.rows("transactions")
    nets: dict[UUID, Decimal] = {}
    balance: dict[Any, Decimal] = {}
    for entry in await shop.rows("loyalty_entries"):
        sign = 1 if entry.kind == "accrual" else -1
        nets[entry.transaction_id] = nets.get(entry.transaction_id, Decimal(0)) + sign * entry.amount
        balance[entry.from_id] = balance.get(entry.from_id, Decimal(0)) - entry.amount
        balance[entry.to_id] = balance.get(entry.to_id, Decimal(0)) + entry.amount
    wanted = {f"e{number}": versions(number)[-1] for number in range(events)}
    right = bonus_errors = 0
    for row in rows:
        told = wanted[row.external_id]
        right += (row.amount, row.cancelled, row.revision) == (
            told.amount.amount, told.cancelled, told.revision
        )  # fmt: skip
        bonus = Decimal(0) if told.cancelled else told.amount.amount / 10
        bonus_errors += nets.get(row.id, Decimal(0)) != bonus
    return Outcome(
        rows=len(rows),
        right=right,
        bonus_errors=bonus_errors,
        ledger=sum(balance.values(), Decimal(0)),
        deliveries=run[0],
        kills=run[1],
        caught=run[2],
        seconds=seconds,
    )
