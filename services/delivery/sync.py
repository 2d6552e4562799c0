"""The worker between the outbox and the CRMs, and the way back."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import CrmError
from services.access import open_to
from services.clock import Clock
from services.connections.integrations import Integrations
from services.delivery.batches import SEARCHED_TOGETHER, batch_size
from services.delivery.group_size import GroupSizes
from services.delivery.groups import Group
from services.delivery.outbox import PER_INTEGRATION, TOPIC, Outbox
from services.delivery.retry import OPENS_AFTER
from services.delivery.single import CrmDelivery
from services.delivery.work import CrmWork
from services.leads.pipeline import Pipeline
from services.messages.notices import Notices
from services.two_ways.comparing import TwoWays
from services.two_ways.deletions import Deletions
from services.two_ways.incoming import Applied, CrmIncoming
from services.two_ways.notices import SyncNotices
from storage.db import Database
from storage.delivery.operation_leases import Room
from storage.replicas.signals import Signals

log = structlog.get_logger()

AT_ONCE = 40
"""Calls of all integrations that one worker has under way at once; the HTTP client has room for them."""

LARGEST = 1024
"""Operations of one integration that a worker takes at most at a time, while they are quick."""

AHEAD = 2
"""Large groups of one integration under way at once."""

LONGEST = 2.0
"""Seconds after which a worker gives back what it has not begun."""

FLOOR = 1.0
"""Seconds after which the worker looks for due operations even if nobody woke it."""


LOOKING = 2.0
"""How many times as long as a look for due operations took nobody looks again, while work is under way."""

LONGEST_REST = 0.05
"""Seconds, at most: hands that become free meanwhile must not wait long."""


class CrmSync:
    """Carries operations out, and follows what CRMs tell."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        signals: Signals,
        outbox: Outbox,
        integrations: Integrations,
        notices: Notices,
        pipeline: Pipeline,
    ) -> None:
        self.db, self.clock, self.signals, self.outbox = db, clock, signals, outbox
        self.integrations = integrations
        told = SyncNotices(notices)
        two_ways = TwoWays(clock, outbox, pipeline, told)
        deletions = Deletions(db, clock, outbox, pipeline, told)
        delivery = CrmDelivery(db, clock, outbox, two_ways, deletions, told)
        self._work = CrmWork(db, clock, outbox, integrations, notices, delivery)
        self._incoming = CrmIncoming(db, integrations, two_ways, deletions)
        self._sizes = GroupSizes(PER_INTEGRATION, LARGEST)
        self._batches: dict[UUID, int] = {}
        self._under_way: Counter[UUID] = Counter()
        self._creating: Counter[UUID] = Counter()
        self._created: Counter[UUID] = Counter()
        self._looked = 0.0

    @open_to("the inbox")
    async def apply_remote(
        self,
        organization_id: UUID,
        integration_id: UUID,
        external_id: str,
        told_at: datetime | None = None,
    ) -> Applied:
        """Follow a CRM's record, which told of a change at `told_at` (UTC).

        Raises CrmError when it cannot be read now, TooLate while a write of ours is under way.
        """
        return await self._incoming.apply(organization_id, integration_id, external_id, told_at)

    @open_to("the scheduler")
    async def work_once(self, owner: str) -> int:
        """Claim what is due, carry it out side by side, and return how many operations that was."""
        groups = [group async for group in self._claimed(owner)]
        await asyncio.gather(*(self._carry_out(group) for group in groups))
        return sum(len(group.operations) for group in groups)

    @open_to("the worker")
    async def loop(self, owner: str, stop: asyncio.Event) -> None:
        """Work until `stop` is set; operations under way are finished first.

        A slow CRM holds its own operations only: free hands go on claiming for the others.
        """
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                begun = 0
                try:
                    async for claimed in self._claimed(owner, stop):
                        group.create_task(self._carry_out(claimed))
                        begun += 1
                    pause = 0.0 if begun else await self._until_next()
                except (SQLAlchemyError, OSError) as error:
                    log.warning("worker.no_database", error=type(error).__name__)
                    pause = FLOOR
                if pause:
                    await self.signals.wait(TOPIC, pause)

    async def _until_next(self) -> float:
        """Seconds until something is due by itself, at most FLOOR."""
        moment = await self.outbox.next_moment()
        if moment is None:
            return FLOOR
        return min(max((moment - self.clock()).total_seconds(), 0.001), FLOOR)

    async def _claimed(self, owner: str, stop: asyncio.Event | None = None) -> AsyncIterator[Group]:
        """Take what there is room for, a group an integration; it counts as under way from here on."""
        for room in await self._rooms():
            for creates, most in await self._shares(room):
                if most <= 0 or self._calls() >= AT_ONCE:
                    continue
                held = await self.outbox.claim_from(room.integration_id, owner, most, creates)
                if held:
                    self._under_way[room.integration_id] += len(held)
                    if creates:
                        self._creating[room.integration_id] += 1
                        self._created[room.integration_id] += len(held)
                    yield Group(held, stop, float("inf") if creates else LONGEST, together=bool(creates))

    async def _rooms(self) -> list[Room]:
        """Looking takes the longer the more is waiting. It must not take the time of the work under way."""
        if self._calls():
            await asyncio.sleep(min(LOOKING * self._looked, LONGEST_REST))
        began = time.monotonic()
        rooms = await self.outbox.rooms()
        self._looked = time.monotonic() - began
        return rooms

    def _calls(self) -> int:
        return sum(min(count, PER_INTEGRATION) for count in self._under_way.values())

    async def _shares(self, room: Room) -> list[tuple[bool | None, int]]:
        """How many operations of an integration to take now: (creates only, others only or any; how many)."""
        if room.failures >= OPENS_AFTER:
            return [(None, 1 - room.running - room.creating)]
        batch = await self._batch(room.integration_id)
        size = self._sizes.of(room.integration_id)
        if not batch:
            return [(None, _worth_it(size, room.running + room.creating))]
        elsewhere = room.creating > self._created[room.integration_id]
        # while the last requests of a group wait for their turn, the next one is looked for
        free = not elsewhere and self._creating[room.integration_id] < AHEAD
        return [(True, batch * SEARCHED_TOGETHER if free else 0), (False, _worth_it(size, room.running))]

    async def _batch(self, integration_id: UUID) -> int:
        """How many leads one request of the CRM makes; a kind of CRM never changes."""
        if integration_id not in self._batches:
            try:
                adapter = await self.integrations.adapter(integration_id)
            except CrmError:
                return 0  # the operations will tell
            self._batches[integration_id] = batch_size(adapter)
        return self._batches[integration_id]

    async def _carry_out(self, group: Group) -> None:
        integration_id, count = group.integration_id, len(group.operations)
        began = time.monotonic()
        try:
            await self._work.carry_out(group)
        finally:
            self._under_way[integration_id] -= count
            if group.together:
                self._creating[integration_id] -= 1
                self._created[integration_id] -= count
        if not group.together:
            seconds = time.monotonic() - began
            self._sizes.learn(integration_id, count, seconds, stopped=group.troubled)


def _worth_it(size: int, running: int) -> int:
    """Room for another group of a size. In small ones every free place counts; large ones, which are quick,
    are not split, and the next one is taken while one is carried out: neither the database nor we wait."""
    free = (size if size <= PER_INTEGRATION else AHEAD * size) - running
    return min(free, size) if size <= PER_INTEGRATION or free >= size else 0
