"""The clock of a lead: it begins when the lead comes in or gets new hands, and stops when somebody acts."""

from datetime import datetime
from uuid import UUID

from domain.answer_times import due_at
from storage.db import Session
from storage.leads import leads as lead_rows
from storage.pipelines import answer_times as rows
from storage.pipelines.answer_times import Road


async def start_clock(s: Session, lead_id: UUID, now: datetime) -> None:
    """From now on somebody has to answer within the time that the lead's pipeline sets, if it sets one."""
    if not await start_on(s, lead_id, await rows.road_of(s, lead_id), now):
        await rows.stop_clock(s, lead_id)


async def start_on(s: Session, lead_id: UUID, road: Road | None, now: datetime) -> bool:
    """The same for a lead without a clock whose road is read already; False where that sets no time."""
    if road is None or road.time is None:
        return False
    await rows.set_clock(s, lead_id, due_at(now, road.time, road.zone))
    return True


async def follow_hands(s: Session, lead_id: UUID, actor: UUID | None, now: datetime) -> None:
    """The clock after the lead's assignee was written by a road that asks for no answer by itself: new hands,
    and none, have the whole time; whoever takes a lead by themselves has acted."""
    lead = await lead_rows.get_lead(s, lead_id)
    if lead is None or not lead.is_open or (lead.assignee_id is not None and lead.assignee_id == actor):
        await rows.stop_clock(s, lead_id)
    else:
        await start_clock(s, lead_id, now)
