"""A member's day and week, what is overdue, and the leads for which nothing is planned."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import NotFound
from domain.local_time import local_moment
from domain.members import Member, Right
from domain.plans import PlanPage, Span, Subject
from services.access import needs
from services.clock import Clock
from services.leads.customers import Customers
from services.leads.leads import visible_lead
from storage.db import Database, Session
from storage.planning import plans as rows

PAGE = 8
WEEK_DAYS = 7

Idle = tuple[UUID, int, str]
"""A lead without a next step: id, number, title."""


class Agenda:
    """Use cases on what lies ahead of a member."""

    def __init__(self, db: Database, clock: Clock, customers: Customers) -> None:
        self.db, self.clock, self.customers = db, clock, customers

    @needs(Right.LEAD_WORK)
    async def page(self, member: Member, span: Span, page: int = 0) -> PlanPage:
        """A page of the member's own open activities in a span, in the member's time zone. Today and the
        week begin with midnight; the week has seven days. A page past the end is the last one."""
        start, end = self._bounds(member, span)
        page = max(page, 0)
        async with self.db.reading(member.organization_id) as s:
            found, total = await rows.agenda(s, member.id, start, end, PAGE, page * PAGE)
            pages = max(1, -(-total // PAGE))
            if page >= pages:
                page = pages - 1
                found, total = await rows.agenda(s, member.id, start, end, PAGE, page * PAGE)
        return PlanPage(tuple(found), total, page, pages)

    @needs(Right.LEAD_WORK)
    async def overdue(self, member: Member) -> int:
        """How many are overdue."""
        start, end = self._bounds(member, Span.OVERDUE)
        async with self.db.reading(member.organization_id) as s:
            return (await rows.agenda(s, member.id, start, end, 1, 0))[1]

    @needs(Right.LEAD_WORK)
    async def idle(self, member: Member, page: int = 0, size: int = PAGE) -> tuple[list[Idle], int]:
        """The member's open leads without a next step, the longest untouched first, and their count."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.idle_leads(s, member.id, size, max(page, 0) * size)

    @needs(Right.LEAD_WORK)
    async def in_focus(self, member: Member, chat_id: int, message_id: int | None = None) -> Subject | None:
        """The lead or customer whose card is shown by a message of the chat, or was opened last there, if
        the member may see it and it is not over."""
        async with self.db.reading(member.organization_id) as s:
            for of in await rows.shown_in(s, chat_id, message_id):
                if await self._stands(s, member, of):
                    return of
        return None

    async def _stands(self, s: Session, member: Member, of: Subject) -> bool:
        try:
            if of.kind == "customer":
                await self.customers.visible(s, member, of.id)
                return True
            return (await visible_lead(s, member, of.id)).withdrawn_at is None
        except NotFound:
            return False

    def _bounds(self, member: Member, span: Span) -> tuple[datetime | None, datetime]:
        now = self.clock()
        if span is Span.OVERDUE:
            return None, now
        zone = ZoneInfo(member.time_zone)
        today = now.astimezone(zone).date()
        days = 1 if span is Span.TODAY else WEEK_DAYS
        start = local_moment(today, 0, 0, zone).astimezone(UTC)
        return start, local_moment(today + timedelta(days=days), 0, 0, zone)
