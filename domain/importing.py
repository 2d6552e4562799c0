"""Imports: what a column may mean, how an import is set up, and what becomes of a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.table_text import Dialect

FILE_LIMIT = 20_000_000
"""Bytes that Telegram lets a bot fetch: 20 MB."""

ROW_LIMIT = 50_000
COLUMN_LIMIT = 100
UNPACKED_LIMIT = 300_000_000
"""Bytes that a spreadsheet may take once its zip is unpacked."""

IGNORE = "ignore"
CUSTOM = "custom."
"""Before the key of a field of the organization's own."""

FIELDS = (
    "name", "last_name", "first_name", "middle_name", "company", "phone", "email", "inn", "amount", "note",
    "stage", "pipeline", "assignee", "tags", "source", "segment", "product", "region", "referral_code",
    "created_at", "utm.source", "utm.medium", "utm.campaign", "utm.content", "utm.term",
)  # fmt: skip
"""What a column may be, in the order in which it is offered; besides custom fields and IGNORE."""

SEVERAL = frozenset({"phone", "email", "note", "tags"})
"""Fields that several columns may be at once."""


class ImportState(StrEnum):
    """preview: waits for Start; running, stopping, undoing: a job is at it; cancelled: stopped in the middle,
    what is in stays; failed: given up after several tries, and can be tried again; discarded: never begun;
    purchases: a job makes purchases of its rows, and no leads; purchased: it has; purchases_failed: given up
    after several tries, as failed."""

    PREVIEW = "preview"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"
    PURCHASES = "purchases"
    PURCHASED = "purchased"
    PURCHASES_FAILED = "purchases_failed"


class Duplicates(StrEnum):
    """What becomes of a row whose contact a lead here has: left out, its lead brought up to date, or kept
    for a person to decide."""

    SKIP = "skip"
    UPDATE = "update"
    ASK = "ask"


class Verdict(StrEnum):
    """twin: the same contact stands in a row above; known: a lead has it and stays as it is; asked: waits
    for a person."""

    NEW = "new"
    UPDATED = "updated"
    KNOWN = "known"
    TWIN = "twin"
    ASKED = "asked"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Table:
    """A file as packed text (see domain.table_text). `header` is empty where no row names the columns; rows
    are counted from 1, as a
    spreadsheet does, `first` is the first with data. `kind` is csv or xlsx."""

    body: bytes
    dialect: Dialect
    kind: str
    header: tuple[str, ...]
    first: int
    rows: int
    width: int
    sample: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """How the table is to be understood. `columns` has a field or IGNORE for each column; `assign` is rules
    or nobody; `stage` None: the first one."""

    columns: tuple[str, ...]
    region: str
    duplicates: Duplicates = Duplicates.SKIP
    stage: UUID | None = None
    assign: str = "nobody"
    to_crm: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": list(self.columns),
            "region": self.region,
            "duplicates": self.duplicates.value,
            "stage": str(self.stage) if self.stage else "",
            "assign": self.assign,
            "to_crm": self.to_crm,
        }


def read_setup(stored: Mapping[str, Any]) -> Setup:
    """The set-up that `as_json` wrote."""
    return Setup(
        tuple(stored["columns"]),
        stored["region"],
        Duplicates(stored["duplicates"]),
        UUID(stored["stage"]) if stored["stage"] else None,
        stored["assign"],
        stored["to_crm"],
    )


@dataclass(slots=True)
class RowLead:
    """The lead of one row, every value read. Contacts are (normalised, as typed); None: not said."""

    row: int
    name: str = ""
    company: str = ""
    phones: Mapping[str, str] = field(default_factory=dict)
    emails: Mapping[str, str] = field(default_factory=dict)
    inn: str = ""
    amount: Decimal | None = None
    note: str = ""
    source: str = ""
    segment: str = ""
    product: str = ""
    region: str = ""
    referral_code: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)
    custom: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    stage: UUID | None = None
    assignee: UUID | None = None
    created_at: datetime | None = None

    def contacts(self) -> list[str]:
        """What makes it a duplicate: phones, e-mails and the INN."""
        return [*self.phones, *self.emails, *([self.inn] if self.inn else ())]


@dataclass(frozen=True, slots=True)
class BadRow:
    """`reason` is field.why, such as phone.invalid; `column` counts from 0, -1: the row as a whole."""

    row: int
    reason: str
    column: int = -1

    def stored(self) -> str:
        return f"{self.reason}@{self.column}"


def read_reason(stored: str) -> tuple[str, int]:
    """(reason, column) of what `BadRow.stored` wrote."""
    reason, _, column = stored.partition("@")
    return reason, int(column or -1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a dry run found: rows by verdict (asked stands under known), and why rows are bad, by reason and
    column."""

    verdicts: dict[str, int]
    reasons: dict[str, int]

    def of(self, verdict: Verdict) -> int:
        return self.verdicts.get(verdict.value, 0)


@dataclass(frozen=True, slots=True)
class Import:
    """One import as people see it. `done` are rows worked off; `forecast` is None until a dry run has been
    made with these columns."""

    id: UUID
    organization_id: UUID
    member_id: UUID | None
    name: str
    kind: str
    state: ImportState
    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    setup: Setup
    total: int
    done: int
    verdicts: Mapping[str, int]
    forecast: Forecast | None
    undone: int
    kept: int
    created_at: datetime
    finished_at: datetime | None

    @property
    def waiting(self) -> int:
        """Rows that wait for a person."""
        return self.verdicts.get(Verdict.ASKED.value, 0)
