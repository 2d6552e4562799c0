"""Queries on announcements, and on how far their notices have got.

`roles` of the table holds {"roles": [...], "state": draft, sent or done, "last": id}: the notices of one have
ids between its own and `last`, as all are made at once, so counting them reads no others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.members import Role
from storage.db import Session
from storage.ids import new_id
from storage.tables import announcements, notices


@dataclass(frozen=True, slots=True)
class Announcement:
    """`state` is draft, sent (some may still wait) or done; no roles mean everybody."""

    id: UUID
    organization_id: UUID
    author_id: UUID | None
    roles: tuple[Role, ...]
    state: str
    text: str
    total: int
    created_at: datetime
    last: UUID | None


def _announcement(row: sa.Row[Any]) -> Announcement:
    kept = row.roles
    return Announcement(
        row.id,
        row.organization_id,
        row.author_id,
        tuple(Role(role) for role in kept.get("roles", ())),
        kept.get("state", "draft"),
        row.text,
        row.total,
        row.created_at,
        UUID(kept["last"]) if kept.get("last") else None,
    )


async def add(s: Session, author_id: UUID, roles: Sequence[Role], text: str, now: datetime) -> UUID:
    """A draft."""
    announcement_id = new_id()
    kept = {"roles": [role.value for role in roles], "state": "draft"}
    await s.execute(
        announcements.insert().values(
            id=announcement_id, organization_id=s.tenant, author_id=author_id, roles=kept, text=text,
            created_at=now,
        )
    )  # fmt: skip
    return announcement_id


async def get(s: Session, announcement_id: UUID, *, hold: bool = False) -> Announcement | None:
    query = sa.select(announcements).where(
        announcements.c.organization_id == s.tenant, announcements.c.id == announcement_id
    )
    row = await s.first(query.with_for_update() if hold and s.dialect == "postgresql" else query)
    return _announcement(row) if row is not None else None


async def keep_state(s: Session, one: Announcement, state: str, last: UUID | None, total: int) -> None:
    kept = {"roles": [role.value for role in one.roles], "state": state, "last": str(last) if last else ""}
    await s.execute(
        announcements.update()
        .where(announcements.c.organization_id == s.tenant, announcements.c.id == one.id)
        .values(roles=kept, total=total)
    )


async def drop(s: Session, announcement_id: UUID) -> None:
    await s.execute(
        announcements.delete().where(
            announcements.c.organization_id == s.tenant, announcements.c.id == announcement_id
        )
    )


async def under_way(s: Session, since: datetime) -> list[Announcement]:
    """Those whose notices may still be waiting; system scope."""
    rows = await s.rows(sa.select(announcements).where(announcements.c.created_at >= since))
    return [one for one in map(_announcement, rows) if one.state == "sent"]


async def progress(s: Session, one: Announcement) -> dict[str, int]:
    """How many of its notices are in each state."""
    if one.last is None:
        return {}
    rows = await s.rows(
        sa.select(notices.c.state, sa.func.count().label("number"))
        .where(
            notices.c.organization_id == s.tenant,
            notices.c.id > one.id,
            notices.c.id <= one.last,
            notices.c.kind == "announcement",
            notices.c.slot == slot_of(one.id),
        )
        .group_by(notices.c.state)
    )
    return {row.state: int(row.number) for row in rows}


def slot_of(announcement_id: UUID) -> str:
    return f"announcement:{announcement_id}"
