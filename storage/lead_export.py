"""Leads as rows for a file: only the columns it shows, a page at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from storage.among import among
from storage.db import Session
from storage.tables import contact_points, lead_tags, leads, members, pipelines, stages

_assignee, _sender = members.alias(), members.alias()
_FROM = (
    leads.join(stages, stages.c.id == leads.c.stage_id)
    .outerjoin(pipelines, pipelines.c.id == stages.c.pipeline_id)
    .outerjoin(_assignee, _assignee.c.id == leads.c.assignee_id)
    .outerjoin(_sender, _sender.c.id == leads.c.sender_id)
)

COLUMNS: Mapping[str, sa.ColumnElement[Any]] = {
    **{name: leads.c[name] for name in (
        "number", "name", "company", "inn", "amount", "currency", "note", "source", "segment", "product",
        "region", "referral_code", "utm", "custom", "created_at", "updated_at", "taken_at",
    )},
    "stage_key": stages.c.key,
    "stage_name": stages.c.name,
    "pipeline_name": pipelines.c.name,
    "preset": pipelines.c.settings,
    "assignee_name": _assignee.c.name,
    "sender_name": _sender.c.name,
}  # fmt: skip


async def page(s: Session, lead_ids: Sequence[UUID], wanted: Sequence[str]) -> list[Row[Any]]:
    """Rows with `id` and the wanted columns of COLUMNS, in the order of the ids."""
    columns = [COLUMNS[name].label(name) for name in wanted]
    rows = await s.rows(
        sa.select(leads.c.id, *columns)
        .select_from(_FROM)
        .where(leads.c.organization_id == s.tenant, among(s, leads.c.id, lead_ids))
    )
    found = {row.id: row for row in rows}
    return [found[one] for one in lead_ids if one in found]


async def points(s: Session, lead_ids: Sequence[UUID]) -> Mapping[tuple[UUID, str], list[str]]:
    """The leads' own phones and e-mails by (lead, kind), primary first."""
    found: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    for row in await s.rows(
        sa.select(contact_points.c.lead_id, contact_points.c.kind, contact_points.c.value)
        .where(
            contact_points.c.organization_id == s.tenant,
            among(s, contact_points.c.lead_id, lead_ids),
            contact_points.c.contact_id.is_(None),
        )
        .order_by(contact_points.c.position)
    ):
        found[row.lead_id, row.kind].append(row.value)
    return found


async def tags(s: Session, lead_ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in await s.rows(
        sa.select(lead_tags.c.lead_id, lead_tags.c.tag)
        .where(lead_tags.c.organization_id == s.tenant, among(s, lead_tags.c.lead_id, lead_ids))
        .order_by(lead_tags.c.tag)
    ):
        found[row.lead_id].append(row.tag)
    return found
