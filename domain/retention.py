"""How long things are kept: kinds, their usual days, and the least that an organization may choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.errors import BadInput

LONGEST = 3650
FOR_EVER = 0


@dataclass(frozen=True, slots=True)
class Term:
    """Days: the usual ones, and the fewest that may be chosen."""

    usual: int
    fewest: int = 1


TERMS: Mapping[str, Term] = {
    "uploads": Term(30),
    "clicks": Term(365),
    "inbox": Term(90, 3),
    "sendings": Term(30, 3),
    "operations": Term(90, 7),
    "notices": Term(30, 3),
    "imports": Term(30),
    "deleted_leads": Term(90, 30),
    "activities": Term(FOR_EVER, 90),
    "audit": Term(1095, 90),
}
"""Kinds: files of forms that no lead got; clicks; what came in by hooks, as it came; what was sent by ours;
what was sent to CRMs; pushes; files that were brought in; deleted leads; ended activities, which only go into
the archive; the record of actions. Never taken is what is still owed or can still be tried again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind with the days that hold for an organization; FOR_EVER keeps it. `chosen`: not the usual."""

    kind: str
    days: int
    chosen: bool = False

    def before(self, now: datetime) -> datetime | None:
        """What is older goes; None where everything stays."""
        return now - timedelta(days=self.days) if self.days else None


def kept_days(settings: Mapping[str, Any]) -> list[Kept]:
    """Every kind as an organization's settings have it."""
    chosen = settings.get("retention")
    given = chosen if isinstance(chosen, dict) else {}
    return [Kept(kind, int(given.get(kind, term.usual)), kind in given) for kind, term in TERMS.items()]


def read_days(kind: str, typed: str) -> int:
    """Days as typed; 0 for ever. Raises BadInput: kind unknown; days invalid or out_of_range."""
    if kind not in TERMS:
        raise BadInput("kind", "unknown")
    text = typed.strip()
    if not text.isdecimal() or len(text) > 5:
        raise BadInput("kept_days", "invalid")
    days = int(text)
    if days != FOR_EVER and not TERMS[kind].fewest <= days <= LONGEST:
        raise BadInput("kept_days", "out_of_range", least=TERMS[kind].fewest, most=LONGEST)
    return days
