"""Figures over a period: a sender's own, a manager's own, the whole organization's."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from domain.figures import (
    MonthBar,
    Pace,
    Period,
    SenderFigures,
    StageMove,
    TeamFigures,
    WorkFigures,
    begins,
    months_back,
)
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from storage.db import Database, Session
from storage.people import figures as rows

MONTHS = 6
TOP = 5


class Stats:
    """Use cases on figures. Days and months are of the member's zone."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.LEAD_CREATE)
    async def of_sender(self, member: Member, period: Period) -> SenderFigures:
        """What the member has sent."""
        now = self.clock()
        edges = months_back(now, member.time_zone, MONTHS)
        async with self.db.reading(member.organization_id) as s:
            sent, in_work, won, lost = await rows.sent(s, member.id, begins(period, now, member.time_zone))
            months = await rows.sent_between(s, member.id, edges)
        bars = tuple(MonthBar(edge, *month) for edge, month in zip(edges, months, strict=False))
        return SenderFigures(sent, in_work, won, lost, bars)

    @needs(Right.LEAD_WORK)
    async def of_worker(self, member: Member, period: Period) -> WorkFigures:
        """What the member works on."""
        now = self.clock()
        since = begins(period, now, member.time_zone)
        async with self.db.reading(member.organization_id) as s:
            taken, won, lost = await rows.taken(s, member.id, since)
            answers = await rows.first_answers(s, member.id, since)
            return WorkFigures(
                open=await rows.open_of(s, member.id),
                overdue=await rows.overdue(s, member.id, now),
                taken=taken,
                calls=await rows.calls(s, member.id, since),
                won=won,
                lost=lost,
                answer=_middle([answered - came for came, answered in answers]),
            )

    @needs(Right.STATS_ALL)
    async def of_team(self, member: Member, period: Period) -> TeamFigures:
        """The whole organization."""
        now = self.clock()
        since = begins(period, now, member.time_zone)
        async with self.db.reading(member.organization_id) as s:
            created, outside, won, lost = await rows.created(s, since)
            waiting, failed = await rows.owed_to_crm(s)
            planned, completed = await rows.planned(s, since, now)
            moves = await rows.stage_moves(s, since)
            to_qualify = _until_won(moves, await rows.winning_words(s))
            return TeamFigures(
                created=created,
                outside=outside,
                won=won,
                lost=lost,
                free=await rows.open_of(s, None),
                days=await self._days(s, since, now),
                funnel=tuple(await rows.funnel(s, since)),
                sources=tuple(await rows.sources(s, since, TOP)),
                people=tuple(await rows.best(s, since, TOP)),
                waiting=waiting,
                failed=failed,
                active=await rows.active_people(s, since),
                qualified=len(to_qualify),
                to_qualify=_middle(to_qualify),
                planned=planned,
                completed=completed,
                pace=_pace(moves),
            )

    async def _days(self, s: Session, since: datetime, now: datetime) -> int:
        """Days of the period that there were leads in: a young organization is not measured by a year."""
        first = await rows.first_lead(s)
        start = max(since, first) if first is not None else now
        return max(1, (now - start).days + 1)


def _middle(spans: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(one.total_seconds() for one in spans)) if spans else None


def _until_won(moves: Sequence[StageMove], winning: frozenset[str]) -> list[timedelta]:
    """From the lead's coming to its first winning stage, of each lead that came there."""
    found: dict[UUID, timedelta] = {}
    for move in moves:
        if move.new in winning:
            found.setdefault(move.lead_id, move.at - move.created_at)
    return list(found.values())


def _pace(moves: Sequence[StageMove]) -> tuple[Pace, ...]:
    """How long leads stood on each stage; moves are in their order."""
    stays: dict[str, list[timedelta]] = defaultdict(list)
    came: dict[UUID, datetime] = {}
    for move in moves:
        stays[move.old].append(move.at - came.get(move.lead_id, move.created_at))
        came[move.lead_id] = move.at
    found = [(stage, _middle(spans), len(spans)) for stage, spans in stays.items()]
    return tuple(Pace(stage, middle, count) for stage, middle, count in found if middle is not None)
