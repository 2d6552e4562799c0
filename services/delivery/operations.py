"""What admins see of the traffic with CRMs, and what they decide about it.

Replaying is safe: an operation that ended is repeated by a new one at the end of its record's queue, so
that nothing overtakes; one that waits keeps its place. Deliveries are worked off oldest first, and their
effects are idempotent because the record is read back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.delivery import CHOSEN, FINISHED, REPLAY_OF, AmbiguousMatch, Operation, OperationState
from domain.errors import NotFound, TooLate
from domain.members import Member, Right
from domain.operations_log import KEPT, Failures, Incoming, LogEntry, LogFilter, LogPage
from services.access import needs
from services.audit.recorded import recorded
from services.clock import Clock
from services.delivery.intake import TOPIC as INBOX
from services.delivery.outbox import TOPIC as OUTBOX
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.delivery import integrations, operations
from storage.delivery import operations_log as log_rows
from storage.delivery.integrations import Integration
from storage.hooks_in.inbox import InboxState
from storage.ids import new_id
from storage.replicas.signals import Signals

PAGE = 8
IN_A_FILE = 1000
"""Entries of the log that a file holds at most."""

WAITING = (OperationState.PENDING, OperationState.BLOCKED, OperationState.PERMANENTLY_FAILED)
GIVEN_UP = (OperationState.BLOCKED, OperationState.PERMANENTLY_FAILED)
_CRM_DELIVERY = tuple(state.value for state in log_rows.REPLAYABLE)
_FORM_DELIVERY = (InboxState.FAILED.value,)
"""A form that was taken would become a second comment on its lead."""


class Operations:
    """Use cases on operations and stored deliveries. Moments are UTC."""

    def __init__(self, db: Database, clock: Clock, signals: Signals, notices: Notices) -> None:
        self.db, self.clock, self.signals, self.notices = db, clock, signals, notices

    @needs(Right.CRM_MANAGE)
    async def get(self, member: Member, operation_id: UUID) -> Operation:
        """One operation with its state and error. Raises NotFound."""
        async with self.db.reading(member.organization_id) as session:
            return await _existing(session, operation_id)

    @needs(Right.CRM_MANAGE)
    async def delivery(self, member: Member, delivery_id: UUID) -> Incoming:
        """One stored delivery. Raises NotFound."""
        async with self.db.reading(member.organization_id) as session:
            found = await log_rows.delivery(session, delivery_id)
        if found is None:
            raise NotFound(record="delivery")
        return found

    @needs(Right.CRM_MANAGE)
    async def log(self, member: Member, chosen: LogFilter, page: int = 0) -> LogPage:
        """A page of the newest entries; a page past the last one is the last one."""
        async with self.db.reading(member.organization_id) as session:
            entries = await log_rows.newest(session, chosen, KEPT)
        pages = max(1, -(-len(entries) // PAGE))
        page = min(max(page, 0), pages - 1)
        return LogPage(tuple(entries[page * PAGE : (page + 1) * PAGE]), len(entries), page, pages)

    @needs(Right.CRM_MANAGE)
    async def log_for_file(self, member: Member, chosen: LogFilter) -> Sequence[LogEntry]:
        """The newest IN_A_FILE entries."""
        async with self.db.reading(member.organization_id) as session:
            return await log_rows.newest(session, chosen, IN_A_FILE)

    @needs(Right.CRM_MANAGE)
    @recorded("operation.retry", "operation")
    async def retry(self, member: Member, operation_id: UUID) -> Operation:
        """Send what waits for a record now, this operation among it: it goes behind what stands before it.

        Raises NotFound, or TooLate("running") or ("answered") when it does not wait.
        """
        async with self.db.transaction(member.organization_id) as session:
            found = await _existing(session, operation_id)
            if found.state not in WAITING:
                raise TooLate("running" if found.state is OperationState.RUNNING else "answered")
            now = self.clock()
            await operations.revive(session, found.integration_id, WAITING, now, found.record_id)
            await self._unpark(session, found.integration_id)
            return await self._decided(session, found)

    @needs(Right.CRM_MANAGE)
    @recorded("operation.retry_all", "operation")
    async def retry_all(self, member: Member) -> int:
        """Make everything owed to the active CRM due at once; returns how many operations that was."""
        async with self.db.transaction(member.organization_id) as session:
            active = await integrations.active(session)
            if active is None:
                return 0
            count = await operations.revive(session, active.id, WAITING, self.clock())
            await self._unpark(session, active.id)
            self._wake(session, OUTBOX)
            return count

    @needs(Right.CRM_MANAGE)
    @recorded("operation.drop", "operation")
    async def drop(self, member: Member, operation_id: UUID) -> Operation:
        """Give up an operation. Raises NotFound, or TooLate("running") or ("answered")."""
        async with self.db.transaction(member.organization_id) as session:
            dropped = await operations.drop(session, operation_id, self.clock())
            found = await _existing(session, operation_id)
            if not dropped:
                raise TooLate("running" if found.state is OperationState.RUNNING else "answered")
            return await self._decided(session, found)

    @needs(Right.CRM_MANAGE)
    @recorded("operation.choose", "operation")
    async def choose(self, member: Member, operation_id: UUID, external_id: str) -> Operation:
        """Say which of the candidates the lead is; an empty text: none of them, make a new record.

        Raises NotFound for an id that is no candidate, TooLate("answered") once it is decided.
        """
        async with self.db.transaction(member.organization_id) as session:
            found = await _existing(session, operation_id)
            if found.error != AmbiguousMatch.code:
                raise TooLate("answered")
            if external_id and external_id not in {one.id for one in found.candidates}:
                raise NotFound(record="candidate")
            payload = {**found.payload, CHOSEN: external_id}
            if not await operations.decide(session, found, payload, self.clock()):
                raise TooLate("answered")
            return await self._decided(session, found)

    @needs(Right.CRM_MANAGE)
    @recorded("operation.replay", "operation")
    async def replay(self, member: Member, operation_id: UUID) -> Operation:
        """Do an operation that ended once more, as a new one behind everything owed for its record.

        Returns the new one. Raises NotFound, TooLate("running") while it has not ended, or
        TooLate("other_crm") when its CRM is not the active one.
        """
        async with self.db.transaction(member.organization_id) as session:
            found = await _existing(session, operation_id)
            if found.state not in FINISHED:
                raise TooLate("running")
            active = await integrations.active(session)
            if active is None or active.id != found.integration_id:
                raise TooLate("other_crm")
            now = self.clock()
            again = replace(
                found, id=new_id(), payload=_payload_again(found), state=OperationState.PENDING, attempts=0,
                due_at=now, lease_owner="", error="", error_reason="", created_at=now, done_at=None,
            )  # fmt: skip
            await operations.add(session, again)
            return await self._decided(session, again)

    @needs(Right.CRM_MANAGE)
    @recorded("operation.replay_delivery", "operation")
    async def replay_delivery(self, member: Member, delivery_id: UUID) -> Incoming:
        """Work a stored delivery off once more. Raises NotFound, or TooLate("running") or ("answered")."""
        async with self.db.transaction(member.organization_id) as session:
            found = await log_rows.delivery(session, delivery_id)
            if found is None:
                raise NotFound(record="delivery")
            states = _CRM_DELIVERY if found.integration_id else _FORM_DELIVERY
            if not await log_rows.replay_delivery(session, delivery_id, states, self.clock()):
                waits = found.state in (InboxState.PENDING.value, InboxState.RUNNING.value)
                raise TooLate("running" if waits else "answered")
            self._wake(session, INBOX)
            again = await log_rows.delivery(session, delivery_id)
        assert again is not None
        return again

    @needs(Right.CRM_MANAGE)
    async def failures(self, member: Member) -> Failures:
        """How much of the active CRM's traffic needs a person."""
        async with self.db.reading(member.organization_id) as session:
            active = await _active(session)
            failed = await log_rows.count_failed_operations(session, active.id)
            return Failures(failed, await log_rows.count_deliveries(session, active.id, failed=True))

    @needs(Right.CRM_MANAGE)
    @recorded("operation.replay_failures", "operation")
    async def replay_failures(self, member: Member) -> Failures:
        """Do all of it once more; what waits keeps its order. Raises NotFound without a CRM."""
        async with self.db.transaction(member.organization_id) as session:
            active, now = await _active(session), self.clock()
            revived = await operations.revive(session, active.id, GIVEN_UP, now)
            deliveries = await log_rows.replay_deliveries(session, active.id, now, failed=True)
            await self._unpark(session, active.id)
            self._wake(session, OUTBOX, INBOX)
            return Failures(revived, deliveries)

    @needs(Right.CRM_MANAGE)
    async def deliveries_within(self, member: Member, span: timedelta) -> int:
        """How many deliveries of the active CRM since `span` ago could be worked off once more."""
        async with self.db.reading(member.organization_id) as session:
            active = await _active(session)
            return await log_rows.count_deliveries(session, active.id, self._ago(span))

    @needs(Right.CRM_MANAGE)
    @recorded("operation.replay_deliveries", "operation")
    async def replay_deliveries(self, member: Member, span: timedelta) -> int:
        """Work them off once more, oldest first. Raises NotFound without a CRM."""
        async with self.db.transaction(member.organization_id) as session:
            active = await _active(session)
            count = await log_rows.replay_deliveries(session, active.id, self.clock(), self._ago(span))
            self._wake(session, INBOX)
            return count

    async def _decided(self, session: Session, operation: Operation) -> Operation:
        """Everybody who has the operation or its lead before them is to see what was decided."""
        await self.notices.lead_changed(session, operation.record_id)
        await self.notices.operation_settled(session, operation.id)
        self._wake(session, OUTBOX)
        return await _existing(session, operation.id)

    async def _unpark(self, session: Session, integration_id: UUID) -> None:
        await integrations.change(session, integration_id, parked_until=None, last_error="")

    def _wake(self, session: Session, *topics: str) -> None:
        for topic in topics:
            session.after_commit(partial(self.signals.wake, topic))

    def _ago(self, span: timedelta) -> datetime:
        return self.clock() - span


async def _existing(session: Session, operation_id: UUID) -> Operation:
    found = await operations.get(session, operation_id)
    if found is None:
        raise NotFound(record="operation")
    return found


async def _active(session: Session) -> Integration:
    active = await integrations.active(session)
    if active is None:
        raise NotFound(record="integration")
    return active


def _payload_again(operation: Operation) -> Mapping[str, Any]:
    fields = {"fields": sorted(operation.fields)} if operation.fields else {}
    return {**fields, REPLAY_OF: str(operation.id)}
