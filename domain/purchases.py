"""Purchases as they stand here, and runs that brought them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.transactions import TransactionKind, TransactionLine


@dataclass(frozen=True, slots=True)
class Kept:
    """A purchase as it stands here. `version` counts how often it was written; it is 0 as long as the record
    has never been a purchase: its source has only told of it as cancelled, or booked. Such a one is kept so
    that an older telling cannot make a purchase of it, and counts nowhere. `phone_before` is told of one that
    was just written, and had another phone until then."""

    id: UUID
    source_id: UUID
    external_id: str
    kind: TransactionKind
    cancelled: bool
    amount: Decimal
    currency: str
    happened_at: datetime
    phone: str
    customer: str
    description: str
    lines: tuple[TransactionLine, ...]
    refers_to: str
    medical: bool
    version: int
    customer_id: UUID | None
    phone_before: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which purchases; empty values leave everything in. Moments are UTC, `until` is not in it."""

    source_id: UUID | None = None
    customer_id: UUID | None = None
    phone: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A purchase in a list, with its source's provider and name."""

    kept: Kept
    provider: str
    source_name: str


@dataclass(frozen=True, slots=True)
class Run:
    """One line of the log. `counts`: pages, found, added, changed, unchanged, older, unreadable."""

    id: UUID
    source_id: UUID
    kind: str
    verdict: str
    started_at: datetime
    finished_at: datetime
    window_since: datetime | None
    window_until: datetime | None
    counts: Mapping[str, Any]
    error: str
    reason: str
    sealed: bytes | None
