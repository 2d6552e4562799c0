"""How soon somebody has to act on a lead, and who is told when nobody does.

A pipeline keeps {"answer": {"minutes": 15, "hours": {"from": "09:00", "to": "18:00", "days": [0, 1]}}} in its
settings; without "hours" the clock runs day and night. Hours are of the organization's time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.local_time import local_moment
from domain.own_settings import Span, span_of

STEPS = ("assignee", "head", "all")
"""Whom each step tells; leads.escalations counts those that were done."""

OPEN_TO_ALL = len(STEPS)
"""From this many steps on, whoever may take leads may take this one from its assignee."""

SHORTEST, LONGEST = 1, 7 * 24 * 60
DAYS_AHEAD = 60


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """Minutes to the first action; `hours` are the working hours that count, None: all hours do."""

    minutes: int
    hours: Span | None = None

    def as_json(self) -> dict[str, Any]:
        return {"minutes": self.minutes, **({"hours": self.hours.as_json()} if self.hours else {})}


def answer_time(settings: Mapping[str, Any]) -> AnswerTime | None:
    """What a pipeline's settings say; None where no clock runs."""
    kept = settings.get("answer")
    if not isinstance(kept, dict) or not isinstance(kept.get("minutes"), int) or kept["minutes"] < SHORTEST:
        return None
    return AnswerTime(kept["minutes"], span_of(kept, "hours"))


def due_at(start: datetime, time: AnswerTime, zone: str) -> datetime:
    """When the time is over that began at `start` (aware); UTC."""
    left = timedelta(minutes=time.minutes)
    if time.hours is None:
        return start + left
    place, here = ZoneInfo(zone), start.astimezone(ZoneInfo(zone)).date()
    for ahead in range(-1, DAYS_AHEAD):
        begins, ends = _work(time.hours, here + timedelta(days=ahead), place)
        if begins is None or ends is None or ends <= start:
            continue
        begins = max(begins, start)
        if begins + left <= ends:
            return (begins + left).astimezone(UTC)
        left -= ends - begins
    return start + timedelta(days=DAYS_AHEAD)


def _work(hours: Span, day: date, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """When the work of a day begins and ends; hours past midnight end on the next day."""
    if day.weekday() not in hours.days:
        return None, None
    last = day if hours.start < hours.end else day + timedelta(days=1)
    return (
        local_moment(day, hours.start.hour, hours.start.minute, zone),
        local_moment(last, hours.end.hour, hours.end.minute, zone),
    )


def next_step(done: int, *, assigned: bool, head: bool) -> int:
    """The number of steps that are done after the next one: steps that have nobody to tell are passed."""
    if done < 1 and assigned:
        return 1
    return 2 if done < 2 and head else OPEN_TO_ALL
