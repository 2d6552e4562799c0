"""Carrying out one operation at a CRM: find, create, update, log. Never inside a transaction.

Exactly one record: nothing is created before a search by our id and then by contact; the intent to
create is committed before the call goes out; what the answer makes known is handed back to be committed
at once.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import structlog

from crm_adapters import base
from domain.activities import ActivityType
from domain.crm import CrmActivity, CrmLead, RemoteRef
from domain.delivery import ADOPTED, NOT_WRITTEN, RECOVERED, Link, Operation, OperationKind
from domain.errors import CrmGone, CrmRejected, CrmUnsupported
from services.clock import Clock
from services.connections.capabilities import offers
from services.delivery.briefs import Brief, read_briefs
from services.delivery.linking import ACTIVITY, LEAD, CrmLinking
from services.delivery.marks import seen_of_new, seen_of_written, worth_writing
from services.delivery.outbox import Outbox
from services.two_ways.comparing import TwoWays
from services.two_ways.deletions import Deletions
from services.two_ways.notices import SyncNotices
from storage.db import Database
from storage.delivery import crm_leads, integrations, links
from storage.delivery.link_writes import LinkChange, NewLink
from storage.delivery.two_ways import owners as owners_of

log = structlog.get_logger()

ALL_FIELDS = frozenset(field.name for field in fields(CrmLead))
ADOPTED_FIELDS = ALL_FIELDS - {"name", "company", "phones", "emails", "note", "source"}
"""What is written to a record that people of the CRM made: who the person is stays as they have it."""

CRM_FIELD = {"phone": "phones", "email": "emails", "assignee": "assignee_external_id"}
"""Words of our use cases -> fields of CrmLead, where they differ."""

Written = NewLink | LinkChange | None
"""What a delivery leaves to be committed together with its operation's end."""


class LeaseLost(Exception):
    """Somebody else has taken the operation over: leave it to them."""


class RecordGone(Exception):
    """The lead or activity no longer exists here: there is nothing to write."""


class CrmDelivery:
    """Writes one operation through an adapter. Raises CrmError, LeaseLost or RecordGone."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        outbox: Outbox,
        two_ways: TwoWays,
        deletions: Deletions,
        told: SyncNotices,
    ) -> None:
        self.db, self.clock, self.outbox = db, clock, outbox
        self.two_ways, self.deletions = two_ways, deletions
        self.linking = CrmLinking(db, clock, told)

    async def deliver(self, operation: Operation, adapter: Any, brief: Brief) -> Written:
        """Do what the operation asks for; a record that was merged there is followed, and what becomes of a
        deleted one is for a person to say."""
        if not offers(adapter, base.Leads):
            raise CrmUnsupported("leads")
        deliver = self._activity if operation.kind is OperationKind.ACTIVITY_CREATE else self._lead
        try:
            return await deliver(operation, adapter, brief)
        except CrmGone as gone:
            again = await self._briefed(operation)
            if again.link is not None:
                moved = await self.deletions.record_gone(operation.organization_id, again.link, adapter, gone)
                if not moved:
                    raise RecordGone from None
                again = await self._briefed(operation)
            return await deliver(operation, adapter, again)

    async def _briefed(self, operation: Operation) -> Brief:
        return (await read_briefs(self.db, [operation]))[operation.record_id]

    async def _lead(self, operation: Operation, adapter: base.Leads, brief: Brief) -> Written:
        if brief.lead is None or (brief.link is not None and brief.link.sent_hash in NOT_WRITTEN):
            raise RecordGone
        link = brief.link or await self._find(operation, adapter, brief, brief.lead)
        if link is None:
            return await self._create(operation, adapter, brief, brief.lead)
        return await self._update(operation, adapter, replace(brief, link=link), brief.lead)

    async def _find(
        self, operation: Operation, adapter: base.Leads, brief: Brief, lead: CrmLead
    ) -> Link | None:
        """Link a record that is this lead already; None when a new one is to be made."""
        matches = brief.matches if brief.matches is not None else await adapter.find_lead(lead)
        return await self.linking.recognised(operation, adapter, lead, matches)

    async def _intend(self, operation: Operation) -> None:
        if not await self.outbox.intend(operation):
            raise LeaseLost

    async def _create(
        self, operation: Operation, adapter: base.Leads, brief: Brief, lead: CrmLead
    ) -> NewLink:
        await self._intend(operation)
        ref = await adapter.create_lead(lead)
        return created(operation, adapter, brief, lead, ref)

    async def _update(
        self, operation: Operation, adapter: base.Leads, brief: Brief, lead: CrmLead
    ) -> LinkChange | None:
        link = brief.link
        assert link is not None
        if not _fields(operation, brief, link):
            return None
        brief, lead, link, owners = await self._compared(operation, adapter, brief, lead, link)
        wanted = _fields(operation, brief, link)
        if not operation.is_replay:
            wanted = worth_writing(link, adapter, lead, wanted, owners)
        if not wanted:
            return LinkChange(link, {"sent_hash": brief.digest})
        ref = await adapter.update_lead(link.external_id, lead, wanted)
        if link.sent_hash == ADOPTED and lead.note:
            await self._keep_note(operation, adapter, lead, link)
        stage = adapter.stage_status(lead.stage.key, lead.stage.kind.value)
        values = {
            "url": (ref.url or link.url)[:500],
            "number": (ref.number or link.number)[:64],
            "status": stage if "stage" in wanted else link.status,
            "sent_hash": brief.digest,
            "synced_at": self.clock(),
            "seen": seen_of_written(link, adapter, lead, ref, wanted),
        }
        return LinkChange(link, values)

    async def _compared(
        self, operation: Operation, adapter: Any, brief: Brief, lead: CrmLead, link: Link
    ) -> tuple[Brief, CrmLead, Link, Mapping[str, str]]:
        """The record is read before it is overwritten: what somebody changed there meanwhile is followed or
        asked about, never lost unseen. Then our side as it is after that, and the owners of the fields.
        Whoever has an operation replayed wants our side there, whatever became of the record."""
        owners: Mapping[str, str] = {}
        if offers(adapter, base.ReadsBack) and not operation.is_replay:
            remote = await adapter.read_lead(link.external_id)
            async with self.db.transaction(operation.organization_id) as session:
                owners = await owners_of(session, operation.integration_id)
                fresh = await links.locked(session, link.id)
                if fresh is not None:
                    row = await integrations.get(session, operation.integration_id)
                    provider = row.provider if row is not None else ""
                    await self.two_ways.compare(session, fresh, remote, adapter, provider)
            again = await self._briefed(operation)
            if again.lead is None or again.link is None:
                raise RecordGone
            brief, lead, link = again, again.lead, again.link
        return brief, lead, link, owners

    async def _keep_note(self, operation: Operation, adapter: Any, lead: CrmLead, link: Link) -> None:
        """The sender's words become a note beside the description that the record has already."""
        if not offers(adapter, base.Activities):
            return
        note = CrmActivity(
            f"{lead.our_id}:note", ActivityType.NOTE.value, "", lead.note, "", operation.created_at
        )
        if await adapter.find_activity(link.external_id, note) is None:
            await adapter.log_activity(link.external_id, note)

    async def _activity(self, operation: Operation, adapter: Any, brief: Brief) -> Written:
        if not offers(adapter, base.Activities):
            raise CrmUnsupported("activities")
        integration_id = operation.integration_id
        async with self.db.reading(operation.organization_id) as session:
            key, activity = await crm_leads.owed_activity(session, operation)
            written = await links.of_entity(session, integration_id, ACTIVITY, key)
        changing = written is None and operation.payload.get("change")
        if changing and (await self._changed(operation, adapter, brief) or "note" not in operation.payload):
            return None
        if activity is None:
            raise RecordGone
        if written is not None:
            return None
        if brief.link is not None and brief.link.sent_hash in NOT_WRITTEN:
            raise RecordGone
        linked = brief.link.external_id if brief.link else ""
        external_id = linked or await self._lead_first(operation, adapter, brief)
        ref = await adapter.find_activity(external_id, activity) if operation.intent else None
        if ref is None:
            await self._intend(operation)
            ref = await adapter.log_activity(external_id, activity)
        return NewLink(ACTIVITY, key, ref)

    async def _changed(self, operation: Operation, adapter: Any, brief: Brief) -> bool:
        """Whether the record of a plan was brought up to date; where not, a note tells what became of it."""
        if (
            not offers(adapter, base.ActivityChanges)
            or brief.link is None
            or brief.link.sent_hash in NOT_WRITTEN
        ):
            return False
        async with self.db.reading(operation.organization_id) as session:
            plan = await crm_leads.crm_plan(session, operation)
            link = await links.of_entity(session, operation.integration_id, ACTIVITY, operation.entity_id)
        if plan is None or link is None:
            return False
        try:
            changed: bool = await adapter.change_activity(brief.link.external_id, link.external_id, plan)
        except (CrmGone, CrmRejected):
            # deleted there, or not ours to change: whether the lead is gone, the note will find out
            return False
        return changed

    async def _lead_first(self, operation: Operation, adapter: base.Leads, brief: Brief) -> str:
        """Write the lead that an activity hangs on, and commit its link; returns the record's id."""
        written = await self._lead(operation, adapter, brief)
        if isinstance(written, NewLink):
            link = await self.linking.keep(
                operation,
                LEAD,
                operation.record_id,
                written.ref,
                written.status,
                written.sent_hash,
                written.seen,
            )
            if link is None:
                raise LeaseLost
            return link.external_id
        async with self.db.transaction(operation.organization_id) as session:
            if written is not None:
                await links.change(session, written.link, **written.values)
            link = await links.of_entity(session, operation.integration_id, LEAD, operation.record_id)
        if link is None:
            raise LeaseLost
        return link.external_id


def created(
    operation: Operation, adapter: base.Leads, brief: Brief, lead: CrmLead, ref: RemoteRef
) -> NewLink:
    """The link of a record that was just made of the whole lead."""
    status = adapter.stage_status(lead.stage.key, lead.stage.kind.value)
    seen = seen_of_new(adapter, lead, ref)
    return NewLink(LEAD, operation.record_id, ref, status, brief.digest, seen)


def _fields(operation: Operation, brief: Brief, link: Link) -> frozenset[str]:
    """What has to be written: also what later operations of this lead are about, since the digest that
    lets them be skipped covers the whole lead."""
    if operation.is_replay and link.sent_hash != ADOPTED:
        return frozenset(CRM_FIELD.get(name, name) for name in operation.fields) or ALL_FIELDS
    fixed = {ADOPTED: ADOPTED_FIELDS, RECOVERED: ALL_FIELDS, brief.digest: frozenset[str]()}
    if link.sent_hash in fixed:
        return fixed[link.sent_hash]
    return frozenset(CRM_FIELD.get(name, name) for name in brief.owed)
