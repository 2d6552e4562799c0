"""The board of a pipeline: totals by stage, and the leads behind each of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.board import DAYS, BoardFilter, BoardView, Figure, Period, StagePage, StageTotal
from domain.errors import NotFound
from domain.leads import Stage
from domain.members import Member, Right
from domain.pipelines import Pipeline
from services.access import needs
from services.clock import Clock
from services.pipelines.places import pipeline_in, stage_in
from storage.db import Database, Session
from storage.finding.lead_search import visible_to
from storage.pipelines import board as rows
from storage.pipelines import stages as stage_rows

PAGE = 8


class Board:
    """Use cases on the board. Everybody sees the leads they may see anyway."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.LEAD_SEE_OWN)
    async def view(self, member: Member, pipeline_id: UUID | None, chosen: BoardFilter) -> BoardView:
        """Totals of a pipeline in use; of the default one without. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            used = await _in_use(s)
            pipeline = pipeline_in(used, pipeline_id) if pipeline_id is not None else used[0]
            ids = [stage.id for stage in pipeline.stages]
            found = await rows.figures(s, ids, self._conditions(member, chosen))
        totals = tuple(_total(stage, found) for stage in pipeline.stages)
        return BoardView(pipeline, totals, tuple(used), chosen)

    @needs(Right.LEAD_SEE_OWN)
    async def stage(self, member: Member, stage_id: UUID, chosen: BoardFilter, page: int = 0) -> StagePage:
        """The leads of a stage in use; a page behind the last one is the last one. Raises NotFound."""
        conditions = self._conditions(member, chosen)
        async with self.db.reading(member.organization_id) as s:
            pipeline, stage = stage_in(await _in_use(s), stage_id)
            total = _total(stage, await rows.figures(s, [stage_id], conditions))
            pages = max(1, -(-total.count // PAGE))
            page = min(max(page, 0), pages - 1)
            found = await rows.page_of(s, stage_id, conditions, PAGE, page * PAGE) if total.count else []
        return StagePage(pipeline, total, tuple(found), page, pages, chosen)

    @needs(Right.LEAD_SEE_OWN)
    async def sources(self, member: Member, pipeline_id: UUID, chosen: BoardFilter) -> Sequence[str]:
        """Where the pipeline's leads came from, the most frequent first. Raises NotFound."""
        anywhere = BoardFilter(chosen.whose, chosen.period)
        async with self.db.reading(member.organization_id) as s:
            pipeline = pipeline_in(await _in_use(s), pipeline_id)
            ids = [stage.id for stage in pipeline.stages]
            return await rows.sources(s, ids, self._conditions(member, anywhere))

    def _conditions(self, member: Member, chosen: BoardFilter) -> rows.Conditions:
        see_all, see_free = member.may(Right.LEAD_SEE_ALL), member.may(Right.LEAD_SEE_UNASSIGNED)
        since = beginning(chosen.period, self.clock(), member.time_zone)
        asked = rows.wanted(chosen.whose, member.id, since, chosen.source)
        return asked if see_all else [visible_to(member.id, see_all, see_free), *asked]


def beginning(period: Period, now: datetime, time_zone: str) -> datetime | None:
    """The midnight of the member's zone that the period begins with; None for ever."""
    if period not in DAYS:
        return None
    today = now.astimezone(ZoneInfo(time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS[period] - 1)


async def _in_use(s: Session) -> list[Pipeline]:
    used = [one for one in await stage_rows.list_pipelines(s) if not one.archived and one.stages]
    if not used:
        raise NotFound(what="pipeline")
    return used


def _total(stage: Stage, found: Sequence[Figure]) -> StageTotal:
    own = [one for one in found if one.stage_id == stage.id]
    sums = sorted((one.sum for one in own if one.sum is not None), key=lambda one: one.currency)
    return StageTotal(stage, sum(one.count for one in own), tuple(sums))
