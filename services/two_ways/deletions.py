"""Records that are gone at a CRM: merged into another one, which the link follows, or deleted.

A lead of ours never goes with them. A deletion is a decision of somebody over there, so a person here
says what becomes of it: sent again, left out, or closed.
"""

from typing import Any, Protocol
from uuid import UUID

import structlog

from crm_adapters import base
from domain.crm import MatchedBy, RemoteLead
from domain.delivery import CHANGED_THERE, GONE_THERE, LEFT_OUT, MERGED_THERE, NOT_WRITTEN, Link
from domain.errors import CrmGone, NotFound, TooLate
from domain.leads import Lead, StageKind
from domain.members import Member, Right
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.lead_stages import failed_stage
from services.leads.leads import visible_lead
from services.two_ways.notices import SyncNotices
from storage.db import Database, Session
from storage.delivery import crm_leads, links
from storage.leads import lead_history

log = structlog.get_logger()

LEAD = "lead"
MOST_MERGES = 3
"""Records merged one into another that are followed at once."""


class Moves(Protocol):
    async def move(self, member: Member, lead_id: UUID, stage_id: UUID, reason: str = "") -> Lead:
        """Put the lead on a stage."""
        ...


class Deletions:
    """Settles what became of a record, and carries out what people decide."""

    def __init__(
        self, db: Database, clock: Clock, outbox: Outbox, pipeline: Moves, notices: SyncNotices
    ) -> None:
        self.db, self.clock, self.outbox = db, clock, outbox
        self.pipeline, self.notices = pipeline, notices

    @open_to("services")
    async def record_gone(self, organization_id: UUID, link: Link, adapter: Any, gone: CrmGone) -> bool:
        """The linked record is not there any more. True when it was merged and the link has followed.

        Raises CrmError when the CRM cannot be asked for it now.
        """
        winner = await self._merged_into(organization_id, link, adapter, gone)
        async with self.db.transaction(organization_id) as session:
            fresh = await links.locked(session, link.id)
            if fresh is None or fresh.external_id != link.external_id:
                return fresh is not None
            if winner is not None:
                return await self._merged(session, fresh, winner)
            if fresh.sent_hash not in NOT_WRITTEN:
                await links.change(session, fresh, sent_hash=GONE_THERE, changed_there_at=self.clock())
                await self._remember(session, fresh.entity_id, "deleted_there")
                await self.notices.deleted(session, fresh.entity_id, fresh.id)
                log.info("crm.record_deleted", lead=str(fresh.entity_id), external_id=fresh.external_id)
        return False

    async def _merged_into(
        self, organization_id: UUID, link: Link, adapter: Any, gone: CrmGone
    ) -> RemoteLead | None:
        """The record that has taken its place: the one the CRM names, else the one that bears our id now."""
        named = gone.params.get("combined_to")
        for _ in range(MOST_MERGES):
            if not named:
                break
            try:
                found: RemoteLead = await adapter.read_lead(str(named))
            except CrmGone as further:
                named = further.params.get("combined_to")
            else:
                return found
        if not isinstance(adapter, base.Leads):
            return None
        async with self.db.reading(organization_id) as session:
            lead = await crm_leads.crm_lead(session, link.integration_id, link.entity_id)
        matches = await adapter.find_lead(lead) if lead is not None else ()
        ours = [match.lead for match in matches if match.by is MatchedBy.OUR_ID]
        return next((one for one in ours if one.ref.id != link.external_id), None)

    async def _merged(self, session: Session, link: Link, winner: RemoteLead) -> bool:
        other = await links.of_external(session, link.integration_id, LEAD, winner.ref.id)
        log.info("crm.record_merged", lead=str(link.entity_id), into=winner.ref.id, shared=other is not None)
        if other is not None:
            if link.sent_hash != MERGED_THERE:
                await links.change(session, link, sent_hash=MERGED_THERE, changed_there_at=self.clock())
                await self._remember(session, link.entity_id, "merged_there")
                await self.notices.merged(session, link.entity_id, other.entity_id)
            return False
        ref = winner.ref
        await links.change(
            session,
            link,
            external_id=ref.id,
            url=ref.url[:500],
            number=ref.number[:64],
            status=winner.status[:64],
            sent_hash=CHANGED_THERE,
            seen={},
            synced_at=self.clock(),
        )
        await self._remember(session, link.entity_id, "merged_there")
        await self.notices.lead_changed(session, link.entity_id)
        return True

    async def _remember(self, session: Session, lead_id: UUID, what: str) -> None:
        change = (what, "", "")
        await lead_history.add_history(session, lead_id, None, "crm", [change], self.clock())

    @needs(Right.LEAD_WORK)
    async def stands(self, member: Member, link_id: UUID) -> tuple[Lead, str]:
        """The lead of a link and the link's mark; "" for one that was sent again since. Raises NotFound."""
        async with self.db.reading(member.organization_id) as session:
            lead, link = await self._theirs(session, member, link_id)
        return lead, link.sent_hash

    @needs(Right.LEAD_WORK)
    @recorded("crm.gone_again", "link")
    async def send_again(self, member: Member, link_id: UUID) -> Lead:
        """Make a new record, or link one that is found. Raises NotFound, or TooLate once it is decided."""
        async with self.db.transaction(member.organization_id) as session:
            lead, link = await self._open(session, member, link_id)
            await links.change(session, link, sent_hash=CHANGED_THERE)
            await self.notices.deleted_settled(session, lead.id, link.id)
            await links.forget(session, link)
            await self.outbox.enqueue(
                session, "lead.create", lead.id, lead.id, {}, lambda one: one == link.integration_id
            )
        return lead

    @needs(Right.LEAD_WORK)
    @recorded("crm.gone_leave", "link")
    async def leave_out(self, member: Member, link_id: UUID) -> Lead:
        """The CRM shall not have the lead any more; here it goes on. Raises NotFound or TooLate."""
        async with self.db.transaction(member.organization_id) as session:
            return await self._leave_out(session, member, link_id)

    async def _leave_out(self, session: Session, member: Member, link_id: UUID) -> Lead:
        lead, link = await self._open(session, member, link_id)
        await links.change(session, link, sent_hash=LEFT_OUT)
        await self.notices.deleted_settled(session, lead.id, link.id)
        return lead

    @needs(Right.LEAD_WORK)
    @recorded("crm.gone_close", "link")
    async def close(self, member: Member, link_id: UUID, reason: str) -> Lead:
        """End the lead here too, for `reason`. Raises NotFound or TooLate."""
        async with self.db.transaction(member.organization_id) as session:
            lead = await self._leave_out(session, member, link_id)
            failed = await failed_stage(session, lead)
        if failed is not None and lead.stage.kind is not StageKind.FAILED:
            return await self.pipeline.move(member, lead.id, failed.id, reason)
        return lead

    async def _theirs(self, session: Session, member: Member, link_id: UUID) -> tuple[Lead, Link]:
        link = await links.get(session, link_id)
        if link is None or link.entity != LEAD:
            raise NotFound(what="link")
        lead = await visible_lead(session, member, link.entity_id)
        if lead.assignee_id != member.id and not member.may(Right.CRM_MANAGE):
            raise NotFound(what="link")
        return lead, link

    async def _open(self, session: Session, member: Member, link_id: UUID) -> tuple[Lead, Link]:
        try:
            lead, link = await self._theirs(session, member, link_id)
        except NotFound:
            raise TooLate("answered") from None
        if link.sent_hash != GONE_THERE:
            raise TooLate("answered")
        return lead, link
