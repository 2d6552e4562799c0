"""What an adapter is: a manifest and the small Protocols it chooses to fulfil.

An adapter never sleeps, retries or stores anything. A call ends in a value or in a class of
domain.errors.CrmError; the outbox decides what happens next.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from crm_adapters.credentials import Renew
from crm_adapters.http import Call, CrmHttp
from domain.crm import (
    ConnectionReport,
    CrmActivity,
    CrmEvent,
    CrmLead,
    Match,
    RemoteField,
    RemoteLead,
    RemoteRef,
    RemoteStage,
    RemoteUser,
    Subscription,
)
from domain.errors import CrmError


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing an admin must give to connect. `secret` ones are encrypted and never shown again."""

    name: str
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Way:
    """One way to sign in: the settings that it takes, in the order in which an admin is asked for them.

    With `login` the CRM's own page asks the admin for consent; what that brings is never typed.
    """

    name: str
    settings: tuple[str, ...]
    login: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """What one account of the CRM takes: `burst` requests at once after a rest, then `per_second` of them,
    never more than `at_once` unanswered. Kept above the adapters, by all processes together."""

    burst: float = 10
    per_second: float = 10.0
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class Manifest:
    """`name` is the word in URLs, settings and tables; `title` is the product's own spelling. Without `ways`
    every setting is asked for; `extras` are asked for by none and may be added later. `seeded_secret` is the
    setting that CRM_SECRET of the environment is. `serves` says what it can be connected for: leads,
    transactions, or both."""

    name: str
    title: str
    settings: tuple[Setting, ...]
    webhook_events: tuple[str, ...] = ()
    supported_versions: str = ""
    ways: tuple[Way, ...] = ()
    extras: tuple[str, ...] = ()
    seeded_secret: str = "secret"  # noqa: S105 - a setting's name
    pace: Pace = Pace()
    serves: frozenset[str] = frozenset({"leads"})


@dataclass(frozen=True, slots=True)
class Connection:
    """All an adapter may know of an integration: its settings in clear, its mapping, the HTTP client, and
    how refreshed tokens are kept (see credentials.Credentials; None: in the adapter's memory only)."""

    settings: Mapping[str, str] = field(repr=False)
    mapping: Mapping[str, Any]
    http: CrmHttp
    now: Callable[[], datetime]
    renew: Renew | None = None


@runtime_checkable
class Tests(Protocol):
    async def test(self) -> ConnectionReport:
        """Check key, rights, version and the fields the mapping needs. Raises CrmError when unreachable."""
        ...


@runtime_checkable
class Leads(Protocol):
    async def find_lead(self, lead: CrmLead) -> Sequence[Match]:
        """Records that may be this lead: by our id first; only if none, by phone and e-mail."""
        ...

    async def read_lead(self, external_id: str) -> RemoteLead:
        """The record as it is now. Raises CrmGone when it was deleted."""
        ...

    async def create_lead(self, lead: CrmLead) -> RemoteRef:
        """Write a new record. Raises CrmUncertain when the answer was lost."""
        ...

    async def update_lead(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        """Bring the named fields (names of CrmLead, e.g. stage, amount) up to date. Raises CrmGone."""
        ...

    def stage_status(self, key: str, kind: str) -> str:
        """The CRM's status that our stage is written as; the CRM's status of the kind if unmapped."""
        ...


@runtime_checkable
class ReadsBack(Protocol):
    def kept(self, lead: CrmLead) -> Mapping[str, Any]:
        """What reading the record back would tell once the whole lead was written: RemoteLead.values."""
        ...


@runtime_checkable
class LeadBatches(Protocol):
    batch_size: int
    """The most leads that one call takes."""

    async def find_leads(self, leads: Sequence[CrmLead]) -> Sequence[Sequence[Match] | CrmError]:
        """What find_lead says of each lead, or its own error, in order, in as few requests as there can be.
        Raises what became of the requests as a whole."""
        ...

    async def create_leads(self, leads: Sequence[CrmLead]) -> Sequence[RemoteRef | CrmError]:
        """Make up to batch_size records in one request: for each lead its record or its own error, in order.
        Raises what became of the request as a whole (CrmUncertain: search for every one of them)."""
        ...


@runtime_checkable
class Activities(Protocol):
    async def find_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef | None:
        """An earlier attempt's record, or None; None too where the CRM offers no way to look."""
        ...

    async def log_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef:
        """Write the activity under the lead."""
        ...


@runtime_checkable
class ActivityChanges(Protocol):
    async def change_activity(self, lead_external_id: str, external_id: str, activity: CrmActivity) -> bool:
        """Bring a task or meeting that was logged under this id up to date: words, moment, whom, outcome.

        False where the CRM keeps it as a note, which nobody changes. Raises CrmGone when it was deleted.
        """
        ...


@runtime_checkable
class Stages(Protocol):
    async def stages(self) -> Sequence[RemoteStage]:
        """The statuses a lead can have there, in the CRM's order."""
        ...


@runtime_checkable
class Users(Protocol):
    async def users(self) -> Sequence[RemoteUser]:
        """People who can be made responsible for a lead."""
        ...


@runtime_checkable
class Fields(Protocol):
    async def lead_fields(self) -> Sequence[RemoteField]:
        """The fields of the record that a lead becomes there, in the CRM's order."""
        ...


@runtime_checkable
class FieldMaker(Protocol):
    async def create_field(self, field: RemoteField) -> RemoteField:
        """Add a custom field to the record that a lead becomes; returns it as the CRM named it. Raises
        CrmAccessLost when the key may not, CrmRejected when it cannot be made so."""
        ...


@runtime_checkable
class Changes(Protocol):
    async def changed_since(self, moment: datetime, limit: int) -> Sequence[RemoteLead]:
        """Leads modified at or after `moment` (UTC), oldest first, at most `limit`."""
        ...


@runtime_checkable
class Webhooks(Protocol):
    async def subscribe(self, event: str, url: str) -> Subscription:
        """Register one event to one URL; an equal registration that stands already is replaced."""
        ...

    async def unsubscribe(self, external_id: str) -> None:
        """Remove a registration; one that is gone already is no error."""
        ...


@runtime_checkable
class WebhooksListed(Protocol):
    async def standing(self) -> frozenset[str]:
        """External ids of the registrations that stand and are switched on."""
        ...


@runtime_checkable
class WebhooksByHand(Protocol):
    def webhook_by_hand(self, url: str) -> Subscription:
        """Where an admin must register `url` in the CRM: `event` lists what to tick, `secret` proves the
        deliveries, empty as long as the settings lack it. Nothing is called."""
        ...


Verify = Callable[[Mapping[str, str], bytes, str, str], None]
"""(headers with lower-case names, raw body, external id of the subscription, secret) -> None, or raises
WebhookRefused. Pure."""

Parse = Callable[[str, bytes], Sequence[CrmEvent]]
"""(event of the URL, raw body) -> events; raises BadInput for a body that is no JSON. Pure."""


Pretend = Callable[[Call], Any]
"""(a request that is not sent) -> what the CRM would answer, its new records bearing trials.NEW. Pure."""


@dataclass(frozen=True, slots=True)
class Login:
    """OAuth in the browser. `page` makes the address of the page where an admin agrees, which ends at the
    redirect address with our `state`. `settle` turns what came back there (the query's parameters) into
    the settings to keep; it raises BadInput for an answer that does not fit, CrmError when it is refused."""

    page: Callable[[Mapping[str, str], str], str]
    settle: Callable[[Mapping[str, str], Mapping[str, str], CrmHttp, datetime], Awaitable[Mapping[str, str]]]


def plain_address(url: str) -> str:
    """An address as it was given, without what never matters."""
    return url.strip().rstrip("/")


@dataclass(frozen=True, slots=True)
class Provider:
    """One line of PROVIDERS: everything the product knows of a kind of CRM. `address` finds the account's
    address in any page of it; `completed` derives settings from others; `introduced` reads the secret that
    later deliveries bear out of the first one at a secret address of ours."""

    manifest: Manifest
    build: Callable[[Connection], Any]
    default_mapping: Mapping[str, Any]
    verify: Verify
    parse: Parse
    check_settings: Callable[[Mapping[str, str]], None]
    notes: Mapping[str, str] = field(default_factory=dict)
    address: Callable[[str], str] = plain_address
    completed: Callable[[Mapping[str, str]], Mapping[str, str]] = dict
    login: Login | None = None
    introduced: Callable[[bytes], str] | None = None
    pretend: Pretend = lambda call: None
