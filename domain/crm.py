"""What the product and a CRM adapter tell each other. No vendor's words in here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.leads import Money, StageKind


@dataclass(frozen=True, slots=True)
class CrmStage:
    """Our stage as an adapter sees it: `key` is the default stage's key or, once renamed, its id."""

    key: str
    name: str
    kind: StageKind


@dataclass(frozen=True, slots=True)
class CrmLead:
    """A whole lead to be written. `our_id` is the idempotency key that the CRM must keep for us."""

    our_id: str
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
    utm: Mapping[str, str]
    custom: Mapping[str, str]
    stage: CrmStage
    assignee_external_id: str | None = None
    segment: str = ""
    product: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class CrmActivity:
    """A call, meeting, task, note or messenger click on a lead. Times are UTC, `duration` in seconds.

    `outcome` is empty for what is logged; for a task or meeting whose record is changed it says how it
    stands: open, done or cancelled.
    """

    our_id: str
    type: str
    title: str
    text: str
    result: str
    at: datetime
    duration: int = 0
    outgoing: bool = True
    assignee_external_id: str | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class RemoteRef:
    """Their record: id, a page a person can open, and the number they show people, where there is one.
    `held`, after a write whose answer tells it: what the record holds now, like RemoteLead.values."""

    id: str
    url: str = ""
    number: str = ""
    held: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RemoteLead:
    """Their lead in our words. `status` is the CRM's own status; `our_id` is empty where it is not ours.

    `values` are fields of CrmLead in its types, as far as the mapping leads back and the record was read: a
    missing one is not known, which is not the same as empty. `modified_at` is the record's last change, or,
    where not `dated`, merely the latest moment that it tells of.
    """

    ref: RemoteRef
    our_id: str
    status: str
    name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    modified_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    dated: bool = True


class MatchedBy(StrEnum):
    OUR_ID = "our_id"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Match:
    """A record that may be ours already, and how it was recognised."""

    lead: RemoteLead
    by: MatchedBy


class CrmEventKind(StrEnum):
    LEAD_CREATED = "lead.created"
    LEAD_CHANGED = "lead.changed"
    LEAD_DELETED = "lead.deleted"
    TRANSACTION_CHANGED = "transaction.changed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CrmEvent:
    """One thing a CRM told us. `changed` holds the vendor's attributes as they came; the record is read
    back before anything is believed. `event_id` is empty where the vendor sends none. A change of
    transactions without an external id is a hint to walk through all that has changed."""

    kind: CrmEventKind
    external_id: str
    changed: Mapping[str, Any] = field(default_factory=dict)
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something an admin should mend: a stable code with parameters; `fatal` stops the traffic."""

    code: str
    fatal: bool = False
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """The verdict of a connection test: who we are there, which version, and what is wrong."""

    account: str
    version: str
    problems: tuple[Problem, ...] = ()

    @property
    def usable(self) -> bool:
        return not any(problem.fatal for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook registered at the CRM: which event goes to which URL, its id and secret there."""

    event: str
    url: str
    external_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class RemoteUser:
    id: str
    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class RemoteStage:
    """`id` is what the CRM stores in the lead; `kind` as far as the CRM tells it."""

    id: str
    name: str
    kind: StageKind | None = None


class FieldType(StrEnum):
    """What a field of the CRM holds, as far as a mapping cares; OTHER: links, files and the like."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    PHONE = "phone"
    EMAIL = "email"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RemoteField:
    """A field of the CRM. `name` is what the mapping writes to, `title` what people read there; `options`
    are (stored value, what people read) of a choice, `longest` the most characters it takes (0: unknown).

    `record` is the mapping's table that the field belongs to: a lead may become several records there.
    `also` are other names by which a mapping may call the field, in any case; where `by_title` an option may
    be written by what people read as well.
    """

    name: str
    title: str
    type: FieldType
    required: bool = False
    custom: bool = False
    writable: bool = True
    options: tuple[tuple[str, str], ...] = ()
    record: str = "lead"
    longest: int = 0
    also: tuple[str, ...] = ()
    by_title: bool = False
