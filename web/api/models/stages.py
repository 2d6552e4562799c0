"""Stages and pipelines as the API shows them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.board import StageTotal
from domain.leads import Stage, StageKind
from domain.pipelines import MOST_REQUIRED, Pipeline
from services.api.wording import Wording
from web.api.models.base import Given, Key, Line, Resource, Shown

Kind = Literal["open", "qualified", "failed"]


class StageOut(Resource):
    """`name` is in the caller's language while nobody has renamed the stage: then `key` is set."""

    id: UUID
    pipeline_id: UUID | None
    key: str | None
    name: str
    color: str
    order_index: int
    kind: Kind
    is_qualified: bool
    is_failed: bool
    required_fields: list[str]

    def worded(self) -> set[str]:
        return {"name"} if self.key else set()


class StageIn(Given):
    """A new stage; without a pipeline it is of the default one."""

    name: Line
    pipeline_id: UUID | None = None
    color: Key | None = None
    order_index: Annotated[int, Field(ge=0, le=100)] | None = None
    is_qualified: bool = False
    is_failed: bool = False
    required_fields: Annotated[list[Key], Field(max_length=MOST_REQUIRED)] = []


class StageChange(Given):
    """What of a stage is to change; the rest stays."""

    name: Line | None = None
    color: Key | None = None
    order_index: Annotated[int, Field(ge=0, le=100)] | None = None
    is_qualified: bool | None = None
    is_failed: bool | None = None
    required_fields: Annotated[list[Key], Field(max_length=MOST_REQUIRED)] | None = None


class StageList(Shown):
    items: list[StageOut]
    total: int


class StagesAsked(Given):
    pipeline_id: UUID | None = None


class PipelineOut(Resource):
    """`name` is in the caller's language while nobody has named the pipeline: it goes by its preset then.
    The first pipeline is the default one."""

    id: UUID
    name: str
    preset: str
    order_index: int
    head_id: UUID | None
    archived: bool
    is_named: bool
    stages: list[StageOut]

    def worded(self) -> set[str]:
        return {"stages"} if self.is_named else {"name", "stages"}


class PipelineList(Shown):
    items: list[PipelineOut]
    total: int


class PipelineIn(Given):
    """A new pipeline with the stages of a preset; named after it without a name."""

    preset: Literal["sales", "credit", "education", "clinic", "salon", "empty"] = "empty"
    name: Line = ""


class PipelineChange(Given):
    name: Line | None = None
    is_default: Literal[True] | None = None
    head_id: UUID | None = None


class Sum(Shown):
    amount: str
    currency: str


class BoardColumn(Shown):
    stage: StageOut
    leads: int
    amounts: list[Sum]


class BoardOut(Shown):
    pipeline_id: UUID
    columns: list[BoardColumn]


def stage_out(stage: Stage, words: Wording) -> StageOut:
    return StageOut(
        id=stage.id,
        pipeline_id=stage.pipeline_id,
        key=stage.key,
        name=words.stage(stage.key) if stage.key else stage.name,
        color=stage.color,
        order_index=stage.position,
        kind=stage.kind.value,
        is_qualified=stage.kind is StageKind.QUALIFIED,
        is_failed=stage.kind is StageKind.FAILED,
        required_fields=list(stage.required),
    )


def pipeline_out(road: Pipeline, words: Wording) -> PipelineOut:
    return PipelineOut(
        id=road.id,
        name=road.name or words.pipeline(road.preset),
        preset=road.preset,
        order_index=road.position,
        head_id=road.head_id,
        archived=road.archived,
        is_named=bool(road.name),
        stages=[stage_out(stage, words) for stage in road.stages],
    )


def column_out(total: StageTotal, words: Wording) -> BoardColumn:
    sums = [Sum(amount=f"{one.amount:.2f}", currency=one.currency) for one in total.sums]
    return BoardColumn(stage=stage_out(total.stage, words), leads=total.count, amounts=sums)
