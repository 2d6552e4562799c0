"""Queries on sessions: members who come to the API by way of Telegram."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from storage.db import Session
from storage.ids import new_id
from storage.tables import api_sessions

_session = api_sessions.c


@dataclass(frozen=True, slots=True)
class ApiSession:
    """`way` is how it was opened; `generation` counts how often it was refreshed. Moments are UTC."""

    id: UUID
    organization_id: UUID
    member_id: UUID
    way: str
    generation: int
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_from: str
    revoked_at: datetime | None

    def works_at(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now


def _of(row: Row[Any]) -> ApiSession:
    return ApiSession(**row._mapping)


async def add(s: Session, member_id: UUID, way: str, address: str, now: datetime, until: datetime) -> UUID:
    session_id = new_id()
    await s.execute(
        api_sessions.insert().values(
            id=session_id, organization_id=s.tenant, member_id=member_id, way=way, created_at=now,
            expires_at=until, used_at=now, used_from=address,
        )
    )  # fmt: skip
    return session_id


async def get(s: Session, session_id: UUID) -> ApiSession | None:
    row = await s.first(
        sa.select(api_sessions).where(_session.organization_id == s.tenant, _session.id == session_id)
    )
    return _of(row) if row is not None else None


async def open_of(s: Session, member_id: UUID, now: datetime) -> Sequence[ApiSession]:
    """A member's sessions that have not ended, the newest first."""
    found = await s.rows(
        sa.select(api_sessions)
        .where(
            _session.organization_id == s.tenant,
            _session.member_id == member_id,
            _session.revoked_at.is_(None),
            _session.expires_at > now,
        )
        .order_by(_session.id.desc())
    )
    return [_of(row) for row in found]


async def change(s: Session, session_id: UUID, **values: object) -> None:
    await s.execute(
        api_sessions.update()
        .where(_session.organization_id == s.tenant, _session.id == session_id)
        .values(**values)
    )


async def end(s: Session, session_ids: Collection[UUID], now: datetime) -> None:
    await s.execute(
        api_sessions.update()
        .where(
            _session.organization_id == s.tenant,
            _session.id.in_(list(session_ids)),
            _session.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


async def refreshed(s: Session, session_id: UUID, generation: int, address: str, now: datetime) -> bool:
    """Count a refresh; False where `generation` was refreshed before. Of two at once one gets True."""
    done = await s.execute(
        api_sessions.update()
        .where(
            _session.organization_id == s.tenant,
            _session.id == session_id,
            _session.generation == generation,
        )
        .values(generation=generation + 1, used_at=now, used_from=address)
    )
    return done.rowcount == 1


async def forget(s: Session, before: datetime) -> int:
    """Those that ended long ago. System scope."""
    done = await s.execute(api_sessions.delete().where(_session.expires_at < before))
    return done.rowcount
