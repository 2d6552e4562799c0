"""Leads, their stages and the verdict on duplicates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.answer_times import OPEN_TO_ALL


class StageKind(StrEnum):
    OPEN = "open"
    QUALIFIED = "qualified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stage:
    """`key` is set for a preset's stage that nobody has renamed: its name is translated on the screen.

    `required` are the fields a lead must have to come here: see domain/pipelines.py.
    """

    id: UUID
    key: str | None
    name: str
    position: int
    color: str
    kind: StageKind
    pipeline_id: UUID | None = None
    required: tuple[str, ...] = ()


DEFAULT_STAGES: tuple[tuple[str, str, StageKind], ...] = (
    ("new", "🔵", StageKind.OPEN),
    ("call", "🟡", StageKind.OPEN),
    ("meeting", "🟠", StageKind.OPEN),
    ("negotiation", "🟣", StageKind.OPEN),
    ("qualified", "🟢", StageKind.QUALIFIED),
    ("refused", "🔴", StageKind.FAILED),
)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount; `currency` is an ISO 4217 code."""

    amount: Decimal
    currency: str = "RUB"


@dataclass(frozen=True, slots=True)
class LeadDraft:
    """What a sender gave. Phones and e-mails may still be as typed: the use case normalises them.

    Without a pipeline the lead begins in the default one, and without a stage on the first one.
    """

    name: str = ""
    company: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    inn: str = ""
    amount: Decimal | None = None
    note: str = ""
    source: str = "telegram"
    referral_code: str = ""
    utm: dict[str, str] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    pipeline_id: UUID | None = None
    stage_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as the product holds it. Phones are E.164, primary first; times are UTC."""

    id: UUID
    organization_id: UUID
    number: int
    name: str
    company: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    inn: str
    amount: Money | None
    note: str
    source: str
    referral_code: str
    utm: dict[str, str]
    custom: dict[str, str]
    stage: Stage
    assignee_id: UUID | None
    assignee_name: str
    sender_id: UUID | None
    sender_name: str
    version: int
    created_at: datetime
    updated_at: datetime
    taken_at: datetime | None = None
    withdrawn_at: datetime | None = None
    deleted_at: datetime | None = None
    segment: str = ""
    product: str = ""
    region: str = ""
    customer_id: UUID | None = None
    assigned_by: Mapping[str, Any] = field(default_factory=dict)
    escalate_at: datetime | None = None
    escalations: int = 0

    @property
    def title(self) -> str:
        return self.name or self.company

    @property
    def is_up_for_all(self) -> bool:
        """Nobody has answered in time: whoever may take leads may take it (see domain/answer_times.py)."""
        return self.assignee_id is None or self.escalations >= OPEN_TO_ALL

    @property
    def is_open(self) -> bool:
        return self.withdrawn_at is None and self.deleted_at is None and self.stage.kind is StageKind.OPEN


class Verdict(StrEnum):
    """What the duplicate check says to the person who asks."""

    NEW = "new"
    YOURS = "yours"
    TAKEN = "taken"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class DuplicateVerdict:
    """`owner_name` and `since` are filled only when the asker may know them; `lead_id` likewise.

    `taken`: somebody is responsible for it. `closed`: a free one was refused or withdrawn, and is not
    merely old.
    """

    verdict: Verdict
    lead_id: UUID | None = None
    number: int | None = None
    owner_name: str = ""
    since: datetime | None = None
    matched: str = ""
    taken: bool = False
    closed: bool = False

    @property
    def stands_in_the_way(self) -> bool:
        """Whether no other lead may have the contact now."""
        return self.verdict in (Verdict.YOURS, Verdict.TAKEN)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """`old` and `new` as people read them; see domain.history for the exact ones."""

    at: datetime
    actor: str
    field: str
    old: str
    new: str
    origin: str
    id: UUID | None = None
    exact_old: str = ""
    exact_new: str = ""


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """`stage` is a stage id; `owner` one of all, mine, unassigned, sent."""

    stage: UUID | None = None
    owner: str = "all"


@dataclass(frozen=True, slots=True)
class LeadPage:
    leads: tuple[Lead, ...]
    total: int
    page: int
    pages: int
