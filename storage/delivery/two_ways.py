"""Queries of two-way sync: whose word counts, how far changes were read, when fields last changed here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.delivery import OperationState
from storage.db import Session
from storage.tables import integrations, lead_history, operations

_one = integrations.c
_entry = lead_history.c
OWNERSHIP, READ_UP_TO = "ownership", "read_up_to"
"""Keys of an integration's settings: the owners of fields; the moment, by the CRM's own clock, up to which
its changes were read."""

OVERWRITTEN = "conflict:"
"""Origin of a history entry that only tells what the CRM held before our value overwrote it."""

ATTACHED = "attached"
"""Origin of an entry on a note beside the lead's own."""


async def setting(session: Session, integration_id: UUID, key: str) -> Any:
    """One of the keys above; None where it was never set."""
    stored = await session.scalar(
        sa.select(_one.settings).where(_one.organization_id == session.tenant, _one.id == integration_id)
    )
    return (stored or {}).get(key)


async def owners(session: Session, integration_id: UUID) -> Mapping[str, str]:
    """What the organization has chosen; fields without a choice are missing."""
    chosen: Mapping[str, str] = await setting(session, integration_id, OWNERSHIP) or {}
    return chosen


async def keep_setting(session: Session, integration_id: UUID, key: str, value: Any) -> None:
    """Set one of the keys above; the others stay."""
    stored = await session.scalar(
        sa.select(_one.settings)
        .where(_one.organization_id == session.tenant, _one.id == integration_id)
        .with_for_update()
    )
    await session.execute(
        integrations.update()
        .where(_one.organization_id == session.tenant, _one.id == integration_id)
        .values(settings={**(stored or {}), key: value})
    )


async def due(session: Session, before: datetime) -> list[tuple[UUID, UUID]]:
    """(organization, integration) of active, live integrations whose changes were last read before a
    moment, or never; system scope."""
    rows = await session.rows(
        sa.select(_one.organization_id, _one.id)
        .where(
            _one.active,
            _one.mode == "live",
            sa.or_(_one.reconciled_at.is_(None), _one.reconciled_at <= before),
        )
        .order_by(_one.reconciled_at)
    )
    return [(row.organization_id, row.id) for row in rows]


async def take(session: Session, integration_id: UUID, before: datetime, now: datetime) -> bool:
    """Take the turn to read an integration's changes; False when another process has just taken it."""
    result = await session.execute(
        integrations.update()
        .where(
            _one.organization_id == session.tenant,
            _one.id == integration_id,
            sa.or_(_one.reconciled_at.is_(None), _one.reconciled_at <= before),
        )
        .values(reconciled_at=now)
    )
    return result.rowcount == 1


async def changed_at(session: Session, lead_id: UUID) -> dict[str, datetime]:
    """Field -> when it last changed here; fields that have never changed are missing."""
    rows = await session.rows(
        sa.select(_entry.field, sa.func.max(_entry.at).label("at"))
        .where(
            _entry.organization_id == session.tenant,
            _entry.lead_id == lead_id,
            _entry.origin != ATTACHED,
            _entry.origin.not_like(f"{OVERWRITTEN}%"),
        )
        .group_by(_entry.field)
    )
    return {row.field: row.at for row in rows}


async def gave_up(session: Session, integration_id: UUID, lead_id: UUID) -> bool:
    """Whether the lead's last write was given up by a person."""
    one = operations.c
    row = await session.first(
        sa.select(one.state, one.error)
        .where(
            one.organization_id == session.tenant,
            one.integration_id == integration_id,
            one.record_id == lead_id,
        )
        .order_by(one.id.desc())
        .limit(1)
    )
    return row is not None and row.state == OperationState.DROPPED.value and row.error != "dry_run"


async def give_turn(session: Session, integration_id: UUID, at: datetime) -> None:
    """Let the next look read an integration's changes, as if it had last been read at a moment."""
    await session.execute(
        integrations.update()
        .where(_one.organization_id == session.tenant, _one.id == integration_id)
        .values(reconciled_at=at)
    )
