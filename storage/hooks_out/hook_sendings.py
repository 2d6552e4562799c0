"""Queries on deliveries of webhooks that we send: claimed with a lease, settled, looked at, sent anew."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.hooks_out import AT_ONCE_EACH, AT_ONCE_FAILING, HookState, Sending, SendState
from storage.db import Session
from storage.tables import hook_sendings, hooks_out

_one = hook_sendings.c
_PENDING, _SENDING = SendState.PENDING.value, SendState.SENDING.value
OPEN = (_PENDING, _SENDING)
HOOKS_AT_ONCE = 50
"""Hooks that one claim looks at."""


def _sending(row: Row[Any]) -> Sending:
    return Sending(
        id=row.id,
        organization_id=row.organization_id,
        hook_id=row.hook_id,
        event_id=row.event_id,
        type=row.type,
        params=row.params,
        happened_at=row.happened_at,
        body=row.body,
        state=SendState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        tried_at=row.tried_at,
        status=row.status,
        error=row.error,
        took=row.took,
    )


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(_one.state == _PENDING, _one.due_at <= now)


def _under_way() -> sa.ScalarSelect[Any]:
    """How many of a hook are with somebody; names the hook of the query around it."""
    other = hook_sendings.alias("other")
    return (
        sa.select(sa.func.count())
        .select_from(other)
        .where(other.c.hook_id == hooks_out.c.id, other.c.state == _SENDING)
        .scalar_subquery()
    )


_MOST = sa.case((hooks_out.c.failing_since.is_(None), AT_ONCE_EACH), else_=AT_ONCE_FAILING)


async def claim(s: Session, now: datetime, lease: timedelta, limit: int) -> list[Sending]:
    """Lease due deliveries to the caller, of each hook as many as may be under way at once, over all
    replicas: the hook's row is locked while its deliveries are counted. System scope."""
    await _take_back(s, now)
    there = sa.exists().where(_one.hook_id == hooks_out.c.id, _due(now))
    free = (
        sa.select(hooks_out.c.id)
        .where(hooks_out.c.state == HookState.ON.value, there, _under_way() < _MOST)
        .order_by(hooks_out.c.failing_since.is_not(None), hooks_out.c.delivered_at, hooks_out.c.id)
        .limit(HOOKS_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    claimed: list[Sending] = []
    for hook_id in [row.id for row in await s.rows(free)]:
        if len(claimed) < limit:
            claimed += await _claim_of(s, hook_id, now, lease, limit - len(claimed))
    return claimed


async def _take_back(s: Session, now: datetime) -> None:
    """What was with somebody whose lease is over is due again."""
    await s.execute(
        hook_sendings.update()
        .where(_one.state == _SENDING, _one.lease_until <= now)
        .values(state=_PENDING, lease_until=None)
    )


async def _claim_of(s: Session, hook_id: UUID, now: datetime, lease: timedelta, limit: int) -> list[Sending]:
    room = sa.select((_MOST - _under_way()).label("room")).where(hooks_out.c.id == hook_id)
    most = min(int(await s.scalar(room) or 0), limit)
    if most <= 0:
        return []
    due = (
        sa.select(_one.id)
        .where(_one.hook_id == hook_id, _due(now))
        .order_by(_one.due_at, _one.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return await _take(s, _one.id.in_(sa.select(due.c.id)), now, lease)


async def claim_one(s: Session, sending_id: UUID, now: datetime, lease: timedelta) -> Sending | None:
    """The same for one delivery that nobody has begun, whether it is due or not."""
    fits = sa.and_(_one.organization_id == s.tenant, _one.id == sending_id, _one.state == _PENDING)
    return next(iter(await _take(s, fits, now, lease)), None)


async def _take(s: Session, fits: sa.ColumnElement[bool], now: datetime, lease: timedelta) -> list[Sending]:
    rows = await s.rows(
        hook_sendings.update()
        .where(fits)
        .values(state=_SENDING, lease_until=now + lease, tried_at=now, attempts=_one.attempts + 1, due_at=now)
        .returning(hook_sendings)
    )
    return sorted(map(_sending, rows), key=lambda one: one.id)


async def keep_body(s: Session, sending: Sending, body: str) -> None:
    await s.execute(
        hook_sendings.update()
        .where(_one.organization_id == s.tenant, _one.id == sending.id)
        .values(body=body)
    )


async def settle(s: Session, sending: Sending, state: SendState, **values: object) -> bool:
    """Write what became of an attempt; False when another one has been begun since."""
    result = await s.execute(
        hook_sendings.update()
        .where(
            _one.organization_id == s.tenant,
            _one.id == sending.id,
            _one.state == _SENDING,
            _one.attempts == sending.attempts,
        )
        .values(state=state.value, lease_until=None, **values)
    )
    return bool(result.rowcount)


async def page_of(s: Session, hook_id: UUID, limit: int, offset: int) -> tuple[list[Sending], int]:
    """Deliveries of a hook, the newest first, and how many there are."""
    fits = sa.and_(_one.organization_id == s.tenant, _one.hook_id == hook_id)
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(hook_sendings).where(fits))
    rows = await s.rows(
        sa.select(hook_sendings).where(fits).order_by(_one.id.desc()).limit(limit).offset(offset)
    )
    return [_sending(row) for row in rows], total


async def counts(s: Session, hook_id: UUID) -> dict[str, int]:
    """How many deliveries of a hook are in each state."""
    rows = await s.rows(
        sa.select(_one.state, sa.func.count().label("many"))
        .where(_one.organization_id == s.tenant, _one.hook_id == hook_id)
        .group_by(_one.state)
    )
    return {row.state: row.many for row in rows}


async def get(s: Session, sending_id: UUID) -> Sending | None:
    row = await s.first(
        sa.select(hook_sendings).where(_one.organization_id == s.tenant, _one.id == sending_id)
    )
    return _sending(row) if row is not None else None


async def anew(s: Session, now: datetime, *fits: sa.ColumnElement[bool]) -> int:
    """Put deliveries that have ended back to the beginning of the ladder; returns how many."""
    result = await s.execute(
        hook_sendings.update()
        .where(_one.organization_id == s.tenant, _one.state.not_in(OPEN), *fits)
        .values(state=_PENDING, due_at=now, attempts=0, lease_until=None)
    )
    return int(result.rowcount)


def is_one(sending_id: UUID) -> sa.ColumnElement[bool]:
    return _one.id == sending_id


def failed_of(hook_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(_one.hook_id == hook_id, _one.state == SendState.FAILED.value)


async def give_up_open(s: Session, hook_id: UUID, error: str) -> None:
    """Deliveries that wait fail, to be sent anew by a person."""
    await s.execute(
        hook_sendings.update()
        .where(_one.organization_id == s.tenant, _one.hook_id == hook_id, _one.state == _PENDING)
        .values(state=SendState.FAILED.value, error=error)
    )


async def forget(s: Session, before: datetime, states: Sequence[SendState] = tuple(SendState)) -> int:
    """Delete what happened before then. System scope."""
    result = await s.execute(
        hook_sendings.delete().where(_one.happened_at < before, _one.state.in_([one.value for one in states]))
    )
    return int(result.rowcount)
