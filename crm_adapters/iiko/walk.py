"""The way through a window: one request by revision, or by days where a revision does not reach. Pure.

A revision is accepted for three hours; days are kept for seven. So a walk that comes late goes through all of
those days, since an order of any of them may have been changed. It begins with the latest: the first revision
that it is told is where the next walk goes on, so what changes meanwhile is told again rather than lost.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.errors import CrmRejected
from domain.transactions import Window

KEPT = timedelta(days=7)
REVISION_LIVES = timedelta(hours=2, minutes=45)  # three hours, less what a clock may be off by
AT_ONCE = 25  # days of restaurants in one request
EMPTY = 5  # parts without an order that are passed over at once
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """A part of the walk by days: its latest day (of the terminals' clocks), the group of restaurants, the
    revision to go on from (0: not known yet), and how many days it has."""

    day: date
    group: int = 0
    revision: int = 0
    many: int = 1

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.group}.{self.revision}.{self.many}"

    @classmethod
    def read(cls, text: str) -> "Days":
        """What `str` made. Raises CrmRejected."""
        try:
            day, *numbers = text.split(".")
            return cls(date.fromisoformat(day), *map(int, numbers))
        except (ValueError, TypeError):
            raise CrmRejected("cannot go on from there") from None

    def begins(self, first: date) -> date:
        """The earliest of its days, `first` being the walk's."""
        return max(first, self.day - (self.many - 1) * _ONE)

    def following(self, groups: int, first: date, revision: int) -> "Days | None":
        """The next part, None behind the first day's last group; `revision` is what this part was told."""
        kept = self.revision or revision
        if self.group + 1 < groups:
            return replace(self, group=self.group + 1, revision=kept)
        begins = self.begins(first)
        return replace(self, day=begins - _ONE, group=0, revision=kept) if begins > first else None


def goes_by_revision(window: Window, now: datetime) -> bool:
    """Whether the mark of the last walk is still accepted."""
    return window.mark.isdecimal() and not window.first and now - window.since < REVISION_LIVES


def first_day(window: Window, now: datetime) -> date:
    """A wall clock may be ahead of UTC by fourteen hours and behind it by twelve: a day more covers both."""
    oldest = now - KEPT
    since = max(window.since, oldest) if window.first else oldest
    return since.date() - _ONE


def by_days(window: Window, restaurants: int) -> Days:
    """The first part: as many days at once as a request for one day of very many restaurants has."""
    return Days(window.until.date() + _ONE, many=max(1, AT_ONCE // restaurants))


def mark_of(window: Window, revision: int) -> str:
    """Where the next walk goes on: never behind the mark of this one."""
    known = int(window.mark) if window.mark.isdecimal() else 0
    return str(max(known, revision) or "")
