"""Queries on the writes owed to CRMs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.delivery import FINISHED, Operation, OperationKind, OperationState, Priority
from storage.among import among
from storage.db import Session
from storage.tables import operations

_op = operations.c
_ADD = operations.insert()
FINISHED_STATES = tuple(state.value for state in FINISHED)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for an integration; `oldest` is when the first of it was written down (UTC)."""

    depth: int
    failed: int
    oldest: datetime | None


COLUMNS = tuple(column for column in _op if column.name not in ("lease_until", "recorded"))
"""What whoever carries an Operation out reads of it."""


def operation_of(row: Row[Any]) -> Operation:
    """A row of the table as an operation; what a trial run has recorded is in whole rows only."""
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
        recorded=getattr(row, "recorded", {}),
        cause=row.cause,
    )


async def add(session: Session, *owed: Operation, priority: Priority = Priority.PERSON) -> None:
    """Write operations down, for integrations of the session's organization."""
    rows = [
        {
            "id": operation.id,
            "organization_id": session.tenant,
            "integration_id": operation.integration_id,
            "kind": operation.kind.value,
            "record_id": operation.record_id,
            "entity_id": operation.entity_id,
            "payload": dict(operation.payload),
            "state": operation.state.value,
            "priority": priority.value,
            "intent": operation.intent,
            "due_at": operation.due_at,
            "created_at": operation.created_at,
            "cause": operation.cause,
        }
        for operation in owed
    ]
    await session.execute(_ADD, rows if len(rows) > 1 else rows[0])


async def get(session: Session, operation_id: UUID) -> Operation | None:
    row = await session.first(
        sa.select(operations).where(_op.organization_id == session.tenant, _op.id == operation_id)
    )
    return operation_of(row) if row is not None else None


async def unfinished(session: Session, integration_id: UUID, record_id: UUID) -> list[Operation]:
    """Everything still owed for a record, in its order."""
    rows = await session.rows(
        sa.select(operations)
        .where(
            _op.organization_id == session.tenant,
            _op.integration_id == integration_id,
            _op.record_id == record_id,
            _op.state.not_in(FINISHED_STATES),
        )
        .order_by(_op.id)
    )
    return [operation_of(row) for row in rows]


async def fields_owed(
    session: Session, integration_id: UUID, record_ids: Collection[UUID], held: Collection[UUID]
) -> dict[UUID, frozenset[str]]:
    """The fields that unfinished operations of these records are about, by the record, besides the
    operations that the caller holds."""
    rows = await session.rows(
        sa.select(_op.record_id, _op.payload).where(
            _op.organization_id == session.tenant,
            _op.integration_id == integration_id,
            among(session, _op.record_id, record_ids),
            _op.state.not_in(FINISHED_STATES),
            ~among(session, _op.id, held),
        )
    )
    found: dict[UUID, frozenset[str]] = {}
    for row in rows:
        found[row.record_id] = found.get(row.record_id, frozenset()).union(row.payload.get("fields", ()))
    return found


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
            _op.state.not_in([*FINISHED_STATES, OperationState.RUNNING.value]),
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
            _op.state.not_in(FINISHED_STATES),
        )
    )
    if row is None:
        return Queue(0, 0, None)
    return Queue(row.depth, int(row.failed or 0), row.oldest)


async def drop_pending(session: Session, record_ids: Collection[UUID], now: datetime) -> None:
    """Give up what is still waiting to be written of these records."""
    await session.execute(
        operations.update()
        .where(
            _op.organization_id == session.tenant,
            among(session, _op.record_id, record_ids),
            _op.state == OperationState.PENDING.value,
        )
        .values(state=OperationState.DROPPED.value, done_at=now)
    )


async def hurry(session: Session, integration_ids: Collection[UUID], record_id: UUID) -> None:
    """Somebody waits for a later operation of the record: what is owed before it goes with it."""
    await session.execute(
        operations.update()
        .where(
            _op.organization_id == session.tenant,
            among(session, _op.integration_id, integration_ids),
            _op.record_id == record_id,
            _op.priority != Priority.PERSON.value,
            _op.state.not_in(FINISHED_STATES),
        )
        .values(priority=Priority.PERSON.value)
    )
