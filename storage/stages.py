"""Queries on pipelines and stages."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.leads import DEFAULT_STAGES, Stage, StageKind
from storage.db import Session
from storage.ids import new_id
from storage.tables import counters, pipelines, stages


def stage_from(row: Row[Any]) -> Stage:
    return Stage(row.id, row.key, row.name, row.position, row.color, StageKind(row.kind))


async def list_stages(s: Session) -> list[Stage]:
    """The stages of the organization's pipeline, in order."""
    rows = await s.rows(
        sa.select(stages).where(stages.c.organization_id == s.tenant).order_by(stages.c.position)
    )
    return [stage_from(row) for row in rows]


async def add_default_pipeline(s: Session) -> None:
    """The first pipeline with the six default stages, and the counter of lead numbers."""
    pipeline_id = new_id()
    await s.execute(pipelines.insert().values(id=pipeline_id, organization_id=s.tenant, name=""))
    for position, (key, color, kind) in enumerate(DEFAULT_STAGES):
        await s.execute(
            stages.insert().values(
                id=new_id(),
                organization_id=s.tenant,
                pipeline_id=pipeline_id,
                key=key,
                position=position,
                color=color,
                kind=kind.value,
            )
        )
    await s.execute(counters.insert().values(organization_id=s.tenant, name="lead", value=0))


def first_stage(tenant: sa.ColumnElement[UUID]) -> sa.ScalarSelect[UUID]:
    """The stage that a new lead of the organization gets, for use inside a statement."""
    return (
        sa.select(stages.c.id)
        .where(stages.c.organization_id == tenant)
        .order_by(stages.c.position)
        .limit(1)
        .scalar_subquery()
    )
