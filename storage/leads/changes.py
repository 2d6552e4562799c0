"""Queries on changes that can be taken back together, and on what they have written to the history."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.history import Change, Entry
from storage.among import among
from storage.db import Session
from storage.ids import new_id
from storage.tables import changes, lead_history

_one = changes.c
_entry = lead_history.c


def _change(row: Row[Any]) -> Change:
    return Change(row.id, row.actor_id, row.kind, row._mapping["count"], row.at, row.undone_at)


def _history_entry(row: Row[Any]) -> Entry:
    return Entry(row.id, row.lead_id, row.field, row.old, row.new, row.at, row.change_id)


async def begin(s: Session, actor_id: UUID | None, kind: str, now: datetime, count: int = 1) -> UUID:
    """A new change; history entries that carry its id belong to it."""
    change_id = new_id()
    await s.execute(
        changes.insert().values(
            id=change_id, organization_id=s.tenant, actor_id=actor_id, kind=kind, count=count, at=now
        )
    )
    return change_id


async def set_count(s: Session, change_id: UUID, count: int) -> None:
    await s.execute(
        changes.update().where(_one.organization_id == s.tenant, _one.id == change_id).values(count=count)
    )


async def get(s: Session, change_id: UUID) -> Change | None:
    row = await s.first(sa.select(changes).where(_one.organization_id == s.tenant, _one.id == change_id))
    return _change(row) if row is not None else None


async def mark_undone(s: Session, change_id: UUID, now: datetime) -> bool:
    """Take the turn to undo it; False when it was undone before."""
    result = await s.execute(
        changes.update()
        .where(_one.organization_id == s.tenant, _one.id == change_id, _one.undone_at.is_(None))
        .values(undone_at=now)
    )
    return result.rowcount == 1


async def leads_of(s: Session, change_id: UUID, after: UUID | None, limit: int) -> list[UUID]:
    """The leads that a change has touched, by id, those after one of them."""
    query = (
        sa.select(_entry.lead_id)
        .where(_entry.organization_id == s.tenant, _entry.change_id == change_id)
        .group_by(_entry.lead_id)
        .order_by(_entry.lead_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(_entry.lead_id > after)
    return [row.lead_id for row in await s.rows(query)]


async def entries_of(s: Session, change_id: UUID, lead_ids: Collection[UUID]) -> list[Entry]:
    """What a change has written about these leads, newest first."""
    rows = await s.rows(
        sa.select(lead_history)
        .where(
            _entry.organization_id == s.tenant,
            _entry.change_id == change_id,
            among(s, _entry.lead_id, lead_ids),
        )
        .order_by(_entry.id.desc())
    )
    return [_history_entry(row) for row in rows]


async def entry(s: Session, lead_id: UUID, entry_id: UUID) -> Entry | None:
    """One entry of the lead's history."""
    row = await s.first(
        sa.select(lead_history).where(
            _entry.organization_id == s.tenant, _entry.lead_id == lead_id, _entry.id == entry_id
        )
    )
    return _history_entry(row) if row is not None else None


async def entry_ids(s: Session, lead_id: UUID) -> list[UUID]:
    """Ids of all entries of the lead's history."""
    rows = await s.rows(
        sa.select(_entry.id).where(_entry.organization_id == s.tenant, _entry.lead_id == lead_id)
    )
    return [row.id for row in rows]


async def newest_entry(s: Session, lead_id: UUID, field: str) -> Entry | None:
    """The last entry on a field of the lead."""
    row = await s.first(
        sa.select(lead_history)
        .where(_entry.organization_id == s.tenant, _entry.lead_id == lead_id, _entry.field == field)
        .order_by(_entry.at.desc(), _entry.id.desc())
        .limit(1)
    )
    return _history_entry(row) if row is not None else None


async def touched_besides(s: Session, lead_id: UUID, change_id: UUID) -> bool:
    """Whether the lead's history tells of anything but this change."""
    row = await s.first(
        sa.select(_entry.id)
        .where(
            _entry.organization_id == s.tenant,
            _entry.lead_id == lead_id,
            sa.or_(_entry.change_id.is_(None), _entry.change_id != change_id),
        )
        .limit(1)
    )
    return row is not None


async def ids_of(s: Session, lead_id: UUID, since: datetime) -> list[UUID]:
    """Changes of the lead since a moment, the newest first."""
    rows = await s.rows(
        sa.select(_entry.change_id)
        .where(
            _entry.organization_id == s.tenant,
            _entry.lead_id == lead_id,
            _entry.at >= since,
            _entry.change_id.is_not(None),
        )
        .distinct()
    )
    return sorted((row.change_id for row in rows), reverse=True)


async def newest_of(s: Session, lead_id: UUID, actor_id: UUID, since: datetime) -> Change | None:
    """The member's last change of the lead's card since a moment that was not undone."""
    row = await s.first(
        sa.select(changes)
        .join(lead_history, _entry.change_id == _one.id)
        .where(
            _entry.organization_id == s.tenant,
            _entry.lead_id == lead_id,
            _entry.at >= since,
            _one.organization_id == s.tenant,
            _one.actor_id == actor_id,
            _one.at >= since,
            _one.undone_at.is_(None),
            _one.kind.like("lead.%"),
        )
        .order_by(_one.id.desc())
        .limit(1)
    )
    return _change(row) if row is not None else None
