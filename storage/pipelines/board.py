"""Counts and sums of leads by stage, and the leads of one stage. Withdrawn and deleted leads do not count."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.board import Figure, Whose
from domain.leads import Lead, Money
from storage.among import among
from storage.db import Session
from storage.finding.lead_search import UP_FOR_ALL
from storage.leads.leads import JOINED, LEAD, with_points
from storage.tables import leads

Conditions = Sequence[sa.ColumnElement[bool]]
MOST_SOURCES = 30


def wanted(
    whose: Whose, member_id: UUID, since: datetime | None, source: str | None
) -> list[sa.ColumnElement[bool]]:
    """The filters of a board as conditions."""
    found: list[sa.ColumnElement[bool]] = []
    if whose is Whose.MINE:
        found.append(leads.c.assignee_id == member_id)
    if whose is Whose.UNASSIGNED:
        found.append(UP_FOR_ALL)
    if since is not None:
        found.append(leads.c.created_at >= since)
    if source is not None:
        found.append(leads.c.source == source)
    return found


async def figures(s: Session, stage_ids: Sequence[UUID], conditions: Conditions) -> list[Figure]:
    """One figure a stage and currency; leads without an amount are counted with their lead's currency."""
    rows = await s.rows(
        sa.select(
            leads.c.stage_id,
            leads.c.currency,
            sa.func.count().label("leads"),
            sa.func.sum(leads.c.amount).label("sum"),
        )
        .where(_of(s, stage_ids, conditions))
        .group_by(leads.c.stage_id, leads.c.currency)
    )
    return [
        Figure(row.stage_id, row.leads, Money(row.sum, row.currency) if row.sum is not None else None)
        for row in rows
    ]


async def page_of(s: Session, stage_id: UUID, conditions: Conditions, limit: int, offset: int) -> list[Lead]:
    """Leads of a stage, newest first."""
    rows = await s.rows(
        sa.select(*LEAD)
        .select_from(JOINED)
        .where(_of(s, [stage_id], conditions))
        .order_by(leads.c.number.desc())
        .limit(limit)
        .offset(offset)
    )
    return await with_points(s, rows) if rows else []


async def sources(s: Session, stage_ids: Sequence[UUID], conditions: Conditions) -> list[str]:
    """The sources of these leads, the most frequent first."""
    rows = await s.rows(
        sa.select(leads.c.source)
        .where(_of(s, stage_ids, conditions))
        .group_by(leads.c.source)
        .order_by(sa.func.count().desc(), leads.c.source)
        .limit(MOST_SOURCES)
    )
    return [row.source for row in rows]


def _of(s: Session, stage_ids: Sequence[UUID], conditions: Conditions) -> sa.ColumnElement[bool]:
    at = leads.c.stage_id == stage_ids[0] if len(stage_ids) == 1 else among(s, leads.c.stage_id, stage_ids)
    return sa.and_(
        leads.c.organization_id == s.tenant,
        at,
        leads.c.withdrawn_at.is_(None),
        leads.c.deleted_at.is_(None),
        *conditions,
    )
