"""Whose word counts for which field, per connection: chosen by admins in chat."""

from collections.abc import Mapping
from uuid import UUID

from domain.errors import BadInput, NotFound
from domain.members import Member, Right
from domain.two_ways import FIELDS, Owner, owner_of
from services.access import needs
from services.clock import Clock
from storage.db import Database, Session
from storage.delivery import integrations, two_ways
from storage.delivery.integrations import Integration
from storage.planning import activities


class Ownership:
    """Use cases on the owners of fields of the active connection."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.CRM_MANAGE)
    async def owners(self, member: Member) -> Mapping[str, Owner]:
        """Every field with its owner, in the order of screens. Raises NotFound without a connection."""
        async with self.db.reading(member.organization_id) as session:
            active = await self._active(session)
            chosen = await two_ways.owners(session, active.id)
        return {name: owner_of(chosen, name) for name in FIELDS}

    @needs(Right.CRM_MANAGE)
    async def choose(self, member: Member, name: str, owner: str) -> Mapping[str, Owner]:
        """Give a field an owner, from now on. Raises BadInput, or NotFound without a connection."""
        if name not in FIELDS or owner not in set(Owner):
            raise BadInput("ownership", "unknown")
        async with self.db.transaction(member.organization_id) as session:
            active = await self._active(session)
            chosen = {**await two_ways.owners(session, active.id), name: Owner(owner).value}
            await two_ways.keep_setting(session, active.id, two_ways.OWNERSHIP, chosen)
            await self._remember(session, member, active.id)
        return await self.owners(member)

    async def _active(self, session: Session) -> Integration:
        active = await integrations.active(session)
        if active is None:
            raise NotFound(record="integration")
        return active

    async def _remember(self, session: Session, member: Member, integration_id: UUID) -> None:
        now = self.clock()
        await activities.add_audit(session, member.id, "crm.ownership", "integration", integration_id, now)
