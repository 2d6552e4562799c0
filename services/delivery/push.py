"""Sending by hand: what a lead, or everybody, is owed becomes due now."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.delivery import OperationKind, OperationState
from domain.errors import NotFound
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from services.delivery.outbox import TOPIC, Outbox
from storage.db import Database, Session
from storage.delivery import integrations, links, operations
from storage.finding import lead_search
from storage.replicas.signals import Signals

WAITING = (OperationState.PENDING, OperationState.BLOCKED, OperationState.PERMANENTLY_FAILED)


@dataclass(frozen=True, slots=True)
class Owing:
    """What the active CRM is owed: all of it, and the part that only a person can send on its way."""

    depth: int
    failed: int
    next_try_at: datetime | None
    """When the CRM is asked again, where it is not asked before then (UTC)."""


class CrmPush:
    """Use cases of `crm push`."""

    def __init__(self, db: Database, clock: Clock, signals: Signals, outbox: Outbox) -> None:
        self.db, self.clock, self.signals, self.outbox = db, clock, signals, outbox

    @needs(Right.CRM_MANAGE)
    async def lead(self, member: Member, number: int) -> UUID:
        """Make due at once what the lead with this number is owed; a lead that the CRM has never been owed is
        owed now. Returns its id. Raises NotFound without such a lead, or without a CRM."""
        async with self.db.transaction(member.organization_id) as session:
            active = await integrations.active(session)
            found = await lead_search.by_number(session, number)
            if active is None or found is None:
                raise NotFound(record="lead" if active else "integration")
            lead_id, _title = found
            waits = await operations.unfinished(session, active.id, lead_id)
            linked = await links.of_entity(session, active.id, "lead", lead_id)
            if not waits and linked is None:
                await self.outbox.enqueue(session, OperationKind.LEAD_CREATE.value, lead_id, lead_id, {})
            await self._due(session, active.id, lead_id)
            return lead_id

    @needs(Right.CRM_MANAGE)
    async def everything(self, member: Member) -> Owing:
        """Make due at once all that the active CRM is owed. Raises NotFound without a CRM."""
        async with self.db.transaction(member.organization_id) as session:
            active = await integrations.active(session)
            if active is None:
                raise NotFound(record="integration")
            await self._due(session, active.id, None)
        return await self.owing(member)

    @needs(Right.CRM_MANAGE)
    async def owing(self, member: Member) -> Owing:
        """What is owed now. Raises NotFound without a CRM."""
        async with self.db.reading(member.organization_id) as session:
            active = await integrations.active(session)
            if active is None:
                raise NotFound(record="integration")
            queue = await operations.queue(session, active.id)
        return Owing(queue.depth, queue.failed, active.parked_until)

    async def _due(self, session: Session, integration_id: UUID, lead_id: UUID | None) -> None:
        await operations.revive(session, integration_id, WAITING, self.clock(), lead_id)
        await integrations.change(session, integration_id, parked_until=None, last_error="")
        session.after_commit(partial(self.signals.wake, TOPIC))
