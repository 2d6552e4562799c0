"""Which span of dates a walk reads, where a source cannot say what has changed.

Records are written late and changed weeks after their date, so a span is read anew and whoever stores
compares. To read the whole of it every few minutes would burden the source: mostly the day before is read, a
month a few times a day, and the mark remembers when the month was last walked to its end.
"""

from datetime import datetime, timedelta

from domain.transactions import Window

OVERLAP = timedelta(days=1)
MONTH = timedelta(days=30)
MONTH_EVERY = timedelta(hours=6)


def start_of(window: Window) -> tuple[datetime, bool]:
    """Where a walk begins, and whether it goes through the whole month. `window.since` reaches OVERLAP back
    before the end of the last walk, however long ago that was."""
    if window.first:
        return window.since, False
    try:
        last = datetime.fromisoformat(window.mark)
    except ValueError:
        last = None
    if last is not None and last.tzinfo and timedelta() <= window.until - last < MONTH_EVERY:
        return window.since, False
    return window.since - MONTH + OVERLAP, True


def mark_of(window: Window, *, month: bool) -> str:
    """What the last page of a walk leaves."""
    return window.until.isoformat() if month else window.mark


def belongs(happened_at: datetime, window: Window) -> bool:
    """A first walk tells what happened within its moments, and leaves all else to others."""
    return not window.first or window.since <= happened_at < window.until
