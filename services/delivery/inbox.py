"""What CRMs tell us: kept raw before it is answered, worked off afterwards in groups, source by source.

A record is read back once for all deliveries of a group that are about it: none of them is believed, so one
reading is as good as many.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from random import Random
from typing import Protocol
from uuid import UUID

import structlog

from domain.errors import BadInput, DuplicateLead, VoronkaError
from services.access import open_to
from services.clock import Clock
from services.delivery.heard import LATER, Heard, Outcome, followed_in, tells_of_transactions
from services.delivery.intake import TOPIC
from services.delivery.retry import SPREAD
from services.delivery.sync import CrmSync
from services.two_ways.incoming import Applied
from storage.db import Database
from storage.delivery import links
from storage.hooks_in import inbox
from storage.hooks_in.inbox import InboxRow, InboxState
from storage.outage import is_outage
from storage.replicas.signals import Signals

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
FLOOR = 1.0
REST = 0.1
"""Seconds until it is looked again for what is due, while there is work."""

SOURCES_AT_ONCE = 8
TOGETHER = 500
"""Deliveries of one source that are worked off together."""

READ_TOGETHER = 50
"""Purchases read back before the lease is renewed."""

MOST_IDS = 5000
"""Ids in one statement."""


class TakesKept(Protocol):
    """A hook of our own, whose deliveries were kept and not finished."""

    async def work_off(self, row: InboxRow) -> None:
        """Raises BadInput and DuplicateLead once the delivery was settled as refused."""
        ...


class HearsTransactions(Protocol):
    """Purchases of sources that tell of them by webhook."""

    async def hear(
        self, organization_id: UUID, integration_id: UUID, external_ids: Sequence[str]
    ) -> Mapping[str, Exception | None]:
        """What went wrong with each record, None where it was followed; empty for no source of purchases."""
        ...


class Inbox:
    """Works deliveries off."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        signals: Signals,
        crm_sync: CrmSync,
        own: Mapping[str, TakesKept],
        retry_delays: Sequence[timedelta],
        random: Random,
        purchases: HearsTransactions | None = None,
    ) -> None:
        self.db, self.clock, self.signals = db, clock, signals
        self.crm_sync, self.own, self.purchases = crm_sync, own, purchases
        self._delays, self._random = tuple(retry_delays), random

    @open_to("the scheduler")
    async def work_once(self) -> int:
        """Work off the oldest due deliveries of every source, and return how many those were."""
        claimed = await self._claim(SOURCES_AT_ONCE)
        await asyncio.gather(*map(self._work_off_source, claimed))
        return sum(map(len, claimed))

    @open_to("the worker")
    async def loop(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a slow source holds its own deliveries only."""
        working: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                try:
                    claimed = await self._claim(SOURCES_AT_ONCE - len(working))
                except Exception as error:  # the database may be away; the rows wait there
                    known = is_outage(error)
                    log.warning("inbox.no_database", error=type(error).__name__, exc_info=not known)
                    claimed = []
                working |= {group.create_task(self._guarded(rows)) for rows in claimed}
                if not claimed:
                    await self._until_more(working)
                working = {one for one in working if not one.done()}

    async def _claim(self, sources: int) -> list[list[InboxRow]]:
        """The oldest due deliveries of up to so many sources, source by source."""
        if not sources:
            return []
        now = self.clock()
        async with self.db.transaction(system=True) as session:
            claimed = await inbox.claim(session, now, now + LEASE, sources, TOGETHER)
        return [list(rows) for _, rows in groupby(sorted(claimed, key=_source), key=_source)]

    async def _guarded(self, rows: Sequence[InboxRow]) -> None:
        try:
            await self._work_off_source(rows)
        except Exception as error:  # the lease ends, and they are worked off again
            log.warning("inbox.left", error=type(error).__name__, exc_info=not is_outage(error))

    async def _until_more(self, working: set[asyncio.Task[None]]) -> None:
        """Return when something came, or when a source was worked off: it may have more meanwhile."""
        if working:
            # what comes now is most likely of a source that is being worked off
            await asyncio.wait(working, timeout=REST, return_when=asyncio.FIRST_COMPLETED)
        else:
            await self.signals.wait(TOPIC, FLOOR)

    async def _work_off_source(self, rows: Sequence[InboxRow]) -> None:
        if rows[0].provider not in self.own:
            for integration_id in dict.fromkeys(row.integration_id for row in rows):
                await self._work_off_group([row for row in rows if row.integration_id == integration_id])
            return
        for number, row in enumerate(rows):
            await self._work_off_own(row)
            await self._renew(rows[number + 1 :])

    async def _work_off_own(self, row: InboxRow) -> None:
        try:
            with structlog.contextvars.bound_contextvars(inbox=str(row.id)):
                await self.own[row.provider].work_off(row)
        except (BadInput, DuplicateLead):
            return  # what is wrong is kept with it
        except VoronkaError as error:
            await self._later_or_fail(row, error)
        except Exception as error:
            if is_outage(error):
                log.warning("inbox.no_database", error=type(error).__name__)
                await self._later_or_fail(row, None)
                return
            log.exception("inbox.fault", delivery=str(row.id))
            await self._settle([row], InboxState.FAILED, type(error).__name__)

    async def _work_off_group(self, rows: Sequence[InboxRow]) -> None:
        """Deliveries of one integration. Each is settled by what became of the records that it tells of."""
        heard = Heard()
        for row in rows:
            try:
                heard.add(row, followed_in(row))
            except BadInput as error:
                heard.failed(row, f"{error.field}: {error.reason}")
            except Exception as error:
                log.exception("inbox.fault", delivery=str(row.id))
                heard.failed(row, type(error).__name__)
        with structlog.contextvars.bound_contextvars(inbox=str(rows[0].id)):
            try:
                await self._follow(rows[0], heard)
            except Exception as error:
                if not is_outage(error):
                    raise
                # what was not followed yet waits
                log.warning("inbox.no_database", error=type(error).__name__)
        for (state, why), own in heard.settled():
            await self._settle(own, state, why)
        for row, late in heard.unsettled():
            await self._later_or_fail(row, late)

    async def _follow(self, first: InboxRow, heard: Heard) -> None:
        """Read back what is a record of ours, once each. A CRM that does not answer is asked nothing more."""
        assert first.integration_id is not None
        ours: set[str] = set()
        records = list(heard.records)
        async with self.db.reading(first.organization_id) as session:
            for at in range(0, len(records), MOST_IDS):
                part = records[at : at + MOST_IDS]
                ours |= await links.linked(session, first.integration_id, "lead", part)
        bought = await self._bought(first, heard)
        renewed = self.clock()
        for record in heard.records:
            failed = bought.get(record)
            if failed is not None and is_outage(failed):
                raise failed
            if failed is not None:
                heard.learn(record, failed)
            elif record not in ours:
                heard.learn(record, Applied.CHANGED if record in bought else Applied.IGNORED)
                continue
            else:
                heard.learn(record, await self._applied(first, record, heard))
            if heard.stopped:
                return
            if self.clock() - renewed > LEASE / 4:
                await self._renew(heard.rows)
                renewed = self.clock()

    async def _bought(self, first: InboxRow, heard: Heard) -> Mapping[str, Exception | None]:
        """What became of the records as purchases, for a source of these."""
        assert first.integration_id is not None
        outcomes: dict[str, Exception | None] = {}
        records = list(heard.records)
        if self.purchases is None or not tells_of_transactions(first.provider):
            return outcomes
        renewed = self.clock()
        for at in range(0, len(records), READ_TOGETHER):
            part = records[at : at + READ_TOGETHER]
            outcomes |= await self.purchases.hear(first.organization_id, first.integration_id, part)
            if self.clock() - renewed > LEASE / 4:
                await self._renew(heard.rows)
                renewed = self.clock()
        return outcomes

    async def _applied(self, first: InboxRow, record: str, heard: Heard) -> Outcome:
        assert first.integration_id is not None
        try:
            return await self.crm_sync.apply_remote(
                first.organization_id, first.integration_id, record, heard.told_at(record)
            )
        except VoronkaError as error:
            return error
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("inbox.fault", deliveries=[str(one) for one in heard.about(record)])
            return error

    async def _later_or_fail(self, row: InboxRow, error: VoronkaError | None) -> None:
        """None: it was not tried, since the CRM answers nobody or the database is away."""
        spent, left = error is not None, self._delays[row.attempts :]
        if error is not None and not (isinstance(error, LATER) and left):
            await self._settle([row], InboxState.FAILED, error.code)
            return
        step = left[0] if left else LEASE
        due = self.clock() + step * self._random.uniform(1 - SPREAD, 1 + SPREAD)
        wanted = getattr(error, "retry_at", None)
        async with self.db.transaction(row.organization_id) as session:
            moment = max(due, wanted) if wanted else due
            await inbox.postpone(session, row, moment, error.code if error else "", spent=spent)

    async def _settle(self, rows: Sequence[InboxRow], state: InboxState, error: str = "") -> None:
        async with self.db.transaction(rows[0].organization_id) as session:
            await inbox.settle_all(session, [row.id for row in rows], state, self.clock(), error)

    async def _renew(self, rows: Sequence[InboxRow]) -> None:
        if rows:
            async with self.db.transaction(rows[0].organization_id) as session:
                await inbox.renew(session, [row.id for row in rows], self.clock() + LEASE)


def _source(row: InboxRow) -> tuple[UUID, str]:
    return row.organization_id, row.provider
