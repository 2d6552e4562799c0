"""One run through what a source has to tell: its windows, its place in them, and when it makes no sense. Pure
but for the sets it fills."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.errors import CrmError
from domain.transactions import SourceTransaction, TransactionPage, Window
from storage.transactions.transaction_sources import Source

MOST_PAGES = 20_000
"""Pages in one window."""

CHAT = "chat"
"""Key of a source's counts: the chat that watches the run."""

KEPT = frozenset({CHAT})
COUNTED = ("pages", "found", "added", "changed", "unchanged", "older", "unreadable")
MOST_EMPTY = 50
"""Pages in a row with nothing on them and more to come."""


TELL_EVERY = timedelta(seconds=2)
"""A bar that moves faster is not read."""


class SourceStopped(CrmError):
    """The source makes no sense; `reason` is repeats, goes_back or never_ends."""

    code = "source_stopped"


@dataclass(slots=True)
class Walk:
    """A run of one source. `window` is frozen until its last page; `pages` counts those of the window."""

    source: Source
    kind: str
    started_at: datetime
    window: Window | None = None
    place: str = ""
    pages: int = 0
    empty: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    """What earlier runs of the same walk have brought."""

    raw: str = ""
    told_at: datetime | None = None
    _places: set[str] = field(default_factory=set)
    _prints: set[bytes] = field(default_factory=set)

    def take_up(self) -> None:
        """Go on where the last run was stopped or died."""
        source = self.source
        if source.window_since is not None and source.window_until is not None:
            self.window = Window(
                source.window_since, source.window_until, first=not source.loaded, mark=source.mark
            )
            self.place = source.place
            self.pages = int(source.counts.get("window_pages", 0))
        if self.window is not None or not source.loaded:
            self.before = Counter({name: int(source.counts.get(name, 0)) for name in COUNTED})

    def open_window(self, now: datetime, overlap: timedelta) -> None:
        """The next month of the first load, or all that has changed since the last walk."""
        source = self.source
        if source.loaded:
            self.window = Window(source.since - overlap, max(now, source.since), mark=source.mark)
        else:
            until = min(next_month(source.since), source.first_until)
            self.window = Window(source.since, until, first=True, mark=source.mark)
        self.place, self.pages, self.empty = "", 0, 0
        self._places, self._prints = set(), set()

    def is_to_be_told(self, now: datetime) -> bool:
        """Whether it is time to move the bar again."""
        if self.told_at is not None and now - self.told_at < TELL_EVERY:
            return False
        self.told_at = now
        return True

    def check(self, page: TransactionPage) -> None:
        """Raises SourceStopped for a page that leads nowhere."""
        self.pages += 1
        if page.mark.isdigit() and self.source.mark.isdigit() and int(page.mark) < int(self.source.mark):
            raise SourceStopped("goes_back")
        if not page.next:
            return
        self._places.add(self.place)
        known = self._print(page)
        if page.next in self._places or (page.found and known in self._prints):
            raise SourceStopped("repeats")
        self._prints.add(known)
        self.empty = 0 if page.found else self.empty + 1
        if self.pages >= MOST_PAGES or self.empty >= MOST_EMPTY:
            raise SourceStopped("never_ends")

    def _print(self, page: TransactionPage) -> bytes:
        told = [
            (one.external_id, one.revision, one.changed_at, one.amount.amount, one.cancelled)
            if isinstance(one, SourceTransaction)
            else (one.external_id, one.field, repr(one.raw))
            for one in page.found
        ]
        return hashlib.blake2b(repr(told).encode("utf-8", "replace"), digest_size=16).digest()

    def stored(self, page: TransactionPage) -> dict[str, Any]:
        """What the source's row, read in the page's transaction, is to say after this page; moves on."""
        assert self.window is not None
        shown = {name: count for name, count in self.source.counts.items() if name in KEPT}
        counted = {**shown, **(self.before + self.counts)}
        if page.next:
            self.place = page.next
            total = {} if page.total is None else {"total": page.total}
            return {
                "window_since": self.window.since,
                "window_until": self.window.until,
                "place": page.next,
                "counts": {**counted, **total, "window_pages": self.pages},
            }
        values = {"since": self.window.until, "window_since": None, "window_until": None, "place": ""}
        self.window, self.place = None, ""
        return {**values, "mark": page.mark or self.source.mark, "counts": counted}


def next_month(at: datetime) -> datetime:
    """The first moment of the month after."""
    first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def months_done(source: Source) -> tuple[int, int]:
    """(months read, all months) of the first load."""
    return _months(source.first_since, source.since), max(1, _months(source.first_since, source.first_until))


def _months(since: datetime, until: datetime) -> int:
    count = 0
    while since < until:
        since, count = next_month(since), count + 1
    return count
