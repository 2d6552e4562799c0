"""A moment out of free text in a time zone: "tomorrow at 15", "in 2 hours", "25.12 at 9"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.date_phrases import Found, find_phrases, find_verb
from domain.date_pieces import Bare, Clock, Day, Part, Phrases, Span, in_part
from domain.errors import BadInput
from domain.local_time import local_moment

PART_HOURS = {"morning": 9, "noon": 13, "afternoon": 14, "evening": 18, "night": 21, "tonight": 20}
UNSURE_BELOW = 8
"""An hour from 1 to here may be one of the afternoon as well."""

USUAL_HOUR = 10
FURTHEST = timedelta(days=5 * 366)
OPTIONS = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """What was meant: one of `moments` (aware UTC, soonest first) where an hour was named, otherwise one of
    `days`. More than one: the person has to choose. `rest` is the text without the moment."""

    moments: tuple[datetime, ...] = ()
    days: tuple[date, ...] = ()
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Dates:
    """Days that may be meant; `rolls`: without a date, so what is past today is meant tomorrow."""

    days: tuple[date, ...]
    again: tuple[date, ...] = ()
    rolls: bool = False


def read_moment(text: str, now: datetime, zone: ZoneInfo, phrases: Phrases) -> Reading:
    """Raises BadInput for "when": unreadable, no_such_day, too_far; past, with `nearest` (aware UTC): the
    next time that it could be."""
    found = find_phrases(text, phrases)
    if not found.pieces or _contradicts(found):
        raise BadInput("when", "unreadable")
    here = now.astimezone(zone)
    span = next((one for one in found.pieces if isinstance(one, Span)), None)
    if span is not None and span.minutes:
        moment = _after(here, span, zone)
        reading = Reading(moments=(moment.replace(microsecond=0),), rest=found.rest)
    else:
        reading = _of_pieces(found, here, zone, span)
    _demand_near(reading, now)
    return reading


def read_plan(text: str, now: datetime, zone: ZoneInfo, phrases: Phrases) -> tuple[str, Reading] | None:
    """(kind of activity, when) out of "call tomorrow at 15 about the rate"; None for any other text. Raises
    BadInput where the moment is named but cannot be taken."""
    begun = find_verb(text, phrases)
    if begun is None or not find_phrases(begun[1], phrases).pieces:
        return None
    return begun[0], read_moment(begun[1], now, zone, phrases)


def _after(here: datetime, span: Span, zone: ZoneInfo) -> datetime:
    day = _shift(here.date(), span)
    start = local_moment(day, here.hour, here.minute, zone) + timedelta(seconds=here.second)
    start = here.astimezone(UTC) if day == here.date() else start
    return start + timedelta(minutes=span.minutes)


def _shift(day: date, span: Span) -> date:
    try:
        return _month_on(day, span.months) + timedelta(days=span.days)
    except (OverflowError, ValueError):
        raise BadInput("when", "too_far") from None


def _month_on(day: date, months: int) -> date:
    """The same day of a later month, or the last that it has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def _contradicts(found: Found) -> bool:
    """Two days, hours or spans: nobody knows which is meant. A weekday may explain a date."""
    days = [one for one in found.pieces if isinstance(one, Day) and one.kind != "weekday"]
    weekdays = [one for one in found.pieces if isinstance(one, Day) and one.kind == "weekday"]
    clocks = [one for one in found.pieces if isinstance(one, Clock)]
    spans = [one for one in found.pieces if isinstance(one, Span)]
    bare = [one for one in found.pieces if isinstance(one, Bare)]
    one_each = max(len(days), len(weekdays), len(clocks), len(spans), len(bare)) <= 1
    both = spans and (days or weekdays or (spans[0].minutes and clocks))
    return not one_each or bool(both)


def _of_pieces(found: Found, here: datetime, zone: ZoneInfo, span: Span | None) -> Reading:
    dates = _dates(found, here.date(), span)
    clocks = _clocks(found, named_day=dates is not None)
    if dates is None and not clocks:
        return _of_bare(found, here, zone)
    if dates is None:
        dates = _Dates((here.date(),), (here.date() + timedelta(days=1),), rolls=True)
    if not clocks:
        return _days_alone(dates, here, zone, found.rest)
    wanted = _moments(dates.days, clocks, zone)
    now = here.astimezone(UTC)
    coming = [moment for moment in wanted if moment > now]
    if dates.rolls:
        coming = [_rolled(clock, here, zone) for clock in clocks]
    elif not coming and dates.again:
        coming = [moment for moment in _moments(dates.again, clocks, zone) if moment > now]
    if not coming:
        raise BadInput("when", "past", nearest=_rolled(clocks[0], here, zone))
    return Reading(moments=tuple(sorted(set(coming))[:OPTIONS]), rest=found.rest)


def _days_alone(dates: _Dates, here: datetime, zone: ZoneInfo, rest: str) -> Reading:
    coming = sorted({day for day in dates.days if day >= here.date()})
    if not coming:
        raise BadInput("when", "past", nearest=_rolled(Clock(USUAL_HOUR, 0, True), here, zone))
    return Reading(days=tuple(coming[:OPTIONS]), rest=rest)


def _of_bare(found: Found, here: datetime, zone: ZoneInfo) -> Reading:
    """A number alone is an hour or the number of a day: both are offered."""
    number = next((one.number for one in found.pieces if isinstance(one, Bare)), 0)
    options = []
    if number <= 24 and (number or found.pieces):
        options = [_rolled(clock, here, zone) for clock in _both_halves(Clock(number))]
    if 1 <= number <= 31:
        day = _numbered_day(number, here.date())
        options.append(local_moment(day, USUAL_HOUR, 0, zone))
    coming = sorted({one for one in options if one > here.astimezone(UTC)})
    if not coming:
        raise BadInput("when", "unreadable")
    return Reading(moments=tuple(coming[:OPTIONS]), rest=found.rest)


def _rolled(clock: Clock, here: datetime, zone: ZoneInfo) -> datetime:
    """The next time that the clock shows this."""
    for ahead in (0, 1, 2):
        moment = local_moment(here.date() + timedelta(days=ahead), clock.hour, clock.minute, zone)
        if moment > here:
            return moment
    raise BadInput("when", "unreadable")


def _moments(days: Iterable[date], clocks: Iterable[Clock], zone: ZoneInfo) -> list[datetime]:
    return [local_moment(day, clock.hour, clock.minute, zone) for day in days for clock in clocks]


def _clocks(found: Found, *, named_day: bool) -> tuple[Clock, ...]:
    """The hours that may be meant; a number beside a day is one, a part of the day says which half."""
    clock = next((one for one in found.pieces if isinstance(one, Clock)), None)
    bare = next((one for one in found.pieces if isinstance(one, Bare)), None)
    part = next((one for one in found.pieces if isinstance(one, Part)), None)
    if clock is None and bare is not None and (named_day or part):
        clock = Clock(bare.number)
    if clock is None:
        return (Clock(PART_HOURS[part.name], 0, True),) if part else ()
    if clock.hour > 24 or clock.minute > 59 or (clock.hour == 24 and clock.minute):
        raise BadInput("when", "unreadable")
    if part is not None and not clock.sure:
        return (Clock(in_part(clock.hour, part.name), clock.minute, True),)
    return _both_halves(clock)


def _both_halves(clock: Clock) -> tuple[Clock, ...]:
    if clock.sure or not 1 <= clock.hour < UNSURE_BELOW:
        return (clock,)
    return clock, Clock(clock.hour + 12, clock.minute, True)


def _dates(found: Found, today: date, span: Span | None) -> _Dates | None:
    """The days that may be meant; None where no day is named."""
    if span is not None:
        return _Dates((_shift(today, span),))
    named = [one for one in found.pieces if isinstance(one, Day)]
    if not named:
        tonight = any(isinstance(one, Part) and one.name == "tonight" for one in found.pieces)
        return _Dates((today,)) if tonight else None
    # a weekday beside a date only explains it
    day = next((one for one in named if one.kind != "weekday"), named[0])
    try:
        return _DATES[day.kind](day.values, today)
    except ValueError:
        raise BadInput("when", "no_such_day") from None


def _offset(values: tuple[int, ...], today: date) -> _Dates:
    return _Dates((today + timedelta(days=values[0]),))


def _weekday(values: tuple[int, ...], today: date) -> _Dates:
    """The nearest one; today's own may be today or in a week."""
    day = today + timedelta(days=(values[0] - today.weekday()) % 7)
    week = day + timedelta(days=7)
    return _Dates((day, week) if day == today else (day,), (week,))


def _next_weekday(values: tuple[int, ...], today: date) -> _Dates:
    """That of the next week; where this week's is still to come, some people mean that one."""
    monday = today + timedelta(days=7 - today.weekday())
    day = monday + timedelta(days=values[0])
    this = day - timedelta(days=7)
    return _Dates((this, day) if this > today else (day,))


def _week(_values: tuple[int, ...], today: date) -> _Dates:
    """Next week: its Monday."""
    return _next_weekday((0,), today)


def _number(values: tuple[int, ...], today: date) -> _Dates:
    day = _numbered_day(values[0], today)
    return _Dates((day,), (_numbered_day(values[0], day + timedelta(days=1)),))


def _numbered_day(number: int, today: date) -> date:
    """The next day that bears this number. Raises ValueError for one that no month has."""
    for months in range(13):
        first = _month_on(today.replace(day=1), months)
        day = first + timedelta(days=number - 1)
        if day.month == first.month and day >= today and 1 <= number <= 31:
            return day
    raise ValueError(number)


def _date(values: tuple[int, ...], today: date) -> _Dates:
    """A day and a month: this year's, or the next one's if that is past."""
    day, month = values
    years = [year for year in range(today.year, today.year + 9) if _exists(year, month, day)]
    coming = [date(year, month, day) for year in years if date(year, month, day) >= today]
    if not coming:
        raise ValueError(values)
    return _Dates((coming[0],))


def _either(values: tuple[int, ...], today: date) -> _Dates:
    """Day and month in either order, where both are possible."""
    pairs = {values, values[::-1]}
    fitting = [pair for pair in pairs if _exists(2024, pair[1], pair[0])]
    if not fitting:
        raise ValueError(values)
    return _Dates(tuple(sorted(_date(pair, today).days[0] for pair in fitting)))


def _full(values: tuple[int, ...], _today: date) -> _Dates:
    day, month, year = values
    return _Dates((date(year, month, day),))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


_DATES = {
    "offset": _offset,
    "weekday": _weekday,
    "next_weekday": _next_weekday,
    "week": _week,
    "number": _number,
    "date": _date,
    "either": _either,
    "full": _full,
}


def _demand_near(reading: Reading, now: datetime) -> None:
    last = now + FURTHEST
    far = [one for one in reading.moments if one > last]
    far_days = [one for one in reading.days if one > last.date()]
    if far or far_days:
        raise BadInput("when", "too_far")
