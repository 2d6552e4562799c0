"""The way through a window: visits page by page, then the cash book. Pure.

Pages go by number and without a promised order, so a visit that leaves the list while we walk moves the
others up: when the total shrinks, the pages before are read once more. That is why no end is asked for (a
visit that is changed meanwhile would leave the list): what is too new is left to the next walk by its own
moment.
The clock that changed_after is read by is not documented, so the earlier of the two that it can be is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from crm_adapters.yclients.api import Params
from domain.errors import CrmRejected
from domain.transactions import Window

PAGE = 200
MOST_PAGES = 5000
EMPTY = 5  # pages without a purchase that are passed over at once
VISITS, MONEY = "visits", "money"
_WALL_CLOCK = "%Y-%m-%dT%H:%M:%S"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """A page to ask for: of which list, its number, how many pages were asked for before it, the size that
    full pages turned out to have and the total, as far as known (0)."""

    part: str = VISITS
    page: int = 1
    asked: int = 0
    size: int = 0
    total: int = 0

    @classmethod
    def read(cls, text: str) -> "Step":
        """What `str` made, or the first one. Raises CrmRejected for anything else."""
        if not text:
            return cls()
        part, *numbers = text.split(".")
        if part not in (VISITS, MONEY) or len(numbers) != 4 or not all(one.isdecimal() for one in numbers):
            raise CrmRejected("cannot go on from there")
        page, asked, size, total = map(int, numbers)
        return cls(part, page, asked, size, total)

    def __str__(self) -> str:
        return f"{self.part}.{self.page}.{self.asked}.{self.size}.{self.total}"

    def following(self, found: int, total: int | None) -> "Step | None":
        """What to ask for after `found` records came of `total`; None at the end of both lists. Raises
        CrmRejected for a list without an end."""
        if self.asked >= MOST_PAGES:
            raise CrmRejected("the list does not end")
        asked, size = self.asked + 1, self.size or found
        ended = not found or (total is not None and (self.page - 1) * size + found >= total)
        if not ended:
            return Step(self.part, self.page + 1, asked, size, total or 0)
        return Step(MONEY) if self.part == VISITS else None

    def moved(self, total: int | None) -> "list[Step]":
        """Pages before this one onto which records have moved that were on it, when the total has shrunk."""
        if total is None or total >= self.total or not self.size:
            return []
        pages = -(-(self.total - total) // self.size)
        return [replace(self, page=page) for page in range(max(self.page - pages, 1), self.page)]


def asked_for(step: Step, window: Window, zone: ZoneInfo) -> Params:
    """The parameters of a page."""
    own = (("with_deleted", "1"), ("include_finance_transactions", "1")) if step.part == VISITS else ()
    return (*_bounds(window, zone), *own, ("page", str(step.page)), ("count", str(PAGE)))


def _bounds(window: Window, zone: ZoneInfo) -> Sequence[tuple[str, str]]:
    """A day more at both ends, since days are those of the branch's own clock."""
    if window.first:
        first, last = window.since.date() - _DAY, window.until.date() + _DAY
        return (("start_date", first.isoformat()), ("end_date", last.isoformat()))
    clocks = (window.since.astimezone(zone).replace(tzinfo=None), window.since.replace(tzinfo=None))
    return (("changed_after", min(clocks).strftime(_WALL_CLOCK)),)
