"""Queries on webhooks that we send: who is subscribed, and owing what has happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.hooks_out import Event, Hook, HookState
from storage.db import Session
from storage.ids import new_id
from storage.replicas.signals import wake_after_commit
from storage.tables import hook_sendings, hooks_out

TOPIC = "hooks_out"
"""What whoever sends them is woken by."""

_one = hooks_out.c
_TENANT = sa.bindparam("tenant", type_=_one.organization_id.type)
_LISTENING = sa.select(_one.id, _one.events).where(
    _one.organization_id == _TENANT, _one.state != HookState.DISABLED.value
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A hook with what only the sender opens: address and secrets."""

    hook: Hook
    sealed: bytes


def _hook(row: Row[Any]) -> Hook:
    return Hook(
        id=row.id,
        organization_id=row.organization_id,
        name=row.name,
        host=row.host,
        events=tuple(row.events),
        state=HookState(row.state),
        why=row.why,
        created_at=row.created_at,
        failing_since=row.failing_since,
        delivered_at=row.delivered_at,
        secret_at=row.secret_at,
        old_until=row.old_until,
    )


async def listening(s: Session) -> dict[UUID, frozenset[str]]:
    """Hooks of the organization and the types they want; asked once a transaction."""
    key = ("hooks_out", s.tenant)
    if key not in s.remembered:
        rows = (await s.execute(_LISTENING, {"tenant": s.tenant})).all()
        s.remembered[key] = {row.id: frozenset(row.events) for row in rows}
    found: dict[UUID, frozenset[str]] = s.remembered[key]
    return found


async def owe(s: Session, events: Sequence[Event], now: datetime) -> None:
    """Owe events to every hook that wants their type, in the caller's transaction."""
    wanted = await listening(s) if events else {}
    made = [(new_id(), event) for event in events] if wanted else []
    rows = [
        _row(s.tenant, hook_id, event_id, event, now)
        for event_id, event in made
        for hook_id, types in wanted.items()
        if event.type in types
    ]
    if rows:
        await s.execute(hook_sendings.insert(), rows)
        wake_after_commit(s, TOPIC)


def _row(tenant: UUID, hook_id: UUID, event_id: UUID, event: Event, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "organization_id": tenant,
        "hook_id": hook_id,
        "event_id": event_id,
        "type": event.type,
        "params": dict(event.params),
        "happened_at": now,
        "due_at": now,
    }


async def owe_one(s: Session, hook_id: UUID, event: Event, now: datetime, due_at: datetime) -> UUID:
    """Owe an event to one hook, whatever it wants; returns the delivery's id."""
    row = {**_row(s.tenant, hook_id, new_id(), event, now), "due_at": due_at}
    await s.execute(hook_sendings.insert(), [row])
    made: UUID = row["id"]
    return made


async def add(s: Session, hook_id: UUID, now: datetime, **values: object) -> None:
    await s.execute(
        hooks_out.insert().values(
            id=hook_id, organization_id=s.tenant, created_at=now, secret_at=now, **values
        )
    )


async def change(s: Session, hook_id: UUID, **values: object) -> None:
    await s.execute(
        hooks_out.update().where(_one.organization_id == s.tenant, _one.id == hook_id).values(**values)
    )


async def remove(s: Session, hook_id: UUID) -> None:
    """The hook with its log."""
    await s.execute(hooks_out.delete().where(_one.organization_id == s.tenant, _one.id == hook_id))


async def all_of(s: Session) -> list[Hook]:
    """Every hook of the organization, the newest first."""
    rows = await s.rows(sa.select(hooks_out).where(_one.organization_id == s.tenant).order_by(_one.id.desc()))
    return [_hook(row) for row in rows]


async def get(s: Session, hook_id: UUID, *, hold: bool = False) -> Sealed | None:
    """One hook; with `hold` nobody else changes it until the transaction ends."""
    query = sa.select(hooks_out).where(_one.organization_id == s.tenant, _one.id == hook_id)
    row = await s.first(query.with_for_update() if hold else query)
    return Sealed(_hook(row), row.sealed) if row is not None else None
