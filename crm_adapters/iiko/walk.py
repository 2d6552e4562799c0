"""The way through a window: one request by revision, or day by day where a revision does not reach. Pure.

A revision is accepted for three hours; days are kept for seven. So a walk that comes late goes through all of
those days, since an order of any of them may have been changed. It begins with the latest: the first revision
that it is told is where the next walk goes on, so what changes meanwhile is told again rather than lost.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.errors import CrmRejected
from domain.transactions import Window

KEPT = timedelta(days=7)
REVISION_LIVES = timedelta(hours=2, minutes=45)  # three hours, less what a clock may be off by
AT_ONCE = 25  # restaurants in one request for a day
EMPTY = 5  # parts without an order that are passed over at once
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """A part of the walk by days: the day (of the terminals' clocks), the group of restaurants, and the
    revision to go on from (0: not known yet)."""

    day: date
    group: int = 0
    revision: int = 0

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.group}.{self.revision}"

    @classmethod
    def read(cls, text: str) -> "Days":
        """What `str` made. Raises CrmRejected."""
        try:
            day, group, revision = text.split(".")
            return cls(date.fromisoformat(day), int(group), int(revision))
        except ValueError:
            raise CrmRejected("cannot go on from there") from None

    def following(self, groups: int, first: date, revision: int) -> "Days | None":
        """The next part, None behind the first day's last group; `revision` is what this part was told."""
        kept = self.revision or revision
        if self.group + 1 < groups:
            return Days(self.day, self.group + 1, kept)
        return Days(self.day - _ONE, 0, kept) if self.day > first else None


def goes_by_revision(window: Window, now: datetime) -> bool:
    """Whether the mark of the last walk is still accepted."""
    return window.mark.isdecimal() and not window.first and now - window.since < REVISION_LIVES


def first_day(window: Window, now: datetime) -> date:
    """A wall clock may be ahead of UTC by fourteen hours and behind it by twelve: a day more covers both."""
    oldest = now - KEPT
    since = max(window.since, oldest) if window.first else oldest
    return since.date() - _ONE


def last_day(window: Window) -> date:
    return window.until.date() + _ONE


def mark_of(window: Window, revision: int) -> str:
    """Where the next walk goes on: never behind the mark of this one."""
    known = int(window.mark) if window.mark.isdecimal() else 0
    return str(max(known, revision) or "")
