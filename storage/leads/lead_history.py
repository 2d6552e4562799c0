"""What happened to a lead: every change with who, when and by which way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.history import API, CHAT, exact_in, shown_in
from domain.hooks_out import events_of
from domain.leads import HistoryEntry
from storage.db import Session
from storage.hooks_out import hooks_out
from storage.ids import new_id
from storage.tables import lead_history, members

ORIGIN_ROOM = 32
_ADD = lead_history.insert()
_way: ContextVar[str] = ContextVar("way", default=CHAT)


@contextmanager
def by_api(key_name: str) -> Iterator[None]:
    """What members do to leads in here comes by a key of the API."""
    token = _way.set(f"{API}:{key_name}"[:ORIGIN_ROOM])
    try:
        yield
    finally:
        _way.reset(token)


async def add_history(
    s: Session,
    lead_id: UUID,
    actor_id: UUID | None,
    origin: str,
    changes: Sequence[tuple[str, str, str]],
    now: datetime,
    change_id: UUID | None = None,
) -> None:
    """Changes are (field, old, new), the values as in domain.history. Entries with a `change_id` are taken
    back together. Webhooks that want to hear of such changes are owed in the same transaction."""
    if changes:
        origin = _way.get() if origin == CHAT else origin
        await s.execute(
            _ADD,
            [
                {
                    "id": new_id(),
                    "organization_id": s.tenant,
                    "lead_id": lead_id,
                    "actor_id": actor_id,
                    "origin": origin,
                    "change_id": change_id,
                    "field": field,
                    "old": old,
                    "new": new,
                    "at": now,
                }
                for field, old, new in changes
            ],
        )
        await hooks_out.owe(s, events_of(lead_id, actor_id, origin, changes), now)


async def history(
    s: Session, lead_id: UUID, limit: int, offset: int, hidden: Sequence[str] = ()
) -> list[HistoryEntry]:
    """Newest first, without the fields in `hidden`."""
    rows = await s.rows(
        sa.select(lead_history, members.c.name.label("actor"))
        .select_from(lead_history.outerjoin(members, members.c.id == lead_history.c.actor_id))
        .where(
            lead_history.c.organization_id == s.tenant,
            lead_history.c.lead_id == lead_id,
            lead_history.c.field.not_in(hidden),
        )
        .order_by(lead_history.c.at.desc(), lead_history.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> HistoryEntry:
    return HistoryEntry(
        at=row.at,
        actor=row.actor or "",
        field=row.field,
        old=shown_in(row.old),
        new=shown_in(row.new),
        origin=row.origin,
        id=row.id,
        exact_old=exact_in(row.old),
        exact_new=exact_in(row.new),
    )


async def last_actor(s: Session, lead_id: UUID, field: str) -> str:
    """The name of whoever changed the field last; empty where nobody of ours has."""
    row = await s.first(
        sa.select(members.c.name.label("actor"))
        .select_from(lead_history.outerjoin(members, members.c.id == lead_history.c.actor_id))
        .where(
            lead_history.c.organization_id == s.tenant,
            lead_history.c.lead_id == lead_id,
            lead_history.c.field == field,
        )
        .order_by(lead_history.c.at.desc(), lead_history.c.id.desc())
        .limit(1)
    )
    return (row.actor or "") if row is not None else ""


async def last_value(s: Session, lead_id: UUID, field: str) -> str:
    """What people read of the field's newest value; empty where the history has none."""
    found: str | None = await s.scalar(
        sa.select(lead_history.c.new)
        .where(
            lead_history.c.organization_id == s.tenant,
            lead_history.c.lead_id == lead_id,
            lead_history.c.field == field,
        )
        .order_by(lead_history.c.at.desc(), lead_history.c.id.desc())
        .limit(1)
    )
    return shown_in(found or "")
