"""Taking leads and moving them through the stages."""

from collections.abc import Sequence
from uuid import UUID

from domain.errors import NotFound, TooLate
from domain.fields import read_note
from domain.history import kept
from domain.leads import Lead, Stage
from domain.members import Member, Right
from domain.pipelines import Pipeline as Road
from domain.pipelines import next_stage
from services.access import needs, open_to
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.leads import visible_lead
from services.messages.notices import Notices
from services.pipelines.gates import demand_entry, lacking
from storage.db import Database, Session
from storage.leads import changes as change_rows
from storage.leads import lead_history
from storage.leads import leads as rows
from storage.pipelines import answer_times
from storage.pipelines import stages as stage_rows
from storage.planning import activities as activity_rows


class Pipeline:
    """Use cases on stages and responsibility."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> None:
        self.db, self.clock, self.outbox, self.notices = db, clock, outbox, notices

    @needs(Right.LEAD_SEE_OWN)
    async def stages(self, member: Member) -> Sequence[Stage]:
        """The stages of all pipelines in use, the default one's first, each pipeline's in order."""
        async with self.db.reading(member.organization_id) as s:
            return await stage_rows.list_stages(s)

    @needs(Right.LEAD_SEE_OWN)
    async def pipelines(self, member: Member) -> tuple[Road, ...]:
        """The pipelines in use with their stages, the default one first."""
        async with self.db.reading(member.organization_id) as s:
            return tuple(road for road in await stage_rows.list_pipelines(s) if not road.archived)

    @needs(Right.LEAD_WORK)
    async def take(self, member: Member, lead_id: UUID) -> Lead:
        """Become responsible for a lead that is free, or that nobody has answered in time.

        Raises TooLate("taken", by=name) for the slower of two.
        """
        async with self.db.transaction(member.organization_id) as s:
            now, before = self.clock(), await rows.get_lead(s, lead_id)
            if not await rows.take_if_free(s, lead_id, member.id, now):
                lead = await rows.get_lead(s, lead_id)
                if lead is None:
                    raise NotFound(what="lead")
                if lead.deleted_at is not None:
                    raise TooLate("deleted")
                if lead.assignee_id == member.id:
                    return lead
                if lead.withdrawn_at is not None:
                    raise TooLate("withdrawn")
                raise TooLate("taken", by=lead.assignee_name)
            taken = ("assignee", _responsible(before), kept(member.name, str(member.id)))
            change_id = await change_rows.begin(s, member.id, "lead.take", now)
            await lead_history.add_history(s, lead_id, member.id, "chat", [taken], now, change_id)
            await activity_rows.add_audit(s, member.id, "lead.take", "lead", lead_id, now)
            await self.outbox.enqueue(s, "lead.update", lead_id, lead_id, {"fields": ["assignee"]})
            await self.notices.lead_changed(s, lead_id)
            if before is not None and before.assignee_id not in (None, member.id):
                told = {"lead": str(lead_id), "by": str(member.id), "to": str(member.id)}
                await self.notices.to_member(s, before.assignee_id, "lead.passed", told)
            return await visible_lead(s, member, lead_id)

    @needs(Right.LEAD_WORK)
    async def lacks(self, member: Member, lead_id: UUID, stage_id: UUID) -> tuple[str, ...]:
        """The fields that the stage asks for and the lead lacks. Raises TooLate("stage_gone")."""
        async with self.db.reading(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            return await lacking(s, lead, await self._stage(s, stage_id))

    @needs(Right.LEAD_WORK)
    async def move(
        self, member: Member, lead_id: UUID, stage_id: UUID, reason: str = "", seen: UUID | None = None
    ) -> Lead:
        """Put the lead on a stage, also of another pipeline.

        `seen` is the stage on which the member saw it. Raises TooLate("moved") when it is on another one
        now, TooLate("stage_gone"), StageNeeds for fields that the stage asks for and the lead lacks, and
        BadInput("reason", "required") for a failed stage without a reason.
        """
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._workable(s, member, lead_id)
            stage = await self._stage(s, stage_id)
            if stage.id == lead.stage.id:
                return lead
            if seen not in (None, lead.stage.id):
                raise TooLate("moved")
            reason = read_note(reason)
            await demand_entry(s, lead, stage, reason)
            await self._move(s, lead, stage, member.id, "chat", reason)
            await self.outbox.enqueue(s, "lead.update", lead_id, lead_id, {"fields": ["stage"]})
            return await visible_lead(s, member, lead_id)

    @needs(Right.LEAD_WORK)
    async def advance(self, member: Member, lead_id: UUID, from_stage: UUID) -> Lead:
        """One stage forward from the one the button showed; an old button moves nothing (TooLate)."""
        async with self.db.reading(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            if lead.stage.id != from_stage:
                raise TooLate("moved")
            following = next_stage(await stage_rows.list_stages(s), lead.stage)
        if following is None:
            raise TooLate("last_stage")
        return await self.move(member, lead_id, following.id, seen=from_stage)

    @open_to("the CRM")
    async def move_by_crm(self, s: Session, lead_id: UUID, stage_id: UUID, origin: str) -> None:
        """Follow a change made in the CRM: history and pushes, but nothing is sent back."""
        lead = await rows.get_lead(s, lead_id)
        if lead is not None and lead.stage.id != stage_id:
            await self._move(s, lead, await self._stage(s, stage_id), None, origin, "")

    async def _move(
        self, s: Session, lead: Lead, stage: Stage, actor: UUID | None, origin: str, reason: str
    ) -> None:
        now = self.clock()
        if not await rows.move_from(s, lead.id, lead.stage.id, stage.id, now):
            raise TooLate("moved")
        await answer_times.stop_clock(s, lead.id)
        changes = [("stage", _kept_stage(lead.stage), _kept_stage(stage))]
        if lead.stage.pipeline_id != stage.pipeline_id:
            changes.append(await _between(s, lead.stage, stage))
        if reason:
            changes.append(("reason", "", reason))
        change_id = await change_rows.begin(s, actor, "lead.stage", now) if actor is not None else None
        await lead_history.add_history(s, lead.id, actor, origin, changes, now, change_id)
        await activity_rows.add_audit(s, actor, "lead.move", "lead", lead.id, now)
        await self.notices.stage_changed(s, lead.id, stage.id, actor)

    async def _workable(self, s: Session, member: Member, lead_id: UUID) -> Lead:
        lead = await visible_lead(s, member, lead_id)
        if lead.withdrawn_at is not None:
            raise TooLate("withdrawn")
        return lead

    async def _stage(self, s: Session, stage_id: UUID) -> Stage:
        stage = await stage_rows.stage_in_use(s, stage_id)
        if stage is None:
            raise TooLate("stage_gone")
        return stage


def _responsible(lead: Lead | None) -> str:
    held = lead is not None and lead.assignee_id is not None
    return kept(lead.assignee_name, str(lead.assignee_id)) if lead is not None and held else ""


def _kept_stage(stage: Stage) -> str:
    return kept(stage.key or stage.name, str(stage.id))


async def _between(s: Session, old: Stage, new: Stage) -> tuple[str, str, str]:
    names = {road.id: road.name or road.preset for road in await stage_rows.list_pipelines(s)}
    was, now = (names.get(stage.pipeline_id, "") if stage.pipeline_id else "" for stage in (old, new))
    return "pipeline", was, now
