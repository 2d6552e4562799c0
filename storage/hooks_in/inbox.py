"""Queries on what others have told us, kept raw."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from storage.among import among
from storage.db import Session
from storage.tables import hooks, inbox

_row = inbox.c


class InboxState(StrEnum):
    """ignored: nothing of ours; rejected: the sender was told what is wrong; failed: cannot be read."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    IGNORED = "ignored"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One delivery as it came. `integration_id` and `event` are those of the hook it came through."""

    id: UUID
    organization_id: UUID
    hook_id: UUID
    provider: str
    integration_id: UUID | None
    event: str
    headers: Mapping[str, str]
    body: bytes
    attempts: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery that is to be kept. `error` says what one that is settled already is ignored for."""

    id: UUID
    organization_id: UUID
    hook_id: UUID
    event_id: str
    headers: Mapping[str, str]
    body: bytes
    state: InboxState = InboxState.PENDING
    lease_until: datetime | None = None
    error: str = ""


async def add(session: Session, arrived: Sequence[Arrived], now: datetime) -> frozenset[UUID]:
    """Keep deliveries; returns the ids of those that were not here already, by the event id of their hook.
    System scope."""
    if session.dialect == "postgresql":
        return await _add_by_driver(session, arrived, now)
    rows = [
        {
            "id": one.id,
            "organization_id": one.organization_id,
            "hook_id": one.hook_id,
            "event_id": one.event_id,
            "headers": dict(one.headers),
            "body": one.body,
            "state": one.state.value,
            "lease_until": one.lease_until,
            "error": one.error,
            "due_at": now,
            "received_at": now,
            "done_at": now if one.state is InboxState.IGNORED else None,
        }
        for one in arrived
    ]
    result = await session.execute(sqlite.insert(inbox).on_conflict_do_nothing().returning(_row.id), rows)
    return frozenset(row.id for row in result.all())


_REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError)
# in one order whoever inserts: two replicas with the same events must not wait for each other
_ADD = """
INSERT INTO inbox (due_at, received_at, id, organization_id, hook_id, event_id, headers, body, state,
                   lease_until, error, done_at)
SELECT $1, $1, id, organization_id, hook_id, event_id, headers::json, body, state,
       lease_until, error, CASE WHEN state = 'ignored' THEN $1::timestamptz END
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bytea[], $8::text[],
            $9::timestamptz[], $10::text[])
  AS given (id, organization_id, hook_id, event_id, headers, body, state, lease_until, error)
ORDER BY hook_id, event_id
ON CONFLICT DO NOTHING RETURNING id
"""


async def _add_by_driver(session: Session, arrived: Sequence[Arrived], now: datetime) -> frozenset[UUID]:
    """One statement whatever their number: whoever sends is answered when it is committed, and waits."""
    driver = await session.driver()
    try:
        rows = await driver.fetch(
            _ADD, now, [one.id for one in arrived], [one.organization_id for one in arrived],
            [one.hook_id for one in arrived], [one.event_id for one in arrived],
            [json.dumps(one.headers) for one in arrived], [one.body for one in arrived],
            [one.state.value for one in arrived], [one.lease_until for one in arrived],
            [one.error for one in arrived],
        )  # fmt: skip
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        kind = sa.exc.DataError if isinstance(error, _REFUSED) else sa.exc.OperationalError
        raise kind("inbox", None, error) from error
    return frozenset(UUID(int=row["id"].int) for row in rows)


def _ready(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(_row.state == InboxState.PENDING.value, _row.due_at <= now),
        sa.and_(_row.state == InboxState.RUNNING.value, _row.lease_until < now),
    )


async def claim(
    session: Session, now: datetime, lease_until: datetime, limit: int, each: int = 1
) -> list[InboxRow]:
    """Take the oldest due deliveries, up to `each` of a source and up to `limit` sources, in the order in
    which they came; one that is being worked on gives no more, so that a stale reading cannot overtake a
    fresh one. System scope."""
    other, other_hook = inbox.alias("other"), hooks.alias("other_hook")
    busy = sa.exists().where(
        other.c.hook_id == other_hook.c.id,
        other_hook.c.organization_id == hooks.c.organization_id,
        other_hook.c.provider == hooks.c.provider,
        other.c.state == InboxState.RUNNING.value,
        other.c.lease_until >= now,
    )
    oldest = (
        sa.select(sa.func.min(_row.id).label("id") if session.dialect == "sqlite" else _first_id())
        .join(hooks, hooks.c.id == _row.hook_id)
        .where(_ready(now), ~busy)
        .group_by(hooks.c.organization_id, hooks.c.provider)
        .limit(limit)
    )
    due = (
        sa.select(_row.id)
        .where(_row.id.in_(oldest), _ready(now))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    result = await session.execute(
        inbox.update()
        .where(_row.id.in_(sa.select(due.c.id)))
        .values(state=InboxState.RUNNING.value, lease_until=lease_until)
        .returning(_row.id)
    )
    claimed = await _read(session, [row.id for row in result.all()])
    if each > 1:
        # whoever got the oldest one of a source has all of the source
        for first in claimed.copy():
            claimed += await _claim_more(session, first, now, lease_until, each - 1)
    return sorted(claimed, key=lambda row: row.id)


async def _claim_more(
    session: Session, first: InboxRow, now: datetime, lease_until: datetime, limit: int
) -> list[InboxRow]:
    source = (
        sa.select(_row.id)
        .join(hooks, hooks.c.id == _row.hook_id)
        .where(
            hooks.c.organization_id == first.organization_id,
            hooks.c.provider == first.provider,
            _ready(now),
            _row.id > first.id,
        )
        .order_by(_row.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=inbox)
        .cte("source")
    )
    result = await session.execute(
        inbox.update()
        .where(_row.id.in_(sa.select(source.c.id)))
        .values(state=InboxState.RUNNING.value, lease_until=lease_until)
        .returning(_row.id)
    )
    return await _read(session, [row.id for row in result.all()])


def _first_id() -> sa.Label[Any]:
    """PostgreSQL before 18 has no min(uuid)."""
    ordered = postgresql.aggregate_order_by(_row.id, _row.id)
    return sa.func.array_agg(ordered, type_=sa.ARRAY(sa.Uuid))[1].label("id")


async def _read(session: Session, ids: list[UUID]) -> list[InboxRow]:
    rows = await session.rows(
        sa.select(inbox, hooks.c.provider, hooks.c.integration_id, hooks.c.event)
        .join(hooks, hooks.c.id == _row.hook_id)
        .where(among(session, _row.id, ids))
        .order_by(_row.id)
    )
    return [_inbox_row(row) for row in rows]


def _inbox_row(row: Row[Any]) -> InboxRow:
    return InboxRow(
        id=row.id,
        organization_id=row.organization_id,
        hook_id=row.hook_id,
        provider=row.provider,
        integration_id=row.integration_id,
        event=row.event,
        headers=row.headers,
        body=row.body,
        attempts=row.attempts,
        received_at=row.received_at,
    )


async def settle(session: Session, row_id: UUID, state: InboxState, now: datetime, error: str = "") -> None:
    """The last word on a delivery."""
    await settle_all(session, [row_id], state, now, error)


async def settle_all(
    session: Session, ids: Collection[UUID], state: InboxState, now: datetime, error: str = ""
) -> None:
    """The same last word on many."""
    await session.execute(
        inbox.update()
        .where(_row.organization_id == session.tenant, among(session, _row.id, ids))
        .values(state=state.value, done_at=now, error=error[:300])
    )


async def reject(session: Session, row_id: UUID, now: datetime, error: str) -> None:
    """The sender was told what is wrong: its event id is free again for the corrected delivery."""
    await session.execute(
        inbox.update()
        .where(_row.organization_id == session.tenant, _row.id == row_id)
        .values(state=InboxState.REJECTED.value, event_id="", done_at=now, error=error[:300])
    )


async def postpone(
    session: Session, row: InboxRow, due_at: datetime, error: str, *, spent: bool = True
) -> None:
    """Try it again at `due_at`; `spent` tells whether it was tried now."""
    await session.execute(
        inbox.update()
        .where(_row.organization_id == session.tenant, _row.id == row.id)
        .values(
            state=InboxState.PENDING.value, due_at=due_at, attempts=row.attempts + spent, error=error[:300]
        )
    )


async def give_back(session: Session, row_id: UUID, due_at: datetime) -> None:
    """Let a delivery that is being worked on be anybody's from `due_at` on."""
    given_back = _running(session, [row_id]).values(state=InboxState.PENDING.value, due_at=due_at)
    await session.execute(given_back)


async def renew(session: Session, ids: Collection[UUID], lease_until: datetime) -> None:
    """Keep deliveries that are being worked on for another lease."""
    await session.execute(_running(session, ids).values(lease_until=lease_until))


def _running(session: Session, ids: Collection[UUID]) -> sa.Update:
    mine = sa.and_(_row.organization_id == session.tenant, among(session, _row.id, ids))
    return inbox.update().where(mine, _row.state == InboxState.RUNNING.value)
