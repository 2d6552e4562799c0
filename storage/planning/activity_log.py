"""Activities of all kinds that a member may see, as one list."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.activities import ActivityType
from domain.activity_log import ActivityFilter, LoggedActivity
from domain.plans import CANCELLED
from storage.db import Session
from storage.finding.lead_search import visible_to
from storage.leads import customers as customer_rows
from storage.planning.archive import every
from storage.tables import activities, customers, leads, members

_author, _assignee = members.alias("author"), members.alias("assignee")
Condition = sa.ColumnElement[bool]


def _logged(row: Row[Any]) -> LoggedActivity:
    return LoggedActivity(
        id=row.id,
        lead_id=row.lead_id,
        customer_id=row.customer_id,
        type=ActivityType(row.type),
        title=row.title,
        text=row.text,
        result=row.result,
        shared=row.shared,
        author_id=row.author_id,
        author_name=row.author_name or "",
        assignee_id=row.assignee_id,
        assignee_name=row.assignee_name or "",
        at=row.scheduled_at,
        duration=row.duration,
        created_at=row.created_at,
        completed_at=row.completed_at,
    )


class Log:
    """Activities as they stand in one place."""

    def __init__(self, source: sa.FromClause) -> None:
        self._one = source.c
        self._joined = (
            source.outerjoin(leads, leads.c.id == source.c.lead_id)
            .outerjoin(customers, customers.c.id == source.c.customer_id)
            .outerjoin(_author, _author.c.id == source.c.author_id)
            .outerjoin(_assignee, _assignee.c.id == source.c.assignee_id)
        )
        names = _author.c.name.label("author_name"), _assignee.c.name.label("assignee_name")
        self._row = sa.select(source, *names).select_from(self._joined)

    def seen_by(
        self, s: Session, member_id: UUID, see_all: bool, see_free: bool, works: bool
    ) -> list[Condition]:
        """What somebody may see: of the leads and customers they see, and their own; a sender only the
        thread. Nothing that was called off, and nothing of what was deleted."""
        one = self._one
        there = [
            one.organization_id == s.tenant,
            leads.c.deleted_at.is_(None),
            customers.c.deleted_at.is_(None),
            one.result != CANCELLED,
        ]
        if not works:
            there.append(one.shared)
        if see_all:
            return there
        of_lead = sa.and_(one.lead_id.is_not(None), visible_to(member_id, see_all, see_free))
        seen = customer_rows.visible_to(member_id, see_all, see_free)
        of_customer = sa.and_(one.customer_id.is_not(None), seen)
        return [
            *there,
            sa.or_(one.assignee_id == member_id, one.author_id == member_id, of_lead, of_customer),
        ]

    def chosen(self, wanted: ActivityFilter) -> list[Condition]:
        one = self._one
        exact = {
            one.lead_id: wanted.lead,
            one.customer_id: wanted.customer,
            one.type: wanted.type.value if wanted.type is not None else None,
            one.assignee_id: wanted.assignee,
            one.author_id: wanted.author,
        }
        found: list[Condition] = [column == value for column, value in exact.items() if value is not None]
        if wanted.completed is not None:
            ended = one.completed_at.is_not(None)
            found.append(ended if wanted.completed else ~ended)
        if wanted.since is not None:
            found.append(one.scheduled_at >= wanted.since)
        if wanted.until is not None:
            found.append(one.scheduled_at < wanted.until)
        return found

    async def listed(
        self, s: Session, conditions: Sequence[Condition], limit: int, offset: int, *, soonest: bool
    ) -> tuple[list[LoggedActivity], int]:
        """A part of them, the latest first or the soonest, and how many there are."""
        total: int = await s.scalar(sa.select(sa.func.count()).select_from(self._joined).where(*conditions))
        moment = sa.func.coalesce(self._one.scheduled_at, self._one.created_at)
        order = (moment, self._one.id) if soonest else (moment.desc(), self._one.id.desc())
        ordered = self._row.where(*conditions).order_by(*order)
        rows = await s.rows(ordered.limit(limit).offset(offset)) if total else []
        return [_logged(row) for row in rows], total

    async def get(
        self, s: Session, conditions: Sequence[Condition], activity_id: UUID
    ) -> LoggedActivity | None:
        row = await s.first(self._row.where(*conditions, self._one.id == activity_id))
        return _logged(row) if row is not None else None

    async def any_one(self, s: Session, activity_id: UUID) -> LoggedActivity | None:
        """One of the organization's, whatever it stands under."""
        return await self.get(s, [self._one.organization_id == s.tenant], activity_id)


AT_HAND, WITH_ARCHIVE = Log(activities), Log(every)
