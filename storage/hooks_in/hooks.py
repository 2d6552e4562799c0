"""Queries on hooks: secret addresses at which others call us."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from storage.db import Session
from storage.tables import hooks, integrations, transaction_sources

_hook = hooks.c
_source = sa.exists().where(
    transaction_sources.c.integration_id == _hook.integration_id, transaction_sources.c.active
)
_heard = sa.or_(integrations.c.active, integrations.c.mirrored, _source)
_in_use = (
    sa.select(hooks)
    .outerjoin(integrations, integrations.c.id == _hook.integration_id)
    .where(_hook.closed_at.is_(None), sa.or_(_hook.integration_id.is_(None), _heard))
)
# built once: whatever comes in begins with it
_BY_KEYS = {
    "sqlite": _in_use.where(_hook.key.in_(sa.bindparam("keys", expanding=True))),
    "postgresql": _in_use.where(_hook.key == sa.any_(sa.bindparam("keys", type_=sa.ARRAY(_hook.key.type)))),
}
BY_HAND = "by-hand"
"""External id of a hook that an admin has registered: the CRM told us none."""


@dataclass(frozen=True, slots=True)
class Hook:
    """`key` is the secret part of the address; it names the organization, the integration and the event.
    `external_id` is the CRM's id of the subscription, `secret` a sealed value. Those of our own have a name
    and settings."""

    id: UUID
    organization_id: UUID
    key: str
    provider: str
    integration_id: UUID | None
    event: str
    external_id: str
    secret: bytes | None
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


def hook_context(hook: Hook) -> str:
    """What a hook's sealed secret is bound to."""
    return f"hooks:{hook.id}"


def hook_from(row: Row[Any]) -> Hook:
    return Hook(
        id=row.id,
        organization_id=row.organization_id,
        key=row.key,
        provider=row.provider,
        integration_id=row.integration_id,
        event=row.event,
        external_id=row.external_id,
        secret=row.secret,
        name=row.name,
        settings=row.settings,
    )


async def by_key(session: Session, key: str) -> Hook | None:
    """A hook that is in use; closed ones and those of an integration that was switched off are not. Both
    sides of a move from one CRM to another are heard, and sources of purchases. System scope."""
    return (await by_keys(session, [key])).get(key)


async def by_keys(session: Session, keys: Collection[str]) -> dict[str, Hook]:
    """The same for many; keys of none are missing."""
    found = await session.execute(_BY_KEYS[session.dialect], {"keys": list(keys)})
    return {row.key: hook_from(row) for row in found.all()}


async def is_left(session: Session, key: str, provider: str) -> bool:
    """Whether the key is of a hook that still stands at its CRM, though we listen to it no more. System
    scope."""
    found = sa.select(_hook.id).where(
        _hook.key == key, _hook.provider == provider, _hook.external_id.not_in(("", BY_HAND))
    )
    return await session.first(found) is not None


async def get(session: Session, hook_id: UUID) -> Hook | None:
    row = await session.first(
        sa.select(hooks).where(_hook.organization_id == session.tenant, _hook.id == hook_id)
    )
    return hook_from(row) if row is not None else None


async def of_provider(session: Session, provider: str) -> list[Hook]:
    rows = await session.rows(
        sa.select(hooks)
        .where(_hook.organization_id == session.tenant, _hook.provider == provider, _hook.closed_at.is_(None))
        .order_by(_hook.id)
    )
    return [hook_from(row) for row in rows]


async def held(session: Session, hook_id: UUID) -> Hook | None:
    """A hook in use, held against other changes until the transaction ends."""
    row = await session.first(
        sa.select(hooks)
        .where(_hook.organization_id == session.tenant, _hook.id == hook_id, _hook.closed_at.is_(None))
        .with_for_update()
    )
    return hook_from(row) if row is not None else None


async def of_integration(session: Session, integration_id: UUID) -> list[Hook]:
    rows = await session.rows(
        sa.select(hooks)
        .where(_hook.organization_id == session.tenant, _hook.integration_id == integration_id)
        .order_by(_hook.id)
    )
    return [hook_from(row) for row in rows]


async def add(session: Session, hook: Hook, now: datetime) -> None:
    await session.execute(
        hooks.insert().values(
            id=hook.id,
            organization_id=session.tenant,
            key=hook.key,
            provider=hook.provider,
            integration_id=hook.integration_id,
            event=hook.event,
            external_id=hook.external_id,
            secret=hook.secret,
            name=hook.name,
            settings=dict(hook.settings),
            created_at=now,
        )
    )


async def change(session: Session, hook_id: UUID, **values: object) -> None:
    await session.execute(
        hooks.update().where(_hook.organization_id == session.tenant, _hook.id == hook_id).values(**values)
    )


async def take(session: Session, key: str, provider: str) -> Hook | None:
    """Find a hook and remove it in one step: whoever comes second finds none. System scope."""
    rows = await session.execute(
        hooks.delete().where(_hook.key == key, _hook.provider == provider).returning(*hooks.c)
    )
    row = rows.first()
    return hook_from(row) if row is not None else None


async def forget_older(session: Session, provider: str, moment: datetime) -> None:
    """Remove the organization's hooks of that provider that were made before `moment`."""
    await session.execute(
        hooks.delete().where(
            _hook.organization_id == session.tenant, _hook.provider == provider, _hook.created_at < moment
        )
    )
