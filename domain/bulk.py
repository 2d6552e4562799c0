"""Changing many leads at once: what can be done, to which leads, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import BadInput
from domain.lead_query import LeadQuery, query_of

ACTIONS = ("assign", "stage", "tag", "untag", "delete")
MOST_PICKED = 1000
"""Leads that are picked one by one; whoever wants more takes all of a filter."""

AT_ONCE = 50
"""Up to so many leads are changed while the person waits."""

TAG_LIMIT = 32

RUNNING, DONE, CANCELLED, UNDOING, UNDONE = "running", "done", "cancelled", "undoing", "undone"
OPEN = frozenset({RUNNING, UNDOING})


@dataclass(frozen=True, slots=True)
class Picked:
    """The leads a member has picked: numbers, or everything that a query finds. `total` counts them;
    `asked_at` is when the member was last told how many."""

    numbers: tuple[int, ...] = ()
    query: LeadQuery | None = None
    total: int = 0
    asked_at: datetime | None = None

    def has(self, number: int) -> bool:
        return self.query is not None or number in self.numbers


@dataclass(frozen=True, slots=True)
class Order:
    """What is to become of them: a value is a member's or a stage's id, a tag, or empty."""

    action: str
    value: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BulkRun:
    """`skipped` counts by why: changed (meanwhile), rights, same (it is so already), withdrawn, fields (the
    stage asks for what the lead lacks), gone."""

    id: UUID
    member_id: UUID
    order: Order
    state: str
    total: int
    change_id: UUID
    asked_at: datetime
    done: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    numbers: tuple[int, ...] = ()
    query: LeadQuery | None = None
    cursor: str = ""
    undone: int = 0

    @property
    def seen(self) -> int:
        return self.done + sum(self.skipped.values())


def read_tag(typed: str) -> str:
    """A tag without its sign, in lower case. Raises BadInput("tag", ...): required or too_long."""
    tag = " ".join(typed.replace("#", " ").replace(",", " ").split()).lower()
    if not tag:
        raise BadInput("tag", "required")
    if len(tag) > TAG_LIMIT:
        raise BadInput("tag", "too_long", limit=TAG_LIMIT, length=len(tag))
    return tag


def run_as_json(run: BulkRun) -> dict[str, Any]:
    return {
        "order": [run.order.action, run.order.value, run.order.reason],
        "state": run.state,
        "total": run.total,
        "change": str(run.change_id),
        "asked_at": run.asked_at.isoformat(),
        "done": run.done,
        "skipped": dict(run.skipped),
        "numbers": list(run.numbers),
        "query": run.query.as_json() if run.query is not None else None,
        "cursor": run.cursor,
        "undone": run.undone,
    }


def run_of(run_id: UUID, member_id: UUID, kept: Mapping[str, Any]) -> BulkRun:
    return BulkRun(
        id=run_id,
        member_id=member_id,
        order=Order(*kept["order"]),
        state=kept["state"],
        total=kept["total"],
        change_id=UUID(kept["change"]),
        asked_at=datetime.fromisoformat(kept["asked_at"]),
        done=kept["done"],
        skipped=kept["skipped"],
        numbers=tuple(kept["numbers"]),
        query=query_of(kept["query"]) if kept["query"] is not None else None,
        cursor=kept["cursor"],
        undone=kept["undone"],
    )
