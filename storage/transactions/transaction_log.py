"""What became of every run, and the records that nobody could read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from domain.purchases import Run
from storage.among import among
from storage.db import Session
from storage.ids import new_id
from storage.tables import transaction_runs, transaction_sources, unreadable_transactions

_run, _bad = transaction_runs.c, unreadable_transactions.c
DONE, GOES_ON, WAITS, FAILED, STOPPED = "done", "goes_on", "waits", "failed", "stopped"
"""Verdicts: all was read; the time was up, the next run goes on; the source asked us to wait; it failed; it
made no sense and was stopped."""

BAD = (FAILED, STOPPED)
OPEN, REPAIRED, DROPPED, READ = "open", "repaired", "dropped", "read"
"""What becomes of an unreadable record: READ once the source told it readably."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that could not be read."""

    id: UUID
    source_id: UUID
    external_id: str
    field: str
    problem: str
    sealed: bytes
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """Of the last days: how many runs ended well or badly, and how long one took on the average."""

    good: int
    bad: int
    mean_seconds: float


def new_bad(**values: Any) -> dict[str, Any]:
    return {"id": new_id(), **values}


async def add_run(s: Session, source_id: UUID, **values: object) -> UUID:
    run_id = new_id()
    await s.execute(
        transaction_runs.insert().values(id=run_id, organization_id=s.tenant, source_id=source_id, **values)
    )
    return run_id


def _run_of(row: Row[Any]) -> Run:
    return Run(**{name: getattr(row, name) for name in Run.__dataclass_fields__})


async def runs(s: Session, source_id: UUID | None, limit: int) -> list[Run]:
    """The newest ones, of one source or of all."""
    of = [_run.source_id == source_id] if source_id is not None else []
    rows = await s.rows(
        sa.select(transaction_runs)
        .where(_run.organization_id == s.tenant, *of)
        .order_by(_run.started_at.desc(), _run.id.desc())
        .limit(limit)
    )
    return [_run_of(row) for row in rows]


async def run(s: Session, run_id: UUID) -> Run | None:
    row = await s.first(
        sa.select(transaction_runs).where(_run.organization_id == s.tenant, _run.id == run_id)
    )
    return _run_of(row) if row is not None else None


async def health(s: Session, source_id: UUID, since: datetime) -> Health:
    """Runs since a moment; what only waits or goes on is neither good nor bad."""
    rows = await s.rows(
        sa.select(_run.verdict, _run.started_at, _run.finished_at).where(
            _run.organization_id == s.tenant, _run.source_id == source_id, _run.started_at >= since
        )
    )
    good = [row for row in rows if row.verdict == DONE]
    took = sum(((row.finished_at - row.started_at) for row in good), timedelta())
    bad = sum(row.verdict in BAD for row in rows)
    return Health(len(good), bad, took.total_seconds() / len(good) if good else 0.0)


async def keep_unreadable(s: Session, source_id: UUID, found: Sequence[Mapping[str, Any]]) -> int:
    """Add records that are not known yet; returns how many those are. One that was dropped or repaired stays
    so until the source tells it otherwise."""
    if not found:
        return 0
    make = sqlite.insert if s.dialect == "sqlite" else postgresql.insert
    rows = [{**one, "organization_id": s.tenant, "source_id": source_id} for one in found]
    added = 0
    for row in sorted(rows, key=lambda one: str(one["digest"])):
        result = await s.execute(
            make(unreadable_transactions)
            .values(row)
            .on_conflict_do_nothing(index_elements=["source_id", "digest"])
        )
        added += result.rowcount
    return added


async def now_read(s: Session, source_id: UUID, external_ids: Collection[str], now: datetime) -> None:
    """Records that were unreadable have come readably."""
    await s.execute(
        unreadable_transactions.update()
        .where(
            _bad.organization_id == s.tenant,
            _bad.source_id == source_id,
            _bad.state == OPEN,
            _bad.external_id != "",
            among(s, _bad.external_id, external_ids),
        )
        .values(state=READ, settled_at=now)
    )


def _bad_of(row: Row[Any]) -> Bad:
    return Bad(**{name: getattr(row, name) for name in Bad.__dataclass_fields__})


async def unreadable(s: Session, source_id: UUID | None, limit: int, offset: int) -> tuple[list[Bad], int]:
    """Open ones, newest first, and how many there are."""
    of = [_bad.source_id == source_id] if source_id is not None else []
    fits = sa.and_(_bad.organization_id == s.tenant, _bad.state == OPEN, *of)
    total = await s.scalar(sa.select(sa.func.count()).select_from(unreadable_transactions).where(fits))
    rows = await s.rows(
        sa.select(unreadable_transactions).where(fits).order_by(_bad.id.desc()).limit(limit).offset(offset)
    )
    return [_bad_of(row) for row in rows], int(total)


async def one_unreadable(s: Session, bad_id: UUID) -> Bad | None:
    """Held for the rest of the transaction."""
    row = await s.first(
        sa.select(unreadable_transactions)
        .where(_bad.organization_id == s.tenant, _bad.id == bad_id)
        .with_for_update()
    )
    return _bad_of(row) if row is not None else None


async def settle_unreadable(s: Session, bad_id: UUID, state: str, member_id: UUID, now: datetime) -> None:
    await s.execute(
        unreadable_transactions.update()
        .where(_bad.organization_id == s.tenant, _bad.id == bad_id)
        .values(state=state, settled_by=member_id, settled_at=now)
    )


async def drop_open(s: Session, source_id: UUID, member_id: UUID, now: datetime) -> None:
    """Leave out all that nobody could read."""
    await s.execute(
        unreadable_transactions.update()
        .where(_bad.organization_id == s.tenant, _bad.source_id == source_id, _bad.state == OPEN)
        .values(state=DROPPED, settled_by=member_id, settled_at=now)
    )


async def forget(s: Session, now: datetime) -> int:
    """Remove log lines, and raw records that are settled, past their source's days; system scope."""
    removed = 0
    for days in await s.rows(sa.select(transaction_sources.c.keep_days).distinct()):
        before = now - timedelta(days=days.keep_days)
        of = sa.select(transaction_sources.c.id).where(transaction_sources.c.keep_days == days.keep_days)
        for table, at in ((transaction_runs, _run.finished_at), (unreadable_transactions, _bad.settled_at)):
            result = await s.execute(table.delete().where(table.c.source_id.in_(of), at < before))
            removed += result.rowcount
    return removed
