"""A stage by the name that another system gives it: found in any of our languages, or made."""

from uuid import UUID

from domain.errors import BadInput
from domain.leads import StageKind
from domain.pipelines import MOST_STAGES, STAGE_NAME_LIMIT, read_title
from domain.words import fold
from services.pipelines.places import Titles, held
from storage.db import Session
from storage.pipelines import stages as rows
from storage.tables import stages as table

COLOR = "⚪"


async def stage_named(s: Session, name: str, titles: Titles) -> UUID:
    """The stage's id: the default pipeline's before those of others. A new one stands behind the last open
    stage of the default pipeline. Raises BadInput("stage", ...): too_long, too_many."""
    wanted = fold(name.strip())
    pipelines = [one for one in await held(s) if not one.archived]
    for stage in [stage for one in pipelines for stage in one.stages]:
        if wanted in {fold(title) for title in (stage.key or "", *titles.of_stages([stage]))}:
            return stage.id
    pipeline = pipelines[0]
    if len(pipeline.stages) >= MOST_STAGES:
        raise BadInput("stage", "too_many", limit=MOST_STAGES)
    title = read_title("stage", name, STAGE_NAME_LIMIT, titles.of_stages(pipeline.stages))
    made = await rows.add_stage(
        s, pipeline.id, len(pipeline.stages), name=title, color=COLOR, kind=StageKind.OPEN.value
    )
    before = [one.id for one in pipeline.stages if one.kind is StageKind.OPEN]
    after = [one.id for one in pipeline.stages if one.kind is not StageKind.OPEN]
    await rows.put_in_order(s, table, [*before, made, *after])
    return made
