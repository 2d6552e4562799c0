"""Queries on notices: pushes owed to people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.urgency import LOW_KINDS
from storage.db import Session
from storage.ids import new_id
from storage.tables import notices

MOST_AT_ONCE, LOW_AT_ONCE = 1000, 10
"""Of what is for many people so few are claimed at once that nobody else waits long behind them."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One push owed to a chat. `params` hold ids; the text is made when it is sent. `held`: it was held back
    until now (see storage/messages/held_notices.py). `again`: whoever sent it before has not told what came
    of it."""

    id: UUID
    organization_id: UUID
    chat_id: int
    kind: str
    params: dict[str, Any]
    slot: str
    attempts: int
    thread_id: int = 0
    held: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice to be written. A slot names what it shows; the message that shows it is edited."""

    chat_id: int
    kind: str
    params: dict[str, Any]
    slot: str = ""
    thread_id: int = 0


_waiting = notices.alias("waiting")
_GIVEN = {
    name: sa.bindparam(name, type_=notices.c[name].type)
    for name in (
        "id",
        "organization_id",
        "chat_id",
        "thread_id",
        "kind",
        "params",
        "slot",
        "due_at",
        "created_at",
    )
}
_ADD_UNLESS_WAITING = notices.insert().from_select(
    list(_GIVEN),
    sa.select(*_GIVEN.values()).where(
        ~sa.exists().where(
            _waiting.c.organization_id == _GIVEN["organization_id"],
            _waiting.c.chat_id == _GIVEN["chat_id"],
            _waiting.c.slot == _GIVEN["slot"],
            _waiting.c.slot != "",
            _waiting.c.kind == _GIVEN["kind"],
            _waiting.c.state == "pending",
        )
    ),
)


async def add_notices(s: Session, owed: Sequence[Owed], now: datetime) -> None:
    """Owe pushes. One that waits for the same slot and kind is enough: it shows the newest state."""
    rows = [
        {
            "id": new_id(),
            "organization_id": s.tenant,
            "chat_id": one.chat_id,
            "thread_id": one.thread_id,
            "kind": one.kind,
            "params": one.params,
            "slot": one.slot,
            "due_at": now,
            "created_at": now,
        }
        for one in owed
    ]
    if rows:
        await s.execute(_ADD_UNLESS_WAITING, rows)


def _notice(row: sa.Row[Any]) -> Notice:
    names = ("id", "organization_id", "chat_id", "kind", "params", "slot", "attempts", "thread_id")
    return Notice(*(getattr(row, name) for name in names))


# Built once: to build a statement anew takes longer than to run one.
_other = notices.alias("earlier")
_NOW = sa.bindparam("now", type_=notices.c.due_at.type)


def _busy(*fits: sa.ColumnElement[bool], state: str = "pending") -> sa.ColumnElement[bool]:
    """Whether another notice of the chat is under way, or waits in `state` and `fits`."""
    under_way = sa.and_(
        _other.c.state == "sending", sa.or_(_other.c.id < notices.c.id, _other.c.lease_until > _NOW)
    )
    return (
        sa.select(_other.c.id)
        .where(
            _other.c.chat_id == notices.c.chat_id,
            _other.c.id != notices.c.id,
            sa.or_(under_way, sa.and_(_other.c.state == state, *fits)),
        )
        .exists()
    )


def _first(fits: sa.ColumnElement[bool], busy: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        sa.select(notices.c.id, notices.c.state)
        .where(fits, ~busy)
        .order_by(notices.c.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
        .with_for_update(skip_locked=True)
    )


_DUE = sa.or_(
    sa.and_(notices.c.state == "pending", notices.c.due_at <= _NOW),
    sa.and_(notices.c.state == "sending", notices.c.lease_until <= _NOW),
)
_EARLIER, _NOT_LOW = _other.c.id < notices.c.id, _other.c.kind.not_in(LOW_KINDS)
_IN_ORDER: tuple[tuple[sa.Select[Any], int], ...] = (
    (_first(sa.and_(_DUE, notices.c.kind.not_in(LOW_KINDS)), _busy(_EARLIER, _NOT_LOW)), MOST_AT_ONCE),
    (
        _first(sa.and_(notices.c.state == "held", notices.c.due_at <= _NOW), _busy(_EARLIER, state="held")),
        MOST_AT_ONCE,
    ),
    (
        _first(sa.and_(_DUE, notices.c.kind.in_(LOW_KINDS)), _busy(sa.or_(_EARLIER, _NOT_LOW))),
        LOW_AT_ONCE,
    ),
)


async def claim_notices(s: Session, now: datetime, lease: timedelta, limit: int) -> list[Notice]:
    """Lease due notices of chats that have none under way, oldest first: order per chat is kept. What was
    held back comes after the usual ones, and what is for many people comes last."""
    found: list[Notice] = []
    for query, most in _IN_ORDER:
        most = min(most, limit - len(found))
        if most > 0:
            found += await _lease(s, query, now, lease, most)
    return found


async def _lease(
    s: Session, query: sa.Select[Any], now: datetime, lease: timedelta, most: int
) -> list[Notice]:
    was = {row.id: row.state for row in (await s.execute(query, {"now": now, "most": most})).all()}
    if not was:
        return []
    rows = await s.rows(
        notices.update()
        .where(notices.c.id.in_(list(was)))
        .values(state="sending", lease_until=now + lease, attempts=notices.c.attempts + 1)
        .returning(notices)
    )
    found = [
        replace(_notice(row), held=was[row.id] == "held", again=was[row.id] == "sending") for row in rows
    ]
    return sorted(found, key=lambda notice: notice.id)


async def settle_notice(s: Session, notice_id: UUID, state: str, **values: object) -> None:
    await s.execute(
        notices.update().where(notices.c.id == notice_id).values(state=state, lease_until=None, **values)
    )
