"""Queries on what members have picked, and on the changes of many leads that are under way.

Both are nameless to people and stand beside the views: a row holds all there is to know as JSON, and its
`created_at` is the moment until which a run under way is somebody's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from domain.bulk import BulkRun, run_as_json, run_of
from storage.db import Session
from storage.ids import new_id
from storage.tables import changes, saved_views
from storage.views import OWN

PICKED, RUN = OWN + "picked", OWN + "run"
_one = saved_views.c


def _picked_id(member_id: UUID) -> UUID:
    return uuid5(member_id, PICKED)


async def picked(s: Session, member_id: UUID) -> Mapping[str, Any]:
    """What the member has picked, as it was kept; nothing at first. The row is locked."""
    held = await s.scalar(
        sa.select(_one.filter)
        .where(_one.organization_id == s.tenant, _one.id == _picked_id(member_id))
        .with_for_update()
    )
    return held or {}


async def keep_picked(s: Session, member_id: UUID, held: Mapping[str, Any], now: datetime) -> None:
    result = await s.execute(
        saved_views.update()
        .where(_one.organization_id == s.tenant, _one.id == _picked_id(member_id))
        .values(filter=dict(held), created_at=now)
    )
    if not result.rowcount:
        await _add(s, _picked_id(member_id), member_id, PICKED, held, now)


async def _add(
    s: Session, row_id: UUID, member_id: UUID, name: str, held: Mapping[str, Any], now: datetime
) -> None:
    await s.execute(
        saved_views.insert().values(
            id=row_id,
            organization_id=s.tenant,
            member_id=member_id,
            name=name,
            filter=dict(held),
            created_at=now,
        )
    )


def next_run_id() -> UUID:
    return new_id()


async def add_run(s: Session, run: BulkRun, free_from: datetime) -> None:
    await _add(s, run.id, run.member_id, RUN, run_as_json(run), free_from)


async def keep_run(s: Session, run: BulkRun, free_from: datetime) -> None:
    """Write how far it has come; nobody else takes it before `free_from`."""
    await s.execute(
        saved_views.update()
        .where(_one.organization_id == s.tenant, _one.id == run.id)
        .values(filter=run_as_json(run), created_at=free_from)
    )


async def get_run(s: Session, run_id: UUID, *, hold: bool = False) -> BulkRun | None:
    query = sa.select(saved_views).where(
        _one.organization_id == s.tenant, _one.id == run_id, _one.name == RUN
    )
    row = await s.first(query.with_for_update() if hold else query)
    return run_of(row.id, row.member_id, row.filter) if row is not None else None


async def free_runs(s: Session, now: datetime) -> list[tuple[UUID, UUID, datetime]]:
    """(organization, run, free since) of all runs nobody works on, the longest waiting first; system."""
    rows = await s.rows(
        sa.select(_one.organization_id, _one.id, _one.created_at)
        .where(_one.name == RUN, _one.created_at <= now)
        .order_by(_one.created_at)
    )
    return [(row.organization_id, row.id, row.created_at) for row in rows]


async def take_run(s: Session, run_id: UUID, since: datetime, until: datetime) -> bool:
    """Take a run until a moment; False when somebody was faster."""
    result = await s.execute(
        saved_views.update()
        .where(_one.organization_id == s.tenant, _one.id == run_id, _one.created_at == since)
        .values(created_at=until)
    )
    return result.rowcount == 1


async def forget_run(s: Session, run_id: UUID) -> None:
    await s.execute(saved_views.delete().where(_one.organization_id == s.tenant, _one.id == run_id))


async def finish_change(s: Session, change_id: UUID, count: int, now: datetime) -> None:
    """The change is whole only now: the time to take it back begins."""
    await s.execute(
        changes.update()
        .where(changes.c.organization_id == s.tenant, changes.c.id == change_id)
        .values(count=count, at=now)
    )
