"""What a lead's card tells beside the lead itself; deleting a lead and bringing it back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.errors import BadInput, NotAllowed, NotFound, TooLate
from domain.history import exact_in, shown_in
from domain.leads import Lead, LeadPage
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.leads.changes import MERGED, UNDO_FOR
from services.leads.lead_state import field_of
from services.leads.leads import visible_lead
from services.messages.notices import Notices
from storage.db import Database
from storage.leads import changes as change_rows
from storage.leads import customers as customer_rows
from storage.leads import deleted_leads, lead_history, lead_tags
from storage.leads import leads as rows
from storage.planning import activities as audit_rows

KEPT_FOR = timedelta(days=30)
"""How long a deleted lead can be brought back."""

PAGE = 6
OFFERED = 12
PICKED = ("segment", "product", "region", "source", "tags")
"""Fields whose values are picked from those in use."""


@dataclass(frozen=True, slots=True)
class LeadDetails:
    """`undo` is the reader's own change of a moment ago; `merged_into` the lead that a deleted one became
    part of, with its number as people read it."""

    tags: tuple[str, ...] = ()
    customer_number: int = 0
    undo: UUID | None = None
    merged_into: UUID | None = None
    merged_number: str = ""


def may_delete(member: Member, lead: Lead) -> bool:
    """Whoever works on the lead, and those who assign leads."""
    return member.may(Right.LEAD_WORK) and (lead.assignee_id == member.id or member.may(Right.LEAD_ASSIGN))


class LeadCare:
    """Use cases on the whole of a lead."""

    def __init__(self, db: Database, clock: Clock, notices: Notices) -> None:
        self.db, self.clock, self.notices = db, clock, notices

    @open_to("whoever has read the lead")
    async def details(self, member: Member, lead: Lead) -> LeadDetails:
        """What the card tells besides."""
        async with self.db.reading(member.organization_id) as s:
            change = await change_rows.newest_of(s, lead.id, member.id, self.clock() - UNDO_FOR)
            undo = change.id if change is not None else None
            if lead.deleted_at is not None:
                entry = await change_rows.newest_entry(s, lead.id, MERGED)
                if entry is not None and entry.new:
                    into = UUID(json.loads(exact_in(entry.new))["winner"])
                    return LeadDetails(undo=undo, merged_into=into, merged_number=shown_in(entry.new))
                return LeadDetails(undo=undo)
            customer = await customer_rows.get_customer(s, lead.customer_id) if lead.customer_id else None
            tags = await lead_tags.tags_of(s, lead.id)
            return LeadDetails(tags, customer.number if customer is not None else 0, undo)

    @needs(Right.LEAD_CREATE)
    async def standing(self, member: Member, lead_id: UUID, field: str) -> tuple[str, str]:
        """The exact value of a field now, and who has changed it last; empty where it never changed."""
        async with self.db.reading(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            known = field_of(field)
            if known is None:
                raise BadInput("field", "unknown")
            by = await lead_history.last_actor(s, lead_id, field)
            return await known.now(s, lead), by

    @needs(Right.LEAD_CREATE)
    async def in_use(self, member: Member, field: str) -> Sequence[str]:
        """Values that leads of the organization have in the field, the most frequent first."""
        if field not in PICKED:
            raise BadInput("field", "unknown")
        async with self.db.reading(member.organization_id) as s:
            if field == "tags":
                return await lead_tags.tags_in_use(s, OFFERED)
            return await lead_tags.values_in_use(s, field, OFFERED)

    @needs(Right.LEAD_WORK)
    async def delete(self, member: Member, lead_id: UUID) -> UUID:
        """Take the lead out of all lists; it can be brought back for KEPT_FOR. Returns the change's id.

        Raises NotAllowed for a lead of somebody else, TooLate("deleted") for the second time.
        """
        async with self.db.transaction(member.organization_id) as s:
            await rows.hold_lead(s, lead_id)
            lead = await visible_lead(s, member, lead_id)
            if not may_delete(member, lead):
                raise NotAllowed(right=Right.LEAD_ASSIGN.value)
            now = self.clock()
            await rows.update_lead(s, lead_id, now, deleted_at=now)
            change_id = await change_rows.begin(s, member.id, "lead.delete", now)
            deleted = [("deleted", "", "yes")]
            await lead_history.add_history(s, lead_id, member.id, "chat", deleted, now, change_id)
            await audit_rows.add_audit(s, member.id, "lead.delete", "lead", lead_id, now)
            await self.notices.lead_changed(s, lead_id)
            return change_id

    @needs(Right.LEAD_ASSIGN)
    async def bring_back(self, member: Member, lead_id: UUID) -> Lead:
        """A deleted lead becomes what it was. Raises TooLate: not_deleted, deleted_long_ago, or merged for
        one that is part of another lead now."""
        async with self.db.transaction(member.organization_id) as s:
            await rows.hold_lead(s, lead_id)
            lead = await rows.get_lead(s, lead_id)
            if lead is None:
                raise NotFound(what="lead")
            now = self.clock()
            if lead.deleted_at is None:
                raise TooLate("not_deleted")
            if lead.deleted_at < now - KEPT_FOR:
                raise TooLate("deleted_long_ago")
            entry = await change_rows.newest_entry(s, lead_id, MERGED)
            if entry is not None and entry.new:
                raise TooLate("merged")
            await rows.update_lead(s, lead_id, now, deleted_at=None)
            change_id = await change_rows.begin(s, member.id, "lead.restore", now)
            restored = [("deleted", "yes", "")]
            await lead_history.add_history(s, lead_id, member.id, "chat", restored, now, change_id)
            await audit_rows.add_audit(s, member.id, "lead.restore", "lead", lead_id, now)
            await self.notices.lead_changed(s, lead_id)
            return await visible_lead(s, member, lead_id)

    @needs(Right.LEAD_ASSIGN)
    async def deleted(self, member: Member, page: int = 0) -> LeadPage:
        """Leads that can still be brought back, the last deleted first."""
        async with self.db.reading(member.organization_id) as s:
            since = self.clock() - KEPT_FOR
            found, total = await deleted_leads.list_deleted(s, since, PAGE, max(page, 0) * PAGE)
        return LeadPage(tuple(found), total, max(page, 0), max(1, -(-total // PAGE)))
