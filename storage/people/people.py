"""Queries on the people of an organization: lists, cards, what they are made of, invites, memberships."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.members import Member, MemberStatus, Role
from domain.people import Belonging, Link
from domain.rights import Change
from storage.db import Session
from storage.people.members import JOINED, MEMBER, member_in
from storage.tables import invites, leads, members, organizations, people, stages

SHOWN = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)
"""Who stands in the list; the others wait for a decision, or are gone."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Leads of a member: sent by them, and open ones they are responsible for."""

    sent: int
    open: int


async def roster(s: Session, role: Role | None, limit: int, offset: int) -> tuple[list[Member], int]:
    """A page of those who are in, by name, and how many there are."""
    fits = [members.c.organization_id == s.tenant, members.c.status.in_([one.value for one in SHOWN])]
    if role is not None:
        fits.append(members.c.role == role.value)
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(members).where(*fits))
    rows = await s.rows(
        sa.select(*MEMBER)
        .select_from(JOINED)
        .where(*fits)
        .order_by(members.c.name, members.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [member_in(row) for row in rows], total


async def everybody(s: Session) -> list[Member]:
    """All who are in, by name."""
    return (await roster(s, None, -1 if s.dialect == "sqlite" else 1_000_000, 0))[0]


async def owners(s: Session) -> int:
    """How many active owners there are; on PostgreSQL their rows are held until the end."""
    query = sa.select(members.c.id).where(
        members.c.organization_id == s.tenant,
        members.c.role == Role.OWNER.value,
        members.c.status == MemberStatus.ACTIVE.value,
    )
    return len(await s.rows(query.with_for_update() if s.dialect == "postgresql" else query))


async def active_in(s: Session, roles: Sequence[Role]) -> list[tuple[UUID, int, bool]]:
    """(member, chat, reachable) of the active members with one of the roles; of all where none is named."""
    query = (
        sa.select(members.c.id, members.c.telegram_id, people.c.blocked_at)
        .select_from(JOINED)
        .where(members.c.organization_id == s.tenant, members.c.status == MemberStatus.ACTIVE.value)
        .order_by(members.c.id)
    )
    if roles:
        query = query.where(members.c.role.in_([role.value for role in roles]))
    return [(row.id, row.telegram_id, row.blocked_at is None) for row in await s.rows(query)]


async def count_pending(s: Session) -> int:
    found: int = await s.scalar(
        sa.select(sa.func.count())
        .select_from(members)
        .where(members.c.organization_id == s.tenant, members.c.status == MemberStatus.PENDING.value)
    )
    return found


async def is_blocked(s: Session, telegram_id: int) -> bool:
    """Whether the person has blocked the bot."""
    found = await s.scalar(sa.select(people.c.blocked_at).where(people.c.telegram_id == telegram_id))
    return found is not None


async def counts(s: Session, member_id: UUID) -> Counts:
    ours = [leads.c.organization_id == s.tenant, leads.c.withdrawn_at.is_(None), leads.c.deleted_at.is_(None)]
    sent: int = await s.scalar(
        sa.select(sa.func.count()).select_from(leads).where(*ours, leads.c.sender_id == member_id)
    )
    opened: int = await s.scalar(
        sa.select(sa.func.count())
        .select_from(leads.join(stages, stages.c.id == leads.c.stage_id))
        .where(*ours, leads.c.assignee_id == member_id, stages.c.kind == "open")
    )
    return Counts(sent, opened)


async def joined_at(s: Session, member_id: UUID) -> datetime | None:
    found: datetime | None = await s.scalar(
        sa.select(members.c.created_at).where(
            members.c.id == member_id, members.c.organization_id == s.tenant
        )
    )
    return found


async def matrix(s: Session, *, hold: bool = False) -> dict[str, Change]:
    """What the organization changed of its roles; `hold` keeps others from changing it meanwhile."""
    return dict((await organization_settings(s, hold=hold)).get("rights", {}))


async def organization_settings(s: Session, *, hold: bool = False) -> dict[str, Any]:
    query = sa.select(organizations.c.settings).where(organizations.c.id == s.tenant)
    found = await s.scalar(query.with_for_update() if hold and s.dialect == "postgresql" else query)
    return dict(found or {})


async def keep_organization_settings(s: Session, settings: Mapping[str, Any]) -> None:
    await s.execute(
        organizations.update().where(organizations.c.id == s.tenant).values(settings=dict(settings))
    )


async def own_changes(s: Session, member_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """The member's rights of their own, and their settings, held against others on PostgreSQL."""
    query = sa.select(members.c.rights, members.c.settings).where(
        members.c.id == member_id, members.c.organization_id == s.tenant
    )
    row = await s.first(query.with_for_update() if s.dialect == "postgresql" else query)
    return (dict(row.rights), dict(row.settings)) if row is not None else ({}, {})


async def belongings(s: Session, telegram_id: int) -> list[Belonging]:
    """Every organization the person has to do with, oldest first; system scope."""
    rows = await s.rows(
        sa.select(members.c.organization_id, organizations.c.name, members.c.role, members.c.status)
        .join(organizations, organizations.c.id == members.c.organization_id)
        .where(members.c.telegram_id == telegram_id)
        .order_by(members.c.created_at, members.c.id)
    )
    return [Belonging(r.organization_id, r.name, Role(r.role), MemberStatus(r.status)) for r in rows]


async def links(s: Session, now: datetime, limit: int, offset: int) -> tuple[list[Link], int]:
    """Invites that still open the door, the newest first, and how many there are."""
    fits = (invites.c.organization_id == s.tenant, invites.c.uses_left > 0, invites.c.expires_at > now)
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(invites).where(*fits))
    return [_link(row) for row in await s.rows(_links(s).where(*fits).limit(limit).offset(offset))], total


async def link(s: Session, invite_id: UUID) -> Link | None:
    row = await s.first(_links(s).where(invites.c.id == invite_id))
    return _link(row) if row is not None else None


def _links(s: Session) -> sa.Select[Any]:
    used = (
        sa.select(sa.func.count())
        .where(members.c.invite_id == invites.c.id, members.c.organization_id == s.tenant)
        .scalar_subquery()
    )
    query = sa.select(invites, used.label("used")).where(invites.c.organization_id == s.tenant)
    return query.order_by(invites.c.created_at.desc(), invites.c.id.desc())


def _link(row: sa.Row[Any]) -> Link:
    return Link(row.id, row.code, Role(row.role), row.uses_left, row.used, row.expires_at, row.created_at)


async def change_link(s: Session, invite_id: UUID, **values: object) -> bool:
    """False where there is no such invite."""
    done = await s.execute(
        invites.update()
        .where(invites.c.id == invite_id, invites.c.organization_id == s.tenant)
        .values(**values)
    )
    return done.rowcount == 1


async def open_leads(s: Session, member_id: UUID) -> list[UUID]:
    """The open leads that the member is responsible for, oldest first."""
    rows = await s.rows(
        sa.select(leads.c.id)
        .select_from(leads.join(stages, stages.c.id == leads.c.stage_id))
        .where(
            leads.c.organization_id == s.tenant,
            leads.c.assignee_id == member_id,
            leads.c.withdrawn_at.is_(None),
            leads.c.deleted_at.is_(None),
            stages.c.kind == "open",
        )
        .order_by(leads.c.number)
    )
    return [row.id for row in rows]
