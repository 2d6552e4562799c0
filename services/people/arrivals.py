"""What a /start leads to: which organization, what its link meant, and a place among the members there."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from domain.members import Invite, Member, MemberStatus, Role
from storage.db import Session
from storage.people import members as rows

_MAY_BE_INVITED = (
    MemberStatus.REGISTERING, MemberStatus.PENDING, MemberStatus.DECLINED, MemberStatus.REMOVED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a /start led to: the member, and what its link meant: invite, referral, unknown or nothing."""

    member: Member
    link: str = ""
    inviter: str = ""


async def welcome(system: Session, telegram_id: int, name: str, link: str, now: datetime) -> Arrival:
    """A member of the link's organization, or of the first; `system` is a session of the system scope.

    Raises NotFound while there is no organization at all.
    """
    invite = await _open_invite(system, link, now)
    s = system.scoped(await _destination(system, telegram_id, invite), False)
    kind, inviter = await _meaning(s, link, invite)
    await _join(s, telegram_id, name, inviter, now)
    await rows.update_person(system, telegram_id, current_organization_id=s.tenant)
    if invite:
        await _note_invite(s, telegram_id, invite)
    found = await rows.member_of(s, telegram_id)
    assert found is not None
    referrer = await rows.get_member(s, inviter) if inviter else None
    return Arrival(found, kind, referrer.name if referrer else "")


async def _open_invite(s: Session, link: str, now: datetime) -> Invite | None:
    if not link.startswith("inv_"):
        return None
    invite = await rows.find_invite(s, link)
    if invite is None or invite.uses_left <= 0 or invite.expires_at <= now:
        return None
    return invite


async def _destination(system: Session, telegram_id: int, invite: Invite | None) -> UUID:
    """The organization a /start leads to: the invite's, the one the person works in, or the first."""
    if invite is not None:
        return invite.organization_id
    member = await rows.current_member(system, telegram_id)
    if member is not None:
        return member.organization_id
    organization = await rows.first_organization(system)
    if organization is None:
        raise NotFound(what="organization")
    return organization.id


async def _meaning(s: Session, link: str, invite: Invite | None) -> tuple[str, UUID | None]:
    """What a link stands for, and whose referral it is."""
    if invite is not None:
        return "invite", None
    if link.startswith("ref_"):
        inviter = await rows.by_referral_code(s, link.removeprefix("ref_"))
        return ("referral" if inviter else "unknown"), inviter
    return ("unknown" if link else ""), None


async def _join(s: Session, telegram_id: int, name: str, inviter: UUID | None, now: datetime) -> None:
    member = await rows.member_of(s, telegram_id)
    if member is None:
        code = secrets.token_hex(4)
        guest = {"role": Role.GUEST.value, "name": name, "referral_code": code, "referred_by": inviter}
        await rows.add_member(s, telegram_id, now, **guest)
    elif member.status is MemberStatus.LEFT:
        back = {"status": MemberStatus.REGISTERING.value, "name": member.name or name, "wished_role": ""}
        await rows.update_member(s, member.id, **back)
    elif not member.name and name:
        # owners are written down by their id alone before they first come
        await rows.update_member(s, member.id, name=name)


async def _note_invite(s: Session, telegram_id: int, invite: Invite) -> None:
    """Whoever was declined may ask again by invite: somebody vouches for them."""
    member = await rows.member_of(s, telegram_id)
    if member is None or member.status not in _MAY_BE_INVITED:
        return
    values: dict[str, object] = {"invite_id": invite.id, "wished_role": invite.role.value}
    if member.status in (MemberStatus.DECLINED, MemberStatus.REMOVED):
        values["status"] = MemberStatus.REGISTERING.value
    await rows.update_member(s, member.id, **values)
