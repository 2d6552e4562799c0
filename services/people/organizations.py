"""Organizations: the first one at start, and its owner's settings."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from domain.errors import BadInput, NotFound
from domain.fields import read_text
from domain.members import Member, MemberStatus, Organization, Right, Role
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from storage.db import Database
from storage.people import members as rows
from storage.pipelines import stages as stage_rows


class Organizations:
    """Use cases on organizations."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @open_to("the start of the program")
    async def ensure_first(
        self, name: str, language: str, region: str, time_zone: str, owners: Sequence[int]
    ) -> UUID:
        """The first organization, made with its pipeline if there is none; `owners` (Telegram ids) own it."""
        async with self.db.transaction(system=True) as system:
            now = self.clock()
            first = await rows.first_organization(system)
            if first is None:
                organization_id = await rows.add_organization(
                    system, now, name=name, language=language, region=region, time_zone=time_zone
                )
                await stage_rows.add_default_pipeline(system.scoped(organization_id, False))
            else:
                organization_id = first.id
            s = system.scoped(organization_id, False)
            for telegram_id in owners:
                await rows.see_person(system, telegram_id, "", "", language, now)
                if await rows.member_of(s, telegram_id) is None:
                    await rows.add_member(
                        s,
                        telegram_id,
                        now,
                        role=Role.OWNER.value,
                        status=MemberStatus.ACTIVE.value,
                        name="",
                        referral_code=secrets.token_hex(4),
                    )
        return organization_id

    @open_to("its members")
    async def of(self, member: Member) -> Organization:
        """The member's organization."""
        async with self.db.reading(system=True) as s:
            found = await rows.get_organization(s, member.organization_id)
        if found is None:
            raise NotFound(what="organization")
        return found

    @open_to("the sender of notices")
    async def by_id(self, organization_id: UUID) -> Organization:
        """Raises NotFound."""
        async with self.db.reading(system=True) as s:
            found = await rows.get_organization(s, organization_id)
        if found is None:
            raise NotFound(what="organization")
        return found

    @needs(Right.ORGANIZATION_EDIT)
    @recorded("organization.change", "organization")
    async def rename(self, member: Member, name: str) -> None:
        await self._set(member, name=read_text("organization", name, 100))

    @needs(Right.ORGANIZATION_EDIT)
    @recorded("organization.change", "organization")
    async def set_language(self, member: Member, language: str) -> None:
        """The language that new people without a known one are spoken to."""
        if len(language) != 2:
            raise BadInput("language", "invalid")
        await self._set(member, language=language)

    @needs(Right.ORGANIZATION_EDIT)
    @recorded("organization.change", "organization")
    async def finish_set_up(self, member: Member) -> None:
        """The guided set-up is done: it is not offered again."""
        await self._set(member, set_up=True)

    async def _set(self, member: Member, **values: object) -> None:
        async with self.db.transaction(system=True) as s:
            await rows.update_organization(s, member.organization_id, **values)
