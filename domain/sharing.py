"""Who gets a new lead: rules with conditions, and turns by weight.

A rule is kept in assignment_rules. Its `turns` are the state that is written under the row's lock:

{"now": {member: credit}, "turn": 3, "day": "2026-11-21", "given": {member: leads of that day}}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.own_settings import Span, span_of
from domain.words import fold

CONDITIONS = ("source", "segment", "product", "region", "pipeline")
"""What a rule may ask of a lead, in the order of the screen. A pipeline is named by its id."""

MOST_RULES = 30
MOST_MEMBERS = 50
MOST_VALUES = 20
NAME_LIMIT = 40
HEAVIEST = 20
HIGHEST_CAP = 999

Subject = Mapping[str, str]
"""A lead as rules look at it: a value for each of CONDITIONS, empty where it has none."""


@dataclass(frozen=True, slots=True)
class Share:
    """Somebody's part in a rule: how many of the leads in turn, and how many a day at most (0: no limit)."""

    member_id: UUID
    weight: int = 1
    cap: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition holds if the lead has one of its values; all of them must. `hours` are of the
    organization's time zone: outside of them the rule is passed over."""

    id: UUID
    name: str
    position: int = 0
    enabled: bool = True
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shares: tuple[Share, ...] = ()
    hours: Span | None = None
    turns: Mapping[str, Any] = field(default_factory=dict)

    def share_of(self, member_id: UUID) -> Share | None:
        return next((one for one in self.shares if one.member_id == member_id), None)


@dataclass(frozen=True, slots=True)
class Skip:
    """Somebody whose turn it might have been, and why it was not: gone, suspended, blocked, no_right, away,
    hours or cap."""

    member_id: UUID
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets the lead by which rule; nobody where all were skipped. `turn` of `of` in the rule's round."""

    rule: Rule
    member_id: UUID | None
    name: str = ""
    turn: int = 0
    of: int = 0
    skipped: tuple[Skip, ...] = ()

    def why(self) -> dict[str, Any]:
        """What is kept in leads.assigned_by."""
        return {
            "rule": str(self.rule.id),
            "name": self.rule.name,
            "to": str(self.member_id or ""),
            "turn": self.turn,
            "of": self.of,
            "skipped": [{"name": one.name, "why": one.why} for one in self.skipped],
        }


def within(span: Span, at: datetime, zone: str) -> bool:
    """Whether the moment lies in the hours; those past midnight belong to the day they begin on."""
    here = at.astimezone(ZoneInfo(zone))
    time, day = here.time(), here.weekday()
    if span.start < span.end:
        return day in span.days and span.start <= time < span.end
    return (day in span.days and time >= span.start) or ((day - 1) % 7 in span.days and time < span.end)


def holds(rule: Rule, lead: Subject, at: datetime, zone: str) -> bool:
    """Whether the rule speaks of the lead now."""
    if not rule.enabled or (rule.hours is not None and not within(rule.hours, at, zone)):
        return False
    return all(
        fold(lead.get(name, "")) in {fold(value) for value in values}
        for name, values in rule.conditions.items()
        if values
    )


def first_that_holds(rules: Sequence[Rule], lead: Subject, at: datetime, zone: str) -> Rule | None:
    return next((rule for rule in rules if holds(rule, lead, at, zone)), None)


def of_today(turns: Mapping[str, Any], day: str) -> dict[str, int]:
    """How many leads each member has got by the rule on this day."""
    return dict(turns.get("given", {})) if turns.get("day") == day else {}


def next_turn(able: Sequence[Share], turns: Mapping[str, Any], day: str) -> tuple[Share, int, dict[str, Any]]:
    """Whose turn it is among `able` (not empty), which turn of the round, and the new state.

    Smooth weighted round robin: everybody gains their weight, the richest is taken and pays the sum. Within
    any round of as many leads as the weights add up to, each gets exactly their weight.
    """
    total = sum(one.weight for one in able)
    before = turns.get("now", {})
    credit = {str(one.member_id): before.get(str(one.member_id), 0) + one.weight for one in able}
    chosen = max(able, key=lambda one: credit[str(one.member_id)])
    key = str(chosen.member_id)
    credit[key] -= total
    kept = {**before, **credit}
    given = of_today(turns, day)
    given[key] = given.get(key, 0) + 1
    turn = int(turns.get("turn", 0)) % total + 1
    return chosen, turn, {"now": kept, "turn": turn, "day": day, "given": given}


def shares_in(kept: object) -> tuple[Share, ...]:
    """Out of the column: [{"member": id, "weight": 1, "cap": 0}]."""
    rows = kept if isinstance(kept, list) else []
    return tuple(
        Share(UUID(str(row["member"])), int(row.get("weight", 1)), int(row.get("cap", 0))) for row in rows
    )


def shares_out(shares: Sequence[Share]) -> list[dict[str, Any]]:
    return [{"member": str(one.member_id), "weight": one.weight, "cap": one.cap} for one in shares]


def hours_in(kept: Mapping[str, Any]) -> Span | None:
    return span_of({"hours": kept}, "hours") if kept else None
