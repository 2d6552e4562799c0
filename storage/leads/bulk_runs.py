"""Queries on what members have picked, and on the changes of many leads that are under way.

Both hold all there is to know as JSON; `free_from` is the moment until which a run under way is somebody's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.bulk import BulkRun, run_as_json, run_of
from storage.db import Session
from storage.ids import new_id
from storage.tables import bulk_runs, changes, picks

_run = bulk_runs.c


async def picked(s: Session, member_id: UUID) -> Mapping[str, Any]:
    """What the member has picked, as it was kept; nothing at first. The row is locked."""
    held = await s.scalar(
        sa.select(picks.c.held)
        .where(picks.c.organization_id == s.tenant, picks.c.member_id == member_id)
        .with_for_update()
    )
    return held or {}


async def keep_picked(s: Session, member_id: UUID, held: Mapping[str, Any], now: datetime) -> None:
    result = await s.execute(
        picks.update()
        .where(picks.c.organization_id == s.tenant, picks.c.member_id == member_id)
        .values(held=dict(held), updated_at=now)
    )
    if not result.rowcount:
        await s.execute(
            picks.insert().values(
                member_id=member_id, organization_id=s.tenant, held=dict(held), updated_at=now
            )
        )


def next_run_id() -> UUID:
    return new_id()


async def add_run(s: Session, run: BulkRun, free_from: datetime) -> None:
    await s.execute(
        bulk_runs.insert().values(
            id=run.id,
            organization_id=s.tenant,
            member_id=run.member_id,
            run=run_as_json(run),
            free_from=free_from,
            created_at=free_from,
        )
    )


async def keep_run(s: Session, run: BulkRun, free_from: datetime) -> None:
    """Write how far it has come; nobody else takes it before `free_from`."""
    await s.execute(
        bulk_runs.update()
        .where(_run.organization_id == s.tenant, _run.id == run.id)
        .values(run=run_as_json(run), free_from=free_from)
    )


async def get_run(s: Session, run_id: UUID, *, hold: bool = False) -> BulkRun | None:
    query = sa.select(bulk_runs).where(_run.organization_id == s.tenant, _run.id == run_id)
    row = await s.first(query.with_for_update() if hold else query)
    return run_of(row.id, row.member_id, row.run) if row is not None else None


async def free_runs(s: Session, now: datetime) -> list[tuple[UUID, UUID, datetime]]:
    """(organization, run, free since) of all runs nobody works on, the longest waiting first; system."""
    rows = await s.rows(
        sa.select(_run.organization_id, _run.id, _run.free_from)
        .where(_run.free_from <= now)
        .order_by(_run.free_from)
    )
    return [(row.organization_id, row.id, row.free_from) for row in rows]


async def take_run(s: Session, run_id: UUID, since: datetime, until: datetime) -> bool:
    """Take a run until a moment; False when somebody was faster."""
    result = await s.execute(
        bulk_runs.update()
        .where(_run.organization_id == s.tenant, _run.id == run_id, _run.free_from == since)
        .values(free_from=until)
    )
    return result.rowcount == 1


async def forget_run(s: Session, run_id: UUID) -> None:
    await s.execute(bulk_runs.delete().where(_run.organization_id == s.tenant, _run.id == run_id))


async def finish_change(s: Session, change_id: UUID, count: int, now: datetime) -> None:
    """The change is whole only now: the time to take it back begins."""
    await s.execute(
        changes.update()
        .where(changes.c.organization_id == s.tenant, changes.c.id == change_id)
        .values(count=count, at=now)
    )
