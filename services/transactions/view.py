"""A source of purchases as admins see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_adapters import PROVIDERS
from services.transactions.walk import COUNTED, months_done
from storage.delivery.integrations import Integration
from storage.transactions.transaction_sources import Source


@dataclass(frozen=True, slots=True)
class Progress:
    """The run under way, or the last one: what it has brought; `total` where the source says how many there
    are. While the first load is not over, `months` of `all_months` are read."""

    running: bool
    found: int
    added: int
    changed: int
    unchanged: int
    unreadable: int
    total: int | None
    months: int
    all_months: int
    loaded: bool


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as admins see it; no secret in it. `title` is the provider's name; moments are UTC. An empty
    `last_error` means that the last run went well. `takes_leads`: its connection is good for leads too."""

    id: UUID
    integration_id: UUID | None
    provider: str
    title: str
    name: str
    account: str
    active: bool
    last_error: str
    error_reason: str
    failures: int
    last_success_at: datetime | None
    next_at: datetime
    muted_until: datetime | None
    keep_days: int
    progress: Progress
    takes_leads: bool = False


@dataclass(frozen=True, slots=True)
class Statistics:
    """`rate` is the share of runs of the last 30 days that ended well, None without any; `seconds` the mean
    time of those."""

    transactions: int
    unreadable: int
    last_success_at: datetime | None
    good: int
    failures: int
    rate: float | None
    seconds: float


def view_of(source: Source, row: Integration | None, now: datetime) -> SourceView:
    """The view of a source and of its connection at `now` (UTC)."""
    known = PROVIDERS.get(source.provider)
    return SourceView(
        id=source.id,
        integration_id=source.integration_id,
        provider=source.provider,
        title=known.manifest.title if known else source.provider,
        name=source.name,
        account=row.account if row else "",
        active=source.active,
        last_error=source.last_error,
        error_reason=source.error_reason,
        failures=source.failures,
        last_success_at=source.last_success_at,
        next_at=source.due_at,
        muted_until=source.muted_until,
        keep_days=source.keep_days,
        progress=progress_of(source, now),
        takes_leads=known is not None and "leads" in known.manifest.serves,
    )


def progress_of(source: Source, now: datetime) -> Progress:
    """How far a source is at `now` (UTC)."""
    told = {name: int(source.counts.get(name, 0)) for name in COUNTED}
    total = source.counts.get("total")
    months, whole = months_done(source)
    return Progress(
        running=source.lease_until is not None and source.lease_until > now,
        found=told["found"],
        added=told["added"],
        changed=told["changed"],
        unchanged=told["unchanged"],
        unreadable=told["unreadable"],
        total=int(total) if total is not None else None,
        months=months,
        all_months=whole,
        loaded=source.loaded,
    )
