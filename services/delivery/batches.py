"""Creates of many leads in one request: one search for all of them, intents together, each command's own
answer. What is found, chosen by a person or linked already goes the way of a single operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from crm_adapters import base
from domain.crm import CrmLead, RemoteRef
from domain.delivery import CHOSEN, Operation, OperationKind
from domain.errors import CrmError
from services.delivery.briefs import Brief
from services.delivery.outbox import Outbox
from services.delivery.single import LeaseLost

SEARCHED_TOGETHER = 18
"""Batches whose leads are searched together: a search takes many more leads than a create does. Nine hundred
leads with a phone each are what one request of fifty searches takes, twenty phones and 480 ids a search."""


@dataclass(frozen=True, slots=True)
class Searched:
    """`fresh` leads are in the CRM in no form; `single` operations go on by themselves, with what was found
    of them in their briefs; `failed` had an error of their own."""

    fresh: Sequence[Operation]
    single: Sequence[Operation]
    failed: Sequence[tuple[Operation, CrmError]]
    briefs: Mapping[UUID, Brief]


def can_go_together(operation: Operation, brief: Brief | None) -> bool:
    """Whether an operation may be part of a batch: a plain create of a lead that has no record yet."""
    return (
        operation.kind is OperationKind.LEAD_CREATE
        and brief is not None
        and brief.lead is not None
        and brief.link is None
        and not operation.payload.get(CHOSEN)
    )


async def search(adapter: Any, creates: Sequence[Operation], briefs: Mapping[UUID, Brief]) -> Searched:
    """Look for all of these leads at once. Raises what became of the search as a whole."""
    found = await adapter.find_leads([_lead(briefs, one) for one in creates])
    fresh, single, failed = [], [], []
    known = dict(briefs)
    for operation, matches in zip(creates, found, strict=True):
        if isinstance(matches, CrmError):
            failed.append((operation, matches))
        elif matches:
            known[operation.record_id] = replace(known[operation.record_id], matches=matches)
            single.append(operation)
        else:
            fresh.append(operation)
    return Searched(fresh, single, failed, known)


async def create(
    outbox: Outbox, adapter: Any, batch: Sequence[Operation], briefs: Mapping[UUID, Brief]
) -> list[tuple[Operation, RemoteRef | CrmError]]:
    """Commit all intents, then make the records in one request; without operations that were lost to
    somebody else. Raises LeaseLost when all were, or what became of the request as a whole."""
    kept = await outbox.intend_all(batch)
    ours = [operation for operation in batch if operation.id in kept]
    if not ours:
        raise LeaseLost
    answers = await adapter.create_leads([_lead(briefs, one) for one in ours])
    return list(zip(ours, answers, strict=True))


def batch_size(adapter: Any) -> int:
    """How many leads one request makes; nought where the CRM has no such request."""
    return adapter.batch_size if isinstance(adapter, base.LeadBatches) else 0


def _lead(briefs: Mapping[UUID, Brief], operation: Operation) -> CrmLead:
    lead = briefs[operation.record_id].lead
    assert lead is not None
    return lead
