"""The daily digest: owed once a day at the hour somebody chose, counted when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.figures import midnight
from domain.leads import Lead
from domain.members import Member, Right
from domain.own_settings import digest_time, last_before
from domain.plans import Span
from services.access import open_to
from services.clock import Clock
from services.messages.notices import Notices
from services.planning.agenda import Agenda
from storage.db import Database
from storage.finding import lead_search
from storage.messages import notices as notice_rows
from storage.messages.notices import Notice, Owed
from storage.people import digests
from storage.people import figures as rows
from storage.people.digests import Wish

STALE = timedelta(hours=12)
"""A digest that could not be owed for so long is left out: the next one comes soon."""

FREE_SHOWN = 5


@dataclass(frozen=True, slots=True)
class WorkDay:
    """A manager's day: of today what is planned, of now the rest."""

    planned: int
    overdue: int
    open: int
    free: int
    idle: int


@dataclass(frozen=True, slots=True)
class Day:
    """The digest's figures; parts that are not the reader's are None. `created` and so on are yesterday's."""

    work: WorkDay | None = None
    sent: tuple[int, int, int] | None = None
    created: int | None = None
    won: int = 0
    free: int = 0
    failed: int = 0


class Digests:
    """Use cases on the daily digest."""

    def __init__(self, db: Database, clock: Clock, notices: Notices, agenda: Agenda) -> None:
        self.db, self.clock, self.notices, self.agenda = db, clock, notices, agenda

    @open_to("the scheduler")
    async def owe_due(self) -> int:
        """Owe every digest whose hour has come, once a day, however many processes look; how many."""
        owed, now = 0, self.clock()
        async with self.db.transaction(system=True) as system:
            for wish in [*await digests.of_members(system), *await digests.of_teams(system)]:
                day = _due(wish, now)
                if day is None:
                    continue
                await digests.keep_last(system, wish, day)
                if now - _moment(wish, day) < STALE:
                    s = system.scoped(wish.organization_id, False)
                    one = Owed(wish.chat_id, "digest", {"day": day}, "", wish.thread_id)
                    await notice_rows.add_notices(s, [one], now)
                    owed += 1
            system.after_commit(lambda: self.notices.signals.wake("notices"))
        return owed

    @open_to("the sender of notices")
    async def of_member(self, member: Member) -> Day:
        """The figures that concern the member, by their rights and in their zone."""
        now, zone = self.clock(), member.time_zone
        today, yesterday = midnight(now, zone), midnight(now, zone, 1)
        work = await self._work_day(member) if member.may(Right.LEAD_WORK) else None
        async with self.db.reading(member.organization_id) as s:
            sent = created = None
            won = free = failed = 0
            if work is None and member.may(Right.LEAD_CREATE):
                _all, in_work, won_of_mine, lost = await rows.sent(s, member.id, yesterday)
                sent = (in_work, won_of_mine, lost)
            if member.may(Right.STATS_ALL):
                created, _outside, won, _lost = await rows.created(s, yesterday, today)
                free = await rows.open_of(s, None)
                failed = (await rows.owed_to_crm(s))[1]
        return Day(work, sent, created, won, free, failed)

    async def _work_day(self, member: Member) -> WorkDay:
        """Counted as the lists behind the buttons count."""
        planned = (await self.agenda.page(member, Span.TODAY)).total
        overdue = await self.agenda.overdue(member)
        _leads, idle = await self.agenda.idle(member, 0, 1)
        async with self.db.reading(member.organization_id) as s:
            mine, free = await rows.open_of(s, member.id), await rows.open_of(s, None)
        return WorkDay(planned, overdue, mine, free, idle)

    @open_to("the sender of notices")
    async def of_team(self, notice: Notice, zone: str) -> tuple[Day, Sequence[Lead]]:
        """A group's figures, and the free leads that wait longest."""
        now = self.clock()
        today, yesterday = midnight(now, zone), midnight(now, zone, 1)
        async with self.db.reading(notice.organization_id) as s:
            created, _outside, won, _lost = await rows.created(s, yesterday, today)
            free = await rows.open_of(s, None)
            leads = await lead_search.longest_free(s, FREE_SHOWN)
        return Day(created=created, won=won, free=free), leads


def _due(wish: Wish, now: datetime) -> str | None:
    """The day whose digest is to be owed now; None where it is owed already, or not wanted."""
    at = digest_time(wish.settings)
    if at is None:
        return None
    day = last_before(now, wish.zone, at)
    return day if day > str(wish.settings["digest"].get("last", "")) else None


def _moment(wish: Wish, day: str) -> datetime:
    at = digest_time(wish.settings) or time()
    return datetime.combine(date.fromisoformat(day), at, ZoneInfo(wish.zone))
