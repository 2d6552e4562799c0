"""Leads as rows for a file: only the columns it shows, a page at a time."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from storage.among import own_among
from storage.db import Session
from storage.tables import contact_points, lead_tags, leads, members, pipelines, stages

_assignee, _sender = members.alias(), members.alias()
_FROM = (
    leads.join(stages, stages.c.id == leads.c.stage_id)
    .outerjoin(pipelines, pipelines.c.id == stages.c.pipeline_id)
    .outerjoin(_assignee, _assignee.c.id == leads.c.assignee_id)
    .outerjoin(_sender, _sender.c.id == leads.c.sender_id)
)


def _together(values: sa.Select[Any]) -> sa.ColumnElement[Any]:
    """The values of a sorted selection about one lead, as one text."""
    one = values.correlate(leads).subquery()
    return sa.select(sa.func.aggregate_strings(one.c[0], ", ")).scalar_subquery()


def _points(kind: str) -> sa.ColumnElement[Any]:
    """The lead's own, primary first."""
    own = contact_points.c.lead_id == leads.c.id, contact_points.c.contact_id.is_(None)
    return _together(
        sa.select(contact_points.c.value)
        .where(*own, contact_points.c.kind == kind)
        .order_by(contact_points.c.position)
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
    "phone": _points("phone"),
    "email": _points("email"),
    "tags": _together(
        sa.select(lead_tags.c.tag).where(lead_tags.c.lead_id == leads.c.id).order_by(lead_tags.c.tag)
    ),
}  # fmt: skip


async def page(s: Session, lead_ids: Sequence[UUID], wanted: Sequence[str]) -> list[Row[Any]]:
    """Rows with `id` and the wanted columns of COLUMNS, in the order of the ids."""
    columns = [COLUMNS[name].label(name) for name in wanted]
    rows = await s.rows(
        sa.select(leads.c.id, *columns).select_from(_FROM).where(own_among(s, leads.c.id, lead_ids))
    )
    found = {row.id: row for row in rows}
    return [found[one] for one in lead_ids if one in found]
