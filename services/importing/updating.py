"""Leads that are here already, brought up to date with what a row says of them."""

from collections.abc import Iterator
from uuid import UUID

from domain.delivery import Priority
from domain.history import LIST
from domain.importing import RowLead
from domain.leads import Lead
from domain.members import Member
from services.access import open_to
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.lead_state import NoWayBack, field_of, kept_now
from services.sharing.clocks import follow_hands
from storage.db import Session
from storage.importing.imported_leads import ORIGIN
from storage.leads import lead_history, lead_tags
from storage.leads import leads as lead_rows

_TEXTS = ("name", "company", "inn", "note", "segment", "product", "region")


class LeadUpdates:
    """Writes what a row says into a lead: what it does not say stays, contacts and tags are added."""

    def __init__(self, clock: Clock, outbox: Outbox) -> None:
        self.clock, self.outbox = clock, outbox

    @open_to("imports")
    async def update(self, s: Session, member: Member, lead_id: UUID, row: RowLead, change_id: UUID) -> None:
        """All in the caller's transaction; history entries carry `change_id`."""
        await lead_rows.hold_lead(s, lead_id)
        lead = await lead_rows.get_lead(s, lead_id)
        if lead is None:
            return
        now, written, told = self.clock(), list[tuple[str, str, str]](), set[str]()
        tags = await lead_tags.tags_of(s, lead_id)
        for name, value in wanted(lead, row, tags):
            known = field_of(name)
            assert known is not None
            before = await known.now(s, lead)
            if known.same(before, value):
                continue
            try:
                await known.put(s, lead, value, now)
            except NoWayBack:
                continue
            written.append((name, await kept_now(s, known, before), await kept_now(s, known, value)))
            told |= {known.crm} - {""}
        await lead_history.add_history(s, lead_id, member.id, ORIGIN, written, now, change_id)
        if any(name == "assignee" for name, _, _ in written):
            await follow_hands(s, lead_id, member.id, now)
        if told:
            await self.outbox.enqueue(
                s, "lead.update", lead_id, lead_id, {"fields": sorted(told)}, priority=Priority.BULK
            )


def wanted(lead: Lead, row: RowLead, tags: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(field, exact value as in domain.history) of everything that the row says."""
    for name in _TEXTS:
        if value := getattr(row, name):
            yield name, value
    if row.amount is not None:
        yield "amount", f"{row.amount:.2f} RUB"
    if row.phones:
        yield "phone", LIST.join(dict.fromkeys((*lead.phones, *row.phones)))
    if row.emails:
        yield "email", LIST.join(dict.fromkeys((*lead.emails, *row.emails)))
    if row.tags:
        yield "tags", LIST.join(sorted({*tags, *row.tags}))
    for key, value in row.custom.items():
        yield f"custom.{key}", value
    if row.stage is not None:
        yield "stage", str(row.stage)
    if row.assignee is not None:
        yield "assignee", str(row.assignee)
