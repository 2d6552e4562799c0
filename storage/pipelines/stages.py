"""Queries on pipelines and their stages. What is archived stays for the leads that stand there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.answer_times import answer_time
from domain.leads import DEFAULT_STAGES, Stage, StageKind
from domain.pipelines import REASONS, Pipeline
from storage.db import Session
from storage.ids import new_id
from storage.tables import counters, leads, pipelines, stages

# Built once: to build a statement anew takes longer than to run one.
_TENANT = sa.bindparam("tenant", type_=sa.Uuid)
_OURS = sa.and_(stages.c.organization_id == _TENANT, pipelines.c.organization_id == _TENANT)
_IN_ORDER = (pipelines.c.position, pipelines.c.id, stages.c.position, stages.c.id)
_JOINED = stages.join(pipelines, pipelines.c.id == stages.c.pipeline_id)
_STAGES = (
    sa.select(stages)
    .select_from(_JOINED)
    .where(_OURS, stages.c.archived_at.is_(None), pipelines.c.archived_at.is_(None))
    .order_by(*_IN_ORDER)
)
_PIPELINES = (
    sa.select(pipelines)
    .where(pipelines.c.organization_id == _TENANT)
    .order_by(pipelines.c.position, pipelines.c.id)
)
_THEIR_STAGES = (
    sa.select(stages)
    .where(stages.c.organization_id == _TENANT, stages.c.archived_at.is_(None))
    .order_by(stages.c.position, stages.c.id)
)
_COUNTED = sa.and_(leads.c.withdrawn_at.is_(None), leads.c.deleted_at.is_(None))


def stage_from(row: Row[Any]) -> Stage:
    return Stage(
        row.id, row.key, row.name, row.position, row.color, StageKind(row.kind), row.pipeline_id,
        tuple(row.required) if isinstance(row.required, list) else (),
    )  # fmt: skip


async def list_stages(s: Session) -> list[Stage]:
    """The stages of every pipeline in use: the default one's first, each pipeline's in order."""
    rows = (await s.execute(_STAGES, {"tenant": s.tenant})).all()
    return [stage_from(row) for row in rows]


async def list_pipelines(s: Session) -> list[Pipeline]:
    """All pipelines with their stages in use, in order, the default one first; archived ones as well."""
    given = {"tenant": s.tenant}
    found = (await s.execute(_PIPELINES, given)).all()
    theirs: dict[UUID, list[Stage]] = {row.id: [] for row in found}
    for row in (await s.execute(_THEIR_STAGES, given)).all():
        theirs[row.pipeline_id].append(stage_from(row))
    return [_pipeline(row, theirs[row.id]) for row in found]


def _pipeline(row: Row[Any], its_stages: Sequence[Stage]) -> Pipeline:
    reasons = row.settings.get("reasons")
    return Pipeline(
        id=row.id,
        name=row.name,
        preset=row.settings.get("preset", "sales"),
        position=row.position,
        head_id=row.head_id,
        reasons=tuple(reasons) if isinstance(reasons, list) else REASONS,
        stages=tuple(its_stages),
        archived=row.archived_at is not None,
        answer=answer_time(row.settings),
    )


async def stage_in_use(s: Session, stage_id: UUID) -> Stage | None:
    """A stage of a pipeline in use, held against archiving until the transaction ends."""
    row = await s.first(
        sa.select(stages)
        .select_from(_JOINED)
        .where(
            stages.c.organization_id == s.tenant,
            stages.c.id == stage_id,
            stages.c.archived_at.is_(None),
            pipelines.c.archived_at.is_(None),
        )
        .with_for_update(read=True)
    )
    return stage_from(row) if row is not None else None


async def hold_stages(s: Session, stage_ids: Sequence[UUID]) -> None:
    """Let nobody put a lead on these stages until the transaction ends."""
    await s.execute(
        sa.select(stages.c.id)
        .where(stages.c.organization_id == s.tenant, stages.c.id.in_(stage_ids))
        .order_by(stages.c.id)
        .with_for_update()
    )


async def standing(s: Session, stage_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many leads stand on each of the stages, but for withdrawn and deleted ones."""
    rows = await s.rows(
        sa.select(leads.c.stage_id, sa.func.count().label("leads"))
        .where(leads.c.organization_id == s.tenant, leads.c.stage_id.in_(stage_ids), _COUNTED)
        .group_by(leads.c.stage_id)
    )
    return {row.stage_id: row.leads for row in rows}


async def leads_on(s: Session, stage_ids: Sequence[UUID], limit: int) -> list[tuple[UUID, UUID]]:
    """Lead and stage of the first leads that `standing` counts, oldest first; held until the end."""
    rows = await s.rows(
        sa.select(leads.c.id, leads.c.stage_id)
        .where(leads.c.organization_id == s.tenant, leads.c.stage_id.in_(stage_ids), _COUNTED)
        .order_by(leads.c.number)
        .limit(limit)
        .with_for_update()
    )
    return [(row.id, row.stage_id) for row in rows]


async def add_pipeline(
    s: Session, name: str, preset: str, position: int, rows: Sequence[tuple[str, str, StageKind]]
) -> UUID:
    """A pipeline with stages of (key, colour, kind)."""
    pipeline_id = new_id()
    settings = {"preset": preset}
    await s.execute(
        pipelines.insert().values(
            id=pipeline_id, organization_id=s.tenant, name=name, position=position, settings=settings
        )
    )
    for place, (key, color, kind) in enumerate(rows):
        await add_stage(s, pipeline_id, place, key=key, color=color, kind=kind.value)
    return pipeline_id


async def add_stage(s: Session, pipeline_id: UUID, position: int, **values: object) -> UUID:
    stage_id = new_id()
    await s.execute(
        stages.insert().values(
            id=stage_id,
            organization_id=s.tenant,
            pipeline_id=pipeline_id,
            position=position,
            required=[],
            **values,
        )
    )
    return stage_id


async def update_stage(s: Session, stage_id: UUID, **values: object) -> None:
    await s.execute(
        stages.update().where(stages.c.organization_id == s.tenant, stages.c.id == stage_id).values(**values)
    )


async def update_pipeline(s: Session, pipeline_id: UUID, **values: object) -> None:
    await s.execute(
        pipelines.update()
        .where(pipelines.c.organization_id == s.tenant, pipelines.c.id == pipeline_id)
        .values(**values)
    )


async def set_pipeline(s: Session, pipeline_id: UUID, given: Mapping[str, Any]) -> None:
    """Put these into the pipeline's settings; None takes one out."""
    of_it = sa.and_(pipelines.c.organization_id == s.tenant, pipelines.c.id == pipeline_id)
    held = await s.scalar(sa.select(pipelines.c.settings).where(of_it).with_for_update())
    merged = {key: value for key, value in {**(held or {}), **given}.items() if value is not None}
    await s.execute(pipelines.update().where(of_it).values(settings=merged))


async def put_in_order(s: Session, table: sa.Table, ids: Sequence[UUID]) -> None:
    """Number the rows of pipelines or stages as they stand in `ids`."""
    for position, one in enumerate(ids):
        await s.execute(
            table.update()
            .where(table.c.organization_id == s.tenant, table.c.id == one)
            .values(position=position)
        )


async def archive(s: Session, table: sa.Table, one: UUID, at: datetime | None) -> None:
    """Take a pipeline or a stage out of use; without a moment, take it back."""
    await s.execute(
        table.update().where(table.c.organization_id == s.tenant, table.c.id == one).values(archived_at=at)
    )


async def add_default_pipeline(s: Session) -> None:
    """The first pipeline with the six default stages, and the counter of lead numbers."""
    await add_pipeline(s, "", "sales", 0, DEFAULT_STAGES)
    await s.execute(counters.insert().values(organization_id=s.tenant, name="lead", value=0))


def first_stage(tenant: sa.ColumnElement[UUID]) -> sa.ScalarSelect[UUID]:
    """The stage that a new lead of the organization gets, for use inside a statement."""
    default = (
        sa.select(pipelines.c.id)
        .where(pipelines.c.organization_id == tenant, pipelines.c.archived_at.is_(None))
        .order_by(pipelines.c.position, pipelines.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(stages.c.id)
        .where(stages.c.pipeline_id == default, stages.c.archived_at.is_(None))
        .order_by(stages.c.position, stages.c.id)
        .limit(1)
        .scalar_subquery()
    )


async def first_stage_of(s: Session, pipeline_id: UUID) -> UUID | None:
    """Where a new lead of this pipeline begins; None for one that is not in use."""
    found: UUID | None = await s.scalar(
        sa.select(stages.c.id)
        .select_from(_JOINED)
        .where(
            stages.c.organization_id == s.tenant,
            stages.c.pipeline_id == pipeline_id,
            stages.c.archived_at.is_(None),
            pipelines.c.archived_at.is_(None),
        )
        .order_by(stages.c.position, stages.c.id)
        .limit(1)
    )
    return found


async def stage_of_kind(s: Session, beside: UUID, kind: StageKind) -> Stage | None:
    """The first stage of a kind in the pipeline of the stage `beside`."""
    pipeline = (
        sa.select(stages.c.pipeline_id)
        .where(stages.c.organization_id == s.tenant, stages.c.id == beside)
        .scalar_subquery()
    )
    row = await s.first(
        sa.select(stages)
        .where(
            stages.c.organization_id == s.tenant,
            stages.c.pipeline_id == pipeline,
            stages.c.kind == kind.value,
            stages.c.archived_at.is_(None),
        )
        .order_by(stages.c.position)
        .limit(1)
    )
    return stage_from(row) if row is not None else None
