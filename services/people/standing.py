"""Where somebody stands: role, suspended or not, in or gone. The last owner always stays one."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from domain.errors import BadInput, NotFound, TooLate
from domain.members import Member, MemberStatus, Right, Role
from domain.rights import effective, stands_below
from services.access import needs, open_to
from services.clock import Clock
from services.entry.confirming import confirmed, demand_confirmed
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.people import members as rows
from storage.people import people
from storage.planning import activities as audit_rows

HandOver = Callable[[Session, Member, str], Awaitable[int]]
"""Find new hands for the open leads of somebody who is away for good; why: suspended, removed or left."""

HIGH = frozenset({Role.OWNER, Role.ADMIN})
"""Roles that are given and taken with a code of the second factor."""

IN = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)


class Standing:
    """Use cases on the place of a member in the organization."""

    def __init__(self, db: Database, clock: Clock, notices: Notices, hand_over: HandOver) -> None:
        self.db, self.clock, self.notices, self._hand_over = db, clock, notices, hand_over

    @needs(Right.MEMBER_MANAGE)
    async def set_role(self, member: Member, member_id: UUID, role: Role) -> Member:
        """Give somebody another role; what was given to or taken from them alone is gone with the old one.

        Raises BadInput: role owner_only or above_yours, member yourself, above_you, last_owner or gone.
        """
        async with self.db.transaction(member.organization_id) as s:
            other = await self._about(s, member, member_id, myself=member.role is Role.OWNER)
            if other.role is role:
                return other
            if {role, other.role} & HIGH:
                await demand_confirmed(self.db, self.clock, member)
            await self._demand_may_give(s, member, role)
            await self._demand_owner_left(s, other)
            await rows.update_member(s, other.id, role=role.value, rights={})
            await self._told(s, member, other, "role", {"old": other.role.value, "new": role.value})
            return await found(s, other.id)

    @needs(Right.MEMBER_MANAGE)
    async def suspend(self, member: Member, member_id: UUID) -> tuple[Member, int]:
        """Pause somebody's access; the second value is how many open leads went to other hands."""
        async with self.db.transaction(member.organization_id) as s:
            other = await self._about(s, member, member_id)
            if other.status is MemberStatus.SUSPENDED:
                return other, 0
            await self._demand_owner_left(s, other)
            await rows.update_member(s, other.id, status=MemberStatus.SUSPENDED.value)
            moved = await self._hand_over(s, other, "suspended")
            await self._told(s, member, other, "suspended", {"leads": moved})
            return await found(s, other.id), moved

    @needs(Right.MEMBER_MANAGE)
    async def restore(self, member: Member, member_id: UUID) -> Member:
        """End a pause."""
        async with self.db.transaction(member.organization_id) as s:
            other = await self._about(s, member, member_id)
            if other.status is MemberStatus.ACTIVE:
                return other
            await rows.update_member(s, other.id, status=MemberStatus.ACTIVE.value)
            await self._told(s, member, other, "restored", {})
            return await found(s, other.id)

    @needs(Right.MEMBER_MANAGE)
    @confirmed
    async def remove(self, member: Member, member_id: UUID) -> tuple[Member, int]:
        """Put somebody out. They come back by an invite alone; what they did stays in the history."""
        async with self.db.transaction(member.organization_id) as s:
            other = await self._about(s, member, member_id)
            await self._demand_owner_left(s, other)
            moved = await self._go(s, other, MemberStatus.REMOVED)
            await self._told(s, member, other, "removed", {"leads": moved})
            return await found(s, other.id), moved

    @open_to("the member")
    async def leave(self, member: Member) -> int:
        """Go of one's own will; returns how many open leads went to other hands.

        Raises BadInput("member", "last_owner"), or TooLate("gone") for the second of two taps.
        """
        async with self.db.transaction(member.organization_id) as s:
            now = await found(s, member.id)
            if now.status not in IN:
                raise TooLate("gone")
            await self._demand_owner_left(s, now)
            moved = await self._go(s, now, MemberStatus.LEFT)
            await audit_rows.add_audit(s, member.id, "member.left", "member", member.id, self.clock())
            await self._tell_admins(s, now, "left", {"leads": moved})
            return moved

    @open_to("the member")
    async def withdraw_consent(self, member: Member) -> int:
        """Take back the consent: the member leaves and what they told of themselves is erased at once.

        Their name stays in no card of ours; the leads they sent stay the organization's, and the admins are
        told to erase what is kept elsewhere. Raises as `leave` does.
        """
        moved = await self.leave(member)
        async with self.db.transaction(member.organization_id) as s:
            await rows.update_member(
                s, member.id, name="", phone=None, profile={}, settings={}, rights={}, calendar_key=None,
                consent_at=None, time_zone="",
            )  # fmt: skip
            await rows.withdraw_consents(s, member.id, self.clock())
            await audit_rows.add_audit(s, member.id, "consent.withdraw", "member", member.id, self.clock())
            await self._tell_admins(s, member, "withdrawn", {"code": member.referral_code})
        async with self.db.transaction(system=True) as system:
            others = [b for b in await people.belongings(system, member.telegram_id) if b.status in IN]
            if not others:
                await rows.update_person(system, member.telegram_id, username="", full_name="")
        return moved

    async def _go(self, s: Session, other: Member, status: MemberStatus) -> int:
        await rows.update_member(s, other.id, status=status.value, rights={})
        moved = await self._hand_over(s, other, "left" if status is MemberStatus.LEFT else "removed")
        async with self.db.transaction(system=True) as system:
            await to_another(system, other.telegram_id, s.tenant)
        return moved

    async def _about(self, s: Session, member: Member, member_id: UUID, *, myself: bool = False) -> Member:
        other = await found(s, member_id)
        if other.status not in IN:
            raise BadInput("member", "gone")
        if other.id == member.id and not myself:
            raise BadInput("member", "yourself")
        if not stands_below(member, other):
            raise BadInput("member", "above_you")
        return other

    async def _demand_may_give(self, s: Session, member: Member, role: Role) -> None:
        if member.role is Role.OWNER:
            return
        if role is Role.OWNER:
            raise BadInput("role", "owner_only")
        if not effective(role, await people.matrix(s), {}) <= member.rights:
            raise BadInput("role", "above_yours")

    async def _demand_owner_left(self, s: Session, other: Member) -> None:
        is_owner = other.role is Role.OWNER and other.status is MemberStatus.ACTIVE
        if is_owner and await people.owners(s) <= 1:
            raise BadInput("member", "last_owner")

    async def _told(self, s: Session, member: Member, other: Member, what: str, data: dict[str, Any]) -> None:
        await audit_rows.add_audit(s, member.id, f"member.{what}", "member", other.id, self.clock(), data)
        if other.id != member.id:
            params = {"what": what, "by": str(member.id), **data}
            await self.notices.to_member(s, other.id, "member.changed", params)

    async def _tell_admins(self, s: Session, gone: Member, what: str, data: dict[str, Any]) -> None:
        params = {"what": what, "member": str(gone.id), **data}
        for admin in await rows.active_with(s, Right.MEMBER_MANAGE):
            if admin.id != gone.id:
                await self.notices.owe(s, admin.telegram_id, "member.gone", params)


async def found(s: Session, member_id: UUID) -> Member:
    """Somebody of the session's organization. Raises NotFound."""
    member = await rows.get_member(s, member_id)
    if member is None:
        raise NotFound(what="member")
    return member


async def to_another(system: Session, telegram_id: int, left: UUID) -> None:
    """Whoever worked in the organization they left works in another of theirs, if there is one."""
    current = await rows.current_member(system, telegram_id)
    if current is None or current.organization_id != left:
        return
    others = [b for b in await people.belongings(system, telegram_id) if b.organization_id != left]
    active = [b for b in others if b.status is MemberStatus.ACTIVE]
    if active:
        await rows.update_person(system, telegram_id, current_organization_id=active[0].organization_id)
