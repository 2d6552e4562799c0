"""Queries for the log: operations and deliveries, newest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.delivery import OperationState
from domain.operations_log import Incoming, LogEntry, LogFilter, LogState
from storage.db import Session
from storage.hooks_in.inbox import InboxState
from storage.tables import hooks, inbox, leads, operations

_op, _in = operations.c, inbox.c

OPERATIONS: Mapping[LogState, tuple[OperationState, ...]] = {
    LogState.ALL: tuple(OperationState),
    LogState.WAITING: (OperationState.PENDING, OperationState.RUNNING),
    LogState.FAILED: (OperationState.PERMANENTLY_FAILED, OperationState.BLOCKED),
    LogState.DONE: (OperationState.DONE,),
    LogState.DROPPED: (OperationState.DROPPED,),
    LogState.INCOMING: (),
}
DELIVERIES: Mapping[LogState, tuple[InboxState, ...]] = {
    LogState.ALL: tuple(InboxState),
    LogState.WAITING: (InboxState.PENDING, InboxState.RUNNING),
    LogState.FAILED: (InboxState.FAILED,),
    LogState.DONE: (InboxState.DONE, InboxState.IGNORED),
    LogState.DROPPED: (InboxState.REJECTED,),
    LogState.INCOMING: tuple(InboxState),
}
REPLAYABLE = (InboxState.DONE, InboxState.IGNORED, InboxState.FAILED)
"""States of a CRM's delivery that may be worked off once more."""


async def newest(session: Session, chosen: LogFilter, limit: int) -> list[LogEntry]:
    """Operations and deliveries together, at most `limit`, the newest first."""
    found = await _operations(session, chosen, limit) + await _deliveries(session, chosen, limit)
    return sorted(found, key=lambda entry: entry.id, reverse=True)[:limit]


async def _operations(session: Session, chosen: LogFilter, limit: int) -> list[LogEntry]:
    states = [state.value for state in OPERATIONS[chosen.state]]
    if not states:
        return []
    statement = (
        sa.select(operations, leads.c.number, leads.c.name, leads.c.company)
        .outerjoin(leads, leads.c.id == _op.record_id)
        .where(_op.organization_id == session.tenant, _op.state.in_(states))
        .order_by(_op.id.desc())
        .limit(limit)
    )
    if chosen.lead:
        statement = statement.where(leads.c.number == chosen.lead)
    return [_operation(row) for row in await session.rows(statement)]


def _operation(row: Row[Any]) -> LogEntry:
    return LogEntry(
        id=row.id,
        incoming=False,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        error_reason=row.error_reason,
        lead=row.number or 0,
        lead_title=row.name or row.company or "",
        payload=row.payload,
        at=row.created_at,
        done_at=row.done_at,
    )


async def _deliveries(session: Session, chosen: LogFilter, limit: int) -> list[LogEntry]:
    states = [state.value for state in DELIVERIES[chosen.state]]
    if chosen.lead:
        return []
    rows = await session.rows(
        sa.select(inbox, hooks.c.provider)
        .join(hooks, hooks.c.id == _in.hook_id)
        .where(_in.organization_id == session.tenant, _in.state.in_(states))
        .order_by(_in.id.desc())
        .limit(limit)
    )
    return [_delivery(row) for row in rows]


def _delivery(row: Row[Any]) -> LogEntry:
    return LogEntry(
        id=row.id,
        incoming=True,
        kind=row.provider,
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        error_reason="",
        lead=0,
        lead_title="",
        payload=row.body,
        at=row.received_at,
        done_at=row.done_at,
    )


async def delivery(session: Session, delivery_id: UUID) -> Incoming | None:
    row = await session.first(
        sa.select(inbox, hooks.c.provider, hooks.c.integration_id, hooks.c.event)
        .join(hooks, hooks.c.id == _in.hook_id)
        .where(_in.organization_id == session.tenant, _in.id == delivery_id)
    )
    if row is None:
        return None
    return Incoming(
        id=row.id,
        provider=row.provider,
        integration_id=row.integration_id,
        event=row.event,
        body=row.body,
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        due_at=row.due_at,
        received_at=row.received_at,
        done_at=row.done_at,
    )


def _of_integration(session: Session, integration_id: UUID) -> sa.ColumnElement[bool]:
    ours = sa.select(hooks.c.id).where(
        hooks.c.organization_id == session.tenant, hooks.c.integration_id == integration_id
    )
    return sa.and_(_in.organization_id == session.tenant, _in.hook_id.in_(ours))


async def count_failed_operations(session: Session, integration_id: UUID) -> int:
    count: int = await session.scalar(
        sa.select(sa.func.count()).where(
            _op.organization_id == session.tenant,
            _op.integration_id == integration_id,
            _op.state.in_([state.value for state in OPERATIONS[LogState.FAILED]]),
        )
    )
    return count


async def count_deliveries(
    session: Session, integration_id: UUID, since: datetime | None = None, *, failed: bool = False
) -> int:
    """How many deliveries of a CRM could be worked off once more."""
    condition = _again(session, integration_id, since, failed)
    count: int = await session.scalar(sa.select(sa.func.count()).select_from(inbox).where(condition))
    return count


async def replay_deliveries(
    session: Session, integration_id: UUID, now: datetime, since: datetime | None = None, *,
    failed: bool = False,
) -> int:  # fmt: skip
    """Work them off once more, in the order in which they came; returns how many those are."""
    condition = _again(session, integration_id, since, failed)
    result = await session.execute(inbox.update().where(condition).values(**_anew(now)))
    return result.rowcount


def _again(
    session: Session, integration_id: UUID, since: datetime | None, failed: bool
) -> sa.ColumnElement[bool]:
    states = (InboxState.FAILED,) if failed else REPLAYABLE
    condition = sa.and_(
        _of_integration(session, integration_id), _in.state.in_([state.value for state in states])
    )
    return sa.and_(condition, _in.received_at >= since) if since is not None else condition


async def replay_delivery(
    session: Session, delivery_id: UUID, states: tuple[str, ...], now: datetime
) -> bool:
    """Work one off once more; False unless it is in one of `states`."""
    result = await session.execute(
        inbox.update()
        .where(_in.organization_id == session.tenant, _in.id == delivery_id, _in.state.in_(states))
        .values(**_anew(now))
    )
    return result.rowcount == 1


def _anew(now: datetime) -> dict[str, object]:
    state = InboxState.PENDING.value
    return {"state": state, "due_at": now, "attempts": 0, "error": "", "done_at": None, "lease_until": None}
