"""Writes owed to CRMs: queued with their cause, claimed in order, retried by a ladder."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.delivery import (
    CANDIDATES,
    CHOSEN,
    AmbiguousMatch,
    Delivery,
    DeliveryState,
    Link,
    Operation,
    OperationKind,
    OperationState,
)
from domain.errors import CrmAccessLost, CrmError, CrmRateLimited, CrmUnavailable, NotFound
from domain.leads import Lead
from domain.members import Member, Right
from services.access import open_to
from services.clock import Clock
from storage import integrations, leads, links, operations
from storage.db import Database, Session
from storage.ids import new_id
from storage.integrations import Integration
from storage.signals import Signals

TOPIC = "operations"
LEASE = timedelta(seconds=60)
"""How long an operation stays with a worker that gives no sign of life. It must be longer than a call to a
CRM may take: what a killed worker has sent must have arrived before another one looks for it."""

PER_INTEGRATION = 4
"""Operations of one integration that run at once: a slow CRM must leave room for the others."""

OPENS_AFTER = 5
PARKED = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300))
"""How long nothing is sent after the fifth failure in a row, the sixth, and so on."""

SPREAD = 0.2
DRY_RUN, RECORD_GONE = "dry_run", "record_gone"
_NOBODYS_DOING = (DRY_RUN, RECORD_GONE)
"""Why an operation ends as dropped without a person's decision."""

_REVIVED = (OperationState.PENDING, OperationState.BLOCKED, OperationState.PERMANENTLY_FAILED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an operation after an error; `spent` says whether it cost an attempt."""

    state: OperationState
    due_at: datetime
    spent: bool


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
        self, session: Session, kind: str, record_id: UUID, entity_id: UUID, payload: Mapping[str, Any]
    ) -> None:
        """Owe the active CRM a write, in the caller's transaction; nothing happens without a CRM."""
        integration = await integrations.active(session)
        if integration is None:
            return
        now = self.clock()
        operation = Operation(
            id=new_id(),
            organization_id=session.tenant,
            integration_id=integration.id,
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
        )
        await operations.add(session, operation)
        self._wake_after(session)

    @open_to("use cases")
    async def lead_corrected(self, session: Session, lead_id: UUID) -> None:
        """A person mended the lead: what was given up for it is worth another try."""
        integration = await integrations.active(session)
        if integration is not None:
            given_up = (OperationState.PERMANENTLY_FAILED,)
            await operations.revive(session, integration.id, given_up, self.clock(), lead_id)
            self._wake_after(session)

    @open_to("the worker")
    async def claim(self, owner: str, limit: int) -> list[Operation]:
        """Take up to `limit` due operations of all organizations for a lease. An integration whose circuit is
        open gets one trial at a time."""
        now = self.clock()
        claimed: list[Operation] = []
        async with self.db.transaction(system=True) as session:
            for room in await operations.rooms(session, now):
                most = 1 if room.failures >= OPENS_AFTER else PER_INTEGRATION
                share = min(limit - len(claimed), most - room.running)
                if share > 0:
                    # a lease of its own each time: the same worker may come back to an operation it lost
                    lease = f"{owner[:40]}:{secrets.token_hex(6)}"
                    claimed += await operations.claim(
                        session,
                        room.integration_id,
                        share,
                        owner=lease,
                        now=now,
                        lease_until=now + self.lease,
                    )
        return claimed

    @open_to("the worker")
    async def renew(self, operation: Operation) -> bool:
        """Keep the operation for another lease; False when it was lost."""
        async with self.db.transaction(operation.organization_id) as session:
            return await operations.set_leased(session, operation, lease_until=self.clock() + self.lease)

    @open_to("the worker")
    async def intend(self, operation: Operation) -> bool:
        """Commit that a create call is about to go out; False when the lease was lost."""
        async with self.db.transaction(operation.organization_id) as session:
            return await operations.set_leased(
                session, operation, intent=True, lease_until=self.clock() + self.lease
            )

    @open_to("the worker")
    async def done(self, session: Session, operation: Operation) -> bool:
        """Settle a delivered operation in the caller's transaction; False when the lease was lost."""
        now = self.clock()
        state = OperationState.DONE.value
        kept = await operations.set_leased(
            session, operation, state=state, done_at=now, error="", error_reason="", lease_until=None
        )
        await integrations.count_success(session, operation.integration_id, now, OPENS_AFTER)
        self._wake_after(session)
        return kept

    @open_to("the worker")
    async def given_up(self, session: Session, operation: Operation, why: str) -> bool:
        """Settle an operation that has nothing to write any more (its record is gone, or a dry run)."""
        kept = await operations.set_leased(
            session, operation, state=OperationState.DROPPED.value, done_at=self.clock(), error=why
        )
        self._wake_after(session)
        return kept

    @open_to("the worker")
    async def failed(
        self, session: Session, operation: Operation, error: CrmError, *, key_refused: bool = True
    ) -> OperationState | None:
        """Decide what becomes of an operation, in the caller's transaction; None when the lease was lost.

        `key_refused` tells a key that opens nothing from a right that only this operation lacks.
        """
        now = self.clock()
        verdict = self._judge(operation, error, now)
        kept = await operations.set_leased(
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
        await self._note_health(session, operation.integration_id, error, now, key_refused)
        return verdict.state if kept else None

    def _judge(self, operation: Operation, error: CrmError, now: datetime) -> Verdict:
        if isinstance(error, CrmRateLimited):
            return Verdict(OperationState.PENDING, max(error.retry_at, now), spent=False)
        if isinstance(error, CrmAccessLost):
            return Verdict(OperationState.BLOCKED, now, spent=False)
        if not isinstance(error, CrmUnavailable) or operation.attempts >= len(self._delays):
            return Verdict(OperationState.PERMANENTLY_FAILED, now, spent=True)
        due = now + self._delays[operation.attempts] * self._random.uniform(1 - SPREAD, 1 + SPREAD)
        return Verdict(OperationState.PENDING, max(due, error.retry_at or due), spent=True)

    async def _note_health(
        self, session: Session, integration_id: UUID, error: CrmError, now: datetime, key_refused: bool
    ) -> None:
        if isinstance(error, CrmRateLimited):
            await integrations.park(session, integration_id, error.retry_at)
        elif isinstance(error, CrmAccessLost) and key_refused:
            await integrations.change(session, integration_id, last_error=error.code)
        elif isinstance(error, CrmUnavailable):
            failures = await integrations.count_failure(session, integration_id, error.code)
            if failures >= OPENS_AFTER:
                pause = self._parked[min(failures - OPENS_AFTER, len(self._parked) - 1)]
                await integrations.park(session, integration_id, now + pause)
        else:
            # a refusal of the data comes from a CRM that works
            await integrations.count_success(session, integration_id, now, OPENS_AFTER)

    @open_to("the lead's people and admins")
    async def retry_now(self, member: Member, lead_id: UUID) -> DeliveryState:
        """Make everything owed for the lead due at once. Raises NotFound for a lead that is not theirs."""
        async with self.db.transaction(member.organization_id) as session:
            await self._check_own(session, member, lead_id)
            integration = await integrations.active(session)
            if integration is not None:
                await operations.revive(session, integration.id, _REVIVED, self.clock(), lead_id)
                await integrations.change(session, integration.id, parked_until=None, last_error="")
                self._wake_after(session)
            return await self.state_for_lead(session, lead_id)

    @open_to("use cases")
    async def state_for_lead(self, session: Session, lead_id: UUID) -> DeliveryState:
        """How far the lead is on its way into the active CRM."""
        integration = await integrations.active(session)
        if integration is None:
            return DeliveryState(Delivery.NONE)
        owed = await operations.unfinished(session, integration.id, lead_id)
        link = await links.of_entity(session, integration.id, "lead", lead_id)
        if owed:
            return _under_way(owed[0], integration, link, self.clock())
        if link is None:
            dropped = await operations.was_dropped(session, integration.id, lead_id, _NOBODYS_DOING)
            return DeliveryState(Delivery.DROPPED if dropped else Delivery.NONE)
        at = await operations.last_done_at(session, integration.id, lead_id)
        return DeliveryState(Delivery.DELIVERED, link.number, link.url, at or link.synced_at)

    @open_to("whoever may see the lead")
    async def of_lead(self, lead: Lead) -> DeliveryState:
        """The same for a lead that has been read already."""
        async with self.db.reading(lead.organization_id) as session:
            return await self.state_for_lead(session, lead.id)

    def _wake_after(self, session: Session) -> None:
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


def _under_way(
    operation: Operation, integration: Integration, link: Link | None, now: datetime
) -> DeliveryState:
    """The state that the first unfinished operation of a lead puts it in."""
    state, next_try = _stands(operation, integration, now)
    return DeliveryState(
        state,
        link.number if link else "",
        link.url if link else "",
        error=operation.error or (integration.last_error if state is Delivery.STUCK else ""),
        next_try_at=next_try,
        attempts=operation.attempts,
    )


def _stands(
    operation: Operation, integration: Integration, now: datetime
) -> tuple[Delivery, datetime | None]:
    fixed: Mapping[OperationState, Delivery] = {
        OperationState.RUNNING: Delivery.SENDING,
        OperationState.BLOCKED: Delivery.STUCK,
        OperationState.PERMANENTLY_FAILED: Delivery.FAILED,
    }
    if operation.state in fixed:
        return fixed[operation.state], None
    if integration.last_error == CrmAccessLost.code:
        return Delivery.STUCK, None
    due = max(operation.due_at, integration.parked_until or operation.due_at)
    waits = due > now
    if waits and (operation.attempts or integration.failures >= OPENS_AFTER):
        return Delivery.STUCK, due
    return Delivery.QUEUED, due if waits else None
