"""Walks as the product makes them: a first one through all that happened, then what has changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from domain.transactions import (
    SourceTransaction,
    TransactionKind,
    TransactionPage,
    Unreadable,
    Window,
)
from tests.sources.sides import Side

MOST_PAGES = 100
HISTORY = timedelta(days=5)


@dataclass
class Walker:
    """Goes through a source, and remembers where the last walk ended."""

    side: Side
    ended: datetime | None = None
    mark: str = ""
    pages: list[TransactionPage] = field(default_factory=list)

    async def go(self) -> list[SourceTransaction | Unreadable]:
        """All that the next walk finds, in the order in which it was told."""
        now = self.side.source.now()
        if self.ended is None:
            window = Window(now - HISTORY, now, first=True)
        else:
            window = Window(self.ended - self.side.adapter.overlap, now, mark=self.mark)
        self.pages = []
        after = ""
        while not self.pages or after:
            assert len(self.pages) < MOST_PAGES, "the walk does not end"
            self.pages.append(await self.side.adapter.transactions(window, after))
            after = self.pages[-1].next
        self.ended, self.mark = window.until, self.pages[-1].mark
        return [one for page in self.pages for one in page.found]

    async def purchases(self) -> dict[str, SourceTransaction]:
        """The last telling of each by its id; all of them could be read."""
        found = await self.go()
        assert not [one for one in found if isinstance(one, Unreadable)]
        return latest(found)


def latest(found: Iterable[SourceTransaction | Unreadable]) -> dict[str, SourceTransaction]:
    return {one.external_id: one for one in found if isinstance(one, SourceTransaction)}


def worth(found: Iterable[SourceTransaction]) -> Decimal:
    """What was sold less what was given back."""
    counted = [one for one in found if not one.cancelled]
    sold = sum((one.amount.amount for one in counted if one.kind is TransactionKind.SALE), Decimal(0))
    return sold - sum(
        (one.amount.amount for one in counted if one.kind is TransactionKind.REFUND), Decimal(0)
    )
