"""Queries on the clocks of leads: leads.escalate_at is when the next step of the escalation is due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.answer_times import AnswerTime, answer_time
from storage.db import Session
from storage.tables import assignment_rules, leads, organizations, pipelines, stages

_TENANT = sa.bindparam("tenant", type_=sa.Uuid)
_ROAD = (
    sa.select(
        pipelines.c.settings,
        pipelines.c.head_id,
        organizations.c.time_zone,
        sa.exists()
        .where(assignment_rules.c.organization_id == _TENANT, assignment_rules.c.enabled)
        .label("has_rules"),
    )
    .select_from(
        leads.join(stages, stages.c.id == leads.c.stage_id)
        .join(pipelines, pipelines.c.id == stages.c.pipeline_id)
        .join(organizations, organizations.c.id == leads.c.organization_id)
    )
    .where(leads.c.id == sa.bindparam("lead", type_=sa.Uuid), leads.c.organization_id == _TENANT)
)
_STOP = (
    leads.update()
    .where(
        leads.c.id == sa.bindparam("lead", type_=sa.Uuid),
        leads.c.organization_id == _TENANT,
        sa.or_(leads.c.escalate_at.is_not(None), leads.c.escalations > 0),
    )
    .values(escalate_at=None, escalations=0)
)


@dataclass(frozen=True, slots=True)
class Road:
    """What the lead's pipeline says of answering, its head, the organization's time zone, and whether the
    organization has rules that share leads out."""

    time: AnswerTime | None
    head_id: UUID | None
    zone: str
    has_rules: bool


async def road_of(s: Session, lead_id: UUID) -> Road | None:
    row = (await s.execute(_ROAD, {"tenant": s.tenant, "lead": lead_id})).first()
    if row is None:
        return None
    return Road(answer_time(row.settings), row.head_id, row.time_zone, row.has_rules)


async def stop_clock(s: Session, lead_id: UUID) -> None:
    """Somebody has acted: no step of the escalation follows, and what they did is forgotten."""
    await s.execute(_STOP, {"tenant": s.tenant, "lead": lead_id})


async def set_clock(s: Session, lead_id: UUID, at: datetime | None, done: int = 0) -> None:
    """The next step is due at `at`; `done` steps were done."""
    await s.execute(
        leads.update()
        .where(leads.c.id == lead_id, leads.c.organization_id == s.tenant)
        .values(escalate_at=at, escalations=done)
    )


async def claim_late(s: Session, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(organization, lead) of the leads whose clock has run out, held until the end of the transaction so
    that no replica does the same step; system scope."""
    query: sa.Select[Any] = (
        sa.select(leads.c.organization_id, leads.c.id)
        .where(leads.c.escalate_at <= now)
        .order_by(leads.c.escalate_at)
        .limit(limit)
    )
    if s.dialect == "postgresql":
        query = query.with_for_update(skip_locked=True)
    return [(row.organization_id, row.id) for row in await s.rows(query)]
