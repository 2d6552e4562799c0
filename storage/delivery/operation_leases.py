"""Queries of those who carry operations out: what is due, taking it for a lease, settling it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.delivery import Operation, OperationKind, OperationState, Priority
from domain.errors import CrmAccessLost, CrmMisconfigured
from storage.among import among
from storage.db import Session
from storage.delivery.operations import COLUMNS, FINISHED_STATES, operation_of
from storage.tables import integrations, operations

_op = operations.c
_CREATE = OperationKind.LEAD_CREATE.value


@dataclass(frozen=True, slots=True)
class Room:
    """An integration with work that is due: failures in a row, and how many operations run there now,
    creates of leads counted apart."""

    integration_id: UUID
    failures: int
    running: int
    creating: int


# Spelled out and not bound: only so do the partial indexes of these states serve a prepared statement.
_PENDING = _op.state == sa.literal_column(f"'{OperationState.PENDING.value}'")
_PLAN_ANEW = sa.text("SET LOCAL plan_cache_mode = force_custom_plan")
_RUNNING = _op.state == sa.literal_column(f"'{OperationState.RUNNING.value}'")


def _under_way(now: datetime) -> sa.Subquery:
    """Of each integration: how many run, how many of them make leads, and the first whose lease was lost."""
    held = _op.lease_until >= now
    return (
        sa.select(
            _op.integration_id,
            sa.func.sum(sa.case((held, 1), else_=0)).label("running"),
            sa.func.sum(sa.case((sa.and_(held, _op.kind == _CREATE), 1), else_=0)).label("creating"),
            sa.func.min(sa.case((held, None), else_=_op.due_at)).label("lost"),
        )
        .where(_RUNNING)
        .group_by(_op.integration_id)
        .subquery()
    )


def _earliest(*fits: sa.ColumnElement[bool]) -> list[sa.ScalarSelect[Any]]:
    """When the first pending operation that fits becomes due in an integration, of each priority: one look
    into the index for each, however many operations wait."""
    return [
        sa.select(sa.func.min(_op.due_at))
        .where(
            _op.integration_id == integrations.c.id,
            _op.priority == sa.literal_column(str(priority.value)),
            _PENDING,
            *fits,
        )
        .scalar_subquery()
        for priority in Priority
    ]


async def rooms(session: Session, now: datetime) -> list[Room]:
    """Integrations that are written to and have due work, the longest waiting first; without those that
    are parked or that refuse our key."""
    work = _under_way(now)
    person, bulk = _earliest(_op.due_at <= now)
    rows = await session.rows(
        sa.select(
            integrations.c.id,
            integrations.c.failures,
            sa.func.coalesce(work.c.running, 0).label("running"),
            sa.func.coalesce(work.c.creating, 0).label("creating"),
            work.c.lost,
            person.label("person"),
            bulk.label("bulk"),
        )
        .outerjoin(work, work.c.integration_id == integrations.c.id)
        .where(
            sa.or_(integrations.c.active, integrations.c.mirrored),
            integrations.c.last_error.not_in((CrmAccessLost.code, CrmMisconfigured.code)),
            sa.or_(integrations.c.parked_until.is_(None), integrations.c.parked_until <= now),
        )
    )
    waiting = [
        (min(moments), Room(row.id, row.failures, row.running - row.creating, row.creating))
        for row in rows
        if (moments := [one for one in (row.lost, row.person, row.bulk) if one is not None])
    ]
    return [room for _, room in sorted(waiting, key=lambda one: one[0])]


async def next_moment(session: Session, now: datetime) -> datetime | None:
    """The next moment after `now` at which an operation becomes due or a pause of an integration ends."""
    person, bulk = _earliest(_op.due_at > now)
    each = sa.select(person.label("person"), bulk.label("bulk")).select_from(integrations).subquery()
    due = await session.first(sa.select(sa.func.min(each.c.person), sa.func.min(each.c.bulk)))
    resumes = sa.select(sa.func.min(integrations.c.parked_until)).where(integrations.c.parked_until > now)
    moments = [*(due or ()), await session.scalar(resumes)]
    return min((one for one in moments if one is not None), default=None)


def _foremost(integration_id: UUID, creates: bool | None) -> sa.Select[Any]:
    """Operations of the integration that no unfinished earlier one of their record precedes."""
    earlier = operations.alias("earlier")
    blocked = sa.exists().where(
        earlier.c.integration_id == _op.integration_id,
        earlier.c.record_id == _op.record_id,
        earlier.c.id < _op.id,
        earlier.c.state.not_in(FINISHED_STATES),
    )
    own = sa.select(_op.id).where(_op.integration_id == integration_id, ~blocked)
    return own if creates is None else own.where(_op.kind == _CREATE if creates else _op.kind != _CREATE)


async def claim(
    session: Session,
    integration_id: UUID,
    limit: int,
    *,
    owner: str,
    now: datetime,
    lease_until: datetime,
    creates: bool | None = None,
) -> list[Operation]:
    """Take up to `limit` due operations, those that people wait for first, never one that an unfinished
    earlier one of its record precedes. `creates` narrows it to creates of leads, or to everything else."""
    own = _foremost(integration_id, creates)
    lost = (
        own.where(_RUNNING, _op.lease_until < now)
        .order_by(_op.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("lost")
    )
    left = sa.select(limit - sa.func.count()).select_from(lost).scalar_subquery()
    due = (
        own.where(_PENDING, _op.due_at <= now)
        .order_by(_op.priority, _op.due_at, _op.id)
        .limit(left)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    chosen = sa.union_all(sa.select(lost.c.id), sa.select(due.c.id))
    if session.dialect == "postgresql":
        # a plan made for any number of operations reads all of them
        await session.execute(_PLAN_ANEW)
    result = await session.execute(
        operations.update()
        .where(_op.id.in_(chosen))
        .values(state=OperationState.RUNNING.value, lease_owner=owner, lease_until=lease_until)
        .returning(*COLUMNS)
    )
    return sorted((operation_of(row) for row in result.all()), key=lambda operation: operation.id)


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


async def set_all_leased(session: Session, held: Iterable[Operation], **values: object) -> frozenset[UUID]:
    """The same for many at once; returns the ids of those that are still ours."""
    by_owner: dict[str, list[UUID]] = defaultdict(list)
    for operation in held:
        by_owner[operation.lease_owner].append(operation.id)
    kept: list[UUID] = []
    for owner, ids in by_owner.items():
        result = await session.execute(
            operations.update()
            .where(
                _op.organization_id == session.tenant,
                among(session, _op.id, ids),
                _op.state == OperationState.RUNNING.value,
                _op.lease_owner == owner,
            )
            .values(**values)
            .returning(_op.id)
        )
        kept += [row.id for row in result.all()]
    return frozenset(kept)
