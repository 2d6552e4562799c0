"""What our side knows before a call: read for many operations at once."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, is_dataclass
from uuid import UUID

from domain.crm import CrmLead, Match
from domain.delivery import Link, Operation
from services.delivery.linking import LEAD
from storage.db import Database
from storage.delivery import crm_leads, links, operations


@dataclass(frozen=True, slots=True)
class Brief:
    """The lead of an operation as it is now, None when it no longer exists; its link; a digest of what a CRM
    gets of it; the names of the fields that its unfinished operations are about. `matches` are what a
    search at the CRM found, None before one."""

    lead: CrmLead | None
    link: Link | None
    digest: str
    owed: frozenset[str]
    matches: Sequence[Match] | None = None


async def read_briefs(db: Database, held: Collection[Operation]) -> dict[UUID, Brief]:
    """Briefs by the id of the lead, for operations of one integration.

    The fields owed are read last: a change that the lead shows already must be among them, or its own
    operation would find an equal digest and be skipped.
    """
    first = next(iter(held))
    record_ids = {operation.record_id for operation in held}
    async with db.reading(first.organization_id) as session:
        found = await crm_leads.crm_leads(session, first.integration_id, record_ids)
        linked = await links.of_entities(session, first.integration_id, LEAD, record_ids)
        digests = {record_id: digest(lead) for record_id, lead in found.items()}
        changed = [one for one in digests if one in linked and linked[one].sent_hash != digests[one]]
        ids = [operation.id for operation in held]
        owed = await operations.fields_owed(session, first.integration_id, changed, ids) if changed else {}
    for operation in held:
        owed[operation.record_id] = owed.get(operation.record_id, frozenset()) | operation.fields
    return {
        one: Brief(found.get(one), linked.get(one), digests.get(one, ""), owed.get(one, frozenset()))
        for one in record_ids
    }


def digest(lead: CrmLead) -> str:
    """A mark that is equal as long as nothing of the lead that a CRM gets has changed."""
    text = json.dumps(lead, default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return str(value)
