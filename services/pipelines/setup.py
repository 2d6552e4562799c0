"""Setting up pipelines: adding, naming, ordering and archiving them, their head, and their lost reasons."""

from collections.abc import Sequence
from uuid import UUID

from domain.answer_times import LONGEST, SHORTEST, AnswerTime
from domain.errors import BadInput, NotFound, TooLate
from domain.leads import StageKind
from domain.members import Member, Right
from domain.pipelines import (
    MOST_PIPELINES,
    MOST_REASONS,
    NAME_LIMIT,
    PRESETS,
    REASON_LIMIT,
    Pipeline,
    read_title,
)
from services.access import needs
from services.clock import Clock
from services.pipelines.places import Titles, held, pipeline_in, shifted
from storage.db import Database, Session
from storage.people import members as member_rows
from storage.pipelines import stages as rows
from storage.planning import activities as audit_rows
from storage.tables import pipelines as table


class PipelinesSetup:
    """Use cases of admins on pipelines."""

    def __init__(self, db: Database, clock: Clock, titles: Titles) -> None:
        self.db, self.clock, self.titles = db, clock, titles

    @needs(Right.ORGANIZATION_EDIT)
    async def all(self, member: Member) -> tuple[Pipeline, ...]:
        """Every pipeline with its stages in use, the default one first, the archived ones last."""
        async with self.db.reading(member.organization_id) as s:
            found = await rows.list_pipelines(s)
        return tuple(sorted(found, key=lambda one: one.archived))

    @needs(Right.ORGANIZATION_EDIT)
    async def get(self, member: Member, pipeline_id: UUID) -> Pipeline:
        """Raises NotFound."""
        return pipeline_in(await self.all(member), pipeline_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def add(self, member: Member, preset: str, name: str = "") -> Pipeline:
        """A pipeline with the preset's stages, last in order. Without a name it is called after the preset.

        Raises BadInput for the preset, for a name that is taken ("pipeline", "taken"), and when there are
        MOST_PIPELINES ("pipeline", "too_many").
        """
        if preset not in PRESETS:
            raise BadInput("preset", "invalid")
        async with self.db.transaction(member.organization_id) as s:
            known = await held(s)
            if sum(not one.archived for one in known) >= MOST_PIPELINES:
                raise BadInput("pipeline", "too_many", limit=MOST_PIPELINES)
            taken = self.titles.of_pipelines(known)
            wanted = [name] if name else list(self.titles.pipeline(preset))
            titles = [read_title("pipeline", one, NAME_LIMIT, taken) for one in wanted]
            last = max((one.position for one in known), default=-1)
            made = await rows.add_pipeline(s, titles[0] if name else "", preset, last + 1, PRESETS[preset])
            await self._note(s, member, "add", made)
            return pipeline_in(await rows.list_pipelines(s), made)

    @needs(Right.ORGANIZATION_EDIT)
    async def rename(self, member: Member, pipeline_id: UUID, name: str) -> Pipeline:
        """Raises BadInput("pipeline", ...) for a name that is taken, empty or too long."""
        async with self.db.transaction(member.organization_id) as s:
            known = await held(s)
            pipeline_in(known, pipeline_id)
            taken = self.titles.of_pipelines(known, besides=pipeline_id)
            title = read_title("pipeline", name, NAME_LIMIT, taken)
            await rows.update_pipeline(s, pipeline_id, name=title)
            await self._note(s, member, "rename", pipeline_id)
        return await self.get(member, pipeline_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def shift(self, member: Member, pipeline_id: UUID, by: int) -> Pipeline:
        """Move the pipeline `by` places down (up: negative). The first one is the default."""
        async with self.db.transaction(member.organization_id) as s:
            used = [one for one in await held(s) if not one.archived]
            order = shifted(used, pipeline_in(used, pipeline_id), by)
            await rows.put_in_order(s, table, [one.id for one in order])
            await self._note(s, member, "order", pipeline_id)
        return await self.get(member, pipeline_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def make_default(self, member: Member, pipeline_id: UUID) -> Pipeline:
        """Leads without a choice come there from now on: it becomes the first."""
        return await self.shift(member, pipeline_id, -MOST_PIPELINES)

    @needs(Right.ORGANIZATION_EDIT)
    async def standing(self, member: Member, pipeline_id: UUID) -> int:
        """How many open leads are on their way in the pipeline."""
        async with self.db.reading(member.organization_id) as s:
            return await _open_leads(s, pipeline_in(await rows.list_pipelines(s), pipeline_id))

    @needs(Right.ORGANIZATION_EDIT)
    async def archive(self, member: Member, pipeline_id: UUID) -> None:
        """Take it out of use; its closed leads stay as they are.

        Raises TooLate: "last_pipeline", or "pipeline_in_use" while open leads stand on it.
        """
        async with self.db.transaction(member.organization_id) as s:
            used = [one for one in await held(s) if not one.archived]
            pipeline = pipeline_in(used, pipeline_id)
            if len(used) == 1:
                raise TooLate("last_pipeline")
            await rows.hold_stages(s, [stage.id for stage in pipeline.stages])
            if await _open_leads(s, pipeline):
                raise TooLate("pipeline_in_use")
            await rows.archive(s, table, pipeline_id, self.clock())
            await self._note(s, member, "archive", pipeline_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def restore(self, member: Member, pipeline_id: UUID) -> Pipeline:
        """Bring an archived pipeline back, last in order. Raises BadInput("pipeline", "too_many")."""
        async with self.db.transaction(member.organization_id) as s:
            known = await held(s)
            pipeline_in(known, pipeline_id)
            used = [one.id for one in known if not one.archived and one.id != pipeline_id]
            if len(used) >= MOST_PIPELINES:
                raise BadInput("pipeline", "too_many", limit=MOST_PIPELINES)
            await rows.archive(s, table, pipeline_id, None)
            await rows.put_in_order(s, table, [*used, pipeline_id])
            await self._note(s, member, "restore", pipeline_id)
        return await self.get(member, pipeline_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def heads(self, member: Member) -> Sequence[Member]:
        """Who can be the head of a pipeline: active members who work leads."""
        async with self.db.reading(member.organization_id) as s:
            return await member_rows.active_with(s, Right.LEAD_WORK)

    @needs(Right.ORGANIZATION_EDIT)
    async def set_head(self, member: Member, pipeline_id: UUID, head_id: UUID | None) -> Pipeline:
        """Name who is told when nobody answers a lead; None: nobody. Raises NotFound for somebody else."""
        async with self.db.transaction(member.organization_id) as s:
            pipeline_in(await held(s), pipeline_id)
            able = {one.id for one in await member_rows.active_with(s, Right.LEAD_WORK)}
            if head_id is not None and head_id not in able:
                raise NotFound(what="member")
            await rows.update_pipeline(s, pipeline_id, head_id=head_id)
            await self._note(s, member, "head", pipeline_id)
        return await self.get(member, pipeline_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def set_answer_time(self, member: Member, pipeline_id: UUID, time: AnswerTime | None) -> Pipeline:
        """How soon a lead has to be answered; None: no clock runs. Leads whose clock runs already keep it.

        Raises BadInput("minutes", "invalid").
        """
        if time is not None and not SHORTEST <= time.minutes <= LONGEST:
            raise BadInput("minutes", "invalid")
        async with self.db.transaction(member.organization_id) as s:
            pipeline_in(await held(s), pipeline_id)
            await rows.set_pipeline(s, pipeline_id, {"answer": time.as_json() if time else None})
            await self._note(s, member, "answer", pipeline_id)
        return await self.get(member, pipeline_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def add_reason(
        self, member: Member, pipeline_id: UUID, typed: str, shown: Sequence[str]
    ) -> Pipeline:
        """One more lost reason; `shown` are those there are, as the admin reads them.

        Raises BadInput("reason", ...): taken, required, too_long, or too_many.
        """
        pipeline = await self.get(member, pipeline_id)
        if len(pipeline.reasons) >= MOST_REASONS:
            raise BadInput("reason", "too_many", limit=MOST_REASONS)
        reason = read_title("reason", typed, REASON_LIMIT, shown)
        if reason.startswith("#"):
            raise BadInput("reason", "invalid")
        return await self._keep_reasons(member, pipeline_id, [*pipeline.reasons, reason])

    @needs(Right.ORGANIZATION_EDIT)
    async def drop_reason(self, member: Member, pipeline_id: UUID, reason: str) -> Pipeline:
        """Offer it no more; leads that were lost for it keep it. Raises NotFound, TooLate("last_reason")."""
        pipeline = await self.get(member, pipeline_id)
        if reason not in pipeline.reasons:
            raise NotFound(what="reason")
        if len(pipeline.reasons) == 1:
            raise TooLate("last_reason")
        return await self._keep_reasons(
            member, pipeline_id, [one for one in pipeline.reasons if one != reason]
        )

    @needs(Right.ORGANIZATION_EDIT)
    async def shift_reason(self, member: Member, pipeline_id: UUID, reason: str, by: int) -> Pipeline:
        pipeline = await self.get(member, pipeline_id)
        if reason not in pipeline.reasons:
            raise NotFound(what="reason")
        return await self._keep_reasons(member, pipeline_id, shifted(pipeline.reasons, reason, by))

    @needs(Right.ORGANIZATION_EDIT)
    async def usual_reasons(self, member: Member, pipeline_id: UUID) -> Pipeline:
        """Back to the reasons that every pipeline begins with."""
        return await self._keep_reasons(member, pipeline_id, None)

    async def _keep_reasons(
        self, member: Member, pipeline_id: UUID, reasons: Sequence[str] | None
    ) -> Pipeline:
        async with self.db.transaction(member.organization_id) as s:
            pipeline_in(await held(s), pipeline_id)
            await rows.set_pipeline(s, pipeline_id, {"reasons": list(reasons) if reasons else None})
            await self._note(s, member, "reasons", pipeline_id)
        return await self.get(member, pipeline_id)

    async def _note(self, s: Session, member: Member, what: str, pipeline_id: UUID) -> None:
        now = self.clock()
        await audit_rows.add_audit(s, member.id, f"pipeline.{what}", "pipeline", pipeline_id, now)


async def _open_leads(s: Session, pipeline: Pipeline) -> int:
    on_the_way = [stage.id for stage in pipeline.of_kind(StageKind.OPEN)]
    return sum((await rows.standing(s, on_the_way)).values()) if on_the_way else 0
