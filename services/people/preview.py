"""Seeing as somebody: an admin looks at what a role or a member sees, and cannot touch it.

The stand-in has the other's eyes: their id, and of their rights those that look. So every use case that reads
shows what it would show to them, and every one that writes refuses. Who is looked at is told once, and
every look is in the audit.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from domain.errors import BadInput, NotFound
from domain.leads import Lead, LeadFilter, LeadPage
from domain.members import Member, MemberStatus, Right, Role
from domain.rights import LOOKING, of_role, stands_below
from services.access import needs
from services.clock import Clock
from services.leads.duplicates import may_see
from services.leads.leads import Leads
from services.messages.notices import Notices
from services.people.standing import found
from storage.db import Database, Session
from storage.finding import lead_search
from storage.leads import leads as lead_rows
from storage.people import people
from storage.planning import activities as audit_rows

NOBODY = UUID(int=0)
"""The member a role is seen as: nothing is theirs."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`seen` is who is looked at, with all their rights; `eyes` looks and can do nothing else.

    `is_person`: a member; otherwise a role as such.
    """

    seen: Member
    eyes: Member
    is_person: bool


class Previews:
    """Use cases on looking through somebody's eyes."""

    def __init__(self, db: Database, clock: Clock, leads: Leads, notices: Notices) -> None:
        self.db, self.clock, self.leads, self.notices = db, clock, leads, notices

    @needs(Right.MEMBER_PREVIEW)
    async def begin(self, member: Member, who: str) -> Preview:
        """Look as `who`, a role's name or a member's id as hex. A member is told.

        Raises NotFound, or BadInput("member", ...): above_you, yourself or gone.
        """
        async with self.db.transaction(member.organization_id) as s:
            preview = await self._of(s, member, who)
            entity = preview.seen.id if preview.is_person else None
            await self._log(s, member, "preview.begin", entity, {"who": who})
            if preview.is_person:
                params = {"what": "previewed", "by": str(member.id)}
                await self.notices.to_member(s, preview.seen.id, "member.changed", params)
            return preview

    @needs(Right.MEMBER_PREVIEW)
    async def page(self, member: Member, who: str, page: int) -> tuple[Preview, LeadPage]:
        """A page of the leads they see. Raises as `begin` does."""
        async with self.db.transaction(member.organization_id) as s:
            preview = await self._of(s, member, who)
            entity = preview.seen.id if preview.is_person else None
            await self._log(s, member, "preview.list", entity, {"who": who, "page": page})
        if not preview.eyes.may(Right.LEAD_SEE_OWN):
            return preview, LeadPage((), 0, 0, 1)
        return preview, await self.leads.browse(preview.eyes, LeadFilter(), page)

    @needs(Right.MEMBER_PREVIEW)
    async def lead(self, member: Member, who: str, number: int) -> tuple[Preview, Lead]:
        """One lead as they see it. Raises NotFound where they would not see it, besides what `begin` does."""
        async with self.db.transaction(member.organization_id) as s:
            preview = await self._of(s, member, who)
            place = await lead_search.by_number(s, number)
            lead = await lead_rows.get_lead(s, place[0]) if place else None
            if lead is None or not preview.eyes.may(Right.LEAD_SEE_OWN) or not may_see(preview.eyes, lead):
                raise NotFound(what="lead")
            await self._log(s, member, "preview.lead", lead.id, {"who": who})
            return preview, lead

    async def _of(self, s: Session, member: Member, who: str) -> Preview:
        is_role = who in set(Role)
        seen = await self._as_role(s, member, Role(who)) if is_role else await found(s, _id(who))
        if seen.id == member.id:
            raise BadInput("member", "yourself")
        if seen.status is not MemberStatus.ACTIVE:
            raise BadInput("member", "gone")
        if not stands_below(member, seen):
            raise BadInput("member", "above_you")
        # their language and zone would hide from the admin what is said; everything else is theirs
        seen = replace(seen, language=member.language, time_zone=member.time_zone)
        return Preview(seen, replace(seen, rights=seen.rights & LOOKING), not is_role)

    async def _as_role(self, s: Session, member: Member, role: Role) -> Member:
        rights = of_role(role, await people.matrix(s))
        return replace(member, id=NOBODY, role=role, name="", rights=rights, settings={}, profile={})

    async def _log(
        self, s: Session, member: Member, action: str, entity: UUID | None, data: dict[str, object]
    ) -> None:
        await audit_rows.add_audit(s, member.id, action, "member", entity, self.clock(), data)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what="member") from None
