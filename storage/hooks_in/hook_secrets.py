"""Queries on the secrets that others show at our hooks. Only their fingerprints are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from storage.db import Session
from storage.hooks_in.hooks import Hook, hook_from
from storage.ids import new_id
from storage.tables import hook_secrets, hooks

_one = hook_secrets.c


@dataclass(frozen=True, slots=True)
class HookSecret:
    """`shown` is how it begins. One that was replaced ends at `expires_at`."""

    id: UUID
    hook_id: UUID
    shown: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


def _of(row: Row[Any]) -> HookSecret:
    return HookSecret(row.id, row.hook_id, row.shown, row.created_at, row.expires_at, row.used_at)


def _in_use(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(_one.expires_at.is_(None), _one.expires_at > now)


async def add(s: Session, hook_id: UUID, digest: str, shown: str, made_by: UUID, now: datetime) -> None:
    await s.execute(
        hook_secrets.insert().values(
            id=new_id(),
            organization_id=s.tenant,
            hook_id=hook_id,
            digest=digest,
            shown=shown,
            made_by=made_by,
            created_at=now,
        )
    )


async def in_use(s: Session, hook_id: UUID, now: datetime) -> list[HookSecret]:
    """Those that open, the newest first."""
    rows = await s.rows(
        sa.select(hook_secrets)
        .where(_one.organization_id == s.tenant, _one.hook_id == hook_id, _in_use(now))
        .order_by(_one.created_at.desc(), _one.id.desc())
    )
    return [_of(row) for row in rows]


async def end(s: Session, ids: list[UUID], at: datetime) -> None:
    """Let them open until `at` only."""
    await s.execute(
        hook_secrets.update().where(_one.organization_id == s.tenant, _one.id.in_(ids)).values(expires_at=at)
    )


async def owner_of(s: Session, digest: str, provider: str, now: datetime) -> tuple[HookSecret, Hook] | None:
    """A secret that opens, by its fingerprint, and its hook. System scope."""
    row = await s.first(
        sa.select(hook_secrets)
        .join(hooks, hooks.c.id == _one.hook_id)
        .where(_one.digest == digest, _in_use(now), hooks.c.provider == provider, hooks.c.closed_at.is_(None))
    )
    if row is None:
        return None
    hook = await s.first(sa.select(hooks).where(hooks.c.id == row.hook_id))
    return (_of(row), hook_from(hook)) if hook is not None else None


async def used(s: Session, secret_id: UUID, now: datetime) -> None:
    await s.execute(
        hook_secrets.update()
        .where(_one.organization_id == s.tenant, _one.id == secret_id)
        .values(used_at=now)
    )


async def claim_old(
    s: Session, made_before: datetime, now: datetime, again_before: datetime
) -> list[tuple[UUID, UUID]]:
    """(organization, hook) of secrets in use that were made before a moment and about which nobody was told
    since `again_before`; they are marked as told. System scope."""
    old = (
        sa.select(_one.id)
        .join(hooks, hooks.c.id == _one.hook_id)
        .where(
            _one.created_at < made_before,
            _one.expires_at.is_(None),
            hooks.c.closed_at.is_(None),
            sa.or_(_one.warned_at.is_(None), _one.warned_at < again_before),
        )
    )
    result = await s.execute(
        hook_secrets.update()
        .where(_one.id.in_(old))
        .values(warned_at=now)
        .returning(_one.organization_id, _one.hook_id)
    )
    return list(dict.fromkeys((row.organization_id, row.hook_id) for row in result.all()))
