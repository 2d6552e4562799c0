"""Giving a lead to somebody: assigned from the pool, handed over with a word, given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.activities import ActivityType
from domain.errors import NotAllowed, NotFound, TooLate
from domain.fields import read_note
from domain.history import kept
from domain.leads import Lead
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.leads import visible_lead
from services.messages.notices import Notices
from services.sharing.clocks import start_clock
from services.sharing.turns import is_away
from storage.db import Database, Session
from storage.leads import changes as change_rows
from storage.leads import lead_history
from storage.leads import leads as lead_rows
from storage.people import members as member_rows
from storage.pipelines import sharing as rows
from storage.planning import activities as activity_rows


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who may get a lead: `open` counts the leads in their hands."""

    member: Member
    open: int
    away: bool


class HandOvers:
    """Use cases on who is responsible for a lead."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> None:
        self.db, self.clock, self.outbox, self.notices = db, clock, outbox, notices

    @needs(Right.LEAD_WORK)
    async def receivers(self, member: Member, lead_id: UUID) -> Sequence[Receiver]:
        """Whom the lead can be given to: those who are there first, those with few open leads first.

        Raises NotFound, TooLate, or NotAllowed for a lead of somebody else.
        """
        async with self.db.reading(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            _demand_may_give(member, lead)
            loads, now = await rows.loads(s), self.clock()
            able = await member_rows.active_with(s, Right.LEAD_WORK)
        others = [one for one in able if one.id != lead.assignee_id]
        found = [Receiver(one, loads.get(one.id, 0), is_away(one, now)) for one in others]
        return sorted(found, key=lambda one: (one.away, one.open, one.member.name.casefold()))

    @needs(Right.LEAD_WORK)
    async def give(
        self, member: Member, lead_id: UUID, to: UUID, note: str = "", seen: UUID | None = None
    ) -> Lead:
        """Make somebody else responsible. The note goes into the thread and into their push.

        `seen` is who was responsible when the member chose. Raises TooLate("taken") when that has changed
        meanwhile, NotFound for somebody who cannot get it, and what `receivers` raises.
        """
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._held(s, member, lead_id, seen)
            able = await member_rows.active_with(s, Right.LEAD_WORK)
            receiver = next((one for one in able if one.id == to), None)
            if receiver is None:
                raise NotFound(what="member")
            if to == lead.assignee_id:
                return lead
            activity = await self._noted(s, member, lead, read_note(note))
            await self._put(s, member, lead, receiver)
            told = {"lead": str(lead_id), "by": str(member.id), "activity": activity}
            if to != member.id:
                await self.notices.lead_given(s, to, told)
            await self._tell_former(s, member, lead, str(to))
            return await _as_it_stands(s, lead_id)

    @needs(Right.LEAD_WORK)
    async def give_back(self, member: Member, lead_id: UUID, seen: UUID | None = None) -> Lead:
        """Free the lead for whoever takes it; everybody else who may take it is alerted."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._held(s, member, lead_id, seen)
            if lead.assignee_id is None:
                return lead
            await self._put(s, member, lead, None)
            await self._tell_former(s, member, lead, "")
            await self.notices.lead_free(s, lead_id, besides={member.id, lead.assignee_id})
            return await _as_it_stands(s, lead_id)

    async def _held(self, s: Session, member: Member, lead_id: UUID, seen: UUID | None) -> Lead:
        await lead_rows.hold_lead(s, lead_id)
        lead = await visible_lead(s, member, lead_id)
        if lead.withdrawn_at is not None:
            raise TooLate("withdrawn")
        if lead.assignee_id != seen:
            raise TooLate("taken", by=lead.assignee_name) if lead.assignee_id else TooLate("moved")
        _demand_may_give(member, lead)
        return lead

    async def _noted(self, s: Session, member: Member, lead: Lead, note: str) -> str:
        """The word that goes with it, in the thread; its id, empty without one."""
        if not note:
            return ""
        now = self.clock()
        activity_id = await activity_rows.add_activity(
            s, lead.id, now, type=ActivityType.NOTE.value, text=note, shared=True, author_id=member.id,
            completed_at=now,
        )  # fmt: skip
        await lead_history.add_history(s, lead.id, member.id, "chat", [("message", "", note)], now)
        await self.outbox.enqueue(s, "activity.create", lead.id, activity_id, {})
        return str(activity_id)

    async def _put(self, s: Session, member: Member, lead: Lead, to: Member | None) -> None:
        """Write it with all that follows; a new clock begins."""
        now = self.clock()
        why = {"by": str(member.id), "name": member.name, "to": str(to.id)} if to is not None else {}
        await rows.give(s, lead.id, now, to.id if to is not None else None, why)
        await start_clock(s, lead.id, now)
        was = kept(lead.assignee_name, str(lead.assignee_id)) if lead.assignee_id else ""
        entry = ("assignee", was, kept(to.name, str(to.id)) if to is not None else "")
        change_id = await change_rows.begin(s, member.id, "lead.assign", now)
        await lead_history.add_history(s, lead.id, member.id, "chat", [entry], now, change_id)
        await activity_rows.add_audit(s, member.id, "lead.assign", "lead", lead.id, now)
        await self.outbox.enqueue(s, "lead.update", lead.id, lead.id, {"fields": ["assignee"]})
        await self.notices.lead_changed(s, lead.id)

    async def _tell_former(self, s: Session, member: Member, lead: Lead, to: str) -> None:
        if lead.assignee_id is not None and lead.assignee_id != member.id and str(lead.assignee_id) != to:
            told = {"lead": str(lead.id), "by": str(member.id), "to": to}
            await self.notices.to_member(s, lead.assignee_id, "lead.passed", told)


def _demand_may_give(member: Member, lead: Lead) -> None:
    """Whoever works on the lead may hand it over, those who assign leads any."""
    if lead.assignee_id != member.id and not member.may(Right.LEAD_ASSIGN):
        raise NotAllowed(right=Right.LEAD_ASSIGN.value)


async def _as_it_stands(s: Session, lead_id: UUID) -> Lead:
    """The lead as it stands, also for whoever has just given it away and sees it no more."""
    lead = await lead_rows.get_lead(s, lead_id)
    assert lead is not None
    return lead
