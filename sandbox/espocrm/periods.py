"""Conditions on dates: today, past, the last N days and the like, in the asker's time zone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Bounds = tuple[datetime | None, datetime | None]

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Now in the asker's zone, the start of its day, and the number of the condition."""

    now: datetime
    day: datetime
    number: int
    value: Any

    @classmethod
    def of(cls, now: datetime, item: dict[str, Any]) -> "Asked":
        """From a where item: its `timeZone` (UTC when absent or unknown) and its value."""
        try:
            zone = ZoneInfo(str(item.get("timeZone") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        local = now.astimezone(zone)
        value = item.get("value")
        number = int(value) if isinstance(value, (int, str)) and str(value).isdigit() else 0
        return cls(local, local.replace(hour=0, minute=0, second=0, microsecond=0), number, value)


def _month(day: datetime, shift: int) -> datetime:
    index = day.year * 12 + day.month - 1 + shift
    return day.replace(year=index // 12, month=index % 12 + 1, day=1)


def _months(shift: int) -> Callable[[Asked], Bounds]:
    return lambda asked: (_month(asked.day, shift), _month(asked.day, shift + 1))


def _year(asked: Asked, shift: int) -> Bounds:
    start = asked.day.replace(month=1, day=1, year=asked.day.year + shift)
    return start, start.replace(year=start.year + 1)


def _on(asked: Asked) -> Bounds:
    try:
        day = datetime.fromisoformat(str(asked.value)[:10]).replace(tzinfo=asked.day.tzinfo)
    except ValueError:
        return asked.day, asked.day
    return day, day + DAY


PERIODS: dict[str, Callable[[Asked], Bounds]] = {
    "on": _on,
    "today": lambda asked: (asked.day, asked.day + DAY),
    "past": lambda asked: (None, asked.now),
    "future": lambda asked: (asked.now, None),
    "lastSevenDays": lambda asked: (asked.day - 7 * DAY, asked.day + DAY),
    "lastXDays": lambda asked: (asked.day - asked.number * DAY, asked.day + DAY),
    "nextXDays": lambda asked: (asked.day, asked.day + (asked.number + 1) * DAY),
    "olderThanXDays": lambda asked: (None, asked.day - asked.number * DAY),
    "afterXDays": lambda asked: (asked.day + (asked.number + 1) * DAY, None),
    "currentMonth": _months(0),
    "lastMonth": _months(-1),
    "nextMonth": _months(1),
    "currentYear": lambda asked: _year(asked, 0),
    "lastYear": lambda asked: _year(asked, -1),
}


def falls(value: Any, bounds: Bounds) -> bool:
    """Whether a stored date or date-time (UTC) lies within [from, to)."""
    if not isinstance(value, str):
        return False
    moment = datetime.fromisoformat(value).replace(tzinfo=UTC)
    start, end = bounds
    return (start is None or moment >= start) and (end is None or moment < end)
