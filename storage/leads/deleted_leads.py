"""Queries on leads that were deleted and can still be brought back."""

from datetime import datetime

import sqlalchemy as sa

from domain.leads import Lead
from storage.db import Session
from storage.leads.leads import JOINED, LEAD, with_points
from storage.tables import leads


async def list_deleted(s: Session, since: datetime, limit: int, offset: int) -> tuple[list[Lead], int]:
    """One page of the leads deleted since a moment, the last one first, and the count of them all."""
    fits = sa.and_(leads.c.organization_id == s.tenant, leads.c.deleted_at >= since)
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(leads).where(fits))
    rows = await s.rows(
        sa.select(*LEAD)
        .select_from(JOINED)
        .where(fits)
        .order_by(leads.c.deleted_at.desc(), leads.c.number.desc())
        .limit(limit)
        .offset(offset)
    )
    return (await with_points(s, rows) if rows else []), total
