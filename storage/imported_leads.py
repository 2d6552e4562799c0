"""A page of imported leads with everything that belongs to them, in as few statements as there are tables."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from domain.importing import RowLead
from domain.words import is_fuzzy, spellings, words_of_lead
from storage import finding
from storage.among import among
from storage.bulk import Native, insert_many
from storage.db import Session
from storage.tables import (
    contact_points,
    counters,
    import_rows,
    lead_history,
    lead_tags,
    lead_words,
    leads,
    operations,
    word_spellings,
)

_LEAD = ("id", "organization_id", "number", "name", "company", "inn", "amount", "currency", "note", "source",
         "segment", "product", "region", "referral_code", "utm", "custom", "assigned_by", "stage_id",
         "assignee_id", "taken_at", "created_at", "updated_at")  # fmt: skip
_POINT = ("id", "organization_id", "lead_id", "kind", "value", "typed", "position")
_HISTORY = (
    "id",
    "organization_id",
    "lead_id",
    "actor_id",
    "origin",
    "change_id",
    "field",
    "old",
    "new",
    "at",
)
_ROW = ("organization_id", "import_id", "row", "verdict", "lead_id", "reason")
_WORD = ("organization_id", "word", "lead_id")
_OPERATION = ("id", "organization_id", "integration_id", "kind", "record_id", "entity_id", "payload", "state",
              "due_at", "created_at")  # fmt: skip
ORIGIN = "import"


@dataclass(frozen=True, slots=True)
class Placed:
    """A lead of the file with its place here. `why` goes into assigned_by."""

    lead: RowLead
    stage_id: UUID
    assignee_id: UUID | None
    why: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """What the rows of one import share. Operations are owed to `receivers` and become due at `due_at`."""

    import_id: UUID
    change_id: UUID
    actor_id: UUID | None
    now: datetime
    receivers: Sequence[UUID] = ()
    due_at: datetime | None = None


async def take_numbers(s: Session, count: int) -> int:
    """Take `count` lead numbers in a row; returns the first. The row's lock keeps them without doubles."""
    last: int = (
        await s.execute(
            counters.update()
            .where(counters.c.organization_id == s.tenant, counters.c.name == "lead")
            .values(value=counters.c.value + count)
            .returning(counters.c.value)
        )
    ).scalar_one()
    return last - count + 1


async def add_page(s: Session, batch: Batch, placed: Sequence[Placed]) -> dict[int, UUID]:
    """Write new leads; returns their ids by the row of the file."""
    if not placed:
        return {}
    native = Native(s.dialect)
    first = await take_numbers(s, len(placed))
    ids = [native.new_id() for _ in placed]
    tenant, now = native.id(s.tenant), native.moment(batch.now)
    await insert_many(s, leads, _LEAD, [
        _lead_row(native, tenant, now, first + place, lead_id, one)
        for place, (lead_id, one) in enumerate(zip(ids, placed, strict=True))
    ])  # fmt: skip
    await insert_many(s, contact_points, _POINT, _point_rows(native, tenant, ids, placed))
    change, actor = native.id(batch.change_id), native.id(batch.actor_id)
    await insert_many(s, lead_history, _HISTORY, [
        (native.new_id(), tenant, lead_id, actor, ORIGIN, change, "created", "", "", now) for lead_id in ids
    ])  # fmt: skip
    tags = [(tenant, lead_id, tag) for lead_id, one in zip(ids, placed, strict=True) for tag in one.lead.tags]
    await insert_many(s, lead_tags, ("organization_id", "lead_id", "tag"), tags)
    await _owe(s, native, batch, ids)
    return {one.lead.row: native.known(lead_id) for lead_id, one in zip(ids, placed, strict=True)}


def _lead_row(
    native: Native, tenant: Any, now: Any, number: int, lead_id: Any, one: Placed
) -> tuple[Any, ...]:
    lead = one.lead
    made = native.moment(lead.created_at) if lead.created_at else now
    amount = None if lead.amount is None else int(lead.amount * 100)
    return (
        lead_id, tenant, number, lead.name, lead.company, lead.inn, amount, "RUB", lead.note,
        lead.source or ORIGIN, lead.segment, lead.product, lead.region, lead.referral_code,
        _json(lead.utm), _json(lead.custom), _json(one.why), native.id(one.stage_id),
        native.id(one.assignee_id), now if one.assignee_id else None, made, now,
    )  # fmt: skip


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else "{}"


def _point_rows(
    native: Native, tenant: Any, ids: Sequence[Any], placed: Sequence[Placed]
) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for lead_id, one in zip(ids, placed, strict=True):
        points = [("phone", value, typed) for value, typed in one.lead.phones.items()]
        points += [("email", value, typed) for value, typed in one.lead.emails.items()]
        rows += [
            (native.new_id(), tenant, lead_id, kind, value, typed[:254], position)
            for position, (kind, value, typed) in enumerate(points)
        ]
    return rows


async def add_words(s: Session, lead_ids: Sequence[UUID]) -> None:
    """The words that new leads are found by; those that are there already stay. In the order of their index,
    and apart from the leads: thousands at once cost a third of what they cost one by one."""
    wanted = await words_now(s, lead_ids)
    if s.dialect != "sqlite":
        await finding.add_words(s, wanted)
        return
    native = Native(s.dialect)
    tenant = native.id(s.tenant)
    rows = sorted((tenant, word, lead_id.hex) for lead_id, words in wanted.items() for word in words)
    await insert_many(s, lead_words, _WORD, rows, ignoring=True)
    await _add_spellings(s, {word for words in wanted.values() for word in words if is_fuzzy(word)})


async def words_now(s: Session, lead_ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """What leads without contacts of their own people are found by."""
    points: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    for row in await s.rows(
        sa.select(contact_points.c.lead_id, contact_points.c.kind, contact_points.c.value).where(
            contact_points.c.organization_id == s.tenant, among(s, contact_points.c.lead_id, lead_ids)
        )
    ):
        points[row.lead_id, row.kind].append(row.value)
    named = await s.rows(
        sa.select(leads.c.id, leads.c.name, leads.c.company, leads.c.inn).where(
            leads.c.organization_id == s.tenant, among(s, leads.c.id, lead_ids)
        )
    )
    return {
        row.id: words_of_lead(
            (row.name, row.company, row.inn), points[row.id, "phone"], points[row.id, "email"]
        )
        for row in named
    }


async def _add_spellings(s: Session, words: set[str]) -> None:
    """Spellings of words that no lead had so far; somebody else may add the same meanwhile."""
    known = await s.rows(
        sa.select(word_spellings.c.word).where(
            word_spellings.c.organization_id == s.tenant,
            word_spellings.c.spelling == word_spellings.c.word,
            among(s, word_spellings.c.spelling, sorted(words)),
        )
    )
    fresh = words - {row.word for row in known}
    if fresh:
        insert = sqlite.insert if s.dialect == "sqlite" else postgresql.insert
        pairs = sorted((spelling, word) for word in fresh for spelling in spellings(word))
        given = [{"organization_id": s.tenant, "spelling": one, "word": word} for one, word in pairs]
        await s.execute(insert(word_spellings).on_conflict_do_nothing(), given)


async def _owe(s: Session, native: Native, batch: Batch, ids: Sequence[Any]) -> None:
    tenant, now, due = native.id(s.tenant), native.moment(batch.now), native.moment(batch.due_at or batch.now)
    for integration in batch.receivers:
        receiver = native.id(integration)
        await insert_many(s, operations, _OPERATION, [
            (native.new_id(), tenant, receiver, "lead.create", lead_id, lead_id, "{}", "pending", due, now)
            for lead_id in ids
        ])  # fmt: skip


async def add_rows(s: Session, import_id: UUID, rows: Sequence[tuple[int, str, UUID | None, str]]) -> None:
    """What became of rows: (row, verdict, lead, reason)."""
    native = Native(s.dialect)
    tenant, of_import = native.id(s.tenant), native.id(import_id)
    await insert_many(s, import_rows, _ROW, [
        (tenant, of_import, row, verdict, native.id(lead_id), reason[:200])
        for row, verdict, lead_id, reason in rows
    ])  # fmt: skip
