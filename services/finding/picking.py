"""What a member has picked of the list of leads, to change all of it at once."""

from collections.abc import Collection
from datetime import datetime

from domain.bulk import MOST_PICKED, Picked
from domain.errors import BadInput
from domain.lead_query import LeadQuery, query_of
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.finding.search import Finding
from storage.db import Database, Session
from storage.leads import bulk_runs as rows


class Picking:
    """Use cases on what is picked. A member has one pick at a time."""

    def __init__(self, db: Database, clock: Clock, finding: Finding) -> None:
        self.db, self.clock, self.finding = db, clock, finding

    @needs(Right.LEAD_WORK)
    async def picked(self, member: Member) -> Picked:
        """What the member has picked so far."""
        async with self.db.reading(member.organization_id) as s:
            return await self.held(s, member)

    @needs(Right.LEAD_WORK)
    async def pick(self, member: Member, numbers: Collection[int], chosen: bool) -> Picked:
        """Add leads to what is picked, or take them out. Raises BadInput("picked", "too_many")."""
        async with self.db.transaction(member.organization_id) as s:
            held = await self.held(s, member)
            others = [one for one in held.numbers if one not in numbers]
            picked = [*others, *numbers] if chosen else others
            if len(picked) > MOST_PICKED:
                raise BadInput("picked", "too_many", limit=MOST_PICKED)
            return await self.keep(s, member, Picked(tuple(picked), None, len(picked)))

    @needs(Right.LEAD_WORK)
    async def pick_all(self, member: Member, query: LeadQuery) -> Picked:
        """Pick everything that the query finds."""
        async with self.db.transaction(member.organization_id) as s:
            total = await self.finding.count(member, query)
            return await self.keep(s, member, Picked((), query, total))

    @needs(Right.LEAD_WORK)
    async def drop(self, member: Member) -> Picked:
        """Nothing is picked any more."""
        async with self.db.transaction(member.organization_id) as s:
            return await self.keep(s, member, Picked())

    @open_to("services")
    async def held(self, s: Session, member: Member) -> Picked:
        held = await rows.picked(s, member.id)
        query = held.get("query")
        asked_at = held.get("asked_at")
        return Picked(
            tuple(held.get("numbers", ())),
            query_of(query) if query is not None else None,
            held.get("total", 0),
            datetime.fromisoformat(asked_at) if asked_at else None,
        )

    @open_to("services")
    async def keep(self, s: Session, member: Member, picked: Picked) -> Picked:
        held = {
            "numbers": list(picked.numbers),
            "query": picked.query.as_json() if picked.query is not None else None,
            "total": picked.total,
            "asked_at": picked.asked_at.isoformat() if picked.asked_at else None,
        }
        await rows.keep_picked(s, member.id, held, self.clock())
        return picked
