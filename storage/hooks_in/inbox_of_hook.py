"""Queries on what has come to one hook."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.tables import inbox

_row = inbox.c


async def newest_of_hook(session: Session, hook_id: UUID) -> bytes | None:
    """The body of the last delivery to a hook."""
    row = await session.first(
        sa.select(_row.body)
        .where(_row.organization_id == session.tenant, _row.hook_id == hook_id)
        .order_by(_row.id.desc())
        .limit(1)
    )
    return bytes(row.body) if row is not None else None


async def came_to(session: Session, hook_id: UUID) -> tuple[int, datetime | None]:
    """How many deliveries a hook has had, and when the last one came."""
    row = await session.first(
        sa.select(sa.func.count().label("many"), sa.func.max(_row.received_at).label("last")).where(
            _row.organization_id == session.tenant, _row.hook_id == hook_id
        )
    )
    return (row.many, row.last) if row is not None else (0, None)
