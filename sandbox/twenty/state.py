"""Everything the stand-in holds: records, the data model, keys, webhooks, switches, and what it has seen."""

import asyncio
import secrets
import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from sandbox.clock import Clock
from sandbox.exchange import Seen
from sandbox.faults import Faults
from sandbox.twenty import schema
from sandbox.twenty.faults import switches
from sandbox.twenty.limits import Limits

Record = dict[str, Any]
KEPT = ("clock", "base_url", "limits", "ways", "wake")


@dataclass(frozen=True, slots=True)
class Ways:
    """How versions differ: `prefix` of the columns that link notes, whether metadata come in the new
    envelope, whether a missing token is a 401, whether micros are told as text, and whether a filter looks
    into JSON such as further phones."""

    prefix: str = "target"
    new_metadata: bool = True
    missing_token_is_401: bool = False
    micros_as_text: bool = False
    json_is_searched: bool = True


OLDER = Ways(prefix="", new_metadata=False, missing_token_is_401=True, micros_as_text=True)


@dataclass(frozen=True, slots=True)
class Key:
    """An API key and its role. `objects`: plurals that it may touch, None for all."""

    id: str
    until: datetime | None = None
    objects: frozenset[str] | None = None
    data_model: bool = True


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something: a key over the API, or a member on the page."""

    key_id: str = ""
    member_id: str = ""

    @property
    def shown(self) -> Record:
        """As createdBy tells it."""
        source = "API" if self.key_id else "MANUAL"
        return {"source": source, "workspaceMemberId": self.member_id or None, "name": "", "context": {}}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events go; without a secret nothing is signed."""

    id: str
    url: str
    operations: tuple[str, ...]
    description: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record, for the webhooks."""

    object: schema.Object
    action: str
    record: Record
    actor: Actor
    at: str
    updated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to a receiver: `status` 0 means that there was no answer. It is never repeated."""

    webhook_id: str
    event: str
    url: str
    body: str
    status: int
    at: str


@dataclass
class State:
    """One workspace in memory. Records are as the API shows them, deleted ones among them."""

    clock: Clock
    ways: Ways = field(default_factory=Ways)
    limits: Limits = field(default_factory=Limits)
    base_url: str = ""
    workspace_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    objects: dict[str, schema.Object] = field(default_factory=dict)
    tables: dict[str, dict[str, Record]] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    events: deque[tuple[Webhook, Event]] = field(default_factory=deque)
    deliveries: list[Delivery] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    faults: Faults = field(default_factory=switches)
    hidden_fields: dict[tuple[str, str], schema.Field] = field(default_factory=dict)
    internal_hosts: tuple[str, ...] | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def clear(self) -> None:
        """Forget everything but the clock, the limits and the version's ways."""
        fresh = State(self.clock, self.ways)
        for item in fields(self):
            if item.name not in KEPT:
                setattr(self, item.name, getattr(fresh, item.name))

    def stamp(self) -> str:
        """Now as the API writes it: ISO in UTC with milliseconds and a Z."""
        return self.clock.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def new_id(self) -> str:
        return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))

    def table(self, plural: str) -> dict[str, Record]:
        """The records of an object by id, deleted ones too."""
        return self.tables.setdefault(plural, {})

    def live(self, plural: str) -> Iterable[Record]:
        """The records that are not deleted, in order of creation."""
        return (record for record in self.table(plural).values() if not record["deletedAt"])

    def find(self, plural: str, record_id: str) -> Record | None:
        """A record that is not deleted."""
        record = self.table(plural).get(record_id)
        return None if record is None or record["deletedAt"] else record

    def named(self, singular: str) -> schema.Object:
        """An object by its singular. KeyError when there is none."""
        for one in self.objects.values():
            if one.singular == singular:
                return one
        raise KeyError(singular)

    def put_field(self, singular: str, new: schema.Field) -> None:
        """Add a field, or put a changed one in the place of the old."""
        known = self.named(singular)
        self.objects[known.plural] = replace(known, fields={**known.fields, new.name: new})
        for record in self.table(known.plural).values():
            if new.column:
                record.setdefault(new.column, None)

    def drop_field(self, singular: str, name: str) -> schema.Field | None:
        """Take a field out; stored values stay but are not seen any more."""
        known = self.named(singular)
        rest = {key: one for key, one in known.fields.items() if key != name}
        self.objects[known.plural] = replace(known, fields=rest)
        return known.fields.get(name)
