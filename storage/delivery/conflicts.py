"""Queries on fields that both sides have changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.conflicts import OPEN, SUPERSEDED, Conflict
from storage.db import Session
from storage.tables import conflicts, members

_one = conflicts.c


def _conflict(row: Row[Any]) -> Conflict:
    return Conflict(
        id=row.id,
        integration_id=row.integration_id,
        lead_id=row.lead_id,
        field=row.field,
        ours=row.ours,
        theirs=row.theirs,
        ours_at=row.ours_at,
        theirs_at=row.theirs_at,
        verdict=row.verdict,
        decided_by=row.decider or "",
        decided_at=row.decided_at,
    )


async def add(session: Session, conflict: Conflict, now: datetime) -> list[UUID]:
    """Keep a conflict; open ones of the same field are superseded, and their ids returned."""
    earlier = await session.rows(
        sa.select(_one.id).where(
            _one.organization_id == session.tenant,
            _one.lead_id == conflict.lead_id,
            _one.integration_id == conflict.integration_id,
            _one.field == conflict.field,
            _one.verdict == OPEN,
        )
    )
    ids = [row.id for row in earlier]
    if ids:
        await session.execute(
            conflicts.update()
            .where(_one.organization_id == session.tenant, _one.id.in_(ids))
            .values(verdict=SUPERSEDED, decided_at=now)
        )
    await session.execute(
        conflicts.insert().values(
            id=conflict.id,
            organization_id=session.tenant,
            integration_id=conflict.integration_id,
            lead_id=conflict.lead_id,
            field=conflict.field,
            ours=conflict.ours,
            theirs=conflict.theirs,
            ours_at=conflict.ours_at,
            theirs_at=conflict.theirs_at,
            verdict=OPEN,
            created_at=now,
        )
    )
    return ids


async def get(session: Session, conflict_id: UUID) -> Conflict | None:
    row = await session.first(
        sa.select(conflicts, members.c.name.label("decider"))
        .select_from(conflicts.outerjoin(members, members.c.id == _one.decided_by))
        .where(_one.organization_id == session.tenant, _one.id == conflict_id)
    )
    return _conflict(row) if row is not None else None


async def decide(session: Session, conflict_id: UUID, verdict: str, member_id: UUID, now: datetime) -> bool:
    """Close an open conflict; False when somebody was faster."""
    result = await session.execute(
        conflicts.update()
        .where(_one.organization_id == session.tenant, _one.id == conflict_id, _one.verdict == OPEN)
        .values(verdict=verdict, decided_by=member_id, decided_at=now)
    )
    return result.rowcount == 1
