"""Setting up the stages of a pipeline: adding, naming, ordering, marking and removing them."""

from collections.abc import Sequence
from uuid import UUID

from domain.errors import BadInput, NotFound, TooLate
from domain.history import kept
from domain.leads import Stage, StageKind
from domain.members import Member, Right
from domain.pipelines import (
    COLORS,
    CUSTOM,
    MOST_REQUIRED,
    MOST_STAGES,
    REQUIRABLE,
    STAGE_NAME_LIMIT,
    Pipeline,
    read_title,
)
from domain.words import fold
from services.access import needs
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.messages.notices import Notices
from services.pipelines.places import Titles, held, pipeline_in, shifted, stage_in
from storage.db import Database, Session
from storage.leads import changes as change_rows
from storage.leads import lead_history
from storage.leads import leads as lead_rows
from storage.pipelines import stages as rows
from storage.planning import activities as audit_rows
from storage.tables import stages as table

MOST_AT_ONCE = 500
"""Leads that one press moves to another stage."""

_ORDER = (StageKind.OPEN, StageKind.QUALIFIED, StageKind.FAILED)
_NEW_COLORS = {StageKind.OPEN: "⚪", StageKind.QUALIFIED: "🟢", StageKind.FAILED: "🔴"}


class StagesSetup:
    """Use cases of admins on stages. All raise NotFound for a stage that is gone."""

    def __init__(self, db: Database, clock: Clock, titles: Titles, outbox: Outbox, notices: Notices) -> None:
        self.db, self.clock, self.titles = db, clock, titles
        self.outbox, self.notices = outbox, notices

    @needs(Right.ORGANIZATION_EDIT)
    async def get(self, member: Member, stage_id: UUID) -> tuple[Pipeline, Stage]:
        async with self.db.reading(member.organization_id) as s:
            return stage_in(await rows.list_pipelines(s), stage_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def add(
        self, member: Member, pipeline_id: UUID, name: str, kind: StageKind = StageKind.OPEN
    ) -> tuple[Pipeline, Stage]:
        """A stage behind the last one of its kind, so that the way still ends in success or failure.

        Raises BadInput("stage", ...): taken, required, too_long, or too_many.
        """
        async with self.db.transaction(member.organization_id) as s:
            known = await held(s)
            stages = pipeline_in(known, pipeline_id).stages
            if len(stages) >= MOST_STAGES:
                raise BadInput("stage", "too_many", limit=MOST_STAGES)
            title = read_title("stage", name, STAGE_NAME_LIMIT, self.titles.of_stages(stages))
            made = await rows.add_stage(
                s, pipeline_id, len(stages), name=title, color=_NEW_COLORS[kind], kind=kind.value
            )
            before = [one.id for one in stages if _ORDER.index(one.kind) <= _ORDER.index(kind)]
            after = [one.id for one in stages if one.id not in before]
            await rows.put_in_order(s, table, [*before, made, *after])
            await self._note(s, member, "add", made)
        return await self.get(member, made)

    @needs(Right.ORGANIZATION_EDIT)
    async def rename(self, member: Member, stage_id: UUID, name: str) -> tuple[Pipeline, Stage]:
        """From now on it goes by this name in every language, and to CRMs by its kind.

        Raises BadInput("stage", ...).
        """
        async with self.db.transaction(member.organization_id) as s:
            pipeline, stage = stage_in(await held(s), stage_id)
            taken = self.titles.of_stages(pipeline.stages, besides=stage.id)
            title = read_title("stage", name, STAGE_NAME_LIMIT, taken)
            await rows.update_stage(s, stage_id, name=title, key=None)
            await self._note(s, member, "rename", stage_id)
        return await self.get(member, stage_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def shift(self, member: Member, stage_id: UUID, by: int) -> tuple[Pipeline, Stage]:
        """Move the stage `by` places down (up: negative)."""
        async with self.db.transaction(member.organization_id) as s:
            pipeline, stage = stage_in(await held(s), stage_id)
            order = shifted(pipeline.stages, stage, by)
            await rows.put_in_order(s, table, [one.id for one in order])
            await self._note(s, member, "order", stage_id)
        return await self.get(member, stage_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def recolor(self, member: Member, stage_id: UUID, color: str) -> tuple[Pipeline, Stage]:
        """Raises BadInput("color", "invalid") for anything but COLORS."""
        if color not in COLORS:
            raise BadInput("color", "invalid")
        async with self.db.transaction(member.organization_id) as s:
            stage_in(await held(s), stage_id)
            await rows.update_stage(s, stage_id, color=color)
            await self._note(s, member, "color", stage_id)
        return await self.get(member, stage_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def mark(self, member: Member, stage_id: UUID, kind: StageKind) -> tuple[Pipeline, Stage]:
        """What it means that a lead is here. Raises TooLate("last_of_kind"): one of each kind is kept."""
        async with self.db.transaction(member.organization_id) as s:
            pipeline, stage = stage_in(await held(s), stage_id)
            if kind is not stage.kind:
                _demand_another(pipeline, stage)
                await rows.update_stage(s, stage_id, kind=kind.value)
                await self._note(s, member, "kind", stage_id)
        return await self.get(member, stage_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def require(self, member: Member, stage_id: UUID, fields: Sequence[str]) -> tuple[Pipeline, Stage]:
        """What a lead must have to come here. Raises BadInput("required", ...): invalid, too_many."""
        if len(fields) > MOST_REQUIRED:
            raise BadInput("required", "too_many", limit=MOST_REQUIRED)
        if any(one not in REQUIRABLE and not one.startswith(CUSTOM) for one in fields):
            raise BadInput("required", "invalid")
        async with self.db.transaction(member.organization_id) as s:
            stage_in(await held(s), stage_id)
            await rows.update_stage(s, stage_id, required=list(dict.fromkeys(fields)))
            await self._note(s, member, "required", stage_id)
        return await self.get(member, stage_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def standing(self, member: Member, stage_ids: Sequence[UUID]) -> int:
        """How many leads stand on these stages."""
        async with self.db.reading(member.organization_id) as s:
            return sum((await rows.standing(s, stage_ids)).values())

    @needs(Right.ORGANIZATION_EDIT)
    async def remove(self, member: Member, stage_id: UUID) -> Pipeline:
        """Take the stage out of use. Raises TooLate: "last_of_kind", or "stage_in_use" while leads stand
        there: move them first."""
        async with self.db.transaction(member.organization_id) as s:
            pipeline, stage = stage_in(await held(s), stage_id)
            _demand_another(pipeline, stage)
            await rows.hold_stages(s, [stage_id])
            if await rows.standing(s, [stage_id]):
                raise TooLate("stage_in_use")
            await rows.archive(s, table, stage_id, self.clock())
            await self._note(s, member, "remove", stage_id)
            return next(one for one in await rows.list_pipelines(s) if one.id == pipeline.id)

    @needs(Right.ORGANIZATION_EDIT)
    async def move_leads(
        self, member: Member, stage_ids: Sequence[UUID], target_id: UUID, most: int = MOST_AT_ONCE
    ) -> tuple[int, int]:
        """Move the leads of these stages to another one: how many went, and how many are left.

        At most `most` go at a time. The CRM and the senders of the leads learn of it by edits, not by
        a push a lead; a stage's required fields are not asked for, as an admin decides.
        """
        async with self.db.transaction(member.organization_id) as s:
            known = await rows.list_pipelines(s)
            _, target = stage_in([one for one in known if not one.archived], target_id)
            if await rows.stage_in_use(s, target_id) is None or target_id in stage_ids:
                raise TooLate("moved")
            old = {stage.id: stage for pipeline in known for stage in pipeline.stages}
            found = await rows.leads_on(s, stage_ids, most)
            change_id = await change_rows.begin(s, member.id, "bulk.stage", self.clock(), len(found))
            for lead_id, stage_id in found:
                await self._move(s, member, lead_id, old[stage_id], target, change_id)
            await self.notices.leads_changed(s, [lead_id for lead_id, _ in found])
            await self._note(s, member, "move_leads", target_id)
            left = sum((await rows.standing(s, stage_ids)).values())
        return len(found), left

    @needs(Right.ORGANIZATION_EDIT)
    async def move_to_pipeline(self, member: Member, pipeline_id: UUID, target_id: UUID) -> tuple[int, int]:
        """Move the open leads of a pipeline to another one: each to the stage there with the same name, else
        to the first. How many went, and how many are left; see `move_leads`."""
        async with self.db.transaction(member.organization_id) as s:
            known = await rows.list_pipelines(s)
            source, target = pipeline_in(known, pipeline_id), pipeline_in(known, target_id)
            if not target.stages or target.archived or source.id == target.id:
                raise NotFound(what="pipeline")
            moved = 0
            for stage in source.of_kind(StageKind.OPEN):
                if moved >= MOST_AT_ONCE:
                    break
                same = next((one for one in target.of_kind(StageKind.OPEN) if _alike(one, stage)), None)
                goal = same or target.stages[0]
                moved += (await self.move_leads(member, [stage.id], goal.id, MOST_AT_ONCE - moved))[0]
            open_stages = [stage.id for stage in source.of_kind(StageKind.OPEN)]
            return moved, sum((await rows.standing(s, open_stages)).values())

    async def _move(
        self, s: Session, member: Member, lead_id: UUID, old: Stage, new: Stage, change_id: UUID
    ) -> None:
        now = self.clock()
        if not await lead_rows.move_from(s, lead_id, old.id, new.id, now):
            return
        was, now_at = (kept(one.key or one.name, str(one.id)) for one in (old, new))
        change = ("stage", was, now_at)
        await lead_history.add_history(s, lead_id, member.id, "chat", [change], now, change_id)
        await self.outbox.enqueue(s, "lead.update", lead_id, lead_id, {"fields": ["stage"]})

    async def _note(self, s: Session, member: Member, what: str, stage_id: UUID) -> None:
        await audit_rows.add_audit(s, member.id, f"stage.{what}", "stage", stage_id, self.clock())


def _alike(one: Stage, other: Stage) -> bool:
    return one.key == other.key if one.key or other.key else fold(one.name) == fold(other.name)


def _demand_another(pipeline: Pipeline, stage: Stage) -> None:
    if len(pipeline.of_kind(stage.kind)) == 1:
        raise TooLate("last_of_kind")
