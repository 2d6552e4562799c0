"""iCalendar (RFC 5545) out of events: UTC moments only, so that no time zone has to be described."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MEDIA_TYPE = "text/calendar"
_LONGEST_LINE = 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Event:
    """One entry. `uid` stays the same for as long as it lives, `stamp` is its last known change; times are
    aware. `cancelled` tells calendars that have it to take it off."""

    uid: str
    start: datetime
    lasts: timedelta
    summary: str
    stamp: datetime
    description: str = ""
    url: str = ""
    cancelled: bool = False


def calendar_file(name: str, events: Iterable[Event], refresh: timedelta | None = None) -> bytes:
    """A whole calendar. `refresh` tells a subscriber how often to look."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Voronka//Voronka//EN", "CALSCALE:GREGORIAN",
             "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}"]  # fmt: skip
    if refresh is not None:
        minutes = int(refresh.total_seconds() // 60)
        lines += [f"REFRESH-INTERVAL;VALUE=DURATION:PT{minutes}M", f"X-PUBLISHED-TTL:PT{minutes}M"]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(folded(line) for line in lines).encode()


def _event(event: Event) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escaped(event.uid)}",
        f"DTSTAMP:{_utc(event.stamp)}",
        f"DTSTART:{_utc(event.start)}",
        f"DTEND:{_utc(event.start + event.lasts)}",
        f"SUMMARY:{escaped(event.summary)}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
    ]
    lines += [f"DESCRIPTION:{escaped(event.description)}"] if event.description else []
    lines += [f"URL:{event.url}"] if event.url else []
    return [*lines, "END:VEVENT"]


def escaped(text: str) -> str:
    """A text value (RFC 5545, 3.3.11) without characters that no calendar may hold."""
    allowed = "".join(one for one in text if one >= " " or one in "\n\t")
    return allowed.translate(_ESCAPES)


def folded(line: str) -> str:
    """A content line with its end, in pieces of at most 75 octets (3.1), never in the middle of a letter."""
    pieces, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LONGEST_LINE:
            pieces.append(" ")
            size = 1
        pieces[-1] += letter
        size += octets
    return "\r\n".join(pieces) + "\r\n"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
