"""Writes owed to CRMs: queued with their cause, claimed in order, retried by a ladder."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.delivery import (
    CANDIDATES,
    CHOSEN,
    AmbiguousMatch,
    DeliveryState,
    Operation,
    OperationKind,
    OperationState,
    Priority,
)
from domain.errors import CrmError, NotFound
from domain.leads import Lead
from domain.members import Member, Right
from services.access import open_to
from services.clock import Clock
from services.delivery.causes import cause_now
from services.delivery.health import note_health
from services.delivery.retry import OPENS_AFTER, PARKED, judge
from services.delivery.state import state_of_lead
from storage.db import Database, Session
from storage.delivery import integrations, operation_leases, operations
from storage.delivery.operation_leases import Room
from storage.ids import new_id
from storage.leads import leads
from storage.replicas.signals import Signals

TOPIC = "operations"
LEASE = timedelta(seconds=60)
"""How long an operation stays with a worker that gives no sign of life. It must be longer than a call to a
CRM may take: what a killed worker has sent must have arrived before another one looks for it."""

PER_INTEGRATION = 4
"""Calls to one integration at once: a slow CRM must leave room for the others."""

_REVIVED = (OperationState.PENDING, OperationState.BLOCKED, OperationState.PERMANENTLY_FAILED)


def share_of(room: Room) -> int:
    """How many operations of an integration may be taken now: a trial when its circuit is open."""
    most = 1 if room.failures >= OPENS_AFTER else PER_INTEGRATION
    return most - room.running - room.creating


class Outbox:
    """Queues and settles operations. Moments are UTC."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        signals: Signals,
        retry_delays: Sequence[timedelta],
        random: Random,
        parked: Sequence[timedelta] = PARKED,
        lease: timedelta = LEASE,
    ) -> None:
        self.db, self.clock, self.signals, self.lease = db, clock, signals, lease
        self._delays, self._random, self._parked = tuple(retry_delays), random, tuple(parked)

    @open_to("use cases")
    async def enqueue(
        self,
        session: Session,
        kind: str,
        record_id: UUID,
        entity_id: UUID,
        payload: Mapping[str, Any],
        to: Callable[[UUID], bool] = lambda _integration_id: True,
        priority: Priority = Priority.PERSON,
    ) -> None:
        """Owe a write to the active CRM and to every one that mirrors it, as far as `to` takes them, in the
        caller's transaction; nothing happens without a CRM. What nobody waits for goes behind the rest."""
        if not (receivers := [one for one in await integrations.receivers(session) if to(one)]):
            return
        now = self.clock()
        owed = (
            Operation(
                id=new_id(),
                organization_id=session.tenant,
                integration_id=integration_id,
                kind=OperationKind(kind),
                record_id=record_id,
                entity_id=entity_id,
                payload=payload,
                state=OperationState.PENDING,
                attempts=0,
                intent=False,
                due_at=now,
                lease_owner="",
                error="",
                error_reason="",
                created_at=now,
                done_at=None,
                cause=cause_now(),
            )
            for integration_id in receivers
        )
        if priority is Priority.PERSON and kind != OperationKind.LEAD_CREATE:
            await operations.hurry(session, receivers, record_id)
        await operations.add(session, *owed, priority=priority)
        self.wake_after(session)

    @open_to("use cases")
    async def lead_corrected(self, session: Session, lead_id: UUID) -> None:
        """A person mended the lead: what was given up for it is worth another try."""
        given_up = (OperationState.PERMANENTLY_FAILED,)
        for integration_id in await integrations.receivers(session):
            await operations.revive(session, integration_id, given_up, self.clock(), lead_id)
            self.wake_after(session)

    @open_to("the worker")
    async def rooms(self) -> list[Room]:
        """Integrations of all organizations with work that is due, the longest waiting first."""
        async with self.db.reading(system=True) as session:
            return await operation_leases.rooms(session, self.clock())

    @open_to("the worker")
    async def next_moment(self) -> datetime | None:
        """When the next operation becomes due, or the next pause ends; None when nothing is waited for."""
        async with self.db.reading(system=True) as session:
            return await operation_leases.next_moment(session, self.clock())

    @open_to("the worker")
    async def claim(self, owner: str, limit: int, share: Callable[[Room], int] = share_of) -> list[Operation]:
        """Take up to `limit` due operations of all organizations for a lease; `share` says how many of one
        integration."""
        claimed: list[Operation] = []
        for room in await self.rooms():
            most = min(limit - len(claimed), share(room))
            claimed += await self.claim_from(room.integration_id, owner, most)
        return claimed

    @open_to("the worker")
    async def claim_from(
        self, integration_id: UUID, owner: str, limit: int, creates: bool | None = None
    ) -> list[Operation]:
        """Take up to `limit` due operations of one integration for a lease; `creates` narrows it to creates
        of leads, or to everything else."""
        if limit <= 0:
            return []
        now = self.clock()
        async with self.db.transaction(system=True) as session:
            return await operation_leases.claim(
                session,
                integration_id,
                limit,
                # a lease of its own each time: the same worker may come back to an operation it lost
                owner=f"{owner[:40]}:{secrets.token_hex(6)}",
                now=now,
                lease_until=now + self.lease,
                creates=creates,
            )

    @open_to("the worker")
    async def renew(self, operation: Operation) -> bool:
        """Keep the operation for another lease; False when it was lost."""
        return bool(await self.renew_all([operation]))

    @open_to("the worker")
    async def renew_all(self, held: Collection[Operation]) -> frozenset[UUID]:
        """Keep operations of one organization for another lease; returns those that were not lost."""
        return await self._change(held, lease_until=self.clock() + self.lease)

    @open_to("the worker")
    async def intend(self, operation: Operation) -> bool:
        """Commit that a create call is about to go out; False when the lease was lost."""
        return bool(await self.intend_all([operation]))

    @open_to("the worker")
    async def intend_all(self, held: Collection[Operation]) -> frozenset[UUID]:
        """The same for operations of one organization that one call creates; returns those still ours."""
        return await self._change(held, intent=True, lease_until=self.clock() + self.lease)

    @open_to("the worker")
    async def release(self, held: Collection[Operation]) -> None:
        """Give back operations of one organization that were not begun: they are due as before."""
        pending = OperationState.PENDING.value
        await self._change(held, state=pending, lease_owner="", lease_until=None)

    async def _change(self, held: Collection[Operation], **values: object) -> frozenset[UUID]:
        if not held:
            return frozenset()
        tenant = next(iter(held)).organization_id
        async with self.db.transaction(tenant) as session:
            return await operation_leases.set_all_leased(session, held, **values)

    @open_to("the worker")
    async def done(self, session: Session, operation: Operation) -> bool:
        """Settle a delivered operation in the caller's transaction; False when the lease was lost."""
        return bool(await self.done_all(session, [operation]))

    @open_to("the worker")
    async def done_all(self, session: Session, delivered: Collection[Operation]) -> frozenset[UUID]:
        """The same for many; returns the ids of those that were still ours."""
        now = self.clock()
        state = OperationState.DONE.value
        kept = await operation_leases.set_all_leased(
            session, delivered, state=state, done_at=now, error="", error_reason="", lease_until=None
        )
        for integration_id in {one.integration_id for one in delivered}:
            await integrations.count_success(session, integration_id, now, OPENS_AFTER)
        self.wake_after(session)
        return kept

    @open_to("the worker")
    async def given_up(
        self, session: Session, operation: Operation, why: str, recorded: Mapping[str, Any] | None = None
    ) -> bool:
        """Settle an operation that has nothing to write any more (its record is gone, or a dry run, of which
        `recorded` tells what it found out)."""
        values = {"state": OperationState.DROPPED.value, "done_at": self.clock(), "error": why}
        values |= {"recorded": dict(recorded)} if recorded is not None else {}
        kept = await operation_leases.set_leased(session, operation, **values)
        self.wake_after(session)
        return kept

    @open_to("the worker")
    async def failed(
        self,
        session: Session,
        operation: Operation,
        error: CrmError,
        *,
        key_refused: bool = True,
        counted: bool = False,
    ) -> OperationState | None:
        """Decide what becomes of an operation, in the caller's transaction; None when the lease was lost.

        `key_refused` tells a key that opens nothing from a right that only this operation lacks; `counted`,
        that the integration's health knows of this error already, since one call carried many operations.
        """
        now = self.clock()
        verdict = judge(operation, error, now, self._delays, self._random)
        kept = await operation_leases.set_leased(
            session,
            operation,
            state=verdict.state.value,
            due_at=verdict.due_at,
            attempts=operation.attempts + verdict.spent,
            error=error.code,
            error_reason=error.reason[:300],
            lease_until=None,
            **_to_choose_from(operation, error),
        )
        if not counted:
            health_of = operation.integration_id
            await note_health(session, health_of, error, now, self._parked, key_refused)
        return verdict.state if kept else None

    @open_to("the lead's people and admins")
    async def retry_now(self, member: Member, lead_id: UUID) -> DeliveryState:
        """Make everything owed for the lead due at once. Raises NotFound for a lead that is not theirs."""
        async with self.db.transaction(member.organization_id) as session:
            await self._check_own(session, member, lead_id)
            await operations.hurry(session, await integrations.receivers(session), lead_id)
            for integration_id in await integrations.receivers(session):
                await operations.revive(session, integration_id, _REVIVED, self.clock(), lead_id)
                await integrations.change(session, integration_id, parked_until=None, last_error="")
                self.wake_after(session)
            return await self.state_for_lead(session, lead_id)

    @open_to("use cases")
    async def state_for_lead(self, session: Session, lead_id: UUID) -> DeliveryState:
        """How far the lead is on its way into the active CRM."""
        return await state_of_lead(session, lead_id, self.clock())

    @open_to("whoever may see the lead")
    async def of_lead(self, lead: Lead) -> DeliveryState:
        """The same for a lead that has been read already."""
        async with self.db.reading(lead.organization_id) as session:
            return await self.state_for_lead(session, lead.id)

    @open_to("use cases")
    def wake_after(self, session: Session) -> None:
        """Let the workers look for work as soon as the transaction has committed."""
        session.after_commit(lambda: self.signals.wake(TOPIC))

    async def _check_own(self, session: Session, member: Member, lead_id: UUID) -> None:
        lead = await leads.get_lead(session, lead_id)
        own = lead is not None and member.id in (lead.sender_id, lead.assignee_id)
        if lead is None or not (own or member.may(Right.CRM_MANAGE)):
            raise NotFound(record="lead")


def _to_choose_from(operation: Operation, error: CrmError) -> Mapping[str, Any]:
    """The records among which a person must choose, kept with the operation; an earlier choice is void."""
    if not isinstance(error, AmbiguousMatch):
        return {}
    rest = {key: value for key, value in operation.payload.items() if key != CHOSEN}
    return {"payload": {**rest, CANDIDATES: [asdict(one) for one in error.candidates]}}
