"""Reading changes by their moment, every hour: no webhook channel is lossless.

The way on is the same as a webhook's, so what came already changes nothing. Moments are the CRM's own:
the next walk begins where the last one ended by its clock, with an overlap, so clocks may differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from crm_adapters import base
from domain.crm import RemoteLead
from domain.errors import CrmError, CrmUnsupported, TooLate
from domain.two_ways import Seen
from services.access import open_to
from services.clock import Clock
from services.connections.integrations import Integrations
from services.delivery.sync import CrmSync
from services.two_ways.people import CrmPeople
from storage.db import Database
from storage.delivery import links, two_ways
from storage.delivery.integrations import Integration

log = structlog.get_logger()

EVERY = timedelta(hours=1)
SLACK = timedelta(minutes=1)
"""How much earlier than an hour after the last walk a walk may begin: timers are not exact."""

OVERLAP = timedelta(minutes=10)
FIRST = timedelta(days=1)
"""How far back the first walk of a connection looks."""

PAGE, LARGEST_PAGE = 100, 3200
MOST = 500
"""Records read back in one walk: the rest is for the next one, soon."""


@dataclass(slots=True)
class _Walk:
    """One walk through an integration's changes."""

    organization_id: UUID
    integration_id: UUID
    cursor: datetime
    read: int = 0
    up_to: datetime | None = None
    stopped: bool = False
    done: set[tuple[str, datetime | None]] = field(default_factory=set)


class Reconcile:
    """Walks through what CRMs say has changed."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        connections: Integrations,
        crm_sync: CrmSync,
        people: CrmPeople,
    ) -> None:
        self.db, self.clock, self.connections = db, clock, connections
        self.crm_sync, self.people = crm_sync, people

    @open_to("the scheduler")
    async def run(self) -> int:
        """Walk through every connection whose turn has come; returns how many records were read back.

        Never raises for one CRM: it is tried again the next time.
        """
        before = self.clock() - EVERY + SLACK
        async with self.db.reading(system=True) as session:
            due = await two_ways.due(session, before)
        read = 0
        for organization_id, integration_id in due:
            async with self.db.transaction(organization_id) as session:
                if not await two_ways.take(session, integration_id, before, self.clock()):
                    continue
            try:
                read += await self.walk(organization_id, integration_id)
            except CrmError as error:
                log.warning("reconcile.failed", integration=str(integration_id), code=error.code)
        return read

    @open_to("the scheduler")
    async def walk(self, organization_id: UUID, integration_id: UUID) -> int:
        """Walk through one connection's changes; returns how many records were read back. Raises CrmError."""
        connected = await self.connections.connected(integration_id)
        adapter = connected.adapter
        if isinstance(adapter, base.Users):
            await self._match(organization_id, connected.row)
        if not isinstance(adapter, base.Changes):
            raise CrmUnsupported("changes")
        async with self.db.reading(organization_id) as session:
            known = await two_ways.setting(session, integration_id, two_ways.READ_UP_TO)
        since = datetime.fromisoformat(known) if known else self.clock() - FIRST
        walk = _Walk(organization_id, integration_id, since - OVERLAP, up_to=since)
        try:
            await self._pages(walk, adapter)
        finally:
            await self._keep(walk)
        log.info("reconcile.done", integration=str(integration_id), read=walk.read, more=walk.stopped)
        return walk.read

    async def _match(self, organization_id: UUID, row: Integration) -> None:
        """People come and go too; that they cannot be listed stops nothing."""
        try:
            await self.people.match(organization_id, row)
        except CrmError as error:
            log.info("reconcile.no_people", code=error.code)

    async def _pages(self, walk: _Walk, adapter: base.Changes) -> None:
        size = PAGE
        while not walk.stopped:
            page = await adapter.changed_since(walk.cursor, size)
            await self._page(walk, page)
            newest = page[-1].modified_at if page else None
            if len(page) < size or newest is None:
                return
            if newest > walk.cursor:
                walk.cursor, size = newest, PAGE
            elif size < LARGEST_PAGE:
                # a whole page of one moment: only a larger one gets past it
                size *= 2
            else:
                return

    async def _page(self, walk: _Walk, page: Sequence[RemoteLead]) -> None:
        async with self.db.reading(walk.organization_id) as session:
            ids = [remote.ref.id for remote in page]
            linked = await links.of_externals(session, walk.integration_id, "lead", ids)
        for remote in page:
            mark = (remote.ref.id, remote.modified_at)
            link = linked.get(remote.ref.id)
            fresh = link is not None and Seen.read(link.seen).at != _text(remote.modified_at)
            if fresh and mark not in walk.done:
                if walk.read >= MOST:
                    walk.stopped = True
                    return
                await self._read_back(walk, remote)
            if walk.stopped:
                return
            walk.done.add(mark)
            if remote.modified_at is not None and (walk.up_to is None or remote.modified_at > walk.up_to):
                walk.up_to = remote.modified_at

    async def _read_back(self, walk: _Walk, remote: RemoteLead) -> None:
        walk.read += 1
        try:
            await self.crm_sync.apply_remote(
                walk.organization_id, walk.integration_id, remote.ref.id, remote.modified_at
            )
        except TooLate:
            # a write of ours is under way: this record is looked at once more soon
            walk.stopped = True

    async def _keep(self, walk: _Walk) -> None:
        """How far it came. A walk that was stopped goes on at the next look, not only in an hour."""
        now = self.clock()
        async with self.db.transaction(walk.organization_id) as session:
            if walk.up_to is not None:
                up_to = min(walk.up_to, now + OVERLAP)
                await two_ways.keep_setting(
                    session, walk.integration_id, two_ways.READ_UP_TO, up_to.isoformat()
                )
            if walk.stopped:
                await two_ways.give_turn(session, walk.integration_id, now - EVERY)


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment is not None else "-"
