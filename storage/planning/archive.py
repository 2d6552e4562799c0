"""The archive: activities that ended long ago, in a table of their own, out of the way of lists that are
looked at all day. What belongs to one lead, customer or person is read from both."""

from datetime import datetime

import sqlalchemy as sa

from storage.db import Session
from storage.tables import activities, archived_activities

_SAME = [column.name for column in activities.c]

every = sa.union_all(
    sa.select(activities), sa.select(*(archived_activities.c[name] for name in _SAME))
).subquery("every_activity")
"""Activities at hand and in the archive, with the columns of `activities`."""


async def put_away(s: Session, before: datetime, now: datetime, limit: int) -> int:
    """Move at most `limit` that ended before a moment; returns how many. Those that somebody holds are passed
    over."""
    chosen = (
        sa.select(activities.c.id)
        .where(activities.c.organization_id == s.tenant, activities.c.completed_at < before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return await _move(s, chosen, activities, archived_activities, archived_at=now)


async def bring_back(s: Session, limit: int) -> int:
    """Move at most `limit` back; returns how many."""
    one = archived_activities.c
    chosen = sa.select(one.id).where(one.organization_id == s.tenant).limit(limit).with_for_update()
    return await _move(s, chosen, archived_activities, activities)


async def _move(
    s: Session, chosen: sa.Select[tuple[object]], source: sa.Table, target: sa.Table, **more: object
) -> int:
    ids = [row.id for row in await s.rows(chosen)]
    if not ids:
        return 0
    these = sa.and_(source.c.organization_id == s.tenant, source.c.id.in_(ids))
    added = [sa.literal(value, target.c[name].type) for name, value in more.items()]
    await s.execute(
        target.insert().from_select(
            [*_SAME, *more], sa.select(*(source.c[name] for name in _SAME), *added).where(these)
        )
    )
    await s.execute(source.delete().where(these))
    return len(ids)
