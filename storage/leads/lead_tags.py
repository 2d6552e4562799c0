"""Queries on the tags of leads."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.tables import lead_tags, leads

_tag = lead_tags.c


async def tags_of(s: Session, lead_id: UUID) -> tuple[str, ...]:
    """The lead's tags, in alphabetical order."""
    rows = await s.rows(
        sa.select(_tag.tag)
        .where(_tag.organization_id == s.tenant, _tag.lead_id == lead_id)
        .order_by(_tag.tag)
    )
    return tuple(row.tag for row in rows)


async def replace_tags(s: Session, lead_id: UUID, tags: Collection[str]) -> None:
    """Give the lead exactly these tags."""
    await s.execute(lead_tags.delete().where(_tag.organization_id == s.tenant, _tag.lead_id == lead_id))
    if tags:
        given = [{"organization_id": s.tenant, "lead_id": lead_id, "tag": tag} for tag in dict.fromkeys(tags)]
        await s.execute(lead_tags.insert(), given)


async def tags_in_use(s: Session, limit: int) -> list[str]:
    """The organization's tags, those of most leads first."""
    used = sa.func.count().label("used")
    rows = await s.rows(
        sa.select(_tag.tag, used)
        .where(_tag.organization_id == s.tenant)
        .group_by(_tag.tag)
        .order_by(used.desc(), _tag.tag)
        .limit(limit)
    )
    return [row.tag for row in rows]


async def values_in_use(s: Session, column: str, limit: int) -> list[str]:
    """What stands in a column of the organization's leads (segment, product, region, source), the most
    frequent first."""
    value, used = leads.c[column], sa.func.count().label("used")
    rows = await s.rows(
        sa.select(value.label("value"), used)
        .where(leads.c.organization_id == s.tenant, value != "", leads.c.deleted_at.is_(None))
        .group_by(value)
        .order_by(used.desc(), value)
        .limit(limit)
    )
    return [row.value for row in rows]
