"""The people behind a lead: who may see the lead sees them, who may change it changes them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from domain.contacts import CONTACTS_LIMIT, Contact, ContactDraft, in_one_line, read_contact_draft
from domain.errors import BadInput, NotFound
from domain.history import LIST
from domain.leads import Lead, LeadDraft
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.duplicates import clean_draft, demand_no_duplicate, verdict_on
from services.leads.lead_changes import demand_changeable
from services.leads.leads import visible_lead
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.finding.finding import reindex
from storage.leads import changes as change_rows
from storage.leads import contacts as rows
from storage.leads import lead_history
from storage.leads import leads as lead_rows
from storage.planning import activities as audit_rows

FIELD = "contact"
"""What the history calls them."""

POINTS_LIMIT = 20


class Contacts:
    """Use cases on contacts, and on the phones and e-mails of the lead itself."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> None:
        self.db, self.clock, self.outbox, self.notices = db, clock, outbox, notices

    @needs(Right.LEAD_SEE_OWN)
    async def of_lead(self, member: Member, lead_id: UUID) -> Sequence[Contact]:
        """The lead's contacts, the primary one first, then alphabetically. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            await visible_lead(s, member, lead_id)
            return await rows.of_lead(s, lead_id)

    @needs(Right.LEAD_SEE_OWN)
    async def counts(self, member: Member, lead_id: UUID) -> tuple[int, int]:
        """How many contacts and how many files the lead has."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.counts(s, lead_id)

    @needs(Right.LEAD_SEE_OWN)
    async def get(self, member: Member, contact_id: UUID) -> tuple[Contact, Lead]:
        """A contact and the lead through which the member may see it. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await _visible(s, member, contact_id)

    @needs(Right.LEAD_CREATE)
    async def add(self, member: Member, lead_id: UUID, draft: ContactDraft) -> Contact:
        """One more person; the first one is the primary. Raises BadInput for a field, TooLate, and
        DuplicateLead where another lead has the phone or the e-mail and is not old and free."""
        read = read_contact_draft(draft, member.region)
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._changeable(s, member, lead_id)
            known = await rows.of_lead(s, lead_id)
            if len(known) >= CONTACTS_LIMIT:
                raise BadInput("contact_name", "too_many", limit=CONTACTS_LIMIT)
            _demand_new(known, read)
            await self._demand_free(s, member, lead, read)
            contact_id = await rows.add(s, read, self.clock(), lead_id=lead_id, is_primary=not known)
            await self._written(s, member, lead, "", in_one_line(read))
            return await _must_get(s, contact_id)

    @needs(Right.LEAD_CREATE)
    async def change(self, member: Member, contact_id: UUID, given: Mapping[str, str | bool]) -> Contact:
        """Correct name, position, phone, email or decides. Raises as `add` does."""
        async with self.db.transaction(member.organization_id) as s:
            contact, lead = await self._own(s, member, contact_id)
            before = ContactDraft(
                contact.name, contact.position, contact.phone, contact.email, contact.decides
            )
            read = read_contact_draft(replace(before, **given), member.region)  # type: ignore[arg-type]
            if read == before:
                return contact
            known = await rows.of_lead(s, lead.id)
            _demand_new([one for one in known if one.id != contact.id], read)
            new = replace(
                read,
                phone=read.phone if read.phone != before.phone else "",
                email=read.email if read.email != before.email else "",
            )
            await self._demand_free(s, member, lead, new)
            await rows.change(s, contact, read)
            await self._written(s, member, lead, in_one_line(before), in_one_line(read))
            return await _must_get(s, contact_id)

    @needs(Right.LEAD_CREATE)
    async def make_primary(self, member: Member, contact_id: UUID) -> Contact:
        """Ring this one up first; nobody else of the lead is primary any more."""
        async with self.db.transaction(member.organization_id) as s:
            contact, lead = await self._own(s, member, contact_id)
            if not contact.is_primary:
                known = await rows.of_lead(s, lead.id)
                before = next((in_one_line(one) for one in known if one.is_primary), "")
                await rows.make_primary(s, contact)
                await self._written(s, member, lead, before, in_one_line(contact), "main_contact")
            return await _must_get(s, contact_id)

    @needs(Right.LEAD_CREATE)
    async def remove(self, member: Member, contact_id: UUID) -> Lead:
        """Take a person off the lead; the next one in order becomes the primary."""
        async with self.db.transaction(member.organization_id) as s:
            contact, lead = await self._own(s, member, contact_id)
            await rows.remove(s, contact_id)
            left = await rows.of_lead(s, lead.id)
            if contact.is_primary and left:
                await rows.make_primary(s, left[0])
            await self._written(s, member, lead, in_one_line(contact), "")
            return lead

    @needs(Right.LEAD_CREATE)
    async def add_point(self, member: Member, lead_id: UUID, kind: str, typed: str) -> Lead:
        """One more phone or e-mail of the lead itself, behind those it has. Raises as `add` does."""
        draft = LeadDraft(phones=(typed,)) if kind == "phone" else LeadDraft(emails=(typed,))
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._changeable(s, member, lead_id)
            clean = clean_draft(draft, member.region)
            if not clean.values:
                raise BadInput(kind, "required")
            known = _points_of(lead, kind)
            if clean.values[0] in known:
                raise BadInput(kind, "known")
            if len(known) >= POINTS_LIMIT:
                raise BadInput(kind, "too_many", limit=POINTS_LIMIT)
            await lead_rows.hold_numbers(s)
            demand_no_duplicate(await verdict_on(s, member, clean, self.clock(), besides=lead.id))
            return await self._put(s, member, lead, kind, (*known, clean.values[0]), typed)

    @needs(Right.LEAD_CREATE)
    async def remove_point(self, member: Member, lead_id: UUID, kind: str, value: str) -> Lead:
        """Take a phone or an e-mail off the lead. Raises NotFound, and BadInput("points", "last") for the
        only way to reach the person."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._changeable(s, member, lead_id)
            known = _points_of(lead, kind)
            if value not in known:
                raise NotFound(what=kind)
            if len(lead.phones) + len(lead.emails) < 2:
                raise BadInput("points", "last")
            return await self._put(s, member, lead, kind, tuple(one for one in known if one != value))

    @needs(Right.LEAD_CREATE)
    async def make_point_primary(self, member: Member, lead_id: UUID, kind: str, value: str) -> Lead:
        """Put a phone or an e-mail before the others. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            lead = await self._changeable(s, member, lead_id)
            known = _points_of(lead, kind)
            if value not in known:
                raise NotFound(what=kind)
            return await self._put(s, member, lead, kind, tuple(dict.fromkeys((value, *known))))

    async def _put(
        self, s: Session, member: Member, lead: Lead, kind: str, values: tuple[str, ...], typed: str = ""
    ) -> Lead:
        before = _points_of(lead, kind)
        if values != before:
            now = self.clock()
            await lead_rows.replace_contact_points(s, lead.id, kind, [(kind, one, one) for one in values])
            if typed:
                await lead_rows.keep_typed(s, lead.id, kind, values[-1], typed)
            await lead_rows.update_lead(s, lead.id, now)
            change_id = await change_rows.begin(s, member.id, "lead.edit", now)
            entry = (kind, LIST.join(before), LIST.join(values))
            await lead_history.add_history(s, lead.id, member.id, "chat", [entry], now, change_id)
            await audit_rows.add_audit(s, member.id, "lead.points", "lead", lead.id, now)
            await self.outbox.enqueue(s, "lead.update", lead.id, lead.id, {"fields": [kind]})
            await self.outbox.lead_corrected(s, lead.id)
            await self.notices.lead_changed(s, lead.id)
        return await visible_lead(s, member, lead.id)

    async def _changeable(self, s: Session, member: Member, lead_id: UUID) -> Lead:
        await lead_rows.hold_lead(s, lead_id)
        lead = await visible_lead(s, member, lead_id)
        demand_changeable(member, lead)
        return lead

    async def _own(self, s: Session, member: Member, contact_id: UUID) -> tuple[Contact, Lead]:
        contact, lead = await _visible(s, member, contact_id)
        lead = await self._changeable(s, member, lead.id)
        # deleted while we waited for the lead
        return await _must_get(s, contact.id), lead

    async def _demand_free(self, s: Session, member: Member, lead: Lead, read: ContactDraft) -> None:
        phones = (read.phone,) if read.phone else ()
        emails = (read.email,) if read.email else ()
        if phones or emails:
            clean = clean_draft(LeadDraft(phones=phones, emails=emails), member.region)
            await lead_rows.hold_numbers(s)
            demand_no_duplicate(await verdict_on(s, member, clean, self.clock(), besides=lead.id))

    async def _written(
        self, s: Session, member: Member, lead: Lead, old: str, new: str, field: str = FIELD
    ) -> None:
        now = self.clock()
        await lead_rows.update_lead(s, lead.id, now)
        await lead_history.add_history(s, lead.id, member.id, "chat", [(field, old, new)], now)
        await audit_rows.add_audit(s, member.id, f"lead.{field}", "lead", lead.id, now)
        await reindex(s, [lead.id])
        await self.notices.lead_changed(s, lead.id)


def _points_of(lead: Lead, kind: str) -> tuple[str, ...]:
    return lead.phones if kind == "phone" else lead.emails


def _demand_new(known: Sequence[Contact], read: ContactDraft) -> None:
    """Nobody stands on one lead twice. Raises BadInput("contact_phone" or "contact_email", "double")."""
    for kind, value in (("phone", read.phone), ("email", read.email)):
        same = next((one for one in known if value and getattr(one, kind) == value), None)
        if same is not None:
            raise BadInput(f"contact_{kind}", "double", name=same.name or value)


async def _visible(s: Session, member: Member, contact_id: UUID) -> tuple[Contact, Lead]:
    contact = await rows.get(s, contact_id)
    if contact is None or contact.lead_id is None:
        raise NotFound(what="contact")
    return contact, await visible_lead(s, member, contact.lead_id)


async def _must_get(s: Session, contact_id: UUID) -> Contact:
    contact = await rows.get(s, contact_id)
    if contact is None:
        raise NotFound(what="contact")
    return contact
