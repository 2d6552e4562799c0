"""The board: how many leads stand on each stage of a pipeline, and for how much."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.leads import Lead, Money, Stage
from domain.pipelines import Pipeline


class Whose(StrEnum):
    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"


class Period(StrEnum):
    """When the leads came in, counted in whole days of the reader's zone, today included."""

    EVER = "ever"
    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


DAYS: dict[Period, int] = {
    Period.TODAY: 1,
    Period.WEEK: 7,
    Period.MONTH: 30,
    Period.QUARTER: 90,
    Period.YEAR: 365,
}


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """`source` is a lead's source as stored, None for any."""

    whose: Whose = Whose.ALL
    period: Period = Period.EVER
    source: str | None = None


@dataclass(frozen=True, slots=True)
class StageTotal:
    """Leads of a stage, and their amounts a currency; leads without an amount add nothing."""

    stage: Stage
    count: int
    sums: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class BoardView:
    """One pipeline's totals in its order. `others` are the pipelines there are, this one included."""

    pipeline: Pipeline
    totals: tuple[StageTotal, ...]
    others: tuple[Pipeline, ...]
    chosen: BoardFilter

    @property
    def count(self) -> int:
        return sum(one.count for one in self.totals)

    @property
    def most(self) -> int:
        """Leads of the fullest stage."""
        return max((one.count for one in self.totals), default=0)


@dataclass(frozen=True, slots=True)
class StagePage:
    """A page of a stage's leads, newest first; pages count from 0."""

    pipeline: Pipeline
    total: StageTotal
    leads: tuple[Lead, ...]
    page: int
    pages: int
    chosen: BoardFilter


@dataclass(frozen=True, slots=True)
class Figure:
    """Count and sum of one stage's leads in one currency."""

    stage_id: UUID
    count: int
    sum: Money | None
