"""When nobody answers a lead in time: its assignee is reminded, then the head of its pipeline is told, then
everybody who may take it, and Take gives it to whoever is first.

Each step is done once over all replicas: a lead is claimed, told of and put on for its next step in one
transaction.
"""

from uuid import UUID

from domain.answer_times import OPEN_TO_ALL, STEPS, due_at, next_step
from domain.leads import Lead
from domain.members import MemberStatus, Right
from services.access import open_to
from services.clock import Clock
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.leads import lead_history
from storage.leads import leads as lead_rows
from storage.people import members as member_rows
from storage.pipelines import answer_times as rows
from storage.pipelines.answer_times import Road

PAGE = 50
ORIGIN = "clock"
LATE = "late"
"""The history's field: which step was done."""


class Escalation:
    """The job that does the steps which are due."""

    def __init__(self, db: Database, clock: Clock, notices: Notices) -> None:
        self.db, self.clock, self.notices = db, clock, notices

    @open_to("jobs")
    async def run(self) -> int:
        """Do every step that is due; returns how many leads that were."""
        count = 0
        while True:
            async with self.db.transaction(system=True) as s:
                claimed = await rows.claim_late(s, self.clock(), PAGE)
                for organization_id, lead_id in claimed:
                    await self._one(s.scoped(organization_id, False), lead_id)
            count += len(claimed)
            if len(claimed) < PAGE:
                return count

    async def _one(self, s: Session, lead_id: UUID) -> None:
        lead, road, now = await lead_rows.get_lead(s, lead_id), await rows.road_of(s, lead_id), self.clock()
        if lead is None or road is None or road.time is None or not lead.is_open:
            await rows.stop_clock(s, lead_id)
            return
        head = await self._head(s, lead, road)
        done = next_step(lead.escalations, assigned=lead.assignee_id is not None, head=head is not None)
        coming = due_at(now, road.time, road.zone) if done < OPEN_TO_ALL else None
        await rows.set_clock(s, lead_id, coming, done)
        step = STEPS[done - 1]
        await lead_history.add_history(s, lead_id, None, ORIGIN, [(LATE, "", step)], now)
        for member_id in await self._told(s, lead, step, head):
            await self.notices.lead_late(s, member_id, lead_id, step)
        await self.notices.lead_changed(s, lead_id)

    async def _head(self, s: Session, lead: Lead, road: Road) -> UUID | None:
        """The head of the pipeline, unless it is the one who does not answer, or cannot be told."""
        if road.head_id is None or road.head_id == lead.assignee_id:
            return None
        head = await member_rows.get_member(s, road.head_id)
        return head.id if head is not None and head.status is MemberStatus.ACTIVE else None

    async def _told(self, s: Session, lead: Lead, step: str, head: UUID | None) -> list[UUID]:
        if step == "assignee":
            return [lead.assignee_id] if lead.assignee_id is not None else []
        if step == "head":
            return [head] if head is not None else []
        return [one.id for one in await member_rows.active_with(s, Right.LEAD_WORK)]
