"""Queries that find leads: by words, best first, and by conditions, newest first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.custom_values import BETWEEN
from domain.lead_query import FILLED, GIVEN, LeadQuery
from domain.leads import Lead, StageKind
from storage.among import among, own_among
from storage.db import Session
from storage.leads.leads import JOINED, LEAD, with_points
from storage.tables import activities, contact_points, lead_tags, leads, members, stages

Condition = sa.ColumnElement[bool]


async def best_first(
    s: Session, levels: Sequence[Condition], conditions: Sequence[Condition], most: int
) -> list[UUID]:
    """Leads that fulfil the conditions and a level, those of the first level before the rest and each
    level newest first; at most `most`."""
    if s.dialect == "postgresql":
        # how many leads have a word differs so much that one plan for all of them is wrong for most
        await s.execute(sa.text("SET LOCAL plan_cache_mode = force_custom_plan"))
    parts = []
    for rank, level in enumerate(levels):
        fitting = sa.and_(
            leads.c.organization_id == s.tenant, leads.c.deleted_at.is_(None), level, *conditions
        )
        # ids tell the time: the newest is the greatest
        part = sa.select(leads.c.id).where(fitting).order_by(leads.c.id.desc()).limit(most).subquery()
        parts.append(sa.select(part.c.id, sa.literal(rank).label("rank")))
    rows = await s.rows(sa.union_all(*parts))
    best: dict[UUID, int] = {}
    for row in rows:
        best[row.id] = min(row.rank, best.get(row.id, row.rank))
    newest = sorted(best, key=lambda lead_id: lead_id.int, reverse=True)
    return sorted(newest, key=best.__getitem__)[:most]


ORDERS = {
    "number": leads.c.number,
    "created_at": leads.c.created_at,
    "updated_at": leads.c.updated_at,
    "name": leads.c.name,
    "company_name": leads.c.company,
    "amount": leads.c.amount,
}
"""What leads can be sorted by; ids tell apart what is equal."""


def _ordered(order: str) -> list[sa.ColumnElement[Any]]:
    """`order` is a name of ORDERS, with "-" before it for the greatest first."""
    column = ORDERS[order.removeprefix("-")]
    first = column.desc().nulls_last() if order.startswith("-") else column.asc().nulls_last()
    return [first] if column is leads.c.number else [first, leads.c.number.desc()]


async def page_of(
    s: Session, conditions: Sequence[Condition], limit: int, offset: int, order: str = ""
) -> list[Lead]:
    """One page, newest first, or in an order of ORDERS."""
    rows = await s.rows(
        sa.select(*LEAD)
        .select_from(JOINED)
        .where(leads.c.organization_id == s.tenant, leads.c.deleted_at.is_(None), *conditions)
        .order_by(*(_ordered(order) if order else [leads.c.number.desc()]))
        .limit(limit)
        .offset(offset)
    )
    return await with_points(s, rows) if rows else []


async def in_this_order(s: Session, lead_ids: Sequence[UUID]) -> list[Lead]:
    """The leads by their ids; those that are gone are left out."""
    if not lead_ids:
        return []
    rows = await s.rows(sa.select(*LEAD).select_from(JOINED).where(own_among(s, leads.c.id, lead_ids)))
    found = {lead.id: lead for lead in (await with_points(s, rows) if rows else [])}
    return [found[one] for one in lead_ids if one in found]


async def ids_of(s: Session, conditions: Sequence[Condition], most: int, below: int | None = None) -> list[
    tuple[UUID, int]
]:  # fmt: skip
    """(id, number) of leads that fulfil the conditions, newest first; below a number where one is given."""
    query = sa.select(leads.c.id, leads.c.number).where(
        leads.c.organization_id == s.tenant, leads.c.deleted_at.is_(None), *conditions
    )
    if below is not None:
        query = query.where(leads.c.number < below)
    rows = await s.rows(query.order_by(leads.c.number.desc()).limit(most))
    return [(row.id, row.number) for row in rows]


async def by_numbers(s: Session, numbers: Sequence[int]) -> list[UUID]:
    """The leads that people know by these numbers, in this order; the deleted ones as well."""
    rows = await s.rows(
        sa.select(leads.c.id, leads.c.number).where(
            leads.c.organization_id == s.tenant, among(s, leads.c.number, list(numbers))
        )
    )
    found = {row.number: row.id for row in rows}
    return [found[number] for number in numbers if number in found]


async def numbers_of(s: Session, lead_ids: Sequence[UUID]) -> list[int]:
    """The numbers of these leads, in their order, each once; ids of none are left out."""
    rows = await s.rows(sa.select(leads.c.id, leads.c.number).where(own_among(s, leads.c.id, list(lead_ids))))
    found = {row.id: row.number for row in rows}
    return [found[one] for one in dict.fromkeys(lead_ids) if one in found]


async def count(s: Session, conditions: Sequence[Condition]) -> int:
    total: int = await s.scalar(
        sa.select(sa.func.count())
        .select_from(leads)
        .where(leads.c.organization_id == s.tenant, leads.c.deleted_at.is_(None), *conditions)
    )
    return total


async def values_in_use(s: Session, column: str, visible: Condition, newest: int, most: int) -> list[str]:
    """Texts that the newest visible leads have in a column, the commonest first."""
    recent = (
        sa.select(leads.c[column].label("value"))
        .where(leads.c.organization_id == s.tenant, leads.c.deleted_at.is_(None), visible)
        .order_by(leads.c.number.desc())
        .limit(newest)
        .subquery()
    )
    rows = await s.rows(
        sa.select(recent.c.value)
        .where(recent.c.value.is_not(None), recent.c.value != "")
        .group_by(recent.c.value)
        .order_by(sa.func.count().desc(), recent.c.value)
        .limit(most)
    )
    return [row.value for row in rows]


async def people_in_use(
    s: Session, column: str, visible: Condition, newest: int, most: int
) -> list[tuple[UUID, str]]:
    """(id, name) of members in a column of the newest visible leads, by name."""
    recent = (
        sa.select(leads.c[column].label("member"))
        .where(leads.c.organization_id == s.tenant, leads.c.deleted_at.is_(None), visible)
        .order_by(leads.c.number.desc())
        .limit(newest)
        .subquery()
    )
    rows = await s.rows(
        sa.select(members.c.id, members.c.name)
        .where(members.c.organization_id == s.tenant, members.c.id.in_(sa.select(recent.c.member)))
        .order_by(members.c.name, members.c.id)
        .limit(most)
    )
    return [(row.id, row.name) for row in rows]


async def tags_in_use(s: Session, most: int) -> list[str]:
    rows = await s.rows(
        sa.select(lead_tags.c.tag)
        .where(lead_tags.c.organization_id == s.tenant)
        .group_by(lead_tags.c.tag)
        .order_by(sa.func.count().desc(), lead_tags.c.tag)
        .limit(most)
    )
    return [row.tag for row in rows]


def all_of(*conditions: Condition) -> Condition:
    return sa.and_(sa.true(), *conditions)


def one_of(s: Session, lead_ids: Sequence[UUID]) -> Condition:
    return among(s, leads.c.id, lead_ids)


def numbered(number: int) -> Condition:
    return leads.c.number == number


def with_contact(s: Session, values: Collection[str]) -> Condition:
    """Whether the lead has one of these phones or e-mails."""
    return leads.c.id.in_(
        sa.select(contact_points.c.lead_id).where(
            contact_points.c.organization_id == s.tenant, among(s, contact_points.c.value, list(values))
        )
    )


def chosen(s: Session, query: LeadQuery, since: datetime | None, until: datetime | None) -> list[Condition]:
    """What a query asks for besides its words, its owner and what was told; `since` and `until` (excluded)
    are its days."""
    found: list[Condition] = []
    exact = {
        leads.c.stage_id: query.stage,
        leads.c.assignee_id: query.assignee,
        leads.c.sender_id: query.sender,
        leads.c.source: query.source or None,
        leads.c.segment: query.segment or None,
        leads.c.product: query.product or None,
        leads.c.region: query.region or None,
    }
    found += [column == value for column, value in exact.items() if value is not None]
    bounds = (
        (since, leads.c.created_at.__ge__),
        (until, leads.c.created_at.__lt__),
        (query.least, leads.c.amount.__ge__),
        (query.most, leads.c.amount.__le__),
    )
    found += [compare(value) for value, compare in bounds if value is not None]
    if query.pipeline is not None:
        of = sa.select(stages.c.id).where(
            stages.c.organization_id == s.tenant, stages.c.pipeline_id == query.pipeline
        )
        found.append(leads.c.stage_id.in_(of))
    found += [_tagged(s, tag) for tag in query.tags]
    found += [_custom(key, value) for key, value in query.custom.items()]
    return [*found, *_without_next_step(s)] if query.no_next_step else found


def told(s: Session, query: LeadQuery, member_id: UUID) -> list[Condition]:
    """That a lead is one of those that the member was told of together, if the query is about such."""
    found = [own_among(s, leads.c.id, query.ids)] if query.ids else []
    for span in query.spans:
        if span.of == GIVEN:
            theirs, moment = leads.c.assignee_id == member_id, leads.c.taken_at
        else:
            theirs, moment = sa.true(), leads.c.created_at
        found.append(sa.and_(theirs, moment.between(span.first, span.last)))
    return [sa.or_(*found)] if found else []


def _tagged(s: Session, tag: str) -> Condition:
    own = sa.select(lead_tags.c.lead_id).where(
        lead_tags.c.organization_id == s.tenant, lead_tags.c.tag == tag
    )
    return leads.c.id.in_(own)


def _custom(key: str, value: str) -> Condition:
    held = leads.c.custom[key].as_string()
    if value == FILLED:
        return sa.func.coalesce(held, "") != ""
    # one of many choices stands between the others
    listed = sa.literal(BETWEEN) + held + sa.literal(BETWEEN)
    return sa.or_(held == value, listed.contains(f"{BETWEEN}{value}{BETWEEN}", autoescape=True))


def _without_next_step(s: Session) -> list[Condition]:
    planned = sa.exists().where(
        activities.c.organization_id == s.tenant,
        activities.c.lead_id == leads.c.id,
        activities.c.scheduled_at.is_not(None),
        activities.c.completed_at.is_(None),
    )
    still_open = sa.select(stages.c.id).where(
        stages.c.organization_id == s.tenant, stages.c.kind == StageKind.OPEN.value
    )
    return [leads.c.withdrawn_at.is_(None), leads.c.stage_id.in_(still_open), ~planned]
