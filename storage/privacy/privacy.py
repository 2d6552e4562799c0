"""Queries that find everything that is held on somebody."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.privacy import Abroad, Marks, Subject, Traces
from storage.among import among
from storage.db import Session
from storage.planning.archive import every
from storage.privacy import purchases_of
from storage.tables import (
    clicks,
    conflicts,
    consents,
    contact_points,
    contacts,
    customers,
    files,
    integrations,
    lead_history,
    lead_tags,
    leads,
    links,
    members,
)

_point = contact_points.c

OF_LEADS: Mapping[str, sa.FromClause] = {
    "points": contact_points,
    "contacts": contacts,
    "activities": every,
    "history": lead_history,
    "files": files,
    "tags": lead_tags,
    "clicks": clicks,
    "conflicts": conflicts,
    "consents": consents,
}
"""What hangs on a lead, by its name in a file of personal data."""

OF_CUSTOMERS: Mapping[str, sa.FromClause] = {"contacts": contacts, "activities": every}
HIDDEN = frozenset({"organization_id", "file_id", "content", "text_hash"})
"""Columns that say nothing of the person."""


async def traces(s: Session, subject: Subject) -> Traces:
    """Leads, customers and contacts of somebody, deleted ones too."""
    own, contact_ids = await _by_points(s, subject)
    column = contacts.c.phone if subject.phone else contacts.c.email
    contact_ids |= {
        row.id
        for row in await s.rows(
            sa.select(contacts.c.id).where(contacts.c.organization_id == s.tenant, column == subject.value)
        )
    }
    customer_ids = await _customers(s, subject, own)
    own |= await _leads_of(s, customer_ids)
    phones, emails = await _known_by(s, subject, own, customer_ids)
    return Traces(
        tuple(sorted(own)), tuple(sorted(customer_ids)), tuple(sorted(contact_ids)), tuple(phones),
        Marks.of(phones, emails),
    )  # fmt: skip


async def _by_points(s: Session, subject: Subject) -> tuple[set[UUID], set[UUID]]:
    rows = await s.rows(
        sa.select(_point.lead_id, _point.contact_id).where(
            _point.organization_id == s.tenant, _point.value == subject.value, _point.kind == subject.kind
        )
    )
    own = {row.lead_id for row in rows if row.contact_id is None}
    return own, {row.contact_id for row in rows if row.contact_id is not None}


async def _customers(s: Session, subject: Subject, lead_ids: Collection[UUID]) -> set[UUID]:
    column = customers.c.phones if subject.phone else customers.c.emails
    if s.dialect == "sqlite":
        held: sa.ColumnElement[bool] | sa.TextClause = sa.text(
            f"EXISTS (SELECT 1 FROM json_each(customers.{column.name}) WHERE json_each.value = :value)"  # noqa: S608
        ).bindparams(value=subject.value)
    else:
        held = sa.cast(column, sa.dialects.postgresql.JSONB).contains([subject.value])
    fits = sa.or_(held, among(s, customers.c.qualified_from_lead_id, list(lead_ids)))
    rows = await s.rows(sa.select(customers.c.id).where(customers.c.organization_id == s.tenant, fits))
    return {row.id for row in rows}


async def _leads_of(s: Session, customer_ids: Collection[UUID]) -> set[UUID]:
    """The leads that these customers were."""
    rows = await s.rows(
        sa.select(leads.c.id).where(
            leads.c.organization_id == s.tenant, among(s, leads.c.customer_id, list(customer_ids))
        )
    )
    return {row.id for row in rows}


async def _known_by(
    s: Session, subject: Subject, lead_ids: Collection[UUID], customer_ids: Collection[UUID]
) -> tuple[list[str], list[str]]:
    """Every phone and e-mail that is theirs: a person found by one has the others too."""
    phones, emails = {subject.phone}, {subject.email}
    for row in await s.rows(
        sa.select(_point.kind, _point.value).where(
            _point.organization_id == s.tenant, among(s, _point.lead_id, list(lead_ids)),
            _point.contact_id.is_(None),
        )
    ):  # fmt: skip
        (phones if row.kind == "phone" else emails).add(row.value)
    for row in await s.rows(
        sa.select(customers.c.phones, customers.c.emails).where(
            customers.c.organization_id == s.tenant, among(s, customers.c.id, list(customer_ids))
        )
    ):
        phones |= set(row.phones or ())
        emails |= set(row.emails or ())
    return sorted(filter(None, phones)), sorted(filter(None, emails))


async def everything(s: Session, found: Traces) -> dict[str, list[dict[str, Any]]]:
    """All rows of theirs by kind, as JSON values."""
    own = await _rows(s, leads, leads.c.id, found.leads)
    bought = await _rows(s, customers, customers.c.id, found.customers)
    said: dict[str, list[dict[str, Any]]] = {"leads": own, "customers": bought}
    for name, table in OF_LEADS.items():
        said[name] = await _rows(s, table, table.c.lead_id, found.leads)
    for name, table in OF_CUSTOMERS.items():
        said[name] += await _rows(s, table, table.c.customer_id, found.customers)
    said["purchases"] = _plain_rows(await purchases_of.bought(s, found.phones))
    said["bonuses"] = _plain_rows(await purchases_of.bonuses(s, found.phones))
    known = {row["id"] for row in said["contacts"]}
    named = await _rows(s, contacts, contacts.c.id, found.contacts)
    said["contacts"] += [row for row in named if row["id"] not in known]
    return said


async def _rows(
    s: Session, table: sa.FromClause, column: sa.ColumnElement[Any], ids: Sequence[UUID]
) -> list[dict[str, Any]]:
    if not ids:
        return []
    shown = [one for one in table.c if one.name not in HIDDEN]
    order = table.c.id if "id" in table.c else column
    found = await s.rows(
        sa.select(*shown)
        .where(table.c.organization_id == s.tenant, among(s, column, list(ids)))
        .order_by(order)
    )
    return _plain_rows(found)


def _plain_rows(rows: Sequence[sa.Row[Any]]) -> list[dict[str, Any]]:
    return [{name: plain(value) for name, value in row._mapping.items()} for row in rows]


def plain(value: Any) -> Any:
    """A column's value as JSON takes it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, str):
        # the history keeps an exact value behind what people read
        return value.partition("\x1f")[0]
    return value


async def numbers(s: Session, lead_ids: Sequence[UUID]) -> list[int]:
    rows = await s.rows(
        sa.select(leads.c.number)
        .where(leads.c.organization_id == s.tenant, among(s, leads.c.id, list(lead_ids)))
        .order_by(leads.c.number)
    )
    return [row.number for row in rows]


async def abroad(s: Session, lead_ids: Sequence[UUID]) -> list[Abroad]:
    """Records of these leads at CRMs; `told` where the CRM gets our changes."""
    gets = sa.or_(integrations.c.active, integrations.c.mirrored)
    rows = await s.rows(
        sa.select(
            integrations.c.provider, integrations.c.name, integrations.c.mode, gets.label("gets"),
            links.c.external_id, links.c.url,
        )
        .select_from(links.join(integrations, integrations.c.id == links.c.integration_id))
        .where(
            links.c.organization_id == s.tenant, links.c.entity == "lead",
            among(s, links.c.entity_id, list(lead_ids)),
        )
        .order_by(links.c.id)
    )  # fmt: skip
    return [
        Abroad(row.provider, row.name, row.external_id, row.url, bool(row.gets) and row.mode == "live")
        for row in rows
    ]


async def member_row(s: Session, member_id: UUID) -> dict[str, Any]:
    """What is held on a member, as JSON values."""
    (row,) = await _rows(s, members, members.c.id, [member_id])
    return {name: value for name, value in row.items() if name not in ("calendar_key", "rights")}


async def of_member(s: Session, member_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What a member agreed to, wrote and sent."""
    sent = sa.select(leads.c.number, leads.c.created_at).where(
        leads.c.organization_id == s.tenant, leads.c.sender_id == member_id
    )
    return {
        "consents": await _rows(s, consents, consents.c.member_id, [member_id]),
        "activities": await _rows(s, every, every.c.author_id, [member_id]),
        "leads_sent": [
            {"number": row.number, "at": plain(row.created_at)}
            for row in await s.rows(sent.order_by(leads.c.id))
        ],
    }
