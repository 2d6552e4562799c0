"""Queries on the connections of organizations with CRMs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from storage.db import Session
from storage.tables import integrations, transaction_sources

_one = integrations.c


@dataclass(frozen=True, slots=True)
class Integration:
    """`settings` are the open ones, `mapping` the organization's overrides, `credentials` a sealed value.
    `failures` counts calls in a row that found the CRM down; nothing is sent before `parked_until`. Admins
    were told of the outage at `alerted_at`, None while none is known to them. `mirrored` ones get every write
    besides the active one. `name` is what admins call it, where they have named it; its webhooks were last
    seen to stand at `subscribed_at`."""

    id: UUID
    organization_id: UUID
    provider: str
    settings: Mapping[str, str]
    mapping: Mapping[str, Any]
    credentials: bytes | None
    mode: str
    active: bool
    account: str
    version: str
    failures: int
    last_error: str
    parked_until: datetime | None
    alerted_at: datetime | None
    last_success_at: datetime | None
    mirrored: bool = False
    name: str = ""
    subscribed_at: datetime | None = None


def _integration(row: Row[Any]) -> Integration:
    return Integration(
        id=row.id,
        organization_id=row.organization_id,
        provider=row.provider,
        settings=row.settings.get("values", {}),
        mapping=row.settings.get("mapping", {}),
        credentials=row.credentials,
        mode=row.mode,
        active=row.active,
        account=row.account,
        version=row.version,
        failures=row.failures,
        last_error=row.last_error,
        parked_until=row.parked_until,
        alerted_at=row.alerted_at,
        last_success_at=row.last_success_at,
        mirrored=row.mirrored,
        name=row.name,
        subscribed_at=row.subscribed_at,
    )


_ACTIVE = sa.select(integrations).where(_one.organization_id == sa.bindparam("tenant"), _one.active)

_RECEIVERS = (
    sa.select(_one.id)
    .where(_one.organization_id == sa.bindparam("tenant"), sa.or_(_one.active, _one.mirrored))
    .order_by(_one.active.desc(), _one.id)
)


async def active(session: Session) -> Integration | None:
    """The integration that the organization's leads go to."""
    row = (await session.execute(_ACTIVE, {"tenant": session.tenant})).first()
    return _integration(row) if row is not None else None


async def receivers(session: Session) -> list[UUID]:
    """Integrations that are owed every write: the active one, then those that mirror it."""
    rows = await session.execute(_RECEIVERS, {"tenant": session.tenant})
    return [row.id for row in rows.all()]


async def get(session: Session, integration_id: UUID) -> Integration | None:
    row = await session.first(
        sa.select(integrations).where(_one.organization_id == session.tenant, _one.id == integration_id)
    )
    return _integration(row) if row is not None else None


async def every(session: Session) -> list[Integration]:
    """All of the organization's, newest first."""
    rows = await session.rows(
        sa.select(integrations).where(_one.organization_id == session.tenant).order_by(_one.id.desc())
    )
    return [_integration(row) for row in rows]


async def every_active(session: Session) -> list[Integration]:
    """Those of all organizations that leads go to or purchases come from; system scope."""
    source = sa.exists().where(transaction_sources.c.integration_id == _one.id, transaction_sources.c.active)
    rows = await session.rows(sa.select(integrations).where(sa.or_(_one.active, source)))
    return [_integration(row) for row in rows]


async def of_provider(session: Session, provider: str) -> list[Integration]:
    """Active ones of all organizations; system scope."""
    rows = await session.rows(sa.select(integrations).where(_one.provider == provider, _one.active))
    return [_integration(row) for row in rows]


async def find(session: Session, integration_id: UUID) -> Integration | None:
    """By id alone; system scope."""
    row = await session.first(sa.select(integrations).where(_one.id == integration_id))
    return _integration(row) if row is not None else None


async def add(
    session: Session, integration_id: UUID, provider: str, settings: Mapping[str, str], now: datetime
) -> None:
    await session.execute(
        integrations.insert().values(
            id=integration_id,
            organization_id=session.tenant,
            provider=provider,
            settings={"values": dict(settings), "mapping": {}},
            created_at=now,
        )
    )


async def change(session: Session, integration_id: UUID, **values: object) -> None:
    await session.execute(
        integrations.update()
        .where(_one.organization_id == session.tenant, _one.id == integration_id)
        .values(**values)
    )


async def remove(session: Session, integration_id: UUID) -> None:
    """Forget a connection with its links, its hooks and all that was owed to it."""
    await session.execute(
        integrations.delete().where(_one.organization_id == session.tenant, _one.id == integration_id)
    )


async def keep_open_settings(session: Session, integration: Integration, settings: Mapping[str, str]) -> None:
    """Replace the open settings; the organization's own mapping and rules stay."""
    kept = await session.scalar(
        sa.select(_one.settings)
        .where(_one.organization_id == session.tenant, _one.id == integration.id)
        .with_for_update()
    )
    values = {**(kept or {}), "values": dict(settings), "mapping": dict(integration.mapping)}
    await change(session, integration.id, settings=values)


async def only_active(session: Session, integration_id: UUID | None) -> None:
    """Make this one the active integration of the organization, or none."""
    chosen = _one.id == integration_id if integration_id is not None else sa.false()
    await session.execute(
        integrations.update().where(_one.organization_id == session.tenant).values(active=chosen)
    )


async def count_failure(session: Session, integration_id: UUID, error: str) -> int:
    """One more call in a row that failed; returns how many."""
    count: int = await session.scalar(
        integrations.update()
        .where(_one.organization_id == session.tenant, _one.id == integration_id)
        .values(failures=_one.failures + 1, last_error=error)
        .returning(_one.failures)
    )
    return count


async def count_success(session: Session, integration_id: UUID, now: datetime, threshold: int) -> None:
    """The CRM works: failures start anew, and an open circuit closes. A pause it asked for itself stays."""
    opened = _one.failures >= threshold
    await session.execute(
        integrations.update()
        .where(_one.organization_id == session.tenant, _one.id == integration_id)
        .values(
            failures=0,
            last_error="",
            last_success_at=now,
            parked_until=sa.case((opened, None), else_=_one.parked_until),
        )
    )


async def park(session: Session, integration_id: UUID, until: datetime) -> None:
    """Send nothing before `until`; an earlier moment never shortens a pause."""
    await session.execute(
        integrations.update()
        .where(
            _one.organization_id == session.tenant,
            _one.id == integration_id,
            sa.or_(_one.parked_until.is_(None), _one.parked_until < until),
        )
        .values(parked_until=until)
    )


async def alert_once(session: Session, integration_id: UUID, threshold: int, now: datetime) -> bool:
    """Note that admins learn of an outage; False before `threshold` failures in a row, and when they know."""
    result = await session.execute(
        integrations.update()
        .where(
            _one.organization_id == session.tenant,
            _one.id == integration_id,
            _one.failures >= threshold,
            _one.alerted_at.is_(None),
        )
        .values(alerted_at=now)
    )
    return result.rowcount == 1


async def outage_over(session: Session, integration_id: UUID) -> bool:
    """Note that admins learn of the outage's end; False when they knew of none."""
    result = await session.execute(
        integrations.update()
        .where(
            _one.organization_id == session.tenant, _one.id == integration_id, _one.alerted_at.is_not(None)
        )
        .values(alerted_at=None)
    )
    return result.rowcount == 1
