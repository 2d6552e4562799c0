"""Reading sources: every five minutes each, at once when somebody asks, one run at a time over all processes.

A run holds the turn by a lease in the database that every page renews. How far it came is committed with each
page, so whoever comes after a crash goes on in the middle of the same window.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import structlog

from crm_adapters import purchases
from domain.errors import CrmError, CrmUnsupported, TooLate
from services.access import open_to
from services.clock import Clock
from services.connections.integrations import Integrations
from services.delivery.retry import SPREAD
from services.transactions.ending import Ending
from services.transactions.storing import TransactionStore
from services.transactions.walk import SourceStopped, Walk
from storage.db import Database
from storage.transactions import transaction_log, transaction_sources

log = structlog.get_logger()

EVERY = timedelta(minutes=5)
BUDGET = timedelta(seconds=30)
"""What one run takes before it lets others have their turn."""

SOURCES_AT_ONCE = 8
RAW_KEPT = 4000
"""Characters of a page that made no sense."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How runs go: the lease of a turn, the ladder of waits after failures."""

    lease: timedelta
    ladder: Sequence[timedelta]
    random: Random


class TransactionSync:
    """Walks through sources."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        connections: Integrations,
        store: TransactionStore,
        ending: Ending,
        pace: Pace,
    ) -> None:
        self.db, self.clock, self.connections = db, clock, connections
        self.store, self.ending, self.pace = store, ending, pace

    @open_to("the scheduler")
    async def run(self, owner: str) -> int:
        """Read every source whose turn has come; returns how many those were. Never raises for one source."""
        async with self.db.reading(system=True) as session:
            due = await transaction_sources.due(session, self.clock(), SOURCES_AT_ONCE)
        await asyncio.gather(*(self.read(one.organization_id, one.id, owner) for one in due))
        return len(due)

    @open_to("the scheduler")
    async def read(self, organization_id: UUID, source_id: UUID, owner: str) -> str:
        """One run of one source; returns the verdict of the log, empty where the turn was not to be had."""
        now = self.clock()
        async with self.db.transaction(organization_id) as session:
            source = await transaction_sources.take(session, source_id, owner, now, now + self.pace.lease)
        if source is None:
            return ""
        walk = Walk(source, "scheduled" if source.loaded else "first", now)
        try:
            verdict = await self._pages(walk, owner)
        except TooLate:
            # the lease ran out, and whoever has the turn now goes on
            return ""
        except CrmError as error:
            return await self._failed(walk, owner, error)
        except Exception as error:
            log.exception("transactions.fault", source=str(source_id))
            return await self._failed(walk, owner, error)
        return await self._ended(walk, owner, verdict)

    async def _pages(self, walk: Walk, owner: str) -> str:
        assert walk.source.integration_id is not None
        adapter = await self.connections.adapter(walk.source.integration_id)
        if not isinstance(adapter, purchases.Transactions):
            raise CrmUnsupported("transactions")
        walk.take_up()
        while True:
            if walk.window is None:
                walk.open_window(self.clock(), adapter.overlap)
            first_load = not walk.source.loaded
            await self._page(walk, adapter, owner)
            if walk.window is None and not first_load:
                return transaction_log.DONE
            if self.clock() - walk.started_at >= BUDGET:
                return transaction_log.GOES_ON

    async def _page(self, walk: Walk, adapter: purchases.Transactions, owner: str) -> None:
        assert walk.window is not None
        asked_at = self.clock()
        page = await adapter.transactions(walk.window, walk.place)
        try:
            walk.check(page)
        except SourceStopped:
            walk.raw = repr([dict(one.raw) for one in page.found[:20]])[:RAW_KEPT]
            raise
        async with self.db.transaction(walk.source.organization_id) as session:
            held = await transaction_sources.hold(session, walk.source.id, owner)
            if held is None:
                raise TooLate("turn")
            walk.source = held
            walk.counts += await self.store.keep(session, held.id, page.found, asked_at)
            walk.counts["pages"] += 1
            values = {"lease_until": self.clock() + self.pace.lease, **walk.stored(page)}
            await transaction_sources.change(session, held.id, **values)
            if walk.is_to_be_told(self.clock()):
                await self.ending.moved(session, held)
        walk.source = replace(held, **values)

    async def _ended(self, walk: Walk, owner: str, verdict: str) -> str:
        goes_on = verdict == transaction_log.GOES_ON
        due = self.clock() if goes_on else walk.started_at + EVERY
        await self.ending.well(walk, owner, verdict, due)
        log.info("transactions.read", source=str(walk.source.id), verdict=verdict, **walk.counts)
        return verdict

    async def _failed(self, walk: Walk, owner: str, error: Exception) -> str:
        failures = walk.source.failures
        step = self.pace.ladder[min(failures, len(self.pace.ladder) - 1)]
        due = self.clock() + step * self.pace.random.uniform(1 - SPREAD, 1 + SPREAD)
        wanted: datetime | None = getattr(error, "retry_at", None)
        verdict = await self.ending.badly(walk, owner, error, max(due, wanted) if wanted else due)
        code = getattr(error, "code", type(error).__name__)
        log.warning("transactions.failed", source=str(walk.source.id), verdict=verdict, code=code)
        return verdict
