"""What is known of a connection's traffic: its next try, and what has come in at its hooks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.delivery import OperationState
from storage.db import Session
from storage.hooks_in.hooks import BY_HAND
from storage.tables import hooks, inbox, operations


@dataclass(frozen=True, slots=True)
class Traffic:
    """`next_due` is when the next write is tried; None when nothing waits for a moment. `registered` hooks
    stand at the CRM by its API; `by_hand` tells that an address waits to be registered by an admin, or is.
    `received` counts deliveries of the last days that are kept, the newest came at `last_received_at`."""

    next_due: datetime | None
    registered: int
    by_hand: bool
    received: int
    last_received_at: datetime | None


async def traffic(session: Session, integration_id: UUID) -> Traffic:
    """The traffic of one integration. Moments are UTC."""
    own = sa.and_(
        operations.c.organization_id == session.tenant, operations.c.integration_id == integration_id
    )
    waiting = (OperationState.PENDING.value, OperationState.RUNNING.value)
    next_due = await session.scalar(
        sa.select(sa.func.min(operations.c.due_at)).where(own, operations.c.state.in_(waiting))
    )
    ours = sa.and_(hooks.c.organization_id == session.tenant, hooks.c.integration_id == integration_id)
    kept = await session.rows(sa.select(hooks.c.external_id).where(ours))
    got = await session.first(
        sa.select(sa.func.count().label("received"), sa.func.max(inbox.c.received_at).label("last"))
        .join(hooks, hooks.c.id == inbox.c.hook_id)
        .where(ours)
    )
    return Traffic(
        next_due=next_due,
        registered=sum(bool(row.external_id) and row.external_id != BY_HAND for row in kept),
        by_hand=any(row.external_id == BY_HAND for row in kept),
        received=int(got.received) if got else 0,
        last_received_at=got.last if got else None,
    )
