"""Queries on planned activities: one, those of a lead, an agenda, reminders that are due, a calendar."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.activities import ActivityType
from domain.hooks_out import activity_events
from domain.plans import CANCELLED, Plan, Subject
from storage.db import Session
from storage.hooks_out import hooks_out
from storage.ids import new_id
from storage.planning.archive import every
from storage.tables import activities, customers, leads, members, slots, stages

_one, _any = activities.c, every.c


def _joined(source: sa.FromClause) -> sa.FromClause:
    return (
        source.outerjoin(leads, leads.c.id == source.c.lead_id)
        .outerjoin(customers, customers.c.id == source.c.customer_id)
        .outerjoin(members, members.c.id == source.c.assignee_id)
    )


def _plans(source: sa.FromClause) -> sa.Select[Any]:
    return sa.select(
        source,
        members.c.name.label("assignee_name"),
        sa.func.coalesce(leads.c.number, customers.c.number, 0).label("of_number"),
        leads.c.name.label("lead_name"),
        leads.c.company.label("lead_company"),
        customers.c.name.label("customer_name"),
        customers.c.company.label("customer_company"),
    ).select_from(_joined(source))


_JOINED, _PLAN, _ANY_PLAN = _joined(activities), _plans(activities), _plans(every)
"""Those at hand; and of the archive too, for one plan and for those of one lead or customer."""

_ALIVE = sa.and_(leads.c.deleted_at.is_(None), customers.c.deleted_at.is_(None))
"""Nothing is asked of what stands under a deleted lead or customer."""

_OPEN_PLAN = sa.and_(_one.scheduled_at.is_not(None), _one.completed_at.is_(None))


def _plan(row: Row[Any]) -> Plan:
    titles = (row.lead_name, row.lead_company, row.customer_name, row.customer_company)
    return Plan(
        id=row.id,
        organization_id=row.organization_id,
        lead_id=row.lead_id,
        customer_id=row.customer_id,
        of_number=row.of_number,
        of_title=next((title for title in titles if title), ""),
        type=ActivityType(row.type),
        title=row.title,
        text=row.text,
        result=row.result,
        author_id=row.author_id,
        assignee_id=row.assignee_id,
        assignee_name=row.assignee_name or "",
        at=row.scheduled_at,
        duration=row.duration,
        remind_at=row.remind_at,
        created_at=row.created_at,
        completed_at=row.completed_at,
    )


def _is_of(of: Subject, columns: Any) -> sa.ColumnElement[bool]:
    whose: sa.ColumnElement[UUID] = columns.lead_id if of.kind == "lead" else columns.customer_id
    return whose == of.id


async def add_plan(s: Session, of: Subject, now: datetime, **values: object) -> UUID:
    plan_id = new_id()
    whose = {"lead_id": of.id} if of.kind == "lead" else {"customer_id": of.id}
    await s.execute(
        activities.insert().values(id=plan_id, organization_id=s.tenant, created_at=now, **whose, **values)
    )
    await hooks_out.owe(s, activity_events(plan_id, True, values), now)
    return plan_id


async def get_plan(s: Session, plan_id: UUID, *, alive: bool = False) -> Plan | None:
    """A planned activity, done or not; None too for one that was merely logged, and with `alive` for one
    that stands under a deleted lead or customer."""
    fits = [_any.organization_id == s.tenant, _any.id == plan_id, _any.scheduled_at.is_not(None)]
    row = await s.first(_ANY_PLAN.where(*fits, *([_ALIVE] if alive else [])))
    return _plan(row) if row is not None else None


async def change_plan(s: Session, plan: Plan, **values: object) -> bool:
    """Change one that still stands as `plan` says; False when somebody was faster."""
    same_end = (
        _one.completed_at.is_(None) if plan.completed_at is None else _one.completed_at == plan.completed_at
    )
    changed = await s.execute(
        activities.update()
        .where(_one.organization_id == s.tenant, _one.id == plan.id, same_end, _one.scheduled_at == plan.at)
        .values(**values)
    )
    ended = values.get("completed_at")
    if changed.rowcount == 1 and isinstance(ended, datetime):
        await hooks_out.owe(s, activity_events(plan.id, False, values), ended)
    return changed.rowcount == 1


async def of_subject(s: Session, of: Subject, limit: int, offset: int) -> tuple[list[Plan], int]:
    """Those of a lead or a customer: open ones first, soonest first; then the ended, newest first."""
    fits = sa.and_(_any.organization_id == s.tenant, _is_of(of, _any), _any.scheduled_at.is_not(None))
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(every).where(fits))
    soonest = sa.case((_any.completed_at.is_(None), _any.scheduled_at), else_=None)
    rows = await s.rows(
        _ANY_PLAN.where(fits)
        .order_by(_any.completed_at.is_not(None), soonest, _any.scheduled_at.desc(), _any.id)
        .limit(limit)
        .offset(offset)
    )
    return [_plan(row) for row in rows], total


async def next_of(s: Session, of: Subject) -> Plan | None:
    """The soonest open one of a lead or customer; an overdue one counts."""
    row = await s.first(
        _PLAN.where(_one.organization_id == s.tenant, _is_of(of, _one), _OPEN_PLAN)
        .order_by(_one.scheduled_at, _one.id)
        .limit(1)
    )
    return _plan(row) if row is not None else None


async def agenda(
    s: Session, member_id: UUID, start: datetime | None, end: datetime, limit: int, offset: int
) -> tuple[list[Plan], int]:
    """A member's open ones from `start` until before `end`, soonest first, and how many there are."""
    fits = [_one.organization_id == s.tenant, _one.assignee_id == member_id, _OPEN_PLAN, _ALIVE]
    fits += [_one.scheduled_at < end]
    if start is not None:
        fits.append(_one.scheduled_at >= start)
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(_JOINED).where(*fits))
    ordered = _PLAN.where(*fits).order_by(_one.scheduled_at, _one.id)
    rows = await s.rows(ordered.limit(limit).offset(offset)) if total else []
    return [_plan(row) for row in rows], total


async def for_calendar(s: Session, member_id: UUID, since: datetime, limit: int) -> list[Plan]:
    """A member's from `since` on, ended ones too, soonest first."""
    rows = await s.rows(
        _PLAN.where(
            _one.organization_id == s.tenant,
            _one.assignee_id == member_id,
            _one.scheduled_at >= since,
            _one.result != CANCELLED,
            _ALIVE,
        )
        .order_by(_one.scheduled_at, _one.id)
        .limit(limit)
    )
    return [_plan(row) for row in rows]


async def claim_reminders(s: Session, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Take reminders that are due off their activities: (organization, activity) of those this caller got.
    System scope; two callers never get the same one."""
    due = sa.and_(_one.remind_at <= now, _one.completed_at.is_(None))
    chosen = sa.select(_one.id).where(due).order_by(_one.remind_at).limit(limit)
    if s.dialect == "postgresql":
        chosen = chosen.with_for_update(skip_locked=True)
    taken = await s.execute(
        activities.update()
        .where(_one.id.in_(chosen.scalar_subquery()), due)
        .values(remind_at=None)
        .returning(_one.organization_id, _one.id)
    )
    return [(row.organization_id, row.id) for row in taken.all()]


def _idle(tenant: UUID, member_id: UUID) -> Sequence[sa.ColumnElement[bool]]:
    planned = sa.exists().where(_one.lead_id == leads.c.id, _OPEN_PLAN)
    return (
        leads.c.organization_id == tenant,
        leads.c.assignee_id == member_id,
        leads.c.withdrawn_at.is_(None),
        leads.c.deleted_at.is_(None),
        stages.c.kind == "open",
        ~planned,
    )


async def idle_leads(
    s: Session, member_id: UUID, limit: int, offset: int
) -> tuple[list[tuple[UUID, int, str]], int]:
    """(id, number, title) of a member's open leads for which nothing is planned, the longest untouched
    first, and how many there are."""
    fits = _idle(s.tenant, member_id)
    source = leads.join(stages, stages.c.id == leads.c.stage_id)
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(source).where(*fits))
    rows = await s.rows(
        sa.select(leads.c.id, leads.c.number, leads.c.name, leads.c.company)
        .select_from(source)
        .where(*fits)
        .order_by(leads.c.updated_at, leads.c.number)
        .limit(limit)
        .offset(offset)
    )
    return [(row.id, row.number, row.name or row.company) for row in rows], total


_SHOWN = {"open": "lead", "about": "lead", "lead": "lead", "receipt": "lead", "customer": "customer"}
"""What a message is about, by the kind of its slot."""


async def shown_in(s: Session, chat_id: int, message_id: int | None, limit: int = 5) -> list[Subject]:
    """Leads and customers of cards in a chat: of one message, or those opened there, the newest first."""
    opened = sa.or_(*(slots.c.slot.like(f"{kind}:%") for kind in ("open", "about", "customer")))
    of_message = slots.c.message_id == message_id if message_id else opened
    rows = await s.rows(
        sa.select(slots.c.slot)
        .where(slots.c.chat_id == chat_id, of_message)
        .order_by(slots.c.updated_at.desc(), slots.c.message_id.desc())
        .limit(limit)
    )
    marked = [row.slot.partition(":") for row in rows]
    return [Subject(_SHOWN[kind], UUID(rest)) for kind, _colon, rest in marked if kind in _SHOWN]


async def customer_standing(s: Session, customer_id: UUID) -> Row[Any] | None:
    """Who is responsible for a customer, and from which lead it came; None for a deleted one."""
    return await s.first(
        sa.select(customers.c.assignee_id, customers.c.qualified_from_lead_id).where(
            customers.c.organization_id == s.tenant,
            customers.c.id == customer_id,
            customers.c.deleted_at.is_(None),
        )
    )


async def member_by_calendar(s: Session, key: str) -> tuple[UUID, UUID] | None:
    """(organization, member) whose calendar has this key; system scope."""
    row = await s.first(
        sa.select(members.c.organization_id, members.c.id).where(members.c.calendar_key == key)
    )
    return (row.organization_id, row.id) if row is not None else None


async def calendar_key(s: Session, member_id: UUID) -> str:
    found: str | None = await s.scalar(
        sa.select(members.c.calendar_key).where(
            members.c.organization_id == s.tenant, members.c.id == member_id
        )
    )
    return found or ""
