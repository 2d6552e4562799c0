"""Queries on notices: pushes owed to people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.urgency import LOW_KINDS
from storage.among import among
from storage.db import Session
from storage.ids import new_id
from storage.tables import notices

MOST_AT_ONCE, LOW_AT_ONCE = 1000, 25
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


# Built once: to build a statement anew takes longer than to run one. What waits is numbered chat by chat in
# one pass, and cut down before anything is looked up for it: the planner takes the thousands that were owed a
# moment ago for a few, and looking something up for each of them has taken seconds.
_PENDING: sa.ColumnClause[str] = sa.literal_column("'pending'")
_HELD: sa.ColumnClause[str] = sa.literal_column("'held'")
_SENDING: sa.ColumnClause[str] = sa.literal_column("'sending'")
_other = notices.alias("other")
_under_way = notices.alias("under_way")
_NOW = sa.bindparam("now", type_=notices.c.due_at.type)
_MOST: sa.BindParameter[int] = sa.bindparam("most", type_=sa.Integer)
_SPARE = 4
"""So many times more than are wanted are looked at: others may be claiming the first ones right now."""


def _first(*fits: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        sa.select(notices.c.id, notices.c.state)
        .where(*fits)
        .order_by(notices.c.id)
        .limit(_MOST)
        .with_for_update(skip_locked=True)
    )


_row = notices.alias("row")
_KIND_IS_LOW = _row.c.kind.in_(LOW_KINDS)


def _due(state: sa.ColumnClause[str], *those: sa.ColumnElement[bool], low: bool = False) -> sa.Select[Any]:
    """Of these the first of each chat that has none under way. `low`: where it is for many people, which
    stands behind all else in its chat."""
    order = (sa.case((_KIND_IS_LOW, 1), else_=0), _row.c.id)
    place = sa.func.row_number().over(partition_by=_row.c.chat_id, order_by=order).label("place")
    waiting = (
        sa.select(_row.c.id, _row.c.chat_id, _row.c.kind, _row.c.due_at, place)
        .where(_row.c.state == state, *those)
        .subquery("waiting")
    )
    chosen = (
        sa.select(waiting.c.id)
        .where(
            waiting.c.place == 1,
            waiting.c.due_at <= _NOW,
            waiting.c.chat_id.not_in(sa.select(_under_way.c.chat_id).where(_under_way.c.state == _SENDING)),
            *([waiting.c.kind.in_(LOW_KINDS)] if low else []),
        )
        .order_by(waiting.c.id)
        .limit(_MOST * _SPARE)
    )
    return _first(notices.c.state == state, notices.c.id.in_(chosen))


_LEFT = _first(
    notices.c.state == _SENDING,
    notices.c.lease_until <= _NOW,
    ~sa.exists().where(
        _other.c.chat_id == notices.c.chat_id,
        _other.c.id != notices.c.id,
        _other.c.state == _SENDING,
        sa.or_(_other.c.id < notices.c.id, _other.c.lease_until > _NOW),
    ),
)
"""What somebody has claimed and not told of; nobody else may write into its chat before."""

_IN_ORDER: tuple[tuple[sa.Select[Any], int], ...] = (
    (_LEFT, MOST_AT_ONCE),
    (_due(_PENDING, ~_KIND_IS_LOW), MOST_AT_ONCE),
    (_due(_HELD), MOST_AT_ONCE),
    (_due(_PENDING, low=True), LOW_AT_ONCE),
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


async def settle_sent(s: Session, notice_ids: Sequence[UUID], now: datetime) -> None:
    """These are out."""
    await s.execute(
        notices.update()
        .where(among(s, notices.c.id, notice_ids))
        .values(state="sent", lease_until=None, sent_at=now)
    )


async def settle_notice(s: Session, notice_id: UUID, state: str, **values: object) -> None:
    await s.execute(
        notices.update().where(notices.c.id == notice_id).values(state=state, lease_until=None, **values)
    )
