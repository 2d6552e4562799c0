"""Registration, approval, invites and profiles."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

from domain.errors import BadInput, NotAllowed, NotFound, TooLate
from domain.members import WISHABLE_ROLES, Invite, Member, MemberStatus, Right, Role
from domain.phones import read_phone
from domain.rights import effective
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.messages.notices import Notices
from services.people.arrivals import Arrival, welcome
from services.people.profiles import read_profile
from storage.db import Database, Session
from storage.people import members as rows
from storage.people import people
from storage.planning import activities as audit_rows

INVITE_DAYS = 30
INVITE_USES = 50


NewHands = Callable[[Session, int], Awaitable[int]]
"""Finds new hands for the open leads of a person, in the system scope; how many there were."""


class Members:
    """Use cases on people."""

    def __init__(
        self, db: Database, clock: Clock, notices: Notices, new_hands: NewHands | None = None
    ) -> None:
        self.db, self.clock, self.notices, self._new_hands = db, clock, notices, new_hands

    @open_to("anyone")
    async def current(self, telegram_id: int) -> Member | None:
        """The membership the person is working in; None for a stranger."""
        async with self.db.reading(system=True) as s:
            return await rows.current_member(s, telegram_id)

    @open_to("anyone")
    async def arrive(self, telegram_id: int, username: str, name: str, language: str, link: str) -> Arrival:
        """A /start. A stranger becomes a registering guest of the link's organization, or of the first.

        Somebody who already belongs to the organization keeps what they are.
        """
        async with self.db.transaction(system=True) as system:
            now = self.clock()
            await rows.see_person(system, telegram_id, username, name, language, now)
            return await welcome(system, telegram_id, name, link, now)

    @open_to("the member")
    async def give_consent(self, member: Member, version: str, text: str) -> Member:
        """Record that the member agreed to this very text."""
        async with self.db.transaction(member.organization_id) as s:
            now = self.clock()
            digest = hashlib.sha256(text.encode()).hexdigest()
            await rows.add_consent(
                s, member.id, version=version, text_hash=digest, language=member.language, given_at=now
            )
            await rows.update_member(s, member.id, consent_at=now)
            said = {"version": version}
            await audit_rows.add_audit(s, member.id, "consent.give", "member", member.id, now, said)
            return await self._get(s, member.id)

    @open_to("the member")
    async def register(self, member: Member, phone: str, wished: Role) -> Member:
        """Finish the mandatory part: active at once by invite, otherwise pending with a push to the admins.

        Raises BadInput for the phone, TooLate("answered") when already decided.
        """
        number = read_phone(phone, member.region)
        async with self.db.transaction(member.organization_id) as s:
            if member.status not in (MemberStatus.REGISTERING, MemberStatus.PENDING):
                raise TooLate("answered")
            if member.consent_at is None:
                raise BadInput("consent", "required")
            invited = await self._spend_invite(s, member)
            role = invited or (wished if wished in WISHABLE_ROLES else Role.PARTNER)
            status = MemberStatus.ACTIVE if invited else MemberStatus.PENDING
            values: dict[str, object] = {"phone": number, "wished_role": role.value, "status": status.value}
            if invited:
                values["role"] = invited.value
            await rows.update_member(s, member.id, **values)
            await audit_rows.add_audit(s, member.id, "member.register", "member", member.id, self.clock())
            if not invited or member.status is MemberStatus.PENDING:
                # a request that an invite has overtaken is shown as settled where it was shown
                await self._show_request(s, member.id)
            return await self._get(s, member.id)

    @needs(Right.MEMBER_APPROVE)
    async def decide(self, member: Member, candidate_id: UUID, role: Role | None) -> Member:
        """Approve with a role, or decline with None. Raises TooLate("answered") for the slower admin.

        Nobody gives more than they have themselves: raises BadInput.
        """
        async with self.db.transaction(member.organization_id) as s:
            if role is not None:
                await self._demand_may_give(s, member, role)
            values: dict[str, object] = {"decided_by": member.id}
            if role is None:
                values["status"] = MemberStatus.DECLINED.value
            else:
                values |= {"status": MemberStatus.ACTIVE.value, "role": role.value}
            if not await rows.decide_member(s, candidate_id, **values):
                raise TooLate("answered")
            action = "member.approve" if role else "member.decline"
            await audit_rows.add_audit(s, member.id, action, "member", candidate_id, self.clock())
            await self.notices.to_member(
                s, candidate_id, "member.decided", {"role": role.value if role else ""}
            )
            await self._show_request(s, candidate_id)
            return await self._get(s, candidate_id)

    @needs(Right.MEMBER_APPROVE)
    async def candidates(self, member: Member) -> list[Member]:
        """Those who wait for a decision, longest first; at most ten."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.list_members(s, MemberStatus.PENDING, 10, 0)

    @needs(Right.MEMBER_APPROVE)
    async def get(self, member: Member, member_id: UUID) -> Member:
        """Somebody of the same organization. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await self._get(s, member_id)

    @open_to("the sender of notices")
    async def decider(self, organization_id: UUID, member_id: UUID) -> str:
        """The name of whoever approved or declined the member; empty when nobody has."""
        async with self.db.reading(organization_id) as s:
            return await rows.decider_name(s, member_id)

    @open_to("the sender of notices")
    async def for_notice(self, organization_id: UUID, member_id: UUID) -> Member | None:
        async with self.db.reading(organization_id) as s:
            return await rows.get_member(s, member_id)

    @needs(Right.MEMBER_INVITE)
    @recorded("invite.make", "invite")
    async def invite(self, member: Member, role: Role) -> Invite:
        """A link code that makes whoever follows it an active member with the role, for 30 days.

        Nobody gives more than they have themselves: raises BadInput.
        """
        code = "inv_" + secrets.token_urlsafe(12)
        async with self.db.transaction(member.organization_id) as s:
            await self._demand_may_give(s, member, role)
            now = self.clock()
            await rows.add_invite(
                s,
                code=code,
                role=role.value,
                uses_left=INVITE_USES,
                created_by=member.id,
                expires_at=now + timedelta(days=INVITE_DAYS),
                created_at=now,
            )
            found = await rows.find_invite(s, code)
            assert found is not None
            return found

    @open_to("the member")
    async def change_language(self, telegram_id: int, language: str) -> None:
        async with self.db.transaction(system=True) as s:
            await rows.update_person(s, telegram_id, language=language)

    @open_to("the member, also while the registration waits for a decision")
    async def edit_profile(self, member: Member, changes: Mapping[str, str]) -> Member:
        """Set profile fields; each is checked by its own rule. Raises BadInput, NotAllowed."""
        waits = member.status in (MemberStatus.REGISTERING, MemberStatus.PENDING)
        if not waits and not member.may(Right.PROFILE_EDIT):
            raise NotAllowed(right=Right.PROFILE_EDIT.value)
        columns, profile = dict[str, object](), dict(member.profile)
        for field, typed in changes.items():
            value = read_profile(field, typed, member.region)
            if field in ("name", "phone", "time_zone"):
                columns[field] = value
            else:
                profile[field] = value
        async with self.db.transaction(member.organization_id) as s:
            await rows.update_member(s, member.id, profile=profile, **columns)
            said = {"fields": sorted(changes)}
            now = self.clock()
            await audit_rows.add_audit(s, member.id, "member.profile", "member", member.id, now, said)
            if member.status is MemberStatus.PENDING:
                await self._show_request(s, member.id)
            return await self._get(s, member.id)

    @open_to("the sender")
    async def lost(self, telegram_id: int) -> None:
        """The person has blocked the bot: no more pushes until they come back, and open leads of theirs get
        new hands at once."""
        async with self.db.transaction(system=True) as s:
            before = await people.is_blocked(s, telegram_id)
            await rows.update_person(s, telegram_id, blocked_at=self.clock())
            if not before and self._new_hands is not None:
                await self._new_hands(s, telegram_id)

    @open_to("the person")
    async def back(self, telegram_id: int) -> None:
        """The person has unblocked the bot."""
        async with self.db.transaction(system=True) as s:
            await rows.update_person(s, telegram_id, blocked_at=None)

    async def _demand_may_give(self, s: Session, member: Member, role: Role) -> None:
        if role is Role.OWNER and member.role is not Role.OWNER:
            raise BadInput("role", "not_yours_to_give")
        if not effective(role, await people.matrix(s), {}) <= member.rights:
            raise BadInput("role", "above_yours")

    async def _show_request(self, s: Session, member_id: UUID) -> None:
        """Bring the card of somebody's request up to date with every admin."""
        for admin in await rows.active_with(s, Right.MEMBER_APPROVE):
            params = {"member": str(member_id)}
            await self.notices.owe(s, admin.telegram_id, "member.wish", params, f"member:{member_id}")

    async def _spend_invite(self, s: Session, member: Member) -> Role | None:
        """The role of the invite the member came by, if it still holds."""
        invite = await rows.invite_of(s, member.id)
        if invite is None or invite.expires_at <= self.clock() or not await rows.use_invite(s, invite.id):
            return None
        return invite.role

    async def _get(self, s: Session, member_id: UUID) -> Member:
        found = await rows.get_member(s, member_id)
        if found is None:
            raise NotFound(what="member")
        return found
