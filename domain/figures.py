"""Figures: what partners, managers and admins count, over a period."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo


class Period(StrEnum):
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


DAYS = {Period.WEEK: 7, Period.MONTH: 30, Period.QUARTER: 91, Period.YEAR: 365, Period.ALL: 36_500}


def begins(period: Period, now: datetime, zone: str) -> datetime:
    """The first moment of the period: the midnight in `zone` that many days back, today included."""
    return midnight(now, zone, DAYS[period] - 1)


def midnight(now: datetime, zone: str, days_back: int = 0) -> datetime:
    """The midnight in `zone` before `now`, or so many days earlier."""
    here = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=min(days_back, 36_500))
    return datetime.combine(here, time(), ZoneInfo(zone))


def months_back(now: datetime, zone: str, count: int) -> list[datetime]:
    """The first moments of the last `count` months in `zone`, oldest first, and of the next one."""
    here = now.astimezone(ZoneInfo(zone))
    index = here.year * 12 + here.month - 1
    numbers = range(index - count + 1, index + 2)
    return [datetime(number // 12, number % 12 + 1, 1, tzinfo=ZoneInfo(zone)) for number in numbers]


def share(part: int, whole: int) -> int | None:
    """Per cent, rounded; None of nothing."""
    return round(100 * part / whole) if whole else None


@dataclass(frozen=True, slots=True)
class MonthBar:
    """What was sent in a month, and how many of these are won."""

    begins: datetime
    sent: int
    won: int


@dataclass(frozen=True, slots=True)
class SenderFigures:
    """Leads sent in the period, and how these stand now."""

    sent: int
    in_work: int
    won: int
    lost: int
    months: tuple[MonthBar, ...]


@dataclass(frozen=True, slots=True)
class WorkFigures:
    """A manager's: `open` and `overdue` are of now, the rest of the period; `answer` is the median."""

    open: int
    overdue: int
    taken: int
    calls: int
    won: int
    lost: int
    answer: timedelta | None


@dataclass(frozen=True, slots=True)
class StageBar:
    """A stage as the history and the funnel name it (a default's key, or its name), and a number."""

    stage: str
    color: str
    count: int
    stage_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StageMove:
    """A lead that came at `created_at` has gone from one stage to another."""

    lead_id: UUID
    created_at: datetime
    old: str
    new: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonBar:
    name: str
    taken: int
    won: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How long leads stood on a stage before they left it, the median over `count` of them."""

    stage: str
    stays: timedelta
    count: int


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """An organization's: leads of the period, the funnel of now, and how the product is used."""

    created: int
    outside: int
    won: int
    lost: int
    free: int
    days: int
    funnel: tuple[StageBar, ...]
    sources: tuple[tuple[str, int], ...]
    people: tuple[PersonBar, ...]
    waiting: int
    failed: int
    active: int
    qualified: int
    to_qualify: timedelta | None
    planned: int
    completed: int
    pace: tuple[Pace, ...] = field(default=())
