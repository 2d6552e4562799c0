"""Invite links: how long they hold and for how many, who came by them, and taking them back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from domain.errors import BadInput, NotFound
from domain.members import Member, Right, Role
from domain.people import Link
from domain.rights import effective
from services.access import needs
from services.clock import Clock
from storage.db import Database
from storage.people import people
from storage.planning import activities as audit_rows

PAGE = 6
DAYS = (1, 7, 30, 90)
USES = (1, 10, 50, 500)


class Links:
    """Use cases on invites that are out."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.MEMBER_INVITE)
    async def browse(self, member: Member, page: int = 0) -> tuple[Sequence[Link], int]:
        """A page of the links that still open the door, the newest first; and how many pages there are."""
        async with self.db.reading(member.organization_id) as s:
            found, total = await people.links(s, self.clock(), PAGE, max(page, 0) * PAGE)
        return found, max(1, -(-total // PAGE))

    @needs(Right.MEMBER_INVITE)
    async def get(self, member: Member, invite_id: UUID) -> Link:
        """One link. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            link = await people.link(s, invite_id)
        if link is None:
            raise NotFound(what="invite")
        return link

    @needs(Right.MEMBER_INVITE)
    async def hold_for(self, member: Member, invite_id: UUID, days: int) -> Link:
        """Let the link hold for so many days from now. Raises BadInput, NotFound."""
        if days not in DAYS:
            raise BadInput("days", "invalid")
        return await self._change(member, invite_id, expires_at=self.clock() + timedelta(days=days))

    @needs(Right.MEMBER_INVITE)
    async def limit_to(self, member: Member, invite_id: UUID, uses: int) -> Link:
        """Let so many more people come by it. Raises BadInput, NotFound."""
        if uses not in USES:
            raise BadInput("uses", "invalid")
        return await self._change(member, invite_id, uses_left=uses)

    @needs(Right.MEMBER_INVITE)
    async def revoke(self, member: Member, invite_id: UUID) -> Link:
        """The link opens nothing any more. Who came by it stays. Raises NotFound."""
        link = await self._change(member, invite_id, uses_left=0)
        return link

    async def _change(self, member: Member, invite_id: UUID, **values: object) -> Link:
        link = await self.get(member, invite_id)
        async with self.db.transaction(member.organization_id) as s:
            if values.get("uses_left") != 0:
                await self._demand_below(member, link.role)
            await people.change_link(s, invite_id, **values)
            data = {name: str(value) for name, value in values.items()}
            await audit_rows.add_audit(s, member.id, "invite.change", "invite", invite_id, self.clock(), data)
        return await self.get(member, invite_id)

    async def _demand_below(self, member: Member, role: Role) -> None:
        """Nobody lets others in with more than they may themselves."""
        async with self.db.reading(member.organization_id) as s:
            allowed = effective(role, await people.matrix(s), {})
        if not allowed <= member.rights:
            raise BadInput("role", "above_yours")
