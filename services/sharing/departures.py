"""What becomes of the open leads of somebody who goes, is paused, blocks the bot or is away: the rules give
them new hands; what no rule speaks of is free for everybody who may take it."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from domain.history import kept
from domain.leads import Lead
from domain.members import Member, Right
from domain.sharing import Choice
from services.access import open_to
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.messages.notices import Notices
from services.sharing.clocks import start_clock
from services.sharing.new_leads import NewLeads
from services.sharing.turns import Turns, subject_of
from storage.db import Session
from storage.leads import lead_history
from storage.leads import leads as lead_rows
from storage.people import members as member_rows
from storage.people import people
from storage.pipelines import sharing as rows
from storage.planning import activities as audit_rows

AWAY = "away"


class Departures:
    """Finds new hands, within the caller's transaction."""

    def __init__(
        self, clock: Clock, outbox: Outbox, notices: Notices, turns: Turns, new_leads: NewLeads
    ) -> None:
        self.clock, self.outbox, self.notices = clock, outbox, notices
        self.turns, self.new_leads = turns, new_leads

    @open_to("services")
    async def __call__(self, s: Session, gone: Member, why: str) -> int:
        """Find new hands for every open lead of the member; how many there were. `why` is suspended, removed,
        left, blocked or away. Those who manage are told in one message."""
        # the rules' rows come before the leads' in every transaction that holds both
        await rows.enabled_rules(s, hold=True)
        found = [lead for one in await people.open_leads(s, gone.id) if (lead := await _held(s, one, gone))]
        choices = await self.turns.choose(s, [subject_of(lead) for lead in found], besides=gone.id)
        given: dict[UUID, list[UUID]] = {}
        for lead, choice in zip(found, choices, strict=True):
            to = await self._new_hands(s, lead.id, gone, choice, why)
            if to is not None:
                given.setdefault(to, []).append(lead.id)
        await self._tell(s, gone, why, [lead.id for lead in found], given)
        return len(found)

    @open_to("services")
    async def to_member(self, s: Session, gone: Member, to: Member) -> int:
        """All open leads of somebody who is away to one member; how many there were."""
        found = [lead for one in await people.open_leads(s, gone.id) if (lead := await _held(s, one, gone))]
        now, was = self.clock(), kept(gone.name, str(gone.id))
        for lead in found:
            why = {"by": str(gone.id), "name": gone.name, "to": str(to.id)}
            await rows.give(s, lead.id, now, to.id, why)
            entry = ("assignee", was, kept(to.name, str(to.id)))
            await lead_history.add_history(s, lead.id, gone.id, AWAY, [entry], now)
            await self._follow(s, lead.id)
        moved = [lead.id for lead in found]
        await self._tell(s, gone, AWAY, moved, {to.id: moved} if moved else {})
        return len(found)

    @open_to("whoever has found out")
    async def blocked(self, system: Session, telegram_id: int) -> int:
        """The person has blocked the bot: their leads get new hands in every organization they work in."""
        moved = 0
        for belonging in await people.belongings(system, telegram_id):
            s = system.scoped(belonging.organization_id, False)
            member = await member_rows.member_of(s, telegram_id)
            if member is not None:
                moved += await self(s, member, "blocked")
        return moved

    async def _new_hands(
        self, s: Session, lead_id: UUID, gone: Member, choice: Choice | None, why: str
    ) -> UUID | None:
        now, was = self.clock(), kept(gone.name, str(gone.id))
        to = choice.member_id if choice is not None else None
        await rows.give(s, lead_id, now, to, choice.why() if choice is not None else {})
        new = kept(choice.name, str(to)) if choice is not None and to is not None else ""
        await lead_history.add_history(s, lead_id, None, why, [("assignee", was, new)], now)
        await self._follow(s, lead_id)
        return to

    async def _follow(self, s: Session, lead_id: UUID) -> None:
        await start_clock(s, lead_id, self.clock())
        await self.outbox.enqueue(s, "lead.update", lead_id, lead_id, {"fields": ["assignee"]})

    async def _tell(
        self, s: Session, gone: Member, why: str, moved: Collection[UUID],
        given: Mapping[UUID, Sequence[UUID]],
    ) -> None:  # fmt: skip
        if not moved:
            return
        counts = {str(who): len(leads) for who, leads in given.items()}
        data = {"why": why, "leads": len(moved), "given": counts}
        await audit_rows.add_audit(s, None, "lead.freed", "member", gone.id, self.clock(), data)
        await self.notices.leads_changed(s, moved)
        await self.new_leads.tell_all(s, given)
        params = {"member": str(gone.id), **data}
        for manager in await member_rows.active_with(s, Right.LEAD_WORK):
            # admins have a message of their own about those who leave, with the count
            told = why == "left" and manager.may(Right.MEMBER_MANAGE)
            if manager.id != gone.id and not told:
                await self.notices.owe(s, manager.telegram_id, "lead.freed", params)


async def _held(s: Session, lead_id: UUID, gone: Member) -> Lead | None:
    """The lead, kept from others, if it is still the member's."""
    await lead_rows.hold_lead(s, lead_id)
    lead = await lead_rows.get_lead(s, lead_id)
    return lead if lead is not None and lead.assignee_id == gone.id else None
