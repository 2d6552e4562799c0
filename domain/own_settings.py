"""What members set for themselves, kept in members.settings: times are of the member's own zone.

{"quiet": {"from": "22:00", "to": "08:00"},
 "hours": {"from": "09:00", "to": "18:00", "days": [0, 1, 2, 3, 4]},
 "digest": {"at": "09:00", "last": "2026-11-21"}}

What is absent is off. Days count from Monday, 0.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import BadInput

_TIME = re.compile(r"^\s*(\d{1,2})(?:[:.\s-]?(\d{2}))?\s*$")
_SPAN = re.compile(r"^\s*(\d{1,2}(?:[:.]\d{2})?)\s*(?:-|–|—|\s|\.\.)\s*(\d{1,2}(?:[:.]\d{2})?)\s*$")
WEEK = tuple(range(7))
WORKDAYS = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Span:
    """From one time of the day to another; past midnight where `start` is the later one."""

    start: time
    end: time
    days: tuple[int, ...] = WEEK

    def as_json(self) -> dict[str, Any]:
        return {"from": f"{self.start:%H:%M}", "to": f"{self.end:%H:%M}", "days": list(self.days)}


def read_time(typed: str) -> time:
    """A time of the day such as 9, 9:30 or 0930. Raises BadInput("time", "invalid")."""
    found = _TIME.match(typed)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise BadInput("time", "invalid")
    return time(int(found[1]), int(found[2] or 0))


def read_span(typed: str) -> Span:
    """Two times, such as 22-8 or 22:00 - 08:00. Raises BadInput("span", "invalid")."""
    found = _SPAN.match(typed)
    if found is None:
        raise BadInput("span", "invalid")
    try:
        start, end = read_time(found[1]), read_time(found[2])
    except BadInput:
        raise BadInput("span", "invalid") from None
    if start == end:
        raise BadInput("span", "empty")
    return Span(start, end)


def span_of(settings: Mapping[str, Any], name: str) -> Span | None:
    """The quiet or the working hours (`name`: quiet, hours); None where they are off or unreadable."""
    kept = settings.get(name)
    if not isinstance(kept, dict):
        return None
    try:
        start, end = read_time(str(kept.get("from", ""))), read_time(str(kept.get("to", "")))
    except BadInput:
        return None
    return Span(start, end, tuple(kept.get("days", WEEK)))


def digest_time(settings: Mapping[str, Any]) -> time | None:
    """When the daily digest is wanted; None where it is off."""
    kept = settings.get("digest")
    if not isinstance(kept, dict) or not kept.get("at"):
        return None
    try:
        return read_time(str(kept["at"]))
    except BadInput:
        return None


def last_before(now: datetime, zone: str, at: time) -> str:
    """The newest day, as an ISO date in `zone`, whose time `at` has passed at `now`."""
    here = now.astimezone(ZoneInfo(zone))
    return (here.date() if here.time() >= at else here.date() - timedelta(days=1)).isoformat()
