"""Everything the stand-in holds: records, users' secrets, settings, switches, and what it has seen."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from sandbox.clock import Clock
from sandbox.espocrm import entities
from sandbox.espocrm.faults import switches
from sandbox.espocrm.indexes import Indexes
from sandbox.espocrm.schema import Entity, FieldDef, catalogue
from sandbox.faults import Faults

VERSIONS = ("9.2.7", "10.0.0")

KEPT = ("clock", "version", "base_url", "revision", "_last_id")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """How a user signs in: an API user by key (and secret), a person by password."""

    api_key: str | None = None
    secret_key: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came: `user_id` is None when it was not let in."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    status: int
    at: str
    user_id: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record and that some webhook listens to."""

    name: str
    user_id: str
    data: Record


@dataclass(slots=True)
class QueueItem:
    """One event on its way to one webhook."""

    hook_id: str
    event: Event
    status: str = "Pending"
    attempts: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST to a receiver: `status` 0 means that there was no answer; `error` says why."""

    hook_id: str
    event: str
    url: str
    body: str
    status: int
    outcome: str
    at: str
    error: str = ""


@dataclass
class Settings:
    """What an admin sets in Administration."""

    maintenance: bool = False
    default_currency: str = "RUB"
    currencies: tuple[str, ...] = ("RUB", "USD", "EUR")
    language: str = "ru_RU"
    allowed_webhook_hosts: tuple[str, ...] | None = None


@dataclass
class State:
    """The whole CRM in memory; one instance is one installation.

    Records are dicts of stored attributes, without computed ones such as `assignedUserName`.
    """

    clock: Clock
    version: str = "10.0.0"
    settings: Settings = field(default_factory=Settings)
    entities: dict[str, Entity] = field(default_factory=lambda: catalogue(entities.ALL))
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    indexes: Indexes = field(default_factory=Indexes)
    accounts: dict[str, Account] = field(default_factory=dict)
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    denied: dict[str, list[datetime]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    queue: list[QueueItem] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    faults: Faults = field(default_factory=switches)
    chance: Random = field(default_factory=lambda: Random(1))  # noqa: S311
    hidden_fields: dict[tuple[str, str], FieldDef] = field(default_factory=dict)
    revision: int = 0
    note_number: int = 0
    metadata_changed: int = 0
    base_url: str = ""
    _last_id: int = 0

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise ValueError(f"version {self.version} is not one of {', '.join(VERSIONS)}")
        self.metadata_changed = int(self.clock.now().timestamp())

    def clear(self) -> None:
        """Forget everything but the clock and the version; ids go on growing."""
        fresh = State(self.clock, self.version, base_url=self.base_url)
        for item in fields(self):
            if item.name not in KEPT:
                setattr(self, item.name, getattr(fresh, item.name))
        self.touch()

    @property
    def is_10(self) -> bool:
        """Whether the stand-in answers as 10.0.0."""
        return self.version.startswith("10.")

    def stamp(self) -> str:
        """Now in the API's form: UTC `YYYY-MM-DD HH:MM:SS` without a zone."""
        return self.clock.calendar().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

    def new_id(self) -> str:
        """A 17-character hex id that grows with time, as EspoCRM makes them."""
        moment = int(self.clock.now().timestamp() * 1_000_000)
        self._last_id = max(moment, self._last_id + 1)
        seconds, micros = divmod(self._last_id, 1_000_000)
        return f"{seconds:08x}{micros:05x}{secrets.token_hex(2)}"

    def table(self, entity: str) -> dict[str, Record]:
        """The records of an entity type by id, in order of creation."""
        return self.records.setdefault(entity, {})

    def find(self, entity: str, record_id: Any) -> Record | None:
        """A record by id, or None when there is none or the id is no string."""
        return self.table(entity).get(record_id) if isinstance(record_id, str) else None

    def all(self, entity: str) -> Iterable[Record]:
        """The records of an entity type in order of creation."""
        return self.table(entity).values()

    def store(self, entity: str, record: Record) -> None:
        """Keep a new or a changed record."""
        self.table(entity)[record["id"]] = record
        self.indexes.add(entity, record)
        self.touch()

    def touch(self) -> None:
        """Tell the page that something has changed."""
        self.revision += 1

    def define_field(self, entity: str, name: str, definition: FieldDef) -> None:
        """Add or replace a field; it works at once for every key."""
        known = self.entities[entity]
        self.entities[entity] = replace(known, fields={**known.fields, name: definition})
        self._metadata_has_changed()

    def drop_field(self, entity: str, name: str) -> FieldDef | None:
        """Take a field out of the metadata; stored values stay but are not seen any more."""
        known = self.entities[entity]
        fields = {key: value for key, value in known.fields.items() if key != name}
        self.entities[entity] = replace(known, fields=fields)
        self._metadata_has_changed()
        return known.fields.get(name)

    def define_entity(self, entity: Entity) -> None:
        """Add an entity type, or put a changed definition in the place of the old one."""
        self.entities[entity.name] = entity
        self._metadata_has_changed()

    def _metadata_has_changed(self) -> None:
        self.metadata_changed = max(int(self.clock.now().timestamp()), self.metadata_changed + 1)
        self.touch()
