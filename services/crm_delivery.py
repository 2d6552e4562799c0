"""Carrying out one operation at a CRM: find, link, create, update, log. Never inside a transaction.

Exactly one record: nothing is created before a search by our id and then by contact; the intent to
create is committed before the call goes out; the link is committed as soon as the answer is there.
"""

import hashlib
import json
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

import structlog

from crm_adapters import base
from domain.activities import ActivityType
from domain.crm import CrmActivity, CrmLead, Match, MatchedBy, RemoteRef
from domain.delivery import (
    ADOPTED,
    CHOSEN,
    RECOVERED,
    AmbiguousMatch,
    Candidate,
    Link,
    Operation,
    OperationKind,
)
from domain.errors import CrmGone, CrmUnsupported
from services.clock import Clock
from services.outbox import Outbox
from storage import crm_leads, links, operations
from storage.db import Database

log = structlog.get_logger()

LEAD, ACTIVITY = "lead", "activity"

ALL_FIELDS = frozenset(field.name for field in fields(CrmLead))
ADOPTED_FIELDS = ALL_FIELDS - {"name", "company", "phones", "emails", "note", "source"}
"""What is written to a record that people of the CRM made: who the person is stays as they have it."""

MOST_CANDIDATES = 8
"""Records that a person is asked to choose from."""

CRM_FIELD = {"phone": "phones", "email": "emails", "assignee": "assignee_external_id"}
"""Words of our use cases -> fields of CrmLead, where they differ."""


class LeaseLost(Exception):
    """Somebody else has taken the operation over: leave it to them."""


class RecordGone(Exception):
    """The lead or activity no longer exists here: there is nothing to write."""


class CrmDelivery:
    """Writes one operation through an adapter. Raises CrmError, LeaseLost or RecordGone."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox) -> None:
        self.db, self.clock, self.outbox = db, clock, outbox

    async def deliver(self, operation: Operation, adapter: Any) -> None:
        """Do what the operation asks for; a record deleted at the CRM is written anew, once."""
        if not isinstance(adapter, base.Leads):
            raise CrmUnsupported("leads")
        deliver = self._activity if operation.kind is OperationKind.ACTIVITY_CREATE else self._lead
        try:
            await deliver(operation, adapter)
        except CrmGone:
            await self._forget(operation)
            await deliver(operation, adapter)

    async def _lead(self, operation: Operation, adapter: base.Leads) -> Link:
        lead, link = await self._load(operation)
        link = link or await self._find(operation, adapter, lead)
        if link is None:
            return await self._create(operation, adapter, lead)
        await self._update(operation, adapter, lead, link)
        return link

    async def _load(self, operation: Operation) -> tuple[CrmLead, Link | None]:
        integration_id, lead_id = operation.integration_id, operation.record_id
        async with self.db.reading(operation.organization_id) as session:
            lead = await crm_leads.crm_lead(session, integration_id, lead_id)
            link = await links.of_entity(session, integration_id, LEAD, lead_id)
        if lead is None:
            raise RecordGone
        return lead, link

    async def _find(self, operation: Operation, adapter: base.Leads, lead: CrmLead) -> Link | None:
        """Link a record that is this lead already; None when a new one is to be made."""
        matches = list(await adapter.find_lead(lead))
        ours = [match for match in matches if match.by is MatchedBy.OUR_ID]
        if ours:
            return await self._link(operation, ours[0], RECOVERED)
        if operation.payload.get(CHOSEN):
            chosen = await self._take_chosen(operation, adapter, lead)
            if chosen is not None:
                return chosen
        matches = [match for match in matches if match.lead.ref.id not in _refused(operation)]
        async with self.db.reading(operation.organization_id) as session:
            ids = [match.lead.ref.id for match in matches]
            linked = await links.linked(session, operation.integration_id, LEAD, ids)
        free = [match for match in matches if _is_free(match, lead, linked)]
        if len(free) > 1:
            raise AmbiguousMatch(tuple(_candidate(match) for match in free[:MOST_CANDIDATES]))
        if len(matches) != 1 or not free:
            return None
        return await self._link(operation, free[0], ADOPTED)

    async def _take_chosen(self, operation: Operation, adapter: base.Leads, lead: CrmLead) -> Link | None:
        """Link the record that a person chose; None when it is gone or somebody else's by now."""
        try:
            remote = await adapter.read_lead(operation.payload[CHOSEN])
        except CrmGone:
            return None
        if remote.our_id not in ("", lead.our_id):
            return None
        return await self._link(operation, Match(remote, MatchedBy.CONTACT), ADOPTED)

    async def _link(self, operation: Operation, match: Match, mark: str) -> Link | None:
        return await self._keep_link(
            operation, LEAD, operation.record_id, match.lead.ref, match.lead.status, mark
        )

    async def _keep_link(
        self, operation: Operation, entity: str, entity_id: UUID, ref: RemoteRef, status: str, sent: str
    ) -> Link | None:
        async with self.db.transaction(operation.organization_id) as session:
            return await links.add(
                session,
                operation.integration_id,
                entity,
                entity_id,
                ref,
                status=status,
                sent_hash=sent,
                now=self.clock(),
            )

    async def _intend(self, operation: Operation) -> None:
        if not await self.outbox.intend(operation):
            raise LeaseLost

    async def _create(self, operation: Operation, adapter: base.Leads, lead: CrmLead) -> Link:
        await self._intend(operation)
        ref = await adapter.create_lead(lead)
        status = adapter.stage_status(lead.stage.key, lead.stage.kind.value)
        link = await self._keep_link(operation, LEAD, operation.record_id, ref, status, digest(lead))
        if link is None:
            raise LeaseLost
        return link

    async def _update(self, operation: Operation, adapter: base.Leads, lead: CrmLead, link: Link) -> None:
        now_sent = digest(lead)
        wanted = await self._fields(operation, link, now_sent)
        if not wanted:
            return
        ref = await adapter.update_lead(link.external_id, lead, wanted)
        if link.sent_hash == ADOPTED and lead.note:
            await self._keep_note(operation, adapter, lead, link)
        stage = adapter.stage_status(lead.stage.key, lead.stage.kind.value)
        async with self.db.transaction(operation.organization_id) as session:
            await links.change(
                session,
                link,
                url=ref.url or link.url,
                number=ref.number or link.number,
                status=stage if "stage" in wanted else link.status,
                sent_hash=now_sent,
                synced_at=self.clock(),
            )

    async def _fields(self, operation: Operation, link: Link, now_sent: str) -> frozenset[str]:
        """What has to be written: also what later operations of this lead are about, since the digest
        that lets them be skipped covers the whole lead."""
        if operation.is_replay and link.sent_hash != ADOPTED:
            return frozenset(CRM_FIELD.get(name, name) for name in operation.fields) or ALL_FIELDS
        fixed = {ADOPTED: ADOPTED_FIELDS, RECOVERED: ALL_FIELDS, now_sent: frozenset[str]()}
        if link.sent_hash in fixed:
            return fixed[link.sent_hash]
        async with self.db.reading(operation.organization_id) as session:
            owed = await operations.unfinished(session, operation.integration_id, operation.record_id)
        named = {name for one in owed for name in one.fields}
        return frozenset(CRM_FIELD.get(name, name) for name in named)

    async def _keep_note(self, operation: Operation, adapter: Any, lead: CrmLead, link: Link) -> None:
        """The sender's words become a note beside the description that the record has already."""
        if not isinstance(adapter, base.Activities):
            return
        note = CrmActivity(
            f"{lead.our_id}:note", ActivityType.NOTE.value, "", lead.note, "", operation.created_at
        )
        if await adapter.find_activity(link.external_id, note) is None:
            await adapter.log_activity(link.external_id, note)

    async def _activity(self, operation: Operation, adapter: base.Leads) -> None:
        if not isinstance(adapter, base.Activities):
            raise CrmUnsupported("activities")
        integration_id = operation.integration_id
        async with self.db.reading(operation.organization_id) as session:
            activity = await crm_leads.crm_activity(session, integration_id, operation.entity_id)
            written = await links.of_entity(session, integration_id, ACTIVITY, operation.entity_id)
            link = await links.of_entity(session, integration_id, LEAD, operation.record_id)
        if activity is None:
            raise RecordGone
        if written is not None:
            return
        link = link or await self._lead(operation, adapter)
        ref = await adapter.find_activity(link.external_id, activity) if operation.intent else None
        if ref is None:
            await self._intend(operation)
            ref = await adapter.log_activity(link.external_id, activity)
        await self._keep_link(operation, ACTIVITY, operation.entity_id, ref, "", "")

    async def _forget(self, operation: Operation) -> None:
        async with self.db.transaction(operation.organization_id) as session:
            link = await links.of_entity(session, operation.integration_id, LEAD, operation.record_id)
            if link is not None:
                log.info("crm.record_gone", operation=str(operation.id), lead=str(operation.record_id))
                await links.forget(session, link)


def _is_free(match: Match, lead: CrmLead, linked: frozenset[str]) -> bool:
    """Whether the record may become this lead's: no other lead of anybody has it."""
    return match.lead.our_id in ("", lead.our_id) and match.lead.ref.id not in linked


def _candidate(match: Match) -> Candidate:
    remote = match.lead
    return Candidate(remote.ref.id, remote.ref.number, remote.name, remote.ref.url)


def _refused(operation: Operation) -> frozenset[str]:
    """Records of which a person said that none is the lead. What appeared since may be our own."""
    if operation.payload.get(CHOSEN) != "":
        return frozenset()
    return frozenset(one.id for one in operation.candidates)


def digest(lead: CrmLead) -> str:
    """A mark that is equal as long as nothing of the lead that a CRM gets has changed."""
    text = json.dumps(asdict(lead), default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
