"""Writing many links at once: what deliveries that ended together have to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from domain.crm import RemoteRef
from domain.delivery import Link
from storage.db import Session
from storage.ids import new_id
from storage.tables import links

_link = links.c


@dataclass(frozen=True, slots=True)
class NewLink:
    """A record of theirs that was made for one of ours."""

    entity: str
    entity_id: UUID
    ref: RemoteRef
    status: str = ""
    sent_hash: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkChange:
    """New values of columns of a link."""

    link: Link
    values: Mapping[str, Any]


async def add_all(
    session: Session, integration_id: UUID, made: Sequence[NewLink], now: datetime
) -> frozenset[UUID]:
    """Keep links; returns the records of ours that were linked: neither side of them was linked before."""
    if not made:
        return frozenset()
    insert = sqlite.insert if session.dialect == "sqlite" else postgresql.insert
    rows = [
        {
            "id": new_id(),
            "organization_id": session.tenant,
            "integration_id": integration_id,
            "entity": one.entity,
            "entity_id": one.entity_id,
            "external_id": one.ref.id,
            "url": one.ref.url[:500],
            "number": one.ref.number[:64],
            "status": one.status,
            "sent_hash": one.sent_hash,
            "seen": dict(one.seen),
            "created_at": now,
            "synced_at": now,
        }
        for one in made
    ]
    result = await session.execute(insert(links).on_conflict_do_nothing().returning(_link.entity_id), rows)
    return frozenset(row.entity_id for row in result.all())


async def change_all(session: Session, changes: Sequence[LinkChange]) -> None:
    """Store new values of links."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for one in changes:
        given = {"changed_link": one.link.id, **one.values}
        by_columns.setdefault(tuple(sorted(one.values)), []).append(given)
    for columns, rows in by_columns.items():
        await session.execute(
            links.update()
            .where(_link.organization_id == session.tenant, _link.id == sa.bindparam("changed_link"))
            .values({name: sa.bindparam(name) for name in columns}),
            rows,
        )
