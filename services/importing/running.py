"""An import that is being brought in: its pages in their order, judged before they are written."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.engine import Row

from domain.importing import Duplicates, Setup, Verdict
from domain.members import Member
from services.importing.judging import Judge, Judged
from services.importing.source import Page, Source
from storage.db import Database


@dataclass(slots=True)
class Running:
    """An import that this process works on. `held` is the end of the lease it goes on under, `worked_off`
    the rows that an earlier try has brought in."""

    row: Row[Any]
    member: Member
    source: Source
    judge: Judge
    setup: Setup
    stage: UUID
    receivers: tuple[UUID, ...]
    held: datetime
    worked_off: frozenset[int]
    verdicts: Counter[str]
    told: float = 0.0
    next_pages: list[Sequence[Judged]] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.verdicts.total()

    @property
    def alone(self) -> bool:
        """Whether one page has to wait for the one before: both may touch the same leads or rules."""
        return self.setup.duplicates is Duplicates.UPDATE or self.setup.assign == "rules"

    async def read(self, db: Database, most: int) -> list[Sequence[Judged]]:
        """The next pages, at most `most`; none at the end."""
        pages: list[Sequence[Judged]] = []
        while len(pages) < most and (page := await asyncio.to_thread(self.source.page)):
            left = self._left_of(page)
            if left:
                async with db.reading(self.row.organization_id) as s:
                    pages.append(await self.judge.judge(s, left))
        return pages

    def _left_of(self, page: Page) -> Page:
        """What is not in yet; the contacts of what is count for the twins that follow."""
        if not self.worked_off:
            return page
        self.judge.remember([one for one in page if one.row in self.worked_off])
        return [one for one in page if one.row not in self.worked_off]


def fresh(judged: Sequence[Judged]) -> int:
    """How many new leads are among them."""
    return sum(one.verdict is Verdict.NEW for one in judged)
