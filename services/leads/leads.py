"""Leads: the duplicate verdict, creating, reading, and what their sender may still change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from domain.activities import TEAMS_OWN, ActivityType
from domain.errors import BadInput, NotFound, TooLate
from domain.fields import read_note
from domain.leads import (
    DuplicateVerdict,
    HistoryEntry,
    Lead,
    LeadDraft,
    LeadFilter,
    LeadPage,
)
from domain.members import Member, Right
from domain.words import words_of_lead
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.duplicates import (
    CleanDraft,
    clean_draft,
    demand_no_duplicate,
    demand_somebody,
    duplicates_of,
    may_see,
    verdict_on,
)
from services.leads.lead_changes import (
    demand_changeable,
    demand_unchanged,
    demand_untaken,
    read_correction,
    write_correction,
)
from services.leads.lead_stages import failed_stage, first_stage
from services.leads.lead_state import SOUGHT, field_of
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.finding import lead_search
from storage.finding.finding import add_words, reindex
from storage.leads import lead_history
from storage.leads import leads as rows
from storage.people import members as member_rows
from storage.planning import activities as activity_rows

PAGE = 6
CHAT_SOURCES = frozenset({"telegram", "contact", "forward"})


class Place(Protocol):
    """Decides at once whose a new lead is: the member who got it, or None."""

    async def __call__(self, s: Session, lead_id: UUID, *, from_chat: bool) -> UUID | None: ...


class Leads:
    """Use cases on leads."""

    def __init__(
        self, db: Database, clock: Clock, outbox: Outbox, notices: Notices, place: Place | None = None
    ) -> None:
        self.db, self.clock, self.outbox, self.notices, self._place = db, clock, outbox, notices, place

    @needs(Right.LEAD_CREATE)
    async def check(self, member: Member, draft: LeadDraft, besides: UUID | None = None) -> DuplicateVerdict:
        """What is known of these phones, e-mails and INN. Raises BadInput for unreadable ones.

        The lead `besides` is the one that is being corrected: it does not count.
        """
        clean = clean_draft(draft, member.region)
        async with self.db.reading(member.organization_id) as s:
            return await verdict_on(s, member, clean, self.clock(), besides)

    @needs(Right.LEAD_CREATE)
    async def create(self, member: Member, draft: LeadDraft, *, receipt: bool = True) -> Lead:
        """Store the lead with everything that follows from it, in one transaction.

        Without `receipt` where the caller's answer is the sender's receipt.
        Raises BadInput for a field, or DuplicateLead unless the lead found is old and free.
        """
        clean = clean_draft(draft, member.region)
        demand_somebody(clean)
        async with self.db.transaction(member.organization_id) as s:
            # the number's lock makes two equal leads at once stand in line before the check
            number = await rows.next_number(s)
            verdict = await verdict_on(s, member, clean, self.clock())
            demand_no_duplicate(verdict)
            code = draft.referral_code or member.referral_code
            draft = replace(clean.draft, referral_code=code)
            lead_id = await self._insert(s, number, draft, clean, member, receipt=receipt)
            return await self._must_get(s, lead_id)

    @open_to("forms and hooks")
    async def create_from_form(
        self, s: Session, draft: LeadDraft, *, stub: bool = False
    ) -> tuple[UUID, bool]:
        """A lead from outside the chat: (its id, True), or (the lead it was attached to, False). Only a
        `stub` may be without a contact. A referral code makes its member the sender. Raises BadInput."""
        organization = await member_rows.get_organization(s, s.tenant)
        assert organization is not None
        clean = clean_draft(draft, organization.region)
        if not stub:
            demand_somebody(clean)
        number = await rows.next_number(s)
        found = await duplicates_of(s, clean, self.clock())
        if found.busy:
            await self._attach(s, found.first, None, clean.as_note)
            return found.first.id, False
        code = clean.draft.referral_code
        partner = await member_rows.by_referral_code(s, code) if code else None
        sender = await member_rows.get_member(s, partner) if partner else None
        lead_id = await self._insert(s, number, clean.draft, clean, sender)
        return lead_id, True

    @needs(Right.LEAD_SEE_OWN)
    async def get(self, member: Member, lead_id: UUID) -> Lead:
        """One lead that the member may see. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await visible_lead(s, member, lead_id)

    @open_to("the sender of notices")
    async def for_notice(self, organization_id: UUID, lead_id: UUID) -> Lead | None:
        """A lead for a push that was addressed when it was owed."""
        async with self.db.reading(organization_id) as s:
            return await rows.get_lead(s, lead_id)

    @needs(Right.LEAD_SEE_OWN)
    async def browse(self, member: Member, chosen: LeadFilter, page: int = 0) -> LeadPage:
        """A page of the leads the member may see, newest first. Pages count from 0."""
        see_all, see_free = member.may(Right.LEAD_SEE_ALL), member.may(Right.LEAD_SEE_UNASSIGNED)
        conditions = [
            lead_search.visible_to(member.id, see_all, see_free),
            *lead_search.matching(chosen, member.id),
        ]
        async with self.db.reading(member.organization_id) as s:
            found, total = await lead_search.list_leads(s, conditions, PAGE, max(page, 0) * PAGE)
        return LeadPage(tuple(found), total, max(page, 0), max(1, -(-total // PAGE)))

    @needs(Right.LEAD_SEE_OWN)
    async def history(self, member: Member, lead_id: UUID, page: int = 0) -> Sequence[HistoryEntry]:
        """Ten changes of the lead, newest first. Calls and notes are the team's own: senders see none."""
        hidden = () if member.may(Right.LEAD_WORK) else TEAMS_OWN
        async with self.db.reading(member.organization_id) as s:
            await visible_lead(s, member, lead_id)
            return await lead_history.history(s, lead_id, 10, page * 10, hidden)

    @needs(Right.LEAD_CREATE)
    @recorded("lead.attach", "lead")
    async def attach(self, member: Member, draft: LeadDraft, text: str, besides: UUID | None = None) -> None:
        """Leave a comment on the lead that stands in the draft's way, without seeing it. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._in_the_way(s, member, draft, besides)
            await self._attach(s, lead, member, read_note(text))

    @needs(Right.LEAD_CREATE)
    async def ask(self, member: Member, draft: LeadDraft, besides: UUID | None = None) -> None:
        """Ask whoever is responsible for the lead in the way (or all who may take it) to get in touch."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._in_the_way(s, member, draft, besides)
            await self._tell_responsible(s, lead, "lead.asked", {"from": str(member.id)})

    @needs(Right.LEAD_CREATE)
    async def change(
        self,
        member: Member,
        lead_id: UUID,
        changes: Mapping[str, str | Decimal],
        seen: Mapping[str, str] | None = None,
    ) -> Lead:
        """Correct fields of a lead: see lead_changes.FIELDS; an empty text empties what may be empty.

        `seen` are exact values that the member saw when asked: raises TooLate("changed_meanwhile") where
        somebody has written another since. The sender may change a lead until it is taken (raises TooLate),
        those who work leads at any time. Raises BadInput for a field, and DuplicateLead where another lead
        has the new contact and is not old and free.
        """
        async with self.db.transaction(member.organization_id) as s:
            await rows.hold_lead(s, lead_id)
            lead = await visible_lead(s, member, lead_id)
            demand_changeable(member, lead)
            await demand_unchanged(s, lead, seen or {})
            correction = read_correction(lead, changes, member.region)
            if correction.contacts is not None:
                # two who give the same contact to two leads at once stand in line before the check
                await rows.hold_numbers(s)
                demand_no_duplicate(
                    await verdict_on(s, member, correction.contacts, self.clock(), besides=lead.id)
                )
            written = await write_correction(s, member, lead, correction, self.clock())
            if written:
                if SOUGHT & set(written):
                    await reindex(s, [lead.id])
                fields = sorted({known.crm for name in written if (known := field_of(name)) and known.crm})
                if fields:
                    await self.outbox.enqueue(s, "lead.update", lead.id, lead.id, {"fields": fields})
                    await self.outbox.lead_corrected(s, lead.id)
                await self.notices.lead_changed(s, lead.id)
            return await self._must_get(s, lead_id)

    @needs(Right.LEAD_CREATE)
    async def withdraw(self, member: Member, lead_id: UUID) -> Lead:
        """Take back a lead nobody has taken yet: closed as failed here and in the CRM. Raises TooLate."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            if lead.sender_id != member.id:
                raise NotFound(what="lead")
            demand_untaken(lead)
            failed = await failed_stage(s, lead)
            now = self.clock()
            if not await rows.withdraw_if_free(s, lead_id, now, failed.id if failed else None):
                demand_untaken(await self._must_get(s, lead_id))
                raise TooLate("moved")
            await lead_history.add_history(s, lead_id, member.id, "chat", [("withdrawn", "", "yes")], now)
            await activity_rows.add_audit(s, member.id, "lead.withdraw", "lead", lead_id, now)
            await self.outbox.enqueue(s, "lead.update", lead_id, lead_id, {"fields": ["stage"]})
            await self.notices.lead_changed(s, lead_id)
            return await self._must_get(s, lead_id)

    async def _insert(
        self, s: Session, number: int, draft: LeadDraft, clean: CleanDraft, sender: Member | None,
        *, receipt: bool = True,
    ) -> UUID:  # fmt: skip
        now = self.clock()
        lead_id = await rows.add_lead(
            s,
            now,
            stage_id=await first_stage(s, draft),
            number=number,
            name=draft.name,
            company=draft.company,
            inn=draft.inn,
            amount=draft.amount,
            note=draft.note,
            source=draft.source,
            referral_code=draft.referral_code,
            utm=draft.utm,
            custom=draft.custom,
            sender_id=sender.id if sender else None,
        )
        actor = sender.id if sender else None
        await rows.add_contact_points(s, lead_id, clean.points)
        words = words_of_lead((draft.name, draft.company, draft.inn), draft.phones, draft.emails)
        await add_words(s, {lead_id: words})
        await lead_history.add_history(s, lead_id, actor, draft.source, [("created", "", "")], now)
        await activity_rows.add_audit(s, actor, "lead.create", "lead", lead_id, now)
        given = await self._place(s, lead_id, from_chat=draft.source in CHAT_SOURCES) if self._place else None
        await self.outbox.enqueue(s, "lead.create", lead_id, lead_id, {})
        await self.notices.lead_created(s, lead_id, sender, receipt=receipt, given_to=given)
        return lead_id

    async def _attach(self, s: Session, lead: Lead, member: Member | None, text: str) -> None:
        if not text:
            raise BadInput("note", "required")
        now = self.clock()
        author, origin = (member.id, "chat") if member else (None, "website")
        activity_id = await activity_rows.add_activity(
            s, lead.id, now, type=ActivityType.NOTE.value, text=text, author_id=author, completed_at=now
        )
        await lead_history.add_history(s, lead.id, author, origin, [("attached", "", text)], now)
        await self.outbox.enqueue(s, "activity.create", lead.id, activity_id, {})
        await self._tell_responsible(s, lead, "lead.attached", {"activity": str(activity_id)})

    async def _tell_responsible(self, s: Session, lead: Lead, kind: str, params: dict[str, str]) -> None:
        told = {"lead": str(lead.id), **params}
        if lead.assignee_id is not None:
            await self.notices.to_member(s, lead.assignee_id, kind, told)
            return
        for manager in await member_rows.active_with(s, Right.LEAD_WORK):
            await self.notices.owe(s, manager.telegram_id, kind, told)

    async def _in_the_way(self, s: Session, member: Member, draft: LeadDraft, besides: UUID | None) -> Lead:
        found = await duplicates_of(s, clean_draft(draft, member.region), self.clock(), besides)
        if not found.leads:
            raise NotFound(what="lead")
        return found.first

    async def _must_get(self, s: Session, lead_id: UUID) -> Lead:
        lead = await rows.get_lead(s, lead_id)
        if lead is None:
            raise NotFound(what="lead")
        return lead


async def visible_lead(s: Session, member: Member, lead_id: UUID) -> Lead:
    """The lead if the member may see it. Raises NotFound, also where it exists but is not theirs, and
    TooLate("deleted") for one that was deleted."""
    lead = await rows.get_lead(s, lead_id)
    if lead is None or not may_see(member, lead):
        raise NotFound(what="lead")
    if lead.deleted_at is not None:
        raise TooLate("deleted")
    return lead
