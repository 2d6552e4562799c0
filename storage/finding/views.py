"""Queries on views: saved ones, and what buttons of a list stand for. A nameless row is such a place."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from storage.db import Session
from storage.tables import members, saved_views

PLACES = 60
"""Places of a member that are remembered; buttons of older ones say so kindly."""

_one = saved_views.c


@dataclass(frozen=True, slots=True)
class View:
    """`name` is empty for a place. `filter` is a LeadQuery's JSON."""

    id: UUID
    member_id: UUID
    name: str
    filter: Mapping[str, Any]
    shared: bool


def _view(row: Row[Any]) -> View:
    return View(row.id, row.member_id, row.name, row.filter, row.shared)


async def keep_place(s: Session, member_id: UUID, query: Mapping[str, Any], now: datetime) -> UUID:
    """The place of a query: the same for the same one."""
    spelled = json.dumps(query, sort_keys=True).encode()
    place = UUID(bytes=hashlib.sha256(member_id.bytes + spelled).digest()[:16])
    inserts: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
    added = await s.execute(
        inserts[s.dialect](saved_views)
        .values(id=place, organization_id=s.tenant, member_id=member_id, name="", filter=dict(query),
                created_at=now)
        .on_conflict_do_update(index_elements=["id"], set_={"created_at": now})
    )  # fmt: skip
    assert added.rowcount == 1
    kept = (
        sa.select(_one.id)
        .where(_one.organization_id == s.tenant, _one.member_id == member_id, _one.name == "")
        .order_by(_one.created_at.desc(), _one.id)
        .limit(PLACES)
    )
    await s.execute(
        saved_views.delete().where(
            _one.organization_id == s.tenant,
            _one.member_id == member_id,
            _one.name == "",
            _one.id.not_in(kept),
        )
    )
    return place


async def visible(s: Session, member_id: UUID) -> list[View]:
    """The member's own places and views, and views that are shared, by name."""
    rows = await s.rows(
        sa.select(saved_views)
        .where(
            _one.organization_id == s.tenant,
            sa.or_(_one.member_id == member_id, _one.shared),
        )
        .order_by(_one.name, _one.id)
    )
    return [_view(row) for row in rows]


async def add(s: Session, view_id: UUID, member_id: UUID, name: str, filter: Mapping[str, Any],
              now: datetime) -> None:  # fmt: skip
    await s.execute(
        saved_views.insert().values(
            id=view_id,
            organization_id=s.tenant,
            member_id=member_id,
            name=name,
            filter=dict(filter),
            created_at=now,
        )
    )


async def get(s: Session, view_id: UUID) -> View | None:
    row = await s.first(sa.select(saved_views).where(_one.organization_id == s.tenant, _one.id == view_id))
    return _view(row) if row is not None else None


async def change(s: Session, view_id: UUID, **values: object) -> None:
    await s.execute(
        saved_views.update().where(_one.organization_id == s.tenant, _one.id == view_id).values(**values)
    )


async def remove(s: Session, view_id: UUID) -> None:
    await s.execute(saved_views.delete().where(_one.organization_id == s.tenant, _one.id == view_id))


async def default_of(s: Session, member_id: UUID) -> str:
    """The id of the view that the member's list begins with, empty without one."""
    settings = await s.scalar(
        sa.select(members.c.settings).where(members.c.organization_id == s.tenant, members.c.id == member_id)
    )
    return str((settings or {}).get("view", ""))


async def set_default(s: Session, member_id: UUID, view_id: UUID | None) -> None:
    own = sa.and_(members.c.organization_id == s.tenant, members.c.id == member_id)
    held = await s.scalar(sa.select(members.c.settings).where(own).with_for_update())
    settings = {name: value for name, value in (held or {}).items() if name != "view"}
    if view_id is not None:
        settings["view"] = str(view_id)
    await s.execute(members.update().where(own).values(settings=settings))
