"""Queries on who renews the keys of an integration, and on the keys themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.tables import integrations

_one = integrations.c
_MARK = "renewing"


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody renews the keys, until `until` (UTC) at the latest. One that has passed was left behind by
    whoever never learnt, or never kept, the CRM's answer."""

    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Keys:
    """`credentials` is the sealed value."""

    credentials: bytes | None
    mark: Mark | None


async def locked(session: Session, integration_id: UUID) -> Keys | None:
    """The keys as they are kept; nobody else changes them before this transaction ends."""
    row = await session.first(
        sa.select(_one.credentials, _one.settings)
        .where(_one.organization_id == session.tenant, _one.id == integration_id)
        .with_for_update()
    )
    if row is None:
        return None
    found = row.settings.get(_MARK)
    mark = Mark(found["owner"], datetime.fromisoformat(found["until"])) if found else None
    return Keys(row.credentials, mark)


async def set_mark(session: Session, integration_id: UUID, mark: Mark | None) -> None:
    """Write or wipe the mark, in the transaction that has locked the keys."""
    kept: Mapping[str, object] = await session.scalar(
        sa.select(_one.settings).where(_one.organization_id == session.tenant, _one.id == integration_id)
    )
    rest = {name: value for name, value in kept.items() if name != _MARK}
    marked = {_MARK: {"owner": mark.owner, "until": mark.until.isoformat()}} if mark else {}
    await _change(session, integration_id, settings={**rest, **marked})


async def set_credentials(session: Session, integration_id: UUID, sealed: bytes) -> None:
    await _change(session, integration_id, credentials=sealed)


async def _change(session: Session, integration_id: UUID, **values: object) -> None:
    await session.execute(
        integrations.update()
        .where(_one.organization_id == session.tenant, _one.id == integration_id)
        .values(**values)
    )
