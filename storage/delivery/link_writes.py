"""Writing many links at once: what deliveries that ended together have to keep."""

import json
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
_JSON = frozenset({"seen"})
"""Columns whose values travel as text in an array: PostgreSQL reads them as JSON there."""


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
        if session.dialect == "postgresql" and len(rows) > 1:
            await session.execute(_change_of_many(session, columns, rows))
            continue
        await session.execute(
            links.update()
            .where(_link.organization_id == session.tenant, _link.id == sa.bindparam("changed_link"))
            .values({name: sa.bindparam(name) for name in columns}),
            rows,
        )


def _change_of_many(session: Session, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> sa.Update:
    """One statement whatever their number: an array for every column, which reads the same each time."""
    types = {"changed_link": _link.id.type, **{name: _link[name].type for name in columns}}
    plain = {name: sa.Text() if name in _JSON else type_ for name, type_ in types.items()}
    arrays = [
        sa.cast(sa.literal([_text(name, row[name]) for row in rows], sa.ARRAY(type_)), sa.ARRAY(type_))
        for name, type_ in plain.items()
    ]
    given = sa.func.unnest(*arrays).table_valued(*(sa.column(name, one) for name, one in plain.items()))
    given = given.render_derived(name="given")
    values = {
        name: sa.cast(given.c[name], types[name]) if name in _JSON else given.c[name] for name in columns
    }
    return (
        links.update()
        .where(_link.organization_id == session.tenant, _link.id == given.c.changed_link)
        .values(values)
    )


def _text(name: str, value: Any) -> Any:
    return json.dumps(value) if name in _JSON else value
