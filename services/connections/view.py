"""A connection with a CRM as admins see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crm_adapters.base import Manifest
from services.connections.settings import way_of
from storage.delivery.integration_health import Traffic
from storage.delivery.integrations import Integration
from storage.delivery.operations import Queue


@dataclass(frozen=True, slots=True)
class IntegrationView:
    """An integration as admins see it; no secret in it. `title` is the provider's, `label` tells it apart
    from others of the organization. `way` is how it signs in, `login` whether in the browser, and
    `changeable` the settings that may be mended, of which `kept` hold a value. `oldest_wait` is how long
    the oldest operation has been owed; `failed` counts those that wait for a person; `next_try` is when the
    next write goes out. `webhooks` stand at the CRM; an address registered `by_hand` may have `received`
    something. `mirrored` ones get every write beside the active one while a move is under way. Moments are
    UTC."""

    id: UUID
    provider: str
    title: str
    settings: Mapping[str, str]
    mode: str
    account: str
    version: str
    last_error: str
    parked_until: datetime | None
    last_success_at: datetime | None
    queue_depth: int
    failed: int
    oldest_wait: timedelta | None
    webhooks: int
    active: bool = True
    name: str = ""
    label: str = ""
    way: str = ""
    login: bool = False
    changeable: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    next_try: datetime | None = None
    by_hand: bool = False
    received: int = 0
    last_received_at: datetime | None = None
    mirrored: bool = False


def view_of(
    row: Integration,
    manifest: Manifest,
    queue: Queue,
    traffic: Traffic,
    kept: Sequence[str],
    now: datetime,
) -> IntegrationView:
    """The view of a row and of what waits for it at `now` (UTC); `kept` are its settings' names."""
    way = way_of(manifest, kept)
    return IntegrationView(
        id=row.id,
        provider=row.provider,
        title=manifest.title,
        settings=row.settings,
        mode=row.mode,
        account=row.account,
        version=row.version,
        last_error=row.last_error,
        parked_until=row.parked_until,
        last_success_at=row.last_success_at,
        queue_depth=queue.depth,
        failed=queue.failed,
        oldest_wait=now - queue.oldest if queue.oldest else None,
        webhooks=traffic.registered,
        active=row.active,
        name=row.name,
        label=f"{manifest.title} · {row.name}" if row.name else manifest.title,
        way=way.name,
        login=way.login,
        changeable=(*way.settings, *manifest.extras),
        kept=frozenset(kept),
        next_try=_next_try(row, traffic),
        by_hand=traffic.by_hand,
        received=traffic.received,
        last_received_at=traffic.last_received_at,
        mirrored=row.mirrored,
    )


def _next_try(row: Integration, traffic: Traffic) -> datetime | None:
    if traffic.next_due is None:
        return None
    return max(traffic.next_due, row.parked_until or traffic.next_due)
