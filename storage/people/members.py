"""Queries on people, organizations, members, invites and consents."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.members import Invite, Member, MemberStatus, Organization, Right, Role
from domain.rights import effective
from storage.db import Session
from storage.ids import new_id
from storage.tables import consents, invites, members, organizations, people

MEMBER = (
    members.c.id,
    members.c.organization_id,
    members.c.telegram_id,
    members.c.role,
    members.c.wished_role,
    members.c.status,
    members.c.name,
    members.c.phone,
    members.c.time_zone,
    members.c.referral_code,
    members.c.profile,
    members.c.consent_at,
    people.c.language,
    people.c.username,
    organizations.c.time_zone.label("organization_zone"),
    organizations.c.region,
    organizations.c.settings,
    organizations.c.name.label("organization_name"),
    members.c.rights.label("own_rights"),
    members.c.settings.label("own_settings"),
    members.c.away_until,
)
JOINED = members.join(people, people.c.telegram_id == members.c.telegram_id).join(
    organizations, organizations.c.id == members.c.organization_id
)
_OURS = sa.select(*MEMBER).select_from(JOINED).where(members.c.organization_id == sa.bindparam("tenant"))
_BY_ID = _OURS.where(members.c.id == sa.bindparam("member"))
_BY_TELEGRAM_ID = _OURS.where(members.c.telegram_id == sa.bindparam("person"))
_REACHABLE = _OURS.where(
    members.c.status == MemberStatus.ACTIVE.value, people.c.blocked_at.is_(None)
).order_by(members.c.created_at)
CURRENT = (
    sa.select(members.c.id)
    .join(people, people.c.telegram_id == members.c.telegram_id)
    .where(
        members.c.telegram_id == sa.bindparam("person"),
        members.c.organization_id
        == sa.func.coalesce(people.c.current_organization_id, members.c.organization_id),
    )
    .order_by(members.c.created_at)
    .limit(1)
    .scalar_subquery()
)
"""The id of the membership the person is working in."""

_BY_PERSON = sa.select(*MEMBER).select_from(JOINED).where(members.c.id == CURRENT)


def member_in(row: Row[Any]) -> Member:
    """The member in a row of MEMBER."""
    role = Role(row.role)
    return Member(
        id=row.id,
        organization_id=row.organization_id,
        telegram_id=row.telegram_id,
        role=role,
        status=MemberStatus(row.status),
        name=row.name,
        language=row.language,
        time_zone=row.time_zone or row.organization_zone,
        region=row.region,
        phone=row.phone,
        wished_role=Role(row.wished_role) if row.wished_role else None,
        referral_code=row.referral_code,
        username=row.username or None,
        profile=row.profile,
        consent_at=row.consent_at,
        rights=effective(role, row.settings.get("rights", {}), row.own_rights),
        organization_name=row.organization_name,
        settings=row.own_settings,
        away_until=row.away_until,
    )


async def current_member(s: Session, telegram_id: int) -> Member | None:
    """The person's membership in the organization they are working in."""
    row = (await s.execute(_BY_PERSON, {"person": telegram_id})).first()
    return member_in(row) if row else None


async def get_member(s: Session, member_id: UUID) -> Member | None:
    row = (await s.execute(_BY_ID, {"tenant": s.tenant, "member": member_id})).first()
    return member_in(row) if row else None


async def member_of(s: Session, telegram_id: int) -> Member | None:
    """The person's membership in the session's organization."""
    row = (await s.execute(_BY_TELEGRAM_ID, {"tenant": s.tenant, "person": telegram_id})).first()
    return member_in(row) if row else None


async def by_referral_code(s: Session, code: str) -> UUID | None:
    found: UUID | None = await s.scalar(
        sa.select(members.c.id).where(
            members.c.referral_code == code,
            members.c.organization_id == s.tenant,
            members.c.referral_code != "",
        )
    )
    return found


async def active_with(s: Session, right: Right) -> list[Member]:
    """Active members whose role has the right and whom the bot can still write to."""
    rows = (await s.execute(_REACHABLE, {"tenant": s.tenant})).all()
    found = [member_in(row) for row in rows]
    return [member for member in found if right in member.rights]


async def list_members(s: Session, status: MemberStatus, limit: int, offset: int) -> list[Member]:
    rows = await s.rows(
        sa.select(*MEMBER)
        .select_from(JOINED)
        .where(members.c.organization_id == s.tenant, members.c.status == status.value)
        .order_by(members.c.created_at)
        .limit(limit)
        .offset(offset)
    )
    return [member_in(row) for row in rows]


async def see_person(
    s: Session, telegram_id: int, username: str, name: str, language: str, now: datetime
) -> None:
    """Keep what Telegram says of the person. Their language is taken once; later it is theirs to change."""
    known = await s.first(sa.select(people.c.full_name).where(people.c.telegram_id == telegram_id))
    if known is not None:
        values: dict[str, object] = {"username": username, "full_name": name, "blocked_at": None}
        if not known.full_name:
            values["language"] = language
        await update_person(s, telegram_id, **values)
    else:
        await s.execute(
            people.insert().values(
                telegram_id=telegram_id, username=username, full_name=name, language=language, created_at=now
            )
        )


async def update_person(s: Session, telegram_id: int, **values: object) -> None:
    await s.execute(people.update().where(people.c.telegram_id == telegram_id).values(**values))


async def add_member(s: Session, telegram_id: int, now: datetime, **values: object) -> UUID:
    member_id = new_id()
    await s.execute(
        members.insert().values(
            id=member_id, organization_id=s.tenant, telegram_id=telegram_id, created_at=now, **values
        )
    )
    return member_id


async def update_member(s: Session, member_id: UUID, **values: object) -> None:
    await s.execute(
        members.update()
        .where(members.c.id == member_id, members.c.organization_id == s.tenant)
        .values(**values)
    )


async def decide_member(s: Session, member_id: UUID, **values: object) -> bool:
    """Change a member who still waits for a decision; False when somebody has decided already."""
    result = await s.execute(
        members.update()
        .where(
            members.c.id == member_id,
            members.c.organization_id == s.tenant,
            members.c.status == MemberStatus.PENDING.value,
        )
        .values(**values)
    )
    return result.rowcount == 1


async def decider_name(s: Session, member_id: UUID) -> str:
    """The name of whoever decided about the member; empty when nobody has."""
    decider = members.alias("decider")
    name: str | None = await s.scalar(
        sa.select(decider.c.name)
        .join(members, members.c.decided_by == decider.c.id)
        .where(members.c.id == member_id, members.c.organization_id == s.tenant)
    )
    return name or ""


async def add_consent(s: Session, member_id: UUID, **values: object) -> None:
    await s.execute(
        consents.insert().values(id=new_id(), organization_id=s.tenant, member_id=member_id, **values)
    )


async def withdraw_consents(s: Session, member_id: UUID, now: datetime) -> None:
    """The record of what was agreed to stays, with when it was taken back."""
    await s.execute(
        consents.update()
        .where(
            consents.c.organization_id == s.tenant,
            consents.c.member_id == member_id,
            consents.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )


async def add_lead_consent(s: Session, lead_id: UUID, **values: object) -> None:
    """What somebody agreed to at a website's form, kept with their lead."""
    await s.execute(
        consents.insert().values(id=new_id(), organization_id=s.tenant, lead_id=lead_id, **values)
    )


async def add_invite(s: Session, **values: object) -> None:
    await s.execute(invites.insert().values(id=new_id(), organization_id=s.tenant, **values))


async def find_invite(s: Session, code: str) -> Invite | None:
    """An invite of any organization: its code is what names the organization."""
    row = await s.first(sa.select(invites).where(invites.c.code == code))
    if row is None:
        return None
    return Invite(row.id, row.organization_id, row.code, Role(row.role), row.expires_at, row.uses_left)


async def use_invite(s: Session, invite_id: UUID) -> bool:
    """Spend one use; False when none is left."""
    result = await s.execute(
        invites.update()
        .where(invites.c.id == invite_id, invites.c.organization_id == s.tenant, invites.c.uses_left > 0)
        .values(uses_left=invites.c.uses_left - 1)
    )
    return result.rowcount == 1


def _organization(row: Row[Any]) -> Organization:
    return Organization(
        id=row.id,
        name=row.name,
        language=row.language,
        region=row.region,
        time_zone=row.time_zone,
        set_up=row.set_up,
        duplicate_free_days=int(row.settings.get("duplicate_free_days", 90)),
    )


async def first_organization(s: Session) -> Organization | None:
    row = await s.first(sa.select(organizations).order_by(organizations.c.created_at).limit(1))
    return _organization(row) if row else None


async def get_organization(s: Session, organization_id: UUID) -> Organization | None:
    row = await s.first(sa.select(organizations).where(organizations.c.id == organization_id))
    return _organization(row) if row else None


async def every_organization(s: Session) -> list[Organization]:
    """All of them, oldest first; system scope."""
    rows = await s.rows(sa.select(organizations).order_by(organizations.c.id))
    return [_organization(row) for row in rows]


async def add_organization(s: Session, now: datetime, **values: object) -> UUID:
    organization_id = new_id()
    await s.execute(organizations.insert().values(id=organization_id, created_at=now, **values))
    return organization_id


async def update_organization(s: Session, organization_id: UUID, **values: object) -> None:
    await s.execute(organizations.update().where(organizations.c.id == organization_id).values(**values))


async def invite_of(s: Session, member_id: UUID) -> Invite | None:
    """The invite a member came by."""
    row = await s.first(
        sa.select(invites)
        .join(members, members.c.invite_id == invites.c.id)
        .where(members.c.id == member_id, invites.c.organization_id == s.tenant)
    )
    if row is None:
        return None
    return Invite(row.id, row.organization_id, row.code, Role(row.role), row.expires_at, row.uses_left)
