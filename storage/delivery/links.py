"""Queries on what connects our records with those of a CRM."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from domain.crm import RemoteRef
from domain.delivery import Link
from storage.among import among
from storage.db import Session
from storage.ids import new_id
from storage.tables import links

_link = links.c


def _link_of(row: Row[Any]) -> Link:
    return Link(
        id=row.id,
        integration_id=row.integration_id,
        entity=row.entity,
        entity_id=row.entity_id,
        external_id=row.external_id,
        url=row.url,
        number=row.number,
        status=row.status,
        sent_hash=row.sent_hash,
        synced_at=row.synced_at,
        seen=row.seen,
    )


async def of_entity(session: Session, integration_id: UUID, entity: str, entity_id: UUID) -> Link | None:
    row = await session.first(
        sa.select(links).where(
            _link.organization_id == session.tenant,
            _link.integration_id == integration_id,
            _link.entity == entity,
            _link.entity_id == entity_id,
        )
    )
    return _link_of(row) if row is not None else None


async def of_entities(
    session: Session, integration_id: UUID, entity: str, entity_ids: Collection[UUID]
) -> dict[UUID, Link]:
    """Links of many records at once, by our ids; unlinked ones are missing."""
    rows = await session.rows(
        sa.select(links).where(
            _link.organization_id == session.tenant,
            _link.integration_id == integration_id,
            _link.entity == entity,
            among(session, _link.entity_id, entity_ids),
        )
    )
    return {row.entity_id: _link_of(row) for row in rows}


async def of_external(session: Session, integration_id: UUID, entity: str, external_id: str) -> Link | None:
    row = await session.first(
        sa.select(links).where(
            _link.organization_id == session.tenant,
            _link.integration_id == integration_id,
            _link.entity == entity,
            _link.external_id == external_id,
        )
    )
    return _link_of(row) if row is not None else None


async def of_externals(
    session: Session, integration_id: UUID, entity: str, external_ids: Collection[str]
) -> dict[str, Link]:
    """Links by their ids there; what is not linked is missing."""
    rows = await session.rows(
        sa.select(links).where(
            _link.organization_id == session.tenant,
            _link.integration_id == integration_id,
            _link.entity == entity,
            _link.external_id.in_(external_ids),
        )
    )
    return {row.external_id: _link_of(row) for row in rows}


async def locked(session: Session, link_id: UUID) -> Link | None:
    """The link as it is now, held for this transaction: whoever compares a record does so alone."""
    row = await session.first(
        sa.select(links).where(_link.organization_id == session.tenant, _link.id == link_id).with_for_update()
    )
    return _link_of(row) if row is not None else None


async def get(session: Session, link_id: UUID) -> Link | None:
    row = await session.first(
        sa.select(links).where(_link.organization_id == session.tenant, _link.id == link_id)
    )
    return _link_of(row) if row is not None else None


async def of_kind(session: Session, integration_id: UUID, entity: str) -> list[Link]:
    """Every link of an integration with records of ours of one kind."""
    rows = await session.rows(
        sa.select(links)
        .where(
            _link.organization_id == session.tenant,
            _link.integration_id == integration_id,
            _link.entity == entity,
        )
        .order_by(_link.id)
    )
    return [_link_of(row) for row in rows]


async def linked(
    session: Session, integration_id: UUID, entity: str, external_ids: Collection[str]
) -> frozenset[str]:
    """Which of these external ids belong to a record of ours already."""
    rows = await session.rows(
        sa.select(_link.external_id).where(
            _link.organization_id == session.tenant,
            _link.integration_id == integration_id,
            _link.entity == entity,
            _link.external_id.in_(external_ids),
        )
    )
    return frozenset(row.external_id for row in rows)


async def count(session: Session, integration_id: UUID, entity: str) -> int:
    """How many records of ours are linked with one there."""
    counted: int = await session.scalar(
        sa.select(sa.func.count())
        .select_from(links)
        .where(
            _link.organization_id == session.tenant,
            _link.integration_id == integration_id,
            _link.entity == entity,
        )
    )
    return counted


async def add(
    session: Session,
    integration_id: UUID,
    entity: str,
    entity_id: UUID,
    ref: RemoteRef,
    *,
    status: str,
    sent_hash: str,
    now: datetime,
    seen: Mapping[str, object] | None = None,
) -> Link | None:
    """Link a record of ours to theirs; None when either of them is linked already."""
    values = {
        "id": new_id(),
        "integration_id": integration_id,
        "entity": entity,
        "entity_id": entity_id,
        "external_id": ref.id,
        "url": ref.url[:500],
        "number": ref.number[:64],
        "status": status,
        "sent_hash": sent_hash,
        "seen": dict(seen or {}),
        "synced_at": now,
    }
    try:
        async with session.connection.begin_nested():
            await session.execute(
                links.insert().values(organization_id=session.tenant, created_at=now, **values)
            )
    except IntegrityError:
        return None
    return Link(**values)  # type: ignore[arg-type]


async def change(session: Session, link: Link, **values: object) -> None:
    """Store new url, number, status, sent_hash or synced_at of a link."""
    await session.execute(
        links.update().where(_link.organization_id == session.tenant, _link.id == link.id).values(**values)
    )


async def forget(session: Session, link: Link) -> None:
    await session.execute(links.delete().where(_link.organization_id == session.tenant, _link.id == link.id))
