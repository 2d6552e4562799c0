"""People's choice where our side and a CRM have both changed a field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from crm_adapters import PROVIDERS
from domain.conflicts import OPEN, OURS, SUPERSEDED, THEIRS, Conflict
from domain.errors import BadInput, NotFound, TooLate
from domain.leads import Lead
from domain.members import Member, Right
from services.access import needs
from services.audit.recorded import recorded
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.leads import visible_lead
from services.two_ways.following import LeadFollowing
from services.two_ways.notices import SyncNotices
from services.two_ways.values import exact
from storage.db import Database, Session
from storage.delivery import conflicts, integrations
from storage.people import members as member_rows


@dataclass(frozen=True, slots=True)
class ConflictView:
    """A conflict with its lead. `stands` is the value that holds now: ours, theirs, or "" for another one
    that somebody has given since. `crm` is the provider's title, `people` the names of assignees by id."""

    conflict: Conflict
    lead: Lead
    crm: str
    stands: str
    people: Mapping[str, str] = field(default_factory=dict)


class Conflicts:
    """Use cases on conflicts. They belong to whoever works on the lead, and to admins."""

    def __init__(
        self, db: Database, clock: Clock, outbox: Outbox, following: LeadFollowing, notices: SyncNotices
    ) -> None:
        self.db, self.clock, self.outbox = db, clock, outbox
        self.following, self.notices = following, notices

    @needs(Right.LEAD_WORK)
    async def get(self, member: Member, conflict_id: UUID) -> ConflictView:
        """A conflict as it stands. Raises NotFound for one that is not theirs."""
        async with self.db.reading(member.organization_id) as session:
            return await self._view(session, member, conflict_id)

    @needs(Right.LEAD_WORK)
    @recorded("crm.conflict", "conflict")
    async def decide(self, member: Member, conflict_id: UUID, verdict: str) -> ConflictView:
        """Choose ours or theirs: the lead gets the value, and every CRM is owed it.

        Raises TooLate: answered, newer_conflict when the field has a newer one, or changed_since when the
        field has a third value by now; NotFound for a conflict that is not theirs.
        """
        if verdict not in (OURS, THEIRS):
            raise BadInput("verdict", "unknown")
        async with self.db.transaction(member.organization_id) as session:
            view = await self._view(session, member, conflict_id)
            self._demand_open(view)
            if not await conflicts.decide(session, conflict_id, verdict, member.id, self.clock()):
                raise TooLate("answered")
            conflict = view.conflict
            value = conflict.ours if verdict == OURS else conflict.theirs
            await self.following.write(session, view.lead, {conflict.field: value}, member.id, "chat")
            await self.outbox.enqueue(
                session, "lead.update", view.lead.id, view.lead.id, {"fields": [conflict.field]}
            )
            await self.notices.lead_changed(session, view.lead.id)
            await self.notices.conflict_settled(session, conflict_id)
            return await self._view(session, member, conflict_id)

    def _demand_open(self, view: ConflictView) -> None:
        if view.conflict.verdict == SUPERSEDED:
            raise TooLate("newer_conflict")
        if view.conflict.verdict != OPEN:
            raise TooLate("answered")
        if not view.stands:
            raise TooLate("changed_since")

    async def _view(self, session: Session, member: Member, conflict_id: UUID) -> ConflictView:
        conflict = await conflicts.get(session, conflict_id)
        if conflict is None:
            raise NotFound(what="conflict")
        lead = await visible_lead(session, member, conflict.lead_id)
        if lead.assignee_id != member.id and not member.may(Right.CRM_MANAGE):
            raise NotFound(what="conflict")
        row = await integrations.get(session, conflict.integration_id)
        title = (
            PROVIDERS[row.provider].manifest.title if row is not None and row.provider in PROVIDERS else ""
        )
        now = exact(lead)[conflict.field]
        stands = OURS if now == conflict.ours else THEIRS if now == conflict.theirs else ""
        return ConflictView(conflict, lead, title, stands, await self._people(session, conflict))

    async def _people(self, session: Session, conflict: Conflict) -> Mapping[str, str]:
        ids = {conflict.ours, conflict.theirs} - {""} if conflict.field == "assignee" else set()
        found = [await member_rows.get_member(session, UUID(one)) for one in sorted(ids)]
        return {str(one.id): one.name for one in found if one is not None}
