"""Finding leads: lists by who may see them and what was chosen, and the duplicates of a contact."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.answer_times import OPEN_TO_ALL
from domain.leads import Lead, LeadFilter
from storage.db import Session
from storage.leads.leads import JOINED, LEAD, with_points
from storage.tables import contact_points, leads, stages

# a literal and no parameter: for another wording the partial index ix_leads_up_for_all is not used
UP_FOR_ALL = sa.or_(leads.c.assignee_id.is_(None), leads.c.escalations >= sa.literal_column(str(OPEN_TO_ALL)))
"""Nobody has the lead, or whoever has it has not answered in time: Lead.is_up_for_all as a condition."""

# Built once: to build a statement anew takes longer than to run one.
_TENANT = sa.bindparam("tenant", type_=sa.Uuid)
_BY_POINT = (
    sa.select(leads.c.id, leads.c.number)
    .join(contact_points, contact_points.c.lead_id == leads.c.id)
    .where(
        contact_points.c.organization_id == _TENANT,
        contact_points.c.value.in_(sa.bindparam("values", expanding=True)),
        leads.c.organization_id == _TENANT,
        leads.c.withdrawn_at.is_(None),
        leads.c.deleted_at.is_(None),
    )
)
_BY_POINT_OR_INN = _BY_POINT.union(
    sa.select(leads.c.id, leads.c.number).where(
        leads.c.organization_id == _TENANT,
        leads.c.inn == sa.bindparam("inn"),
        leads.c.inn != "",
        leads.c.withdrawn_at.is_(None),
        leads.c.deleted_at.is_(None),
    )
)


async def list_leads(
    s: Session, conditions: Sequence[sa.ColumnElement[bool]], limit: int, offset: int
) -> tuple[list[Lead], int]:
    """One page, newest first, and the count of all that fit."""
    fits = sa.and_(leads.c.organization_id == s.tenant, leads.c.deleted_at.is_(None), *conditions)
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(leads).where(fits))
    rows = await s.rows(
        sa.select(*LEAD)
        .select_from(JOINED)
        .where(fits)
        .order_by(leads.c.number.desc())
        .limit(limit)
        .offset(offset)
    )
    return (await with_points(s, rows) if rows else []), total


def visible_to(member_id: UUID, see_all: bool, see_unassigned: bool) -> sa.ColumnElement[bool]:
    """What a member may see: everything; or their own (sent or assigned), and those that are up for all."""
    if see_all:
        return sa.true()
    own = sa.or_(leads.c.sender_id == member_id, leads.c.assignee_id == member_id)
    return sa.or_(own, UP_FOR_ALL) if see_unassigned else own


def matching(chosen: LeadFilter, member_id: UUID) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if chosen.stage is not None:
        conditions.append(leads.c.stage_id == chosen.stage)
    owners: dict[str, sa.ColumnElement[bool]] = {
        "mine": leads.c.assignee_id == member_id,
        "unassigned": sa.and_(UP_FOR_ALL, leads.c.withdrawn_at.is_(None)),
        "sent": leads.c.sender_id == member_id,
    }
    if chosen.owner in owners:
        conditions.append(owners[chosen.owner])
    return conditions


async def find_duplicates(s: Session, values: Sequence[str], inn: str) -> list[UUID]:
    """Leads, newest first, with one of these phones or e-mails, or this INN; not the withdrawn ones."""
    given: dict[str, Any] = {"tenant": s.tenant, "values": list(values) or [""]}
    if inn:
        found = await s.execute(_BY_POINT_OR_INN, {**given, "inn": inn})
    else:
        found = await s.execute(_BY_POINT, given)
    rows = found.all()
    return [row.id for row in sorted(rows, key=lambda row: row.number, reverse=True)]


async def by_number(s: Session, number: int) -> tuple[UUID, str] | None:
    """Id and title of the lead that people know by this number."""
    row = await s.first(
        sa.select(leads.c.id, leads.c.name, leads.c.company).where(
            leads.c.organization_id == s.tenant, leads.c.number == number
        )
    )
    return (row.id, row.name or row.company) if row is not None else None


async def longest_free(s: Session, limit: int) -> list[Lead]:
    """Open leads that are up for all, the oldest first."""
    rows = await s.rows(
        sa.select(*LEAD)
        .select_from(JOINED)
        .where(
            leads.c.organization_id == s.tenant,
            UP_FOR_ALL,
            leads.c.withdrawn_at.is_(None),
            leads.c.deleted_at.is_(None),
            stages.c.kind == "open",
        )
        .order_by(leads.c.number)
        .limit(limit)
    )
    return await with_points(s, rows) if rows else []
