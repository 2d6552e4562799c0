"""Queries on activities."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.activities import Activity, ActivityType
from domain.hooks_out import activity_events
from storage.db import Session
from storage.hooks_out import hooks_out
from storage.ids import new_id
from storage.planning.archive import every
from storage.privacy.audit import add_audit
from storage.tables import activities, members

__all__ = ["add_activity", "add_audit", "list_activities"]


async def add_activity(s: Session, lead_id: UUID, now: datetime, **values: object) -> UUID:
    activity_id = new_id()
    await s.execute(
        activities.insert().values(
            id=activity_id, organization_id=s.tenant, lead_id=lead_id, created_at=now, **values
        )
    )
    await hooks_out.owe(s, activity_events(activity_id, True, values), now)
    return activity_id


async def list_activities(s: Session, lead_id: UUID, limit: int, *, shared_only: bool) -> list[Activity]:
    """Newest first, those of the archive too; only the thread with the sender where `shared_only`."""
    query = (
        sa.select(every, members.c.name.label("author_name"))
        .select_from(every.outerjoin(members, members.c.id == every.c.author_id))
        .where(every.c.organization_id == s.tenant, every.c.lead_id == lead_id)
        .order_by(every.c.created_at.desc(), every.c.id.desc())
        .limit(limit)
    )
    if shared_only:
        query = query.where(every.c.shared)
    return [
        Activity(
            id=row.id,
            lead_id=row.lead_id,
            type=ActivityType(row.type),
            text=row.text,
            result=row.result,
            shared=row.shared,
            author_id=row.author_id,
            author_name=row.author_name or "",
            created_at=row.created_at,
            completed_at=row.completed_at,
        )
        for row in await s.rows(query)
    ]
