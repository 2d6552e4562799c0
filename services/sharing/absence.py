"""Being away until a moment, and what happens to one's open leads meanwhile."""

from datetime import datetime, timedelta

from domain.errors import BadInput, NotFound
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.sharing.departures import AWAY, Departures
from storage.db import Database
from storage.people import members as member_rows
from storage.pipelines import sharing as rows
from storage.planning import activities as audit_rows

LONGEST = timedelta(days=366)
KEEP, POOL = "keep", "pool"
"""What to do with the leads: they stay, or get new hands by the rules or from the pool. Anything else is the
id of the member who gets them."""


class Absences:
    """Use cases on one's own absence."""

    def __init__(self, db: Database, clock: Clock, departures: Departures) -> None:
        self.db, self.clock, self.departures = db, clock, departures

    @needs(Right.LEAD_WORK)
    async def open_leads(self, member: Member) -> int:
        """How many open leads are in the member's hands."""
        async with self.db.reading(member.organization_id) as s:
            return (await rows.loads(s)).get(member.id, 0)

    @needs(Right.LEAD_WORK)
    async def stand_ins(self, member: Member) -> list[Member]:
        """Who may get the leads: others who work leads and are not away, by name."""
        now = self.clock()
        async with self.db.reading(member.organization_id) as s:
            able = await member_rows.active_with(s, Right.LEAD_WORK)
        here = [one for one in able if one.id != member.id and not (one.away_until and one.away_until > now)]
        return sorted(here, key=lambda one: one.name.casefold())

    @needs(Right.LEAD_WORK)
    async def leave(self, member: Member, until: datetime, leads: str = KEEP) -> tuple[Member, int]:
        """Be away until then: the rules pass the member over. The second value is how many leads went away.

        Raises BadInput("away", past or too_far), NotFound for somebody who cannot get leads.
        """
        now = self.clock()
        if until <= now:
            raise BadInput("away", "past")
        if until > now + LONGEST:
            raise BadInput("away", "too_far")
        async with self.db.transaction(member.organization_id) as s:
            await member_rows.update_member(s, member.id, away_until=until)
            data = {"until": until.isoformat(), "leads": leads}
            await audit_rows.add_audit(s, member.id, "member.away", "member", member.id, now, data)
            moved = 0
            if leads == POOL:
                moved = await self.departures(s, member, AWAY)
            elif leads != KEEP:
                able = await member_rows.active_with(s, Right.LEAD_WORK)
                to = next((one for one in able if str(one.id) == leads and one.id != member.id), None)
                if to is None:
                    raise NotFound(what="member")
                moved = await self.departures.to_member(s, member, to)
            fresh = await member_rows.get_member(s, member.id)
            assert fresh is not None
            return fresh, moved

    @open_to("the member")
    async def come_back(self, member: Member) -> Member:
        """Be there again."""
        async with self.db.transaction(member.organization_id) as s:
            await member_rows.update_member(s, member.id, away_until=None)
            now = self.clock()
            await audit_rows.add_audit(s, member.id, "member.back", "member", member.id, now)
            fresh = await member_rows.get_member(s, member.id)
            assert fresh is not None
            return fresh
