"""Moments as they stand in tables: ISO, day first, or a spreadsheet's count of days."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?")
_DAY_FIRST = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{2}|\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?(?:\s*\S{1,2}\.)?"
)
_COUNT = re.compile(r"(\d{5})(?:[.,](\d+))?")
_FIRST_DAY = datetime(1899, 12, 30)
"""Day zero of spreadsheets."""

EARLIEST = 1990
NOON = 12
"""The hour of a day without a time: in every zone the day stays the same."""


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """An aware moment, or None for what is none; a day alone is its noon."""
    try:
        found = _iso(text) or _day_first(text) or _counted(text)
    except (ValueError, OverflowError):
        return None
    if found is None or found.year < EARLIEST:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _iso(text: str) -> datetime | None:
    if not _ISO.fullmatch(text):
        return None
    if len(text) == 10:
        return datetime.fromisoformat(text).replace(hour=NOON)
    day, _, clock = text.replace("T", " ").partition(" ")
    return datetime.fromisoformat(f"{day}T{clock.strip().zfill(5) if ':' in clock[:2] else clock.strip()}")


def _day_first(text: str) -> datetime | None:
    found = _DAY_FIRST.fullmatch(text)
    if found is None:
        return None
    day, month, year = int(found[1]), int(found[2]), int(found[3])
    year += 2000 if year < 100 else 0
    hour, minute = (int(found[4]), int(found[5])) if found[4] else (NOON, 0)
    return datetime(year, month, day, hour, minute, int(found[6] or 0))


def _counted(text: str) -> datetime | None:
    found = _COUNT.fullmatch(text)
    if found is None:
        return None
    part = float(f"0.{found[2]}") if found[2] else NOON / 24
    return _FIRST_DAY + timedelta(days=int(found[1]), seconds=round(part * 86_400))
