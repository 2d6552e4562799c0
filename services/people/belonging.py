"""The organizations of a person: which there are, working in another one, and a new one."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from domain.errors import BadInput, NotFound
from domain.fields import read_text
from domain.members import Member, MemberStatus, Role
from domain.people import Belonging
from services.access import open_to
from services.clock import Clock
from storage.db import Database, Session
from storage.people import members as rows
from storage.people import people
from storage.pipelines import stages as stage_rows
from storage.planning import activities as audit_rows

MOST = 20
"""Organizations that one person may own: more is a mistake or mischief."""


class Belongings:
    """Use cases on a person's organizations. `furnish` adds what a new one needs besides its pipeline."""

    def __init__(
        self, db: Database, clock: Clock, furnish: Callable[[Session, UUID], Awaitable[object]]
    ) -> None:
        self.db, self.clock, self._furnish = db, clock, furnish

    @open_to("the person")
    async def of(self, telegram_id: int) -> Sequence[Belonging]:
        """Every organization the person has to do with, oldest first."""
        async with self.db.reading(system=True) as s:
            return await people.belongings(s, telegram_id)

    @open_to("the person")
    async def switch(self, telegram_id: int, organization_id: UUID) -> Member:
        """Work in another organization from now on. Raises NotFound for one that is not theirs."""
        async with self.db.transaction(system=True) as s:
            known = await people.belongings(s, telegram_id)
            if organization_id not in {one.organization_id for one in known}:
                raise NotFound(what="organization")
            await rows.update_person(s, telegram_id, current_organization_id=organization_id)
            return await _current(s, telegram_id)

    @open_to("an owner, who is the owner of the new one as well")
    async def create(self, member: Member, name: str) -> Member:
        """A new organization with its pipeline; the owner works in it from now on.

        Raises BadInput: organization owner_only, taken (an own one has the name), too_many, or the name's.
        """
        title = read_text("organization", name, 100)
        if member.role is not Role.OWNER or member.status is not MemberStatus.ACTIVE:
            raise BadInput("organization", "owner_only")
        async with self.db.transaction(system=True) as system:
            owned = [b for b in await people.belongings(system, member.telegram_id) if b.role is Role.OWNER]
            if title.casefold() in {one.name.casefold() for one in owned}:
                raise BadInput("organization", "taken")
            if len(owned) >= MOST:
                raise BadInput("organization", "too_many")
            here = await rows.get_organization(system, member.organization_id)
            assert here is not None
            now = self.clock()
            made = await rows.add_organization(
                system, now, name=title, language=here.language, region=here.region, time_zone=here.time_zone
            )
            s = system.scoped(made, False)
            await stage_rows.add_default_pipeline(s)
            await self._furnish(s, made)
            owner = await rows.add_member(
                s, member.telegram_id, now, role=Role.OWNER.value, status=MemberStatus.ACTIVE.value,
                name=member.name, phone=member.phone, time_zone=member.time_zone, consent_at=now,
                referral_code=secrets.token_hex(4),
            )  # fmt: skip
            await audit_rows.add_audit(s, owner, "organization.create", "organization", made, now)
            await rows.update_person(system, member.telegram_id, current_organization_id=made)
            return await _current(system, member.telegram_id)


async def _current(s: Session, telegram_id: int) -> Member:
    member = await rows.current_member(s, telegram_id)
    if member is None:
        raise NotFound(what="member")
    return member
