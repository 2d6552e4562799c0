"""Counting afterwards: what our database owes, what the CRM holds, and whether the two agree."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import httpx
import sqlalchemy as sa

from storage.db import Database
from storage.tables import leads, operations, stages

STATUSES = {"new": "New", "call": "Assigned", "meeting": "In Process"}
"""Our stages that a soak uses, as EspoCRM's own mapping writes them."""


@dataclass(frozen=True)
class Account:
    """All figures of a run. Everything from `missing` on must be nought."""

    leads: int
    pushes: int
    attempts_lost: int
    notes: int
    notes_twice: int
    records: int
    missing: int
    doubled: int
    foreign: int
    unfinished: int
    given_up: int
    wrong_status: int
    out_of_order: int
    notes_missing: int
    notes_out_of_order: int

    @property
    def is_clean(self) -> bool:
        return not self.faults

    @property
    def faults(self) -> dict[str, int]:
        """Everything that must be nought and is not."""
        names = list(vars(self))
        must_be_nought = names[names.index("missing") :]
        return {name: getattr(self, name) for name in must_be_nought if getattr(self, name)}


async def take_account(db: Database, client: httpx.AsyncClient, crm_url: str) -> Account:
    """Compare both sides. Notes are called "1", "2", ... in the order in which they were made."""
    records: list[dict[str, Any]] = await _records(client, crm_url, "Lead")
    posts = await _records(client, crm_url, "Note")
    async with db.reading(system=True) as session:
        ours = {str(row.id): row.key for row in await session.rows(_STAGES)}
        owed = await session.rows(_OWED)
        jumped = int(await session.scalar(_OUT_OF_ORDER))
    held = Counter(str(record.get("cExternalId")) for record in records)
    by_state = Counter(row.state for row in owed)
    notes = _notes(posts)
    wanted = Counter(str(row.record_id) for row in owed if row.kind == "activity.create")
    of_lead = {record["id"]: str(record.get("cExternalId")) for record in records}
    seen = {of_lead.get(parent, ""): texts for parent, texts in notes.items()}
    return Account(
        leads=len(ours),
        pushes=len(owed),
        attempts_lost=sum(row.attempts for row in owed),
        notes=sum(wanted.values()),
        notes_twice=sum(len(texts) - len(set(texts)) for texts in seen.values()),
        records=len(records),
        missing=sum(lead not in held for lead in ours),
        doubled=sum(count - 1 for count in held.values()),
        foreign=sum(lead not in ours for lead in held),
        unfinished=by_state["pending"] + by_state["running"],
        given_up=by_state["permanently_failed"] + by_state["blocked"] + by_state["dropped"],
        wrong_status=sum(
            record["status"] != STATUSES[ours[record["cExternalId"]]]
            for record in records
            if record.get("cExternalId") in ours
        ),
        out_of_order=jumped,
        notes_missing=sum(count - len(set(seen.get(lead, ()))) for lead, count in wanted.items()),
        notes_out_of_order=sum(_first_seen(texts) != sorted(set(texts)) for texts in seen.values()),
    )


async def _records(client: httpx.AsyncClient, crm_url: str, entity: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{crm_url}/sandbox/records/{entity}", timeout=60)
    found: list[dict[str, Any]] = answer.json()["list"]
    return found


def _notes(posts: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What people wrote under each record, in the order in which it came."""
    found: dict[str, list[str]] = defaultdict(list)
    for note in posts:
        if note.get("type") == "Post":
            found[str(note.get("parentId"))].append(str(note.get("post")))
    return found


def _first_seen(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))


_STAGES = sa.select(leads.c.id, stages.c.key).join(stages, stages.c.id == leads.c.stage_id)
_OWED = sa.select(operations.c.state, operations.c.attempts, operations.c.kind, operations.c.record_id)
_BEFORE = sa.func.max(operations.c.done_at).over(
    partition_by=operations.c.record_id, order_by=operations.c.id, rows=(None, -1)
)
_STEPS = sa.select(operations.c.done_at, _BEFORE.label("before")).subquery()
_OUT_OF_ORDER = sa.select(sa.func.count()).select_from(_STEPS).where(_STEPS.c.done_at < _STEPS.c.before)
"""Operations that were done before one that stands before them in the queue of the same lead."""
