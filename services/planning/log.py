"""Everything that was done or is to be done, as one list."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from domain.activity_log import ActivityFilter, LoggedActivity
from domain.errors import NotFound
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from storage.db import Database, Session
from storage.planning.activity_log import AT_HAND, WITH_ARCHIVE, Condition, Log


class ActivityLog:
    """Use cases on the list of activities. Whoever sees the lead or customer sees what was done about it; a
    sender sees the thread alone."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.LEAD_SEE_OWN)
    async def listed(
        self, member: Member, wanted: ActivityFilter, limit: int, offset: int, *, soonest: bool = False
    ) -> tuple[Sequence[LoggedActivity], int]:
        """A part of them, the latest first or the soonest, and how many there are; what is in the archive
        only where a lead or a customer is asked for."""
        rows = WITH_ARCHIVE if wanted.lead or wanted.customer else AT_HAND
        async with self.db.reading(member.organization_id) as s:
            conditions = [*_seen_by(rows, s, member), *rows.chosen(wanted)]
            return await rows.listed(s, conditions, limit, offset, soonest=soonest)

    @needs(Right.LEAD_SEE_OWN)
    async def mine(
        self, member: Member, ahead: timedelta | None, limit: int, offset: int
    ) -> tuple[Sequence[LoggedActivity], int]:
        """The member's own open ones, the soonest first: within `ahead` from now, or the overdue ones."""
        now = self.clock()
        bounds = (now, now + ahead) if ahead is not None else (None, now)
        wanted = ActivityFilter(assignee=member.id, completed=False, since=bounds[0], until=bounds[1])
        return await self.listed(member, wanted, limit, offset, soonest=True)

    @needs(Right.LEAD_SEE_OWN)
    async def get(self, member: Member, activity_id: UUID) -> LoggedActivity:
        """One that the member may see. Raises NotFound, also for one that was called off."""
        async with self.db.reading(member.organization_id) as s:
            found = await WITH_ARCHIVE.get(s, _seen_by(WITH_ARCHIVE, s, member), activity_id)
        if found is None:
            raise NotFound(what="activity")
        return found


def _seen_by(rows: Log, s: Session, member: Member) -> list[Condition]:
    return rows.seen_by(
        s,
        member.id,
        member.may(Right.LEAD_SEE_ALL),
        member.may(Right.LEAD_SEE_UNASSIGNED),
        member.may(Right.LEAD_WORK),
    )
