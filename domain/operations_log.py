"""The log of what goes to CRMs and of what comes from them, as admins read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

KEPT = 100
"""How many of the newest entries are shown in the chat."""


class LogState(StrEnum):
    """waiting: on its way, or will be tried again; failed: needs a person; dropped: given up, or (of what
    came in) refused to its sender; incoming: everything that came in, whatever became of it."""

    ALL = "all"
    WAITING = "waiting"
    FAILED = "failed"
    DONE = "done"
    DROPPED = "dropped"
    INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class LogFilter:
    """`lead` is a lead's number; 0 stands for all. With a lead nothing incoming is found."""

    state: LogState = LogState.ALL
    lead: int = 0


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An operation, or with `incoming` a delivery of a CRM or of the website's form.

    `kind` is an OperationKind or the sender's name; `state` a state of an operation or of the inbox;
    `payload` is what is kept of it, with personal data in it. Moments are UTC.
    """

    id: UUID
    incoming: bool
    kind: str
    state: str
    attempts: int
    error: str
    error_reason: str
    lead: int
    lead_title: str
    payload: Mapping[str, Any] | bytes
    at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Pages count from 0; `total` is at most KEPT."""

    entries: tuple[LogEntry, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """One stored delivery. `event` is that of its hook; `due_at` when it is tried next. Moments are UTC."""

    id: UUID
    provider: str
    integration_id: UUID | None
    event: str
    body: bytes
    state: str
    attempts: int
    error: str
    due_at: datetime
    received_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Failures:
    """What needs a person at the active CRM: writes, and deliveries that could not be followed."""

    operations: int
    deliveries: int

    @property
    def total(self) -> int:
        return self.operations + self.deliveries
