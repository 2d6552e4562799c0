"""Sources of purchases: how far each has been read, who reads it now, and how it goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from storage.db import Session
from storage.ids import new_id
from storage.tables import transaction_sources

_one = transaction_sources.c

ACCOUNT = "account"
"""Key of a removed source's counts: whose purchases it holds."""


@dataclass(frozen=True, slots=True)
class Source:
    """`since` is where the next walk begins; below `first_until` the first load is still under way, month by
    month. `window_since`, `window_until` and `place` are the walk that was begun, `counts` what it brought.
    A file's source has no integration. `failures` in a row; nothing is asked before `due_at`."""

    id: UUID
    organization_id: UUID
    integration_id: UUID | None
    provider: str
    name: str
    active: bool
    first_since: datetime
    first_until: datetime
    since: datetime
    mark: str
    window_since: datetime | None
    window_until: datetime | None
    place: str
    due_at: datetime
    lease_owner: str
    lease_until: datetime | None
    failures: int
    last_error: str
    error_reason: str
    alerted_at: datetime | None
    muted_until: datetime | None
    last_success_at: datetime | None
    keep_days: int
    created_at: datetime
    counts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def loaded(self) -> bool:
        return self.since >= self.first_until

    @property
    def removed(self) -> bool:
        """Nobody reads it any more; its purchases stay."""
        return self.integration_id is None and not self.active


_NAMES = tuple(Source.__dataclass_fields__)


def _source(row: Row[Any]) -> Source:
    return Source(**{name: getattr(row, name) for name in _NAMES})


async def add(s: Session, now: datetime, **values: object) -> UUID:
    source_id = new_id()
    await s.execute(
        transaction_sources.insert().values(id=source_id, organization_id=s.tenant, created_at=now, **values)
    )
    return source_id


async def get(s: Session, source_id: UUID) -> Source | None:
    row = await s.first(
        sa.select(transaction_sources).where(_one.organization_id == s.tenant, _one.id == source_id)
    )
    return _source(row) if row is not None else None


async def of_integration(s: Session, integration_id: UUID) -> Source | None:
    row = await s.first(
        sa.select(transaction_sources).where(
            _one.organization_id == s.tenant, _one.integration_id == integration_id
        )
    )
    return _source(row) if row is not None else None


async def every(s: Session) -> list[Source]:
    """All of the organization's, oldest first."""
    rows = await s.rows(
        sa.select(transaction_sources).where(_one.organization_id == s.tenant).order_by(_one.id)
    )
    return [_source(row) for row in rows]


async def due(s: Session, now: datetime, limit: int) -> list[Source]:
    """Active ones whose turn has come and that nobody reads; system scope."""
    rows = await s.rows(
        sa.select(transaction_sources)
        .where(_one.active, _one.integration_id.is_not(None), _one.due_at <= now, _free(now))
        .order_by(_one.due_at)
        .limit(limit)
    )
    return [_source(row) for row in rows]


def _free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(_one.lease_until.is_(None), _one.lease_until <= now)


async def take(s: Session, source_id: UUID, owner: str, now: datetime, until: datetime) -> Source | None:
    """Take the turn to read a source; None when another process has it, or it is not due."""
    row = await s.first(
        transaction_sources.update()
        .where(
            _one.organization_id == s.tenant,
            _one.id == source_id,
            _one.active,
            _one.due_at <= now,
            _free(now),
        )
        .values(lease_owner=owner, lease_until=until)
        .returning(transaction_sources)
    )
    return _source(row) if row is not None else None


async def hold(s: Session, source_id: UUID, owner: str = "") -> Source | None:
    """The source, its row held for the rest of the transaction: whoever writes its purchases does so alone.
    With `owner` None too when the turn is another's by now."""
    mine = [_one.lease_owner == owner] if owner else []
    row = await s.first(
        sa.select(transaction_sources)
        .where(_one.organization_id == s.tenant, _one.id == source_id, *mine)
        .with_for_update()
    )
    return _source(row) if row is not None else None


async def change(s: Session, source_id: UUID, **values: object) -> None:
    await s.execute(
        transaction_sources.update()
        .where(_one.organization_id == s.tenant, _one.id == source_id)
        .values(**values)
    )


async def part(s: Session, source_id: UUID, account: str) -> None:
    """Let go of the connection; `account` (see `parted`) is what it is found again by. Whoever reads it now
    has lost the turn."""
    await change(
        s, source_id, integration_id=None, active=False, counts={ACCOUNT: account}, lease_owner="",
        lease_until=None, window_since=None, window_until=None, place="", failures=0, last_error="",
        error_reason="", alerted_at=None,
    )  # fmt: skip


async def parted(s: Session, provider: str, account: str) -> Source | None:
    """The removed source that told of the purchases of this account."""
    own = (one for one in await every(s) if one.removed and one.provider == provider)
    return next((one for one in own if one.counts.get(ACCOUNT) == account), None)


async def want(s: Session, source_id: UUID, now: datetime) -> bool:
    """Let the source be read at once; False where it is stopped."""
    result = await s.execute(
        transaction_sources.update()
        .where(_one.organization_id == s.tenant, _one.id == source_id, _one.active)
        .values(due_at=now)
    )
    return result.rowcount == 1
