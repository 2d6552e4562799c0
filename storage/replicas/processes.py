"""Queries on the processes that run, or did until a moment ago."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.db import Session
from storage.tables import processes


@dataclass(frozen=True, slots=True)
class JobRun:
    """The last run of a job: when it ended (UTC), how long it took, and the class of its error."""

    name: str
    at: datetime
    milliseconds: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Process:
    """One process: `id` is host:pid:random, `roles` what it does, `revision` which schema it was made for.
    Moments are UTC."""

    id: str
    roles: tuple[str, ...]
    revision: str
    started_at: datetime
    seen_at: datetime
    jobs: Sequence[JobRun] = ()


async def seen(s: Session, process: Process) -> None:
    """Write down that it lives."""
    values: dict[str, Any] = {
        "roles": " ".join(process.roles),
        "revision": process.revision,
        "jobs": {one.name: [one.at.isoformat(), one.milliseconds, one.error] for one in process.jobs},
        "started_at": process.started_at,
        "seen_at": process.seen_at,
    }
    done = await s.execute(processes.update().where(processes.c.id == process.id).values(**values))
    if not done.rowcount:
        await s.execute(processes.insert().values(id=process.id, **values))


async def gone(s: Session, process_id: str, before: datetime) -> None:
    """Forget one that ends, and those that have not been seen since `before`."""
    await s.execute(
        processes.delete().where(sa.or_(processes.c.id == process_id, processes.c.seen_at < before))
    )


async def every(s: Session, since: datetime) -> list[Process]:
    """Those seen since then, the oldest first."""
    found = await s.rows(
        sa.select(processes).where(processes.c.seen_at >= since).order_by(processes.c.started_at)
    )
    return [
        Process(row.id, tuple(row.roles.split()), row.revision, row.started_at, row.seen_at, _jobs(row.jobs))
        for row in found
    ]


def _jobs(kept: Mapping[str, Any]) -> tuple[JobRun, ...]:
    return tuple(
        JobRun(name, datetime.fromisoformat(at), took, error) for name, (at, took, error) in kept.items()
    )
