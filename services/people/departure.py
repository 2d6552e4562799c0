"""What becomes of the open leads of somebody who goes: they are free for everybody who may take them."""

from domain.history import kept
from domain.members import Member
from services.access import open_to
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.notices import Notices
from storage import activities as audit_rows
from storage import lead_history, people
from storage import leads as lead_rows
from storage.db import Session


class ToThePool:
    """Gives leads back. An assignment service with rules may stand in its place (see Standing)."""

    def __init__(self, clock: Clock, outbox: Outbox, notices: Notices) -> None:
        self.clock, self.outbox, self.notices = clock, outbox, notices

    @open_to("services")
    async def __call__(self, s: Session, gone: Member, why: str) -> int:
        """Free every open lead of the member, within the caller's transaction; how many there were."""
        now, freed = self.clock(), await people.open_leads(s, gone.id)
        was = kept(gone.name, str(gone.id))
        for lead_id in freed:
            await lead_rows.update_lead(s, lead_id, now, assignee_id=None, taken_at=None)
            await lead_history.add_history(s, lead_id, None, why, [("assignee", was, "")], now)
            await self.outbox.enqueue(s, "lead.update", lead_id, lead_id, {"fields": ["assignee"]})
        if freed:
            data = {"why": why, "leads": len(freed)}
            await audit_rows.add_audit(s, None, "lead.freed", "member", gone.id, now, data)
            await self.notices.leads_changed(s, freed)
        return len(freed)
