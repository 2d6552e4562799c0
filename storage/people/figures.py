"""Counting: leads, activities and operations over a period, each figure one statement, or one for
what is at hand and one for the archive."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.figures import PersonBar, StageBar, StageMove
from domain.history import shown_in
from storage.db import Session
from storage.finding.lead_search import UP_FOR_ALL
from storage.tables import (
    activities,
    archived_activities,
    audit,
    customers,
    lead_history,
    leads,
    members,
    operations,
    stages,
)

LOOKED_AT = 20_000
"""Rows of the history that medians are taken of, the newest."""

_AT_STAGE = leads.join(stages, stages.c.id == leads.c.stage_id)
Counted = sa.Select[*tuple[Any, ...]]
_DONE = (activities, archived_activities)
"""Where what was done is counted."""

_WON, _LOST = stages.c.kind == "qualified", stages.c.kind == "failed"


def _alive(s: Session) -> list[sa.ColumnElement[bool]]:
    return [leads.c.organization_id == s.tenant, leads.c.deleted_at.is_(None)]


def _about_alive(s: Session, table: sa.Table, *columns: sa.ColumnElement[int]) -> Counted:
    """Activities about what is not deleted."""
    joined = table.outerjoin(leads, leads.c.id == table.c.lead_id)
    query: Counted = sa.select(*columns)
    return query.select_from(joined.outerjoin(customers, customers.c.id == table.c.customer_id)).where(
        table.c.organization_id == s.tenant,
        leads.c.deleted_at.is_(None),
        customers.c.deleted_at.is_(None),
    )


def _number(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)


async def sent(s: Session, member_id: UUID, since: datetime) -> Sequence[int]:
    """All, open, won and lost of what the member has sent since."""
    gone = leads.c.withdrawn_at.is_not(None)
    row = await s.first(
        sa.select(
            sa.func.count(),
            _number(stages.c.kind == "open", ~gone),
            _number(_WON),
            _number(sa.or_(_LOST, gone)),
        )
        .select_from(_AT_STAGE)
        .where(*_alive(s), leads.c.sender_id == member_id, leads.c.created_at >= since)
    )
    return [int(value) for value in row] if row is not None else [0, 0, 0, 0]


async def sent_between(s: Session, member_id: UUID, edges: Sequence[datetime]) -> list[tuple[int, int]]:
    """Sent and won of each stretch between two neighbouring edges."""
    columns: list[sa.ColumnElement[int]] = []
    for start, end in pairwise(edges):
        within = (leads.c.created_at >= start, leads.c.created_at < end)
        columns += [_number(*within), _number(*within, _WON)]
    row = await s.first(
        sa.select(*columns)
        .select_from(_AT_STAGE)
        .where(*_alive(s), leads.c.sender_id == member_id, leads.c.created_at >= edges[0])
    )
    values = [int(value) for value in row] if row is not None else [0] * len(columns)
    return list(zip(values[::2], values[1::2], strict=True))


async def open_of(s: Session, member_id: UUID | None) -> int:
    """Open leads of a member, or those that are up for all."""
    owner = leads.c.assignee_id == member_id if member_id else UP_FOR_ALL
    found: int = await s.scalar(
        sa.select(sa.func.count())
        .select_from(_AT_STAGE)
        .where(*_alive(s), owner, stages.c.kind == "open", leads.c.withdrawn_at.is_(None))
    )
    return found


async def taken(s: Session, member_id: UUID, since: datetime) -> Sequence[int]:
    """All, won and lost of the member's leads that were taken since."""
    row = await s.first(
        sa.select(sa.func.count(), _number(_WON), _number(_LOST))
        .select_from(_AT_STAGE)
        .where(*_alive(s), leads.c.assignee_id == member_id, leads.c.taken_at >= since)
    )
    return [int(value) for value in row] if row is not None else [0, 0, 0]


async def calls(s: Session, member_id: UUID, since: datetime) -> int:
    found = 0
    for one in _DONE:
        found += await s.scalar(
            _about_alive(s, one, sa.func.count()).where(
                one.c.author_id == member_id, one.c.type == "call", one.c.completed_at >= since
            )
        )
    return found


async def overdue(s: Session, member_id: UUID, now: datetime) -> int:
    """Planned and not done, and its time has passed."""
    found: int = await s.scalar(
        _about_alive(s, activities, sa.func.count()).where(
            activities.c.assignee_id == member_id,
            activities.c.completed_at.is_(None),
            activities.c.scheduled_at < now,
        )
    )
    return found


async def first_answers(s: Session, member_id: UUID, since: datetime) -> list[tuple[datetime, datetime]]:
    """(lead came, the member did something about it first) of the leads taken since."""
    found: dict[UUID, tuple[datetime, datetime]] = {}
    for one in _DONE:
        rows = await s.rows(
            sa.select(leads.c.id, leads.c.created_at, sa.func.min(one.c.created_at).label("answered"))
            .join(one, one.c.lead_id == leads.c.id)
            .where(
                *_alive(s),
                leads.c.assignee_id == member_id,
                leads.c.taken_at >= since,
                one.c.organization_id == s.tenant,
                one.c.author_id == member_id,
            )
            .group_by(leads.c.id, leads.c.created_at)
            .limit(LOOKED_AT)
        )
        for row in rows:
            answer = (row.created_at, row.answered)
            found[row.id] = min(answer, found.get(row.id, answer))
    return list(found.values())


async def created(s: Session, since: datetime, until: datetime | None = None) -> Sequence[int]:
    """All of the organization's leads of the period, from outside the chat, won, and lost."""
    fits = [*_alive(s), leads.c.created_at >= since]
    if until is not None:
        fits.append(leads.c.created_at < until)
    row = await s.first(
        sa.select(
            sa.func.count(),
            _number(leads.c.source.not_in(("telegram", "contact", "forward"))),
            _number(_WON),
            _number(_LOST),
        )
        .select_from(_AT_STAGE)
        .where(*fits)
    )
    return [int(value) for value in row] if row is not None else [0, 0, 0, 0]


async def funnel(s: Session, since: datetime) -> list[StageBar]:
    """How many leads of the period stand on each stage now, in the order of the stages."""
    count = sa.func.count(leads.c.id)
    rows = await s.rows(
        sa.select(stages.c.id, stages.c.key, stages.c.name, stages.c.color, count.label("number"))
        .select_from(
            stages.outerjoin(
                leads, sa.and_(leads.c.stage_id == stages.c.id, leads.c.created_at >= since, *_alive(s))
            )
        )
        .where(stages.c.organization_id == s.tenant, stages.c.archived_at.is_(None))
        .group_by(stages.c.id, stages.c.pipeline_id, stages.c.position)
        .order_by(stages.c.pipeline_id, stages.c.position)
    )
    return [StageBar(row.name or row.key or "", row.color, int(row.number), row.id) for row in rows]


async def sources(s: Session, since: datetime, limit: int) -> list[tuple[str, int]]:
    count = sa.func.count()
    rows = await s.rows(
        sa.select(leads.c.source, count.label("number"))
        .where(*_alive(s), leads.c.created_at >= since)
        .group_by(leads.c.source)
        .order_by(count.desc(), leads.c.source)
        .limit(limit)
    )
    return [(row.source, int(row.number)) for row in rows]


async def best(s: Session, since: datetime, limit: int) -> list[PersonBar]:
    """Who has taken leads of the period, the most won first."""
    won, all_ = _number(_WON), sa.func.count()
    rows = await s.rows(
        sa.select(members.c.name, all_.label("taken"), won.label("won"))
        .select_from(_AT_STAGE.join(members, members.c.id == leads.c.assignee_id))
        .where(*_alive(s), leads.c.taken_at >= since)
        .group_by(members.c.id, members.c.name)
        .order_by(won.desc(), all_.desc(), members.c.name)
        .limit(limit)
    )
    return [PersonBar(row.name, int(row.taken), int(row.won)) for row in rows]


async def owed_to_crm(s: Session) -> tuple[int, int]:
    """Operations that wait, and those that need an admin."""
    rows = await s.rows(
        sa.select(operations.c.state, sa.func.count().label("number"))
        .where(
            operations.c.organization_id == s.tenant,
            operations.c.state.in_(("pending", "running", "blocked", "blocked_config", "permanently_failed")),
        )
        .group_by(operations.c.state)
    )
    counts = {row.state: int(row.number) for row in rows}
    waiting = counts.pop("pending", 0) + counts.pop("running", 0)
    return waiting, sum(counts.values())


async def active_people(s: Session, since: datetime) -> int:
    """How many people have done something that is written down."""
    found: int = await s.scalar(
        sa.select(sa.func.count(sa.distinct(audit.c.actor_id))).where(
            audit.c.organization_id == s.tenant, audit.c.at >= since
        )
    )
    return found


async def planned(s: Session, since: datetime, now: datetime) -> tuple[int, int]:
    """Activities that were planned for the period so far, and how many of them are done."""
    planned, done = 0, 0
    for one in _DONE:
        ended = _number(one.c.completed_at.is_not(None))
        (row,) = await s.rows(
            _about_alive(s, one, sa.func.count().label("all"), ended.label("done")).where(
                one.c.scheduled_at >= since, one.c.scheduled_at <= now
            )
        )
        planned, done = planned + row.all, done + row.done
    return planned, done


async def stage_moves(s: Session, since: datetime) -> list[StageMove]:
    """Moves of leads that came since, oldest first."""
    rows = await s.rows(
        sa.select(
            lead_history.c.lead_id,
            leads.c.created_at,
            lead_history.c.old,
            lead_history.c.new,
            lead_history.c.at,
        )
        .join(leads, leads.c.id == lead_history.c.lead_id)
        .where(
            lead_history.c.organization_id == s.tenant,
            *_alive(s),
            lead_history.c.field == "stage",
            leads.c.created_at >= since,
        )
        .order_by(lead_history.c.at.desc(), lead_history.c.id.desc())
        .limit(LOOKED_AT)
    )
    return [
        StageMove(row.lead_id, row.created_at, shown_in(row.old), shown_in(row.new), row.at)
        for row in rows[::-1]
    ]


async def winning_words(s: Session) -> frozenset[str]:
    """How the history names the stages that win."""
    rows = await s.rows(
        sa.select(stages.c.key, stages.c.name).where(stages.c.organization_id == s.tenant, _WON)
    )
    return frozenset(word for row in rows for word in (row.key, row.name) if word)


async def first_lead(s: Session) -> datetime | None:
    """When the organization's first lead came."""
    found: datetime | None = await s.scalar(
        sa.select(leads.c.created_at).where(*_alive(s)).order_by(leads.c.number).limit(1)
    )
    return found
