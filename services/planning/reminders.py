"""Reminding people of what they have planned: once each, over all replicas."""

from services.access import open_to
from services.clock import Clock
from services.messages.notices import Notices
from storage.db import Database
from storage.planning import plans as rows

PAGE = 100


class Reminders:
    """The job that turns due reminders into notices."""

    def __init__(self, db: Database, clock: Clock, notices: Notices) -> None:
        self.db, self.clock, self.notices = db, clock, notices

    @open_to("jobs")
    async def run(self) -> int:
        """Owe a push for every reminder that is due; returns how many. Whoever takes a reminder off its
        activity owes the push in the same transaction: neither is lost nor done twice."""
        count = 0
        while True:
            async with self.db.transaction(system=True) as s:
                claimed = await rows.claim_reminders(s, self.clock(), PAGE)
                for organization_id, plan_id in claimed:
                    scoped = s.scoped(organization_id, False)
                    plan = await rows.get_plan(scoped, plan_id, alive=True)
                    if plan is not None and plan.assignee_id is not None:
                        told = {"activity": str(plan_id), "at": plan.at.isoformat()}
                        await self.notices.to_member(scoped, plan.assignee_id, "plan.due", told)
            count += len(claimed)
            if len(claimed) < PAGE:
                return count
