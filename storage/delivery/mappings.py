"""Queries on what an organization has changed in the mapping of a connection; it lies in its settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.tables import integrations

_one = integrations.c
VERSIONS_KEPT = 10


@dataclass(frozen=True, slots=True)
class Stored:
    """`overrides` over the shipped mapping; `versions` are earlier ones, the newest first, each {"mapping",
    "at": when it was replaced (ISO 8601, UTC), "by": by whose name}; `seen` are the places of rules whose
    fields were in the CRM when it was looked at last."""

    overrides: Mapping[str, Any]
    versions: Sequence[Mapping[str, Any]]
    seen: frozenset[str]


def stored(settings: Mapping[str, Any]) -> Stored:
    """What the settings column of an integration says of its mapping."""
    return Stored(
        settings.get("mapping", {}), settings.get("versions", []), frozenset(settings.get("seen", ()))
    )


async def read(session: Session, integration_id: UUID, *, to_change: bool = False) -> Stored:
    """`to_change` keeps others from changing it until the transaction ends."""
    return stored(await _settings(session, integration_id, to_change))


async def keep(
    session: Session, integration_id: UUID, overrides: Mapping[str, Any], versions: Sequence[Any]
) -> None:
    """Put `overrides` in force."""
    settings = await _settings(session, integration_id, True)
    changed = {"mapping": dict(overrides), "versions": list(versions)[:VERSIONS_KEPT]}
    await _write(session, integration_id, {**settings, **changed})


async def remember_seen(session: Session, integration_id: UUID, seen: Sequence[str]) -> None:
    """These rules' fields are in the CRM now."""
    settings = await _settings(session, integration_id, True)
    if sorted(seen) != sorted(settings.get("seen", ())):
        await _write(session, integration_id, {**settings, "seen": sorted(seen)})


async def _settings(session: Session, integration_id: UUID, to_change: bool) -> dict[str, Any]:
    query = sa.select(_one.settings).where(_one.organization_id == session.tenant, _one.id == integration_id)
    return dict(await session.scalar(query.with_for_update() if to_change else query) or {})


async def _write(session: Session, integration_id: UUID, settings: Mapping[str, Any]) -> None:
    await session.execute(
        integrations.update()
        .where(_one.organization_id == session.tenant, _one.id == integration_id)
        .values(settings=dict(settings))
    )
