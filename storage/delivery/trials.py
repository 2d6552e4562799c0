"""Queries on operations that a trial run has tried and not sent."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.delivery import OperationState
from storage.db import Session
from storage.tables import operations

TRIED = "dry_run"
"""The error of an operation that was dropped because its integration was on trial."""

_op = operations.c


def _tried(session: Session, integration_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(
        _op.organization_id == session.tenant,
        _op.integration_id == integration_id,
        _op.state == OperationState.DROPPED.value,
        _op.error == TRIED,
    )


async def count_leads(session: Session, integration_id: UUID) -> int:
    """How many leads have writes that were only tried."""
    counted = sa.select(sa.func.count(sa.distinct(_op.record_id))).where(_tried(session, integration_id))
    count: int = await session.scalar(counted)
    return count


async def revive(session: Session, integration_id: UUID, now: datetime) -> int:
    """Owe them in earnest; returns how many leads that concerns. Each keeps its place among the writes of its
    lead, and a lead that is written as it is now makes the later ones of them superfluous."""
    leads = await count_leads(session, integration_id)
    owed = {"state": OperationState.PENDING.value, "error": "", "done_at": None, "lease_until": None}
    await session.execute(
        operations.update()
        .where(_tried(session, integration_id))
        .values(**owed, due_at=now, attempts=0, recorded={})
    )
    return leads
