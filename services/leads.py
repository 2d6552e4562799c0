"""Leads: the duplicate verdict, creating, reading, and what their sender may still change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from domain.activities import ActivityType
from domain.errors import BadInput, DuplicateLead, NotFound, TooLate
from domain.fields import NAME_LIMIT, read_email, read_inn, read_note, read_text
from domain.leads import (
    DuplicateVerdict,
    HistoryEntry,
    Lead,
    LeadDraft,
    LeadFilter,
    LeadPage,
    StageKind,
    Verdict,
)
from domain.members import Member, Right
from domain.phones import read_phone
from services.access import needs, open_to
from services.clock import Clock
from services.duplicates import CleanDraft, clean_draft, demand_somebody, is_free, may_see, verdict_on
from services.notices import Notices
from services.outbox import Outbox
from storage import activities as activity_rows
from storage import leads as rows
from storage import members as member_rows
from storage import stages as stage_rows
from storage.db import Database, Session

PAGE = 6
_SENDER_FIELDS = ("name", "company", "phone", "email", "inn", "amount", "note")


class Leads:
    """Use cases on leads."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> None:
        self.db, self.clock, self.outbox, self.notices = db, clock, outbox, notices

    @needs(Right.LEAD_CREATE)
    async def check(self, member: Member, draft: LeadDraft) -> DuplicateVerdict:
        """What is known of these phones, e-mails and INN. Raises BadInput for unreadable ones."""
        clean = clean_draft(draft, member.region)
        async with self.db.reading(member.organization_id) as s:
            return await verdict_on(s, member, clean, self.clock())

    @needs(Right.LEAD_CREATE)
    async def create(self, member: Member, draft: LeadDraft, *, notify: bool = True) -> Lead:
        """Store the lead with everything that follows from it, in one transaction.

        Raises BadInput for a field, or DuplicateLead unless the lead found is old and free.
        """
        clean = clean_draft(draft, member.region)
        demand_somebody(clean)
        async with self.db.transaction(member.organization_id) as s:
            # the number's lock makes two equal leads at once stand in line before the check
            number = await rows.next_number(s)
            verdict = await verdict_on(s, member, clean, self.clock())
            if verdict.verdict in (Verdict.YOURS, Verdict.TAKEN):
                raise DuplicateLead(verdict.lead_id or member.id, verdict=verdict.verdict.value)
            code = draft.referral_code or member.referral_code
            draft = replace(clean.draft, referral_code=code)
            lead_id = await self._insert(s, number, draft, clean, member)
            return await self._must_get(s, lead_id)

    @open_to("forms and hooks")
    async def create_from_form(self, s: Session, draft: LeadDraft) -> tuple[UUID, bool]:
        """A lead from outside the chat: (its id, True), or (the lead it was attached to, False).

        A referral code makes its member the sender. Raises BadInput for a field.
        """
        organization = await member_rows.get_organization(s, s.tenant)
        assert organization is not None
        clean = clean_draft(draft, organization.region)
        demand_somebody(clean)
        number = await rows.next_number(s)
        found = await rows.find_duplicates(s, clean.values, clean.draft.inn)
        for lead_id in found:
            lead = await self._must_get(s, lead_id)
            if not is_free(lead, organization, self.clock()):
                await self._attach(s, lead, None, _as_note(clean.draft))
                return lead_id, False
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
        conditions = [rows.visible_to(member.id, see_all, see_free), *rows.matching(chosen, member.id)]
        async with self.db.reading(member.organization_id) as s:
            found, total = await rows.list_leads(s, conditions, PAGE, max(page, 0) * PAGE)
        return LeadPage(tuple(found), total, max(page, 0), max(1, -(-total // PAGE)))

    @needs(Right.LEAD_SEE_OWN)
    async def history(self, member: Member, lead_id: UUID, page: int = 0) -> Sequence[HistoryEntry]:
        """Ten changes of the lead, newest first. Calls and notes are the team's own: senders see none."""
        hidden = () if member.may(Right.LEAD_WORK) else (ActivityType.CALL.value, ActivityType.NOTE.value)
        async with self.db.reading(member.organization_id) as s:
            await visible_lead(s, member, lead_id)
            return await rows.history(s, lead_id, 10, page * 10, hidden)

    @needs(Right.LEAD_CREATE)
    async def attach(self, member: Member, draft: LeadDraft, text: str) -> None:
        """Leave a comment on the lead that stands in the draft's way, without seeing it. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._first_duplicate(s, member, draft)
            await self._attach(s, lead, member, read_note(text))

    @needs(Right.LEAD_CREATE)
    async def ask(self, member: Member, draft: LeadDraft) -> None:
        """Ask whoever is responsible for the lead in the way (or all who may take it) to get in touch."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._first_duplicate(s, member, draft)
            await self._tell_responsible(s, lead, "lead.asked", {"from": str(member.id)})

    @needs(Right.LEAD_CREATE)
    async def change(self, member: Member, lead_id: UUID, changes: Mapping[str, str | Decimal]) -> Lead:
        """Correct fields (name, company, phone, email, inn, amount, note) of a lead.

        The sender may until it is taken (raises TooLate), those who work leads at any time.
        """
        async with self.db.transaction(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            if not member.may(Right.LEAD_WORK):
                _demand_untaken(lead)
            if lead.withdrawn_at is not None:
                raise TooLate("withdrawn")
            written = await self._write_changes(s, member, lead, changes)
            if written:
                fields = sorted({field for field, _, _ in written})
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
            _demand_untaken(lead)
            stages = await stage_rows.list_stages(s)
            failed = next((stage for stage in stages if stage.kind is StageKind.FAILED), None)
            now = self.clock()
            if not await rows.withdraw_if_free(s, lead_id, now, failed.id if failed else None):
                raise TooLate("taken")
            await rows.add_history(s, lead_id, member.id, "chat", [("withdrawn", "", "yes")], now)
            await activity_rows.add_audit(s, member.id, "lead.withdraw", "lead", lead_id, now)
            await self.outbox.enqueue(s, "lead.update", lead_id, lead_id, {"fields": ["stage"]})
            await self.notices.lead_changed(s, lead_id)
            return await self._must_get(s, lead_id)

    async def _insert(
        self, s: Session, number: int, draft: LeadDraft, clean: CleanDraft, sender: Member | None
    ) -> UUID:
        now = self.clock()
        lead_id = await rows.add_lead(
            s,
            now,
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
        await rows.add_history(s, lead_id, actor, draft.source, [("created", "", "")], now)
        await activity_rows.add_audit(s, actor, "lead.create", "lead", lead_id, now)
        await self.outbox.enqueue(s, "lead.create", lead_id, lead_id, {})
        await self.notices.lead_created(s, lead_id, sender)
        return lead_id

    async def _attach(self, s: Session, lead: Lead, member: Member | None, text: str) -> None:
        if not text:
            raise BadInput("note", "required")
        now = self.clock()
        author = member.id if member else None
        activity_id = await activity_rows.add_activity(
            s, lead.id, now, type=ActivityType.NOTE.value, text=text, author_id=author, completed_at=now
        )
        await rows.add_history(s, lead.id, author, "attached", [("note", "", text)], now)
        await self.outbox.enqueue(s, "activity.create", lead.id, activity_id, {})
        await self._tell_responsible(s, lead, "lead.attached", {"activity": str(activity_id)})

    async def _tell_responsible(self, s: Session, lead: Lead, kind: str, params: dict[str, str]) -> None:
        told = {"lead": str(lead.id), **params}
        if lead.assignee_id is not None:
            await self.notices.to_member(s, lead.assignee_id, kind, told)
            return
        for manager in await member_rows.active_with(s, Right.LEAD_WORK):
            await self.notices.owe(s, manager.telegram_id, kind, told)

    async def _first_duplicate(self, s: Session, member: Member, draft: LeadDraft) -> Lead:
        clean = clean_draft(draft, member.region)
        found = await rows.find_duplicates(s, clean.values, clean.draft.inn)
        if not found:
            raise NotFound(what="lead")
        return await self._must_get(s, found[0])

    async def _write_changes(
        self, s: Session, member: Member, lead: Lead, changes: Mapping[str, str | Decimal]
    ) -> list[tuple[str, str, str]]:
        values = {field: _read_field(field, value, member.region) for field, value in changes.items()}
        before = {
            "name": lead.name, "company": lead.company, "inn": lead.inn, "note": lead.note,
            "phone": lead.phones[0] if lead.phones else "",
            "email": lead.emails[0] if lead.emails else "",
            "amount": lead.amount.amount if lead.amount else "",
        }  # fmt: skip
        written = [
            (field, str(before[field]), str(value))
            for field, value in values.items()
            if value != before[field]
        ]
        if not written:
            return []
        now = self.clock()
        columns = {field: values[field] for field, _, _ in written if field not in ("phone", "email")}
        await rows.update_lead(s, lead.id, now, **columns)
        for kind, known in (("phone", lead.phones), ("email", lead.emails)):
            if kind in values and values[kind] != before[kind]:
                points = [(kind, str(values[kind]), str(changes[kind]))]
                points += [(kind, one, one) for one in known[1:] if one != values[kind]]
                await rows.replace_contact_points(s, lead.id, kind, points)
        await rows.add_history(s, lead.id, member.id, "chat", written, now)
        return written

    async def _must_get(self, s: Session, lead_id: UUID) -> Lead:
        lead = await rows.get_lead(s, lead_id)
        if lead is None:
            raise NotFound(what="lead")
        return lead


async def visible_lead(s: Session, member: Member, lead_id: UUID) -> Lead:
    """The lead if the member may see it. Raises NotFound, also where it exists but is not theirs."""
    lead = await rows.get_lead(s, lead_id)
    if lead is None or not may_see(member, lead):
        raise NotFound(what="lead")
    return lead


def _demand_untaken(lead: Lead) -> None:
    if lead.withdrawn_at is not None:
        raise TooLate("withdrawn")
    if lead.assignee_id is not None:
        raise TooLate("taken")


def _read_field(field: str, value: str | Decimal, region: str) -> str | Decimal:
    if field not in _SENDER_FIELDS:
        raise BadInput(field, "unknown")
    if isinstance(value, Decimal):
        return value
    if field == "phone":
        return read_phone(value, region)
    if field == "email":
        return read_email(value)
    if field == "inn":
        return read_inn(value)
    if field == "note":
        return read_note(value)
    return read_text(field, value, NAME_LIMIT if field == "name" else 200)


def _as_note(draft: LeadDraft) -> str:
    parts = [draft.name, draft.company, *draft.phones, *draft.emails, draft.note]
    return "\n".join(part for part in parts if part)
