"""Pushes about what CRMs change: to the lead's people, and to whoever has to decide.

- lead.followed  the CRM changed fields of a lead: sender and assignee learn which
- crm.conflict   both sides changed a field: whoever works on the lead chooses (slot conflict:<id>)
- crm.deleted    the record of a lead was deleted in the CRM (slot deleted:<id of the link>)
- crm.duplicate  the CRM knows a new lead's contacts as those of another lead of ours
- crm.merged     the records of two leads became one in the CRM
"""

from typing import Any
from uuid import UUID

from domain.history import shown_in
from domain.members import Member, Right
from services.access import open_to
from services.messages.notices import Notices
from services.two_ways.following import Change
from storage.db import Session
from storage.leads import leads as lead_rows
from storage.messages import slots
from storage.people import members as member_rows

MOST = 200
"""Characters of a value in a push."""


class SyncNotices:
    """Owes pushes in the caller's transaction."""

    def __init__(self, notices: Notices) -> None:
        self.notices = notices

    @open_to("services")
    async def lead_changed(self, session: Session, lead_id: UUID) -> None:
        """Cards and receipts of the lead are brought up to date."""
        await self.notices.lead_changed(session, lead_id)

    @open_to("services")
    async def lead_followed(self, session: Session, lead_id: UUID, changes: list[Change]) -> None:
        """Sender and assignee learn what the CRM has changed."""
        lead = await lead_rows.get_lead(session, lead_id)
        if lead is None:
            return
        told = [[name, shown_in(old)[:MOST], shown_in(new)[:MOST]] for name, old, new in changes]
        people = {lead.sender_id, lead.assignee_id} - {None}
        for member_id in sorted(people, key=str):
            assert member_id is not None
            params = {"lead": str(lead_id), "changes": told}
            await self.notices.to_member(session, member_id, "lead.followed", params)
        await self.notices.lead_changed(session, lead_id)

    @open_to("services")
    async def conflict(self, session: Session, lead_id: UUID, conflict_id: UUID) -> None:
        """The assignee, or else the admins, are to choose between two values."""
        params = {"conflict": str(conflict_id)}
        await self._ask(session, lead_id, "crm.conflict", params, f"conflict:{conflict_id}")

    @open_to("services")
    async def conflict_settled(self, session: Session, conflict_id: UUID) -> None:
        """Cards of a conflict are to show how it ended."""
        await self._refresh(
            session, "crm.conflict", {"conflict": str(conflict_id)}, f"conflict:{conflict_id}"
        )

    @open_to("services")
    async def deleted(self, session: Session, lead_id: UUID, link_id: UUID) -> None:
        """The assignee, or else the admins, are to decide about a lead whose record is gone."""
        params = {"lead": str(lead_id), "link": str(link_id)}
        await self._ask(session, lead_id, "crm.deleted", params, f"deleted:{link_id}")
        await self.notices.lead_changed(session, lead_id)

    @open_to("services")
    async def deleted_settled(self, session: Session, lead_id: UUID, link_id: UUID) -> None:
        """Cards of a deletion are to show what was decided."""
        params = {"lead": str(lead_id), "link": str(link_id)}
        await self._refresh(session, "crm.deleted", params, f"deleted:{link_id}")
        await self.notices.lead_changed(session, lead_id)

    @open_to("services")
    async def merged(self, session: Session, lead_id: UUID, other_id: UUID) -> None:
        """Whoever works on the lead learns that its record became that of another lead."""
        params = {"lead": str(lead_id), "other": str(other_id)}
        await self._ask(session, lead_id, "crm.merged", params, f"merged:{lead_id}")
        await self.notices.lead_changed(session, lead_id)

    @open_to("services")
    async def possible_duplicate(self, session: Session, lead_id: UUID, other_id: UUID) -> None:
        """Whoever works on the lead should look whether the other is the same one."""
        params = {"lead": str(lead_id), "other": str(other_id)}
        await self._ask(session, lead_id, "crm.duplicate", params, f"duplicate:{lead_id}")

    async def _ask(
        self, session: Session, lead_id: UUID, kind: str, params: dict[str, Any], slot: str
    ) -> None:
        for person in await self._deciders(session, lead_id):
            await self.notices.owe(session, person.telegram_id, kind, params, slot)

    async def _deciders(self, session: Session, lead_id: UUID) -> list[Member]:
        lead = await lead_rows.get_lead(session, lead_id)
        if lead is not None and lead.assignee_id is not None:
            assignee = await member_rows.get_member(session, lead.assignee_id)
            if assignee is not None and assignee.may(Right.LEAD_WORK):
                return [assignee]
        return await member_rows.active_with(session, Right.CRM_MANAGE)

    async def _refresh(self, session: Session, kind: str, params: dict[str, Any], slot: str) -> None:
        for chat_id, _ in await slots.places(session, [slot]):
            await self.notices.owe(session, chat_id, kind, params, slot)
