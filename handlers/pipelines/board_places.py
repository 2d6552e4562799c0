"""Where somebody is on the board, small enough for a button: the filters, and a stage's page."""

import hashlib
from dataclasses import dataclass

from domain.board import Period, Whose
from handlers.buttons import BoardButton

LEAD_MARK = "b"
"""A lead's button that was pressed on the board carries a place that begins with it."""

STAGE_DIGITS, SOURCE_DIGITS, MOST_PAGES = 8, 4, 999
_WHOSE = {"a": Whose.ALL, "m": Whose.MINE, "u": Whose.UNASSIGNED}
_PERIODS = {
    "e": Period.EVER,
    "t": Period.TODAY,
    "w": Period.WEEK,
    "m": Period.MONTH,
    "q": Period.QUARTER,
    "y": Period.YEAR,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of a board; `source` is a mark, empty for any."""

    whose: Whose = Whose.ALL
    period: Period = Period.EVER
    source: str = ""

    def pack(self) -> str:
        """At most six characters."""
        whose = next(mark for mark, one in _WHOSE.items() if one is self.whose)
        period = next(mark for mark, one in _PERIODS.items() if one is self.period)
        return f"{whose}{period}{self.source}"


def chosen_in(packed: str) -> Chosen:
    """What `pack` wrote; whatever cannot be read is not chosen."""
    whose, period = _WHOSE.get(packed[:1], Whose.ALL), _PERIODS.get(packed[1:2], Period.EVER)
    return Chosen(whose, period, packed[2 : 2 + SOURCE_DIGITS])


def source_mark(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:SOURCE_DIGITS]


def pack_place(button: BoardButton) -> str:
    """A page of a stage's leads as the `extra` of a lead's button: at most 18 characters."""
    page = min(button.page, MOST_PAGES)
    return f"{LEAD_MARK}{button.at[-STAGE_DIGITS:]}{button.chosen}.{page}"


def board_button(packed: str) -> BoardButton | None:
    """The place that `pack_place` wrote; None for anything else."""
    place, dot, page = packed.partition(".")
    if not (place.startswith(LEAD_MARK) and dot and page.isdecimal() and len(place) > STAGE_DIGITS + 2):
        return None
    return BoardButton(
        do="list", at=place[1 : STAGE_DIGITS + 1], chosen=place[STAGE_DIGITS + 1 :], page=int(page)
    )
