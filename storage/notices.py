"""Queries on notices: pushes owed to people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.ids import new_id
from storage.tables import notices


@dataclass(frozen=True, slots=True)
class Notice:
    """One push owed to a chat. `params` hold ids; the text is made when it is sent."""

    id: UUID
    organization_id: UUID
    chat_id: int
    kind: str
    params: dict[str, Any]
    slot: str
    attempts: int
    thread_id: int = 0


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


async def claim_notices(s: Session, now: datetime, lease: timedelta, limit: int) -> list[Notice]:
    """Lease due notices, oldest first, of chats that have none under way: order per chat is kept."""
    other = notices.alias("earlier")
    busy = (
        sa.select(other.c.id)
        .where(
            other.c.chat_id == notices.c.chat_id,
            other.c.id < notices.c.id,
            other.c.state.in_(("pending", "sending")),
        )
        .exists()
    )
    due = sa.or_(
        sa.and_(notices.c.state == "pending", notices.c.due_at <= now),
        sa.and_(notices.c.state == "sending", notices.c.lease_until <= now),
    )
    chosen = sa.select(notices.c.id).where(due, ~busy).order_by(notices.c.id).limit(limit)
    if s.dialect == "postgresql":
        chosen = chosen.with_for_update(skip_locked=True)
    rows = (
        await s.execute(
            notices.update()
            .where(notices.c.id.in_(chosen.scalar_subquery()))
            .values(state="sending", lease_until=now + lease, attempts=notices.c.attempts + 1)
            .returning(notices)
        )
    ).all()
    return sorted(map(_notice, rows), key=lambda notice: notice.id)


async def settle_notice(s: Session, notice_id: UUID, state: str, **values: object) -> None:
    await s.execute(
        notices.update().where(notices.c.id == notice_id).values(state=state, lease_until=None, **values)
    )
