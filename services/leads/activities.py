"""Calls, notes and the thread between a lead's sender and its assignee."""

from collections.abc import Callable, Sequence
from uuid import UUID

from domain.activities import HISTORY_NAMES, Activity, ActivityType, CallResult
from domain.errors import BadInput, TooLate
from domain.fields import read_note
from domain.leads import Lead
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.leads import visible_lead
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.leads import lead_history
from storage.people import members as member_rows
from storage.pipelines import answer_times
from storage.planning import activities as rows

Titled = Callable[[ActivityType, str], str]
"""What an activity of a type is called in the CRM, in the language given by its code; empty: by its text."""


def untitled(_kind: ActivityType, _language: str) -> str:
    return ""


class Activities:
    """Use cases on what was done about a lead."""

    def __init__(
        self, db: Database, clock: Clock, outbox: Outbox, notices: Notices, titled: Titled = untitled
    ) -> None:
        self.db, self.clock, self.outbox, self.notices = db, clock, outbox, notices
        self.titled = titled

    @needs(Right.LEAD_WORK)
    async def log_call(self, member: Member, lead_id: UUID, result: CallResult, text: str = "") -> Lead:
        """Keep a call that was made, with its result, and tell the CRM."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            await self._add(s, member, lead, ActivityType.CALL, read_note(text), result.value)
            await self.notices.lead_changed(s, lead_id)
            return lead

    @needs(Right.LEAD_WORK)
    async def add_note(self, member: Member, lead_id: UUID, text: str) -> Lead:
        """A note of the team's own: the sender does not see it."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            await self._add(s, member, lead, ActivityType.NOTE, _demand(text), "")
            return lead

    @needs(Right.LEAD_SEE_OWN)
    async def write(self, member: Member, lead_id: UUID, text: str) -> Lead:
        """A line in the thread; the other side gets it as a push.

        Without an assignee everybody who may take the lead gets it. Raises TooLate("withdrawn").
        """
        async with self.db.transaction(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            if lead.withdrawn_at is not None:
                raise TooLate("withdrawn")
            activity_id = await self._add(s, member, lead, ActivityType.NOTE, _demand(text), "", shared=True)
            params = {"lead": str(lead.id), "activity": str(activity_id)}
            for telegram_id in await self._other_side(s, member, lead):
                await self.notices.owe(s, telegram_id, "lead.message", params)
            return lead

    @needs(Right.LEAD_SEE_OWN)
    async def recent(self, member: Member, lead_id: UUID, limit: int = 10) -> Sequence[Activity]:
        """The newest activities; a sender sees only the thread."""
        async with self.db.reading(member.organization_id) as s:
            await visible_lead(s, member, lead_id)
            shared_only = not member.may(Right.LEAD_WORK)
            return await rows.list_activities(s, lead_id, limit, shared_only=shared_only)

    @open_to("the sender of notices")
    async def for_notice(self, organization_id: UUID, lead_id: UUID, activity_id: UUID) -> Activity | None:
        """One activity for a push that was addressed when it was owed."""
        async with self.db.reading(organization_id) as s:
            found = await rows.list_activities(s, lead_id, 50, shared_only=False)
        return next((activity for activity in found if activity.id == activity_id), None)

    async def _add(
        self,
        s: Session,
        member: Member,
        lead: Lead,
        kind: ActivityType,
        text: str,
        result: str,
        *,
        shared: bool = False,
    ) -> UUID:
        now = self.clock()
        organization = await member_rows.get_organization(s, s.tenant)
        activity_id = await rows.add_activity(
            s,
            lead.id,
            now,
            type=kind.value,
            title=self.titled(kind, organization.language) if organization else "",
            text=text,
            result=result,
            shared=shared,
            author_id=member.id,
            completed_at=now,
        )
        if not shared:
            await answer_times.stop_clock(s, lead.id)
        field = "message" if shared else HISTORY_NAMES.get(kind, kind.value)
        await lead_history.add_history(s, lead.id, member.id, "chat", [(field, "", result or text)], now)
        await rows.add_audit(s, member.id, f"activity.{kind.value}", "lead", lead.id, now)
        await self.outbox.enqueue(s, "activity.create", lead.id, activity_id, {})
        return activity_id

    async def _other_side(self, s: Session, member: Member, lead: Lead) -> list[int]:
        if member.id != lead.sender_id and lead.sender_id is not None:
            sender = await member_rows.get_member(s, lead.sender_id)
            return [sender.telegram_id] if sender else []
        if lead.assignee_id is not None and lead.assignee_id != member.id:
            assignee = await member_rows.get_member(s, lead.assignee_id)
            return [assignee.telegram_id] if assignee else []
        if lead.assignee_id is None:
            managers = await member_rows.active_with(s, Right.LEAD_WORK)
            return [manager.telegram_id for manager in managers if manager.id != member.id]
        return []


def _demand(text: str) -> str:
    text = read_note(text)
    if not text:
        raise BadInput("note", "required")
    return text
