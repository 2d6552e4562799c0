"""The matrix of rights: what each role may do in this organization, and what one member may besides."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.errors import BadInput
from domain.members import DEFAULT_RIGHTS, Member, MemberStatus, Right, Role
from domain.rights import EDITABLE_ROLES, change_to, changed, of_role, stands_below
from services.access import needs
from services.clock import Clock
from services.entry.confirming import confirmed
from services.messages.notices import Notices
from services.people.standing import found
from storage.db import Database, Session
from storage.people import members as rows
from storage.people import people
from storage.planning import activities as audit_rows


@dataclass(frozen=True, slots=True)
class RightsOf:
    """What a role or a member may, what would hold by itself, and which rights the asker may hand out."""

    held: frozenset[Right]
    usual: frozenset[Right]
    givable: frozenset[Right]
    member: Member | None = None


class Rights:
    """Use cases on the matrix."""

    def __init__(self, db: Database, clock: Clock, notices: Notices) -> None:
        self.db, self.clock, self.notices = db, clock, notices

    @needs(Right.RIGHTS_EDIT)
    async def roles(self, member: Member) -> Mapping[Role, RightsOf]:
        """Every role that can be changed."""
        async with self.db.reading(member.organization_id) as s:
            matrix = await people.matrix(s)
        return {
            role: RightsOf(of_role(role, matrix), DEFAULT_RIGHTS[role], member.rights)
            for role in EDITABLE_ROLES
        }

    @needs(Right.RIGHTS_EDIT)
    async def role(self, member: Member, role: Role) -> RightsOf:
        """One role. Raises BadInput("role", "invalid") for the owner's, which stays as it is."""
        if role not in EDITABLE_ROLES:
            raise BadInput("role", "invalid")
        return (await self.roles(member))[role]

    @needs(Right.RIGHTS_EDIT)
    @confirmed
    async def turn_role(self, member: Member, role: Role, right: Right, on: bool) -> RightsOf:
        """Give a right to a role or take it; everybody with the role is told.

        Raises BadInput: rights above_yours (one can hand out only what one has), yourself (one's own role).
        """
        async with self.db.transaction(member.organization_id) as s:
            settings = await people.organization_settings(s, hold=True)
            matrix = dict(settings.get("rights", {}))
            if role not in EDITABLE_ROLES:
                raise BadInput("role", "invalid")
            held = of_role(role, matrix)
            if (right in held) != on:
                _demand_may_hand_out(member, right)
                if role is member.role:
                    raise BadInput("rights", "yourself")
                wanted = held | {right} if on else held - {right}
                matrix[role.value] = change_to(DEFAULT_RIGHTS[role], wanted)
                await self._keep_matrix(s, settings, matrix)
                await self._audit(s, member, "role.rights", None, {"role": role.value, str(right): on})
                await self._tell_role(s, member, role)
        return await self.role(member, role)

    @needs(Right.RIGHTS_EDIT)
    @confirmed
    async def reset_role(self, member: Member, role: Role) -> RightsOf:
        """Back to what the role may by default. Raises as `turn_role` does."""
        async with self.db.transaction(member.organization_id) as s:
            settings = await people.organization_settings(s, hold=True)
            matrix = dict(settings.get("rights", {}))
            if matrix.pop(role.value, None):
                if role is member.role:
                    raise BadInput("rights", "yourself")
                if not DEFAULT_RIGHTS[role] <= member.rights:
                    raise BadInput("rights", "above_yours")
                await self._keep_matrix(s, settings, matrix)
                await self._audit(s, member, "role.rights", None, {"role": role.value, "default": True})
                await self._tell_role(s, member, role)
        return await self.role(member, role)

    @needs(Right.RIGHTS_EDIT)
    async def member(self, member: Member, member_id: UUID) -> RightsOf:
        """One member's rights. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            other = await found(s, member_id)
            usual = of_role(other.role, await people.matrix(s))
        return RightsOf(other.rights, usual, member.rights, other)

    @needs(Right.RIGHTS_EDIT)
    @confirmed
    async def turn_member(self, member: Member, member_id: UUID, right: Right, on: bool) -> RightsOf:
        """Give a right to one member or take it; they are told. Raises BadInput as `turn_role` does, and
        member above_you for somebody who may more than the asker."""
        async with self.db.transaction(member.organization_id) as s:
            other = await found(s, member_id)
            if (right in other.rights) != on:
                _demand_may_change(member, other)
                _demand_may_hand_out(member, right)
                own, _settings = await people.own_changes(s, other.id)
                usual = of_role(other.role, await people.matrix(s))
                held = changed(usual, own)
                wanted = held | {right} if on else held - {right}
                await rows.update_member(s, other.id, rights=change_to(usual, wanted))
                await self._audit(s, member, "member.rights", other.id, {str(right): on})
                await self._tell(s, member, other.id)
        return await self.member(member, member_id)

    @needs(Right.RIGHTS_EDIT)
    @confirmed
    async def reset_member(self, member: Member, member_id: UUID) -> RightsOf:
        """Back to what their role may. Raises as `turn_member` does."""
        async with self.db.transaction(member.organization_id) as s:
            other = await found(s, member_id)
            usual = of_role(other.role, await people.matrix(s))
            if other.rights != usual:
                _demand_may_change(member, other)
                if not usual <= member.rights:
                    raise BadInput("rights", "above_yours")
                await rows.update_member(s, other.id, rights={})
                await self._audit(s, member, "member.rights", other.id, {"default": True})
                await self._tell(s, member, other.id)
        return await self.member(member, member_id)

    async def _keep_matrix(self, s: Session, settings: dict[str, object], matrix: dict[str, object]) -> None:
        kept = {role: change for role, change in matrix.items() if change}
        await people.keep_organization_settings(s, {**settings, "rights": kept})

    async def _audit(
        self, s: Session, member: Member, action: str, entity_id: UUID | None, data: dict[str, object]
    ) -> None:
        await audit_rows.add_audit(s, member.id, action, "rights", entity_id, self.clock(), data)

    async def _tell_role(self, s: Session, member: Member, role: Role) -> None:
        for member_id, _chat, _reachable in await people.active_in(s, [role]):
            if member_id != member.id:
                await self._tell(s, member, member_id)

    async def _tell(self, s: Session, member: Member, member_id: UUID) -> None:
        """One message for a row of changes: it shows what holds when it is sent, and is edited later."""
        params = {"by": str(member.id)}
        await self.notices.to_member(s, member_id, "member.rights", params, f"rights:{member_id}")


def _demand_may_hand_out(member: Member, right: Right) -> None:
    if right not in member.rights:
        raise BadInput("rights", "above_yours")


def _demand_may_change(member: Member, other: Member) -> None:
    if other.id == member.id:
        raise BadInput("rights", "yourself")
    if other.role is Role.OWNER:
        raise BadInput("rights", "owner")
    if other.status not in (MemberStatus.ACTIVE, MemberStatus.SUSPENDED):
        raise BadInput("member", "gone")
    if not stands_below(member, other):
        raise BadInput("member", "above_you")
