"""Planned activities: made, moved, handed on, ended, opened again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.activities import ActivityType
from domain.errors import BadInput, NotAllowed, NotFound, TooLate
from domain.fields import read_note, read_text
from domain.free_dates import FURTHEST
from domain.members import Member, Right
from domain.plans import (
    CANCELLED,
    LONGEST,
    PLANNED,
    REMINDERS,
    RESULTS,
    Plan,
    PlanPage,
    Subject,
    reminder,
    usual_reminder,
)
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.leads.customers import Customers
from services.leads.leads import visible_lead
from services.planning.told import Told
from storage.db import Database, Session
from storage.people import members as member_rows
from storage.planning import plans as rows

PAGE = 6
TITLE_LIMIT = 200


class Plans:
    """Use cases on planned activities. Whoever sees the lead or customer sees them; they are changed by who
    is responsible for them, who planned them, and who hands out work."""

    def __init__(self, db: Database, clock: Clock, customers: Customers, told: Told) -> None:
        self.db, self.clock, self.customers, self.told = db, clock, customers, told

    @needs(Right.LEAD_WORK)
    async def schedule(
        self, member: Member, of: Subject, kind: ActivityType, at: datetime, title: str = "", text: str = ""
    ) -> Plan:
        """Plan something for oneself. Raises BadInput for a moment that is past, TooLate("withdrawn")."""
        if kind not in PLANNED:
            raise BadInput("type", "invalid")
        async with self.db.transaction(member.organization_id) as s:
            await self._demand_subject(s, member, of)
            return await self._add(
                s,
                member,
                of,
                type=kind.value,
                title=read_text("title", title, TITLE_LIMIT, required=False),
                text=read_note(text),
                assignee_id=member.id,
                scheduled_at=at,
                remind_at=usual_reminder(kind, at, self._demand_coming(at)),
            )

    @needs(Right.LEAD_WORK)
    async def get(self, member: Member, plan_id: UUID) -> Plan:
        """One that the member may see. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await self._visible(s, member, plan_id)

    @needs(Right.LEAD_WORK)
    async def of_subject(self, member: Member, of: Subject, page: int = 0) -> PlanPage:
        """Those of a lead or customer: what is to come first, then what has ended."""
        page = max(page, 0)
        async with self.db.reading(member.organization_id) as s:
            await self._demand_subject(s, member, of, ended=True)
            found, total = await rows.of_subject(s, of, PAGE, page * PAGE)
        return PlanPage(tuple(found), total, page, max(1, -(-total // PAGE)))

    @open_to("whoever sees the lead or customer")
    async def next_step(self, member: Member, of: Subject) -> Plan | None:
        """What is to be done next about a lead or customer; None for those who do not work leads."""
        if not member.may(Right.LEAD_WORK):
            return None
        async with self.db.reading(member.organization_id) as s:
            return await rows.next_of(s, of)

    @needs(Right.LEAD_WORK)
    async def move(self, member: Member, plan_id: UUID, at: datetime) -> Plan:
        """Another time; the reminder is as usual again. Raises BadInput for one that is past."""
        async with self.db.transaction(member.organization_id) as s:
            plan = await self._open(s, member, plan_id)
            now = self._demand_coming(at)
            if at == plan.at:
                return plan
            await self._change(s, plan, scheduled_at=at, remind_at=usual_reminder(plan.type, at, now))
            moved = await self._must_get(s, plan_id)
            await self.told.moved(s, moved, member.id, plan.at)
            return moved

    @needs(Right.LEAD_WORK)
    async def retype(self, member: Member, plan_id: UUID, kind: ActivityType) -> Plan:
        """Another kind: no CRM knows how to change it, so it is called off and planned anew."""
        if kind not in PLANNED:
            raise BadInput("type", "invalid")
        async with self.db.transaction(member.organization_id) as s:
            plan = await self._open(s, member, plan_id)
            of = plan.subject
            if plan.type is kind or of is None:
                return plan
            now = self._demand_coming(plan.at)
            await self._end(s, member, plan, CANCELLED)
            return await self._add(
                s,
                member,
                of,
                type=kind.value,
                title=plan.title,
                text=plan.text,
                duration=plan.duration,
                assignee_id=plan.assignee_id,
                scheduled_at=plan.at,
                remind_at=usual_reminder(kind, plan.at, now),
            )

    @needs(Right.LEAD_WORK)
    @recorded("activity.describe", "activity")
    async def describe(self, member: Member, plan_id: UUID, title: str) -> Plan:
        """What it is about, in words; empty: nothing."""
        read = read_text("title", title, TITLE_LIMIT, required=False)
        return await self._set(member, plan_id, title=read)

    @needs(Right.LEAD_WORK)
    @recorded("activity.note", "activity")
    async def note(self, member: Member, plan_id: UUID, text: str) -> Plan:
        """What is to be known about an open one; for one that has ended there is `comment`."""
        return await self._set(member, plan_id, text=read_note(text))

    @needs(Right.LEAD_WORK)
    @recorded("activity.set_duration", "activity")
    async def set_duration(self, member: Member, plan_id: UUID, minutes: int) -> Plan:
        """How long it takes; 0: not said. Raises BadInput."""
        if not timedelta(0) <= timedelta(minutes=minutes) <= LONGEST:
            raise BadInput("duration", "invalid")
        return await self._set(member, plan_id, duration=minutes * 60)

    @needs(Right.LEAD_WORK)
    @recorded("activity.set_reminder", "activity")
    async def set_reminder(self, member: Member, plan_id: UUID, choice: str) -> Plan:
        """When to remind, a code of REMINDERS. Raises BadInput for one whose moment is past."""
        if choice not in REMINDERS:
            raise BadInput("reminder", "invalid")
        async with self.db.transaction(member.organization_id) as s:
            plan = await self._open(s, member, plan_id)
            moment = reminder(choice, plan.at)
            if moment is not None and moment <= self.clock():
                raise BadInput("reminder", "past")
            await self._change(s, plan, remind_at=moment)
            return await self._must_get(s, plan_id)

    @needs(Right.LEAD_ASSIGN)
    async def give(self, member: Member, plan_id: UUID, to: UUID) -> Plan:
        """Make somebody else who works leads responsible for it; they are told. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            plan = await self._open(s, member, plan_id)
            if to == plan.assignee_id:
                return plan
            if to not in {one.id for one in await member_rows.active_with(s, Right.LEAD_WORK)}:
                raise NotFound(what="member")
            await self._change(s, plan, assignee_id=to)
            given = await self._must_get(s, plan_id)
            await self.told.given(s, given, member.id)
            return given

    @needs(Right.LEAD_ASSIGN)
    async def people(self, member: Member) -> Sequence[Member]:
        """Who may be made responsible."""
        async with self.db.reading(member.organization_id) as s:
            return await member_rows.active_with(s, Right.LEAD_WORK)

    @needs(Right.LEAD_WORK)
    async def complete(self, member: Member, plan_id: UUID, result: str) -> Plan:
        """End it with a code of RESULTS. Raises TooLate("plan_done") for the slower of two."""
        async with self.db.transaction(member.organization_id) as s:
            plan = await self._open(s, member, plan_id)
            if result not in RESULTS[plan.type]:
                raise BadInput("result", "invalid")
            return await self._end(s, member, plan, result)

    @needs(Right.LEAD_WORK)
    async def cancel(self, member: Member, plan_id: UUID) -> Plan:
        """Call it off: it leaves every agenda and can be opened again."""
        async with self.db.transaction(member.organization_id) as s:
            return await self._end(s, member, await self._open(s, member, plan_id), CANCELLED)

    @needs(Right.LEAD_WORK)
    async def reopen(self, member: Member, plan_id: UUID) -> Plan:
        """Undo its end. Raises TooLate("plan_open") when that has been done already."""
        async with self.db.transaction(member.organization_id) as s:
            plan = await self._theirs(s, member, plan_id)
            if plan.is_open:
                raise TooLate("plan_open")
            now = self.clock()
            remind_at = usual_reminder(plan.type, plan.at, now) if plan.at > now else None
            await self._change(s, plan, completed_at=None, result="", remind_at=remind_at)
            again = await self._must_get(s, plan_id)
            await self.told.reopened(s, again, member.id)
            return again

    @needs(Right.LEAD_WORK)
    @recorded("activity.comment", "activity")
    async def comment(self, member: Member, plan_id: UUID, text: str) -> Plan:
        """What was said or came of it, added to an ended one. Raises BadInput, TooLate("plan_open")."""
        said = read_note(text)
        if not said:
            raise BadInput("note", "required")
        async with self.db.transaction(member.organization_id) as s:
            plan = await self._theirs(s, member, plan_id)
            if plan.is_open:
                raise TooLate("plan_open")
            whole = "\n".join(part for part in (plan.text, said) if part)
            await self._change(s, plan, text=read_note(whole))
            await self.told.commented(s, plan, member.id, said)
            return await self._must_get(s, plan_id)

    @open_to("the sender of notices")
    async def for_notice(self, organization_id: UUID, plan_id: UUID) -> Plan | None:
        """One for a push that was addressed when it was owed; None when its lead was deleted since."""
        async with self.db.reading(organization_id) as s:
            return await rows.get_plan(s, plan_id, alive=True)

    async def _add(self, s: Session, member: Member, of: Subject, **values: object) -> Plan:
        plan_id = await rows.add_plan(s, of, self.clock(), author_id=member.id, **values)
        plan = await self._must_get(s, plan_id)
        await self.told.planned(s, plan, member.id)
        return plan

    async def _end(self, s: Session, member: Member, plan: Plan, result: str) -> Plan:
        await self._change(s, plan, completed_at=self.clock(), result=result, remind_at=None)
        ended = await self._must_get(s, plan.id)
        await self.told.ended(s, ended, member.id)
        return ended

    async def _set(self, member: Member, plan_id: UUID, **values: object) -> Plan:
        async with self.db.transaction(member.organization_id) as s:
            await self._change(s, await self._open(s, member, plan_id), **values)
            changed = await self._must_get(s, plan_id)
            await self.told.corrected(s, changed)
            return changed

    async def _change(self, s: Session, plan: Plan, **values: object) -> None:
        if not await rows.change_plan(s, plan, **values):
            raise TooLate("plan_moved")

    def _demand_coming(self, at: datetime) -> datetime:
        now = self.clock()
        if at <= now:
            raise BadInput("when", "past")
        if at > now + FURTHEST:
            raise BadInput("when", "too_far")
        return now

    async def _demand_subject(self, s: Session, member: Member, of: Subject, *, ended: bool = False) -> None:
        if of.kind == "customer":
            await self.customers.visible(s, member, of.id)
            return
        lead = await visible_lead(s, member, of.id)
        if lead.withdrawn_at is not None and not ended:
            raise TooLate("withdrawn")

    async def _visible(self, s: Session, member: Member, plan_id: UUID) -> Plan:
        plan = await self._must_get(s, plan_id)
        if plan.assignee_id == member.id:
            return plan
        of = plan.subject
        assert of is not None
        await self._demand_subject(s, member, of, ended=True)
        return plan

    async def _theirs(self, s: Session, member: Member, plan_id: UUID) -> Plan:
        plan = await self._visible(s, member, plan_id)
        own = member.id in (plan.assignee_id, plan.author_id) or plan.assignee_id is None
        if not own and not member.may(Right.LEAD_ASSIGN):
            raise NotAllowed(right=Right.LEAD_ASSIGN.value)
        return plan

    async def _open(self, s: Session, member: Member, plan_id: UUID) -> Plan:
        plan = await self._theirs(s, member, plan_id)
        if not plan.is_open:
            raise TooLate("plan_done")
        return plan

    async def _must_get(self, s: Session, plan_id: UUID) -> Plan:
        plan = await rows.get_plan(s, plan_id)
        if plan is None:
            raise NotFound(what="activity")
        return plan
