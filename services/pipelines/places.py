"""What the use cases on pipelines share: finding one, its names in every language, moving one up or down."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from domain.errors import NotFound
from domain.leads import Stage
from domain.pipelines import Pipeline
from storage.db import Session
from storage.leads import leads as lead_rows
from storage.pipelines import stages as rows

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Titles:
    """What a preset's pipeline and a preset's stage are called, in all our languages."""

    pipeline: Callable[[str], Collection[str]]
    stage: Callable[[str], Collection[str]]

    def of_pipelines(self, pipelines: Sequence[Pipeline], besides: UUID | None = None) -> set[str]:
        """Every name that is taken."""
        others = [one for one in pipelines if one.id != besides]
        return {name for one in others for name in ((one.name,) if one.name else self.pipeline(one.preset))}

    def of_stages(self, stages: Sequence[Stage], besides: UUID | None = None) -> set[str]:
        others = [one for one in stages if one.id != besides]
        return {name for one in others for name in (self.stage(one.key) if one.key else (one.name,))}


async def held(s: Session) -> list[Pipeline]:
    """All pipelines, held against other admins and against new leads until the transaction ends."""
    await lead_rows.hold_numbers(s)
    return await rows.list_pipelines(s)


def pipeline_in(pipelines: Sequence[Pipeline], pipeline_id: UUID) -> Pipeline:
    """Raises NotFound."""
    for one in pipelines:
        if one.id == pipeline_id:
            return one
    raise NotFound(what="pipeline")


def stage_in(pipelines: Sequence[Pipeline], stage_id: UUID) -> tuple[Pipeline, Stage]:
    """A stage in use with its pipeline. Raises NotFound."""
    for pipeline in pipelines:
        for stage in pipeline.stages:
            if stage.id == stage_id:
                return pipeline, stage
    raise NotFound(what="stage")


def shifted(items: Sequence[T], item: T, by: int) -> list[T]:
    """The items with one of them `by` places further down; it stops at either end."""
    rest = [one for one in items if one != item]
    place = min(max(items.index(item) + by, 0), len(rest))
    return [*rest[:place], item, *rest[place:]]
