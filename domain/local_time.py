"""Wall clocks and moments."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_moment(day: date, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    """A wall-clock time as aware UTC; hour 24 is the end of the day. One that the clocks skip is moved on by
    what they skip, of one that comes twice the first is meant."""
    naive = datetime.combine(day, time()) + timedelta(hours=hour, minutes=minute)
    return naive.replace(tzinfo=zone).astimezone(UTC)
