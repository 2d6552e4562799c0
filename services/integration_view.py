"""A connection with a CRM as admins see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from storage.integrations import Integration
from storage.operations import Queue


@dataclass(frozen=True, slots=True)
class IntegrationView:
    """The active integration as admins see it; no secret in it. `oldest_wait` is how long the oldest
    operation has been owed; `failed` counts those that wait for a person. Moments are UTC."""

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


def view_of(active: Integration, title: str, queue: Queue, webhooks: int, now: datetime) -> IntegrationView:
    """The view of a row and of what waits for it at `now` (UTC)."""
    return IntegrationView(
        id=active.id,
        provider=active.provider,
        title=title,
        settings=active.settings,
        mode=active.mode,
        account=active.account,
        version=active.version,
        last_error=active.last_error,
        parked_until=active.parked_until,
        last_success_at=active.last_success_at,
        queue_depth=queue.depth,
        failed=queue.failed,
        oldest_wait=now - queue.oldest if queue.oldest else None,
        webhooks=webhooks,
    )
