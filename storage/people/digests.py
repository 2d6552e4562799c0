"""Queries on who wants a digest, held against other processes while it is owed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.tables import members, organizations, people, teams

_WANTS = '%"digest"%'


@dataclass(frozen=True, slots=True)
class Wish:
    """A digest wanted by a member or a team: where it goes, in which zone, and what is kept of it."""

    id: UUID
    organization_id: UUID
    chat_id: int
    thread_id: int
    zone: str
    settings: Mapping[str, Any]


async def of_members(s: Session) -> list[Wish]:
    """System scope. On PostgreSQL their rows are held; those that another process holds are passed over."""
    query = (
        sa.select(members, organizations.c.time_zone.label("here"))
        .join(organizations, organizations.c.id == members.c.organization_id)
        .join(people, people.c.telegram_id == members.c.telegram_id)
        .where(
            members.c.status == "active",
            people.c.blocked_at.is_(None),
            sa.cast(members.c.settings, sa.Text).like(_WANTS),
        )
    )
    rows = await s.rows(_held(s, query, members))
    return [Wish(r.id, r.organization_id, r.telegram_id, 0, r.time_zone or r.here, r.settings) for r in rows]


async def of_teams(s: Session) -> list[Wish]:
    """System scope; held as those of members are."""
    query = (
        sa.select(teams, organizations.c.time_zone.label("here"))
        .join(organizations, organizations.c.id == teams.c.organization_id)
        .where(sa.cast(teams.c.settings, sa.Text).like(_WANTS))
    )
    rows = await s.rows(_held(s, query, teams))
    return [Wish(r.id, r.organization_id, r.chat_id, r.thread_id, r.here, r.settings) for r in rows]


def _held(s: Session, query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    return query.with_for_update(skip_locked=True, of=table) if s.dialect == "postgresql" else query


async def keep_last(s: Session, wish: Wish, day: str) -> None:
    """The digest of the day is owed."""
    table = teams if wish.chat_id < 0 else members
    settings = {**wish.settings, "digest": {**wish.settings["digest"], "last": day}}
    await s.execute(
        table.update()
        .where(table.c.organization_id == wish.organization_id, table.c.id == wish.id)
        .values(settings=settings)
    )
