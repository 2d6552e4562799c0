"""Queries on the writes owed to CRMs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.delivery import FINISHED, Operation, OperationKind, OperationState
from domain.errors import CrmAccessLost
from storage.db import Session
from storage.tables import integrations, operations

_op = operations.c
_FINISHED = tuple(state.value for state in FINISHED)


@dataclass(frozen=True, slots=True)
class Room:
    """An integration with work that is due: failures in a row, and how many operations run there now."""

    integration_id: UUID
    failures: int
    running: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for an integration; `oldest` is when the first of it was written down (UTC)."""

    depth: int
    failed: int
    oldest: datetime | None


def _operation(row: Row[Any]) -> Operation:
    return Operation(
        id=row.id,
        organization_id=row.organization_id,
        integration_id=row.integration_id,
        kind=OperationKind(row.kind),
        record_id=row.record_id,
        entity_id=row.entity_id,
        payload=row.payload,
        state=OperationState(row.state),
        attempts=row.attempts,
        intent=row.intent,
        due_at=row.due_at,
        lease_owner=row.lease_owner,
        error=row.error,
        error_reason=row.error_reason,
        created_at=row.created_at,
        done_at=row.done_at,
    )


async def add(session: Session, operation: Operation) -> None:
    await session.execute(
        operations.insert(),
        {
            "id": operation.id,
            "organization_id": session.tenant,
            "integration_id": operation.integration_id,
            "kind": operation.kind.value,
            "record_id": operation.record_id,
            "entity_id": operation.entity_id,
            "payload": dict(operation.payload),
            "state": operation.state.value,
            "intent": operation.intent,
            "due_at": operation.due_at,
            "created_at": operation.created_at,
        },
    )


async def get(session: Session, operation_id: UUID) -> Operation | None:
    row = await session.first(
        sa.select(operations).where(_op.organization_id == session.tenant, _op.id == operation_id)
    )
    return _operation(row) if row is not None else None


async def unfinished(session: Session, integration_id: UUID, record_id: UUID) -> list[Operation]:
    """Everything still owed for a record, in its order."""
    rows = await session.rows(
        sa.select(operations)
        .where(
            _op.organization_id == session.tenant,
            _op.integration_id == integration_id,
            _op.record_id == record_id,
            _op.state.not_in(_FINISHED),
        )
        .order_by(_op.id)
    )
    return [_operation(row) for row in rows]


async def last_done_at(session: Session, integration_id: UUID, record_id: UUID) -> datetime | None:
    moment: datetime | None = await session.scalar(
        sa.select(_op.done_at)
        .where(
            _op.organization_id == session.tenant,
            _op.integration_id == integration_id,
            _op.record_id == record_id,
            _op.state == OperationState.DONE.value,
        )
        .order_by(_op.done_at.desc())
        .limit(1)
    )
    return moment


def _ready(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(_op.state == OperationState.PENDING.value, _op.due_at <= now),
        sa.and_(_op.state == OperationState.RUNNING.value, _op.lease_until < now),
    )


async def rooms(session: Session, now: datetime) -> list[Room]:
    """Active integrations with due work, the longest waiting first; without those that are parked or
    that refuse our key."""
    other = operations.alias("other")
    running = (
        sa.select(sa.func.count())
        .where(
            other.c.integration_id == integrations.c.id,
            other.c.state == OperationState.RUNNING.value,
            other.c.lease_until >= now,
        )
        .scalar_subquery()
    )
    waiting = (
        sa.select(_op.integration_id, sa.func.min(_op.due_at).label("first"))
        .where(_ready(now))
        .group_by(_op.integration_id)
        .subquery()
    )
    rows = await session.rows(
        sa.select(integrations.c.id, integrations.c.failures, running.label("running"))
        .join(waiting, waiting.c.integration_id == integrations.c.id)
        .where(
            integrations.c.active,
            integrations.c.last_error != CrmAccessLost.code,
            sa.or_(integrations.c.parked_until.is_(None), integrations.c.parked_until <= now),
        )
        .order_by(waiting.c.first)
    )
    return [Room(row.id, row.failures, row.running) for row in rows]


async def claim(
    session: Session, integration_id: UUID, limit: int, *, owner: str, now: datetime, lease_until: datetime
) -> list[Operation]:
    """Take up to `limit` due operations, never one that an unfinished earlier one of its record precedes."""
    earlier = operations.alias("earlier")
    blocked = sa.exists().where(
        earlier.c.integration_id == _op.integration_id,
        earlier.c.record_id == _op.record_id,
        earlier.c.id < _op.id,
        earlier.c.state.not_in(_FINISHED),
    )
    due = (
        sa.select(_op.id)
        .where(_op.integration_id == integration_id, _ready(now), ~blocked)
        .order_by(_op.due_at, _op.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    result = await session.execute(
        operations.update()
        .where(_op.id.in_(sa.select(due.c.id)))
        .values(state=OperationState.RUNNING.value, lease_owner=owner, lease_until=lease_until)
        .returning(*operations.c)
    )
    return sorted((_operation(row) for row in result.all()), key=lambda operation: operation.id)


async def set_leased(session: Session, operation: Operation, **values: object) -> bool:
    """Change an operation that is still ours; False when the lease was lost to somebody else."""
    result = await session.execute(
        operations.update()
        .where(
            _op.organization_id == session.tenant,
            _op.id == operation.id,
            _op.state == OperationState.RUNNING.value,
            _op.lease_owner == operation.lease_owner,
        )
        .values(**values)
    )
    return result.rowcount == 1


async def revive(
    session: Session,
    integration_id: UUID,
    states: Collection[OperationState],
    now: datetime,
    record_id: UUID | None = None,
) -> int:
    """Make operations in `states` due at once, of one record or of all; those given up start anew."""
    statement = operations.update().where(
        _op.organization_id == session.tenant,
        _op.integration_id == integration_id,
        _op.state.in_([state.value for state in states]),
    )
    if record_id is not None:
        statement = statement.where(_op.record_id == record_id)
    attempts = sa.case((_op.state == OperationState.PENDING.value, _op.attempts), else_=0)
    result = await session.execute(
        statement.values(state=OperationState.PENDING.value, due_at=now, attempts=attempts)
    )
    return result.rowcount


async def decide(session: Session, operation: Operation, payload: Mapping[str, Any], now: datetime) -> bool:
    """Let an operation that waits for a person's choice go on with it; False when it waits no longer."""
    result = await session.execute(
        operations.update()
        .where(
            _op.organization_id == session.tenant,
            _op.id == operation.id,
            _op.state == OperationState.PERMANENTLY_FAILED.value,
            _op.error == operation.error,
        )
        .values(payload=dict(payload), state=OperationState.PENDING.value, due_at=now, attempts=0)
    )
    return result.rowcount == 1


async def was_dropped(
    session: Session, integration_id: UUID, record_id: UUID, others: Collection[str]
) -> bool:
    """Whether a person gave up the last operation of a record. `others` are errors of operations that
    ended as dropped without anybody's doing."""
    row = await session.first(
        sa.select(_op.state, _op.error)
        .where(
            _op.organization_id == session.tenant,
            _op.integration_id == integration_id,
            _op.record_id == record_id,
        )
        .order_by(_op.id.desc())
        .limit(1)
    )
    return row is not None and row.state == OperationState.DROPPED.value and row.error not in others


async def drop(session: Session, operation_id: UUID, now: datetime) -> bool:
    """Give up an operation that nobody is carrying out; False if it is running or finished."""
    result = await session.execute(
        operations.update()
        .where(
            _op.organization_id == session.tenant,
            _op.id == operation_id,
            _op.state.not_in([*_FINISHED, OperationState.RUNNING.value]),
        )
        .values(state=OperationState.DROPPED.value, done_at=now)
    )
    return result.rowcount == 1


async def queue(session: Session, integration_id: UUID) -> Queue:
    given_up = (OperationState.PERMANENTLY_FAILED.value, OperationState.BLOCKED.value)
    row = await session.first(
        sa.select(
            sa.func.count().label("depth"),
            sa.func.sum(sa.case((_op.state.in_(given_up), 1), else_=0)).label("failed"),
            sa.func.min(_op.created_at).label("oldest"),
        ).where(
            _op.organization_id == session.tenant,
            _op.integration_id == integration_id,
            _op.state.not_in(_FINISHED),
        )
    )
    if row is None:
        return Queue(0, 0, None)
    return Queue(row.depth, int(row.failed or 0), row.oldest)
