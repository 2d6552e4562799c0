"""A page of imported leads with everything that belongs to them, in as few statements as there are tables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.delivery import Priority
from domain.hooks_out import ASSIGNED, CREATED, Event
from domain.importing import RowLead
from storage.bulk import Native, insert_many
from storage.db import Session
from storage.hooks_out import hooks_out
from storage.tables import (
    contact_points,
    counters,
    import_rows,
    lead_history,
    lead_tags,
    leads,
    operations,
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
              "priority", "due_at", "created_at")  # fmt: skip
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
    """What the rows of one import share. Operations are owed to `receivers`, behind what people wait for."""

    import_id: UUID
    change_id: UUID
    actor_id: UUID | None
    now: datetime
    receivers: Sequence[UUID] = ()


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


async def add_page(
    s: Session, batch: Batch, placed: Sequence[Placed], first: int | None = None
) -> dict[int, Any]:
    """Write new leads, with numbers from `first` on where they were taken before; returns their native ids
    by the row of the file."""
    if not placed:
        return {}
    native = Native(s.dialect)
    first = first or await take_numbers(s, len(placed))
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
    if await hooks_out.listening(s):
        await hooks_out.owe(s, _events(native, batch, ids, placed), batch.now)
    return {one.lead.row: lead_id for lead_id, one in zip(ids, placed, strict=True)}


def _events(native: Native, batch: Batch, ids: Sequence[Any], placed: Sequence[Placed]) -> list[Event]:
    actor = str(batch.actor_id) if batch.actor_id else ""
    found = []
    for lead_id, one in zip(ids, placed, strict=True):
        about = {"lead": str(native.known(lead_id)), "actor": actor, "origin": ORIGIN}
        found.append(Event(CREATED, about))
        if one.assignee_id is not None:
            found.append(Event(ASSIGNED, {**about, "from": "", "to": str(one.assignee_id)}))
    return found


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
    new_id = native.new_id
    for lead_id, one in zip(ids, placed, strict=True):
        position = 0
        for kind, points in (("phone", one.lead.phones), ("email", one.lead.emails)):
            for value, typed in points.items():
                rows.append((new_id(), tenant, lead_id, kind, value, typed[:254], position))
                position += 1
    return rows


async def _owe(s: Session, native: Native, batch: Batch, ids: Sequence[Any]) -> None:
    tenant, now, behind = native.id(s.tenant), native.moment(batch.now), Priority.BULK.value
    for integration in batch.receivers:
        receiver = native.id(integration)
        await insert_many(s, operations, _OPERATION, [
            (native.new_id(), tenant, receiver, "lead.create", lead_id, lead_id, "{}", "pending", behind, now,
             now)
            for lead_id in ids
        ])  # fmt: skip


async def add_rows(s: Session, import_id: UUID, rows: Sequence[tuple[int, str, Any, str]]) -> None:
    """What became of rows: (row, verdict, lead's id, native or not, reason)."""
    native = Native(s.dialect)
    tenant, of_import = native.id(s.tenant), native.id(import_id)
    await insert_many(s, import_rows, _ROW, [
        (tenant, of_import, row, verdict, lead_id.hex if native.is_sqlite and isinstance(lead_id, UUID)
         else lead_id, reason[:200])
        for row, verdict, lead_id, reason in rows
    ])  # fmt: skip
