"""Customers: qualifying a lead into one, reading, finding and correcting them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.customers import Customer, CustomerPage
from domain.errors import BadInput, NotFound
from domain.fields import NAME_LIMIT, read_email, read_inn, read_note, read_text
from domain.history import kept
from domain.leads import Lead, Stage, StageKind
from domain.members import Member, Right
from domain.phones import read_phone
from services.access import needs, open_to
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.lead_changes import demand_changeable
from services.leads.leads import visible_lead
from services.messages.notices import Notices
from services.pipelines.gates import demand_entry, lacking
from storage.db import Database, Session
from storage.leads import changes as change_rows
from storage.leads import customers as rows
from storage.leads import lead_history
from storage.leads import leads as lead_rows
from storage.pipelines import stages as stage_rows
from storage.planning import activities as audit_rows

PAGE = 6
FIELDS = ("name", "company", "phone", "email", "inn", "note")


class Customers:
    """Use cases on customers. Whoever may see the lead may see the customer it became."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> None:
        self.db, self.clock, self.outbox, self.notices = db, clock, outbox, notices

    @needs(Right.LEAD_WORK)
    async def qualify(self, member: Member, lead_id: UUID) -> tuple[Customer, bool]:
        """Make the lead a customer: contacts copied, the lead put on its pipeline's qualified stage, each
        knowing the other. The second time it returns the customer there is, with False. Raises StageNeeds
        for fields that the stage asks for and the lead lacks."""
        async with self.db.transaction(member.organization_id) as s:
            await lead_rows.hold_lead(s, lead_id)
            lead = await visible_lead(s, member, lead_id)
            demand_changeable(member, lead)
            if lead.customer_id is not None:
                known = await rows.get_customer(s, lead.customer_id)
                if known is not None:
                    return known, False
            stage = await _qualified_stage(s, lead)
            if stage is not None:
                await demand_entry(s, lead, stage, "")
            customer_id, number = await self._customer_of(s, lead)
            await rows.copy_contacts(s, lead.id, customer_id)
            await self._mark_lead(s, member, lead, (customer_id, number), stage)
            made = await rows.get_customer(s, customer_id)
            assert made is not None
            return made, True

    async def _customer_of(self, s: Session, lead: Lead) -> tuple[UUID, int]:
        now, values = self.clock(), _values_of(lead)
        before = await rows.of_lead(s, lead.id)
        if before is None:
            number = await rows.next_number(s)
            return await rows.add_customer(s, now, number=number, **values), number
        # the lead was a customer before and that was taken back
        await rows.update_customer(s, before, now, deleted_at=None, **values)
        made = await rows.get_customer(s, before)
        assert made is not None
        return before, made.number

    async def _mark_lead(
        self, s: Session, member: Member, lead: Lead, made: tuple[UUID, int], stage: Stage | None
    ) -> None:
        now = self.clock()
        customer_id, number = made
        written = [("customer", "", kept(f"#{number}", str(customer_id)))]
        values: dict[str, object] = {"customer_id": customer_id}
        if stage is not None:
            values["stage_id"] = stage.id
            before = kept(lead.stage.key or lead.stage.name, str(lead.stage.id))
            written.append(("stage", before, kept(stage.key or stage.name, str(stage.id))))
        await lead_rows.update_lead(s, lead.id, now, **values)
        change_id = await change_rows.begin(s, member.id, "lead.qualify", now)
        await lead_history.add_history(s, lead.id, member.id, "chat", written, now, change_id)
        await audit_rows.add_audit(s, member.id, "lead.qualify", "lead", lead.id, now)
        if stage is not None:
            await self.outbox.enqueue(s, "lead.update", lead.id, lead.id, {"fields": ["stage"]})
            await self.notices.stage_changed(s, lead.id, stage.id, member.id)
        else:
            await self.notices.lead_changed(s, lead.id)

    @needs(Right.LEAD_WORK)
    async def gate(self, member: Member, lead_id: UUID) -> tuple[Stage | None, tuple[str, ...]]:
        """The stage that qualifying puts the lead on, and the fields that it asks for and the lead lacks;
        nothing for a lead that is qualified, or a customer, already."""
        async with self.db.reading(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            stage = await _qualified_stage(s, lead) if lead.customer_id is None else None
            return stage, await lacking(s, lead, stage) if stage is not None else ()

    @needs(Right.LEAD_SEE_OWN)
    async def get(self, member: Member, customer_id: UUID) -> Customer:
        """One customer that the member may see. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await self._visible(s, member, customer_id)

    @needs(Right.LEAD_SEE_OWN)
    async def contacts(self, member: Member, customer_id: UUID) -> Sequence[Mapping[str, Any]]:
        """Contacts of the customer as name, position, phone, email, decides; the primary one first."""
        async with self.db.reading(member.organization_id) as s:
            await self._visible(s, member, customer_id)
            return [dict(row._mapping) for row in await rows.contacts_of(s, customer_id)]

    @needs(Right.LEAD_SEE_OWN)
    async def browse(self, member: Member, page: int = 0, text: str = "", size: int = PAGE) -> CustomerPage:
        """A page of the customers the member may see, newest first; `text` is a number, a part of a name,
        company, e-mail or INN, or digits of a phone in any spelling."""
        seen = rows.visible_to(
            member.id, member.may(Right.LEAD_SEE_ALL), member.may(Right.LEAD_SEE_UNASSIGNED)
        )
        conditions = [seen]
        async with self.db.reading(member.organization_id) as s:
            if text.strip():
                texts = await rows.all_texts(s, conditions)
                conditions.append(rows.among_ids([one.id for one in texts if _fits(one, text)][:500]))
            page = max(page, 0)
            found, total = await rows.list_customers(s, conditions, size, page * size)
        return CustomerPage(tuple(found), total, page, max(1, -(-total // size)))

    @needs(Right.LEAD_WORK)
    async def change(self, member: Member, customer_id: UUID, field: str, value: str) -> Customer:
        """Correct one of FIELDS; an empty text empties what may be empty. Raises BadInput."""
        async with self.db.transaction(member.organization_id) as s:
            customer = await self._visible(s, member, customer_id)
            values = _read(customer, field, value, member.region)
            now = self.clock()
            await rows.update_customer(s, customer_id, now, **values)
            await audit_rows.add_audit(s, member.id, "customer.change", "customer", customer_id, now)
            return await self._visible(s, member, customer_id)

    @open_to("use cases that know the customer's people")
    async def visible(self, s: Session, member: Member, customer_id: UUID) -> Customer:
        """The customer if the member may see it. Raises NotFound."""
        return await self._visible(s, member, customer_id)

    async def _visible(self, s: Session, member: Member, customer_id: UUID) -> Customer:
        customer = await rows.get_customer(s, customer_id)
        if customer is None:
            raise NotFound(what="customer")
        free = customer.assignee_id is None and member.may(Right.LEAD_SEE_UNASSIGNED)
        if member.may(Right.LEAD_SEE_ALL) or customer.assignee_id == member.id or free:
            return customer
        lead = await lead_rows.get_lead(s, customer.lead_id) if customer.lead_id else None
        if lead is None or lead.sender_id != member.id:
            raise NotFound(what="customer")
        return customer


async def _qualified_stage(s: Session, lead: Lead) -> Stage | None:
    """Where qualifying puts the lead; None for one that stands on such a stage already."""
    if lead.stage.kind is StageKind.QUALIFIED:
        return None
    return await stage_rows.stage_of_kind(s, lead.stage.id, StageKind.QUALIFIED)


def _values_of(lead: Lead) -> dict[str, Any]:
    return {
        "name": lead.name,
        "company": lead.company,
        "inn": lead.inn,
        "phones": list(lead.phones),
        "emails": list(lead.emails),
        "custom": dict(lead.custom),
        "note": lead.note,
        "assignee_id": lead.assignee_id,
        "qualified_from_lead_id": lead.id,
    }


def _read(customer: Customer, field: str, value: str, region: str) -> dict[str, Any]:
    if field not in FIELDS:
        raise BadInput("field", "unknown")
    if field in ("phone", "email"):
        held = customer.phones if field == "phone" else customer.emails
        read = (read_phone(value, region) if field == "phone" else read_email(value)) if value else ""
        many = [one for one in dict.fromkeys((read, *held[1:])) if one]
        return {f"{field}s": many}
    if field == "note":
        return {"note": read_note(value)}
    text = read_inn(value) if field == "inn" and value else ""
    if field != "inn":
        text = read_text(field, value, NAME_LIMIT if field == "name" else 200, required=False)
        other = customer.company if field == "name" else customer.name
        if not text and not other:
            raise BadInput("name", "required")
    return {field: text}


def _fits(row: Any, text: str) -> bool:
    wanted = _folded(text)
    digits = re.sub(r"\D", "", text)
    if digits and (str(row.number) == digits or digits in row.inn):
        return True
    if len(digits) >= 4 and any(digits[-10:] in phone for phone in row.phones or ()):
        return True
    fields = (row.name, row.company, *(row.emails or ()))
    return any(wanted in _folded(one) for one in fields)


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("\u0451", "\u0435").split())
