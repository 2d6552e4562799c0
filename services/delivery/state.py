"""How far a lead is on its way into the active CRM."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from domain.delivery import (
    GONE_THERE,
    NOT_WRITTEN,
    Delivery,
    DeliveryState,
    Link,
    Operation,
    OperationState,
)
from domain.errors import CrmAccessLost, CrmGone, CrmMisconfigured
from services.delivery.retry import OPENS_AFTER
from storage.db import Session
from storage.delivery import integrations, links, operations
from storage.delivery.integrations import Integration

DRY_RUN, RECORD_GONE, SWITCH_CANCELLED = "dry_run", "record_gone", "switch_cancelled"
NOBODYS_DOING = (DRY_RUN, RECORD_GONE, SWITCH_CANCELLED)
"""Why an operation ends as dropped without a person's decision."""


async def state_of_lead(session: Session, lead_id: UUID, now: datetime) -> DeliveryState:
    """The state at `now` (UTC); what mirrored integrations are owed does not count."""
    integration = await integrations.active(session)
    if integration is None:
        return DeliveryState(Delivery.NONE)
    owed = await operations.unfinished(session, integration.id, lead_id)
    link = await links.of_entity(session, integration.id, "lead", lead_id)
    if owed:
        return _under_way(owed[0], integration, link, now)
    if link is not None and link.sent_hash in NOT_WRITTEN:
        return _without_record(link)
    if link is None:
        dropped = await operations.was_dropped(session, integration.id, lead_id, NOBODYS_DOING)
        return DeliveryState(Delivery.DROPPED if dropped else Delivery.NONE)
    at = await operations.last_done_at(session, integration.id, lead_id)
    return DeliveryState(Delivery.DELIVERED, link.number, link.url, at or link.synced_at)


def _without_record(link: Link) -> DeliveryState:
    """The record is gone at the CRM: somebody has to decide, or has decided."""
    if link.sent_hash == GONE_THERE:
        return DeliveryState(Delivery.FAILED, link.number, error=CrmGone.code)
    return DeliveryState(Delivery.DROPPED)


def _under_way(
    operation: Operation, integration: Integration, link: Link | None, now: datetime
) -> DeliveryState:
    """The state that the first unfinished operation of a lead puts it in."""
    state, next_try = _stands(operation, integration, now)
    return DeliveryState(
        state,
        link.number if link else "",
        link.url if link else "",
        error=operation.error or (integration.last_error if state is Delivery.STUCK else ""),
        next_try_at=next_try,
        attempts=operation.attempts,
    )


def _stands(
    operation: Operation, integration: Integration, now: datetime
) -> tuple[Delivery, datetime | None]:
    fixed: Mapping[OperationState, Delivery] = {
        OperationState.RUNNING: Delivery.SENDING,
        OperationState.BLOCKED: Delivery.STUCK,
        OperationState.PERMANENTLY_FAILED: Delivery.FAILED,
    }
    if operation.state in fixed:
        return fixed[operation.state], None
    if integration.last_error in (CrmAccessLost.code, CrmMisconfigured.code):
        return Delivery.STUCK, None
    due = max(operation.due_at, integration.parked_until or operation.due_at)
    waits = due > now
    if waits and (operation.attempts or integration.failures >= OPENS_AFTER):
        return Delivery.STUCK, due
    return Delivery.QUEUED, due if waits else None
