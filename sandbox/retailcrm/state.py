"""Everything the stand-in holds: records, history, keys, settings, switches, and what it has seen."""

import asyncio
from collections import deque
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.exchange import Seen
from sandbox.faults import Faults
from sandbox.retailcrm.faults import switches

Record = dict[str, Any]
KEPT = ("clock", "zone", "base_url", "limits", "_last", "wake")


@dataclass(frozen=True, slots=True)
class Key:
    """An API key: what it may, and which shops it sees. None: all of them (access_full)."""

    text: str
    scopes: frozenset[str]
    sites: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something: a key over the API, or a person on the page."""

    source: str
    key: str = ""
    user_id: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a second that a key may make: to telephony, and to all the rest."""

    others: int = 10
    telephony: int = 40


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a history: `flags` are created, deleted."""

    id: int
    at: str
    actor: Actor
    field: str
    old: Any
    new: Any
    record: Record
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """What an admin has set under Triggers: an event, an address, and parameters with Twig values.

    `encoding` is query, form or json. `skip_api` stands for the condition "not changed over the API".
    """

    id: int
    event: str
    url: str
    params: dict[str, str]
    method: str = "POST"
    encoding: str = "form"
    skip_api: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request of a trigger that has not been sent yet."""

    trigger: Trigger
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to a receiver: `status` 0 means that there was no answer. It is never repeated."""

    trigger_id: int
    event: str
    url: str
    params: dict[str, str]
    status: int
    at: str


@dataclass
class State:
    """One account in memory. Records are as the API shows them; times are the account's own."""

    clock: Clock
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))
    limits: Limits = field(default_factory=Limits)
    base_url: str = ""
    shows_order: bool = True
    versions: tuple[str, ...] = ("3.0", "4.0", "5.0")
    keys: dict[str, Key] = field(default_factory=dict)
    tables: dict[str, dict[int, Record]] = field(default_factory=dict)
    history: dict[str, list[Change]] = field(default_factory=dict)
    combined: dict[tuple[str, int], int] = field(default_factory=dict)
    merged_ids: dict[tuple[str, str, str], int] = field(default_factory=dict)
    references: dict[str, dict[str, Record]] = field(default_factory=dict)
    custom_fields: dict[tuple[str, str], Record] = field(default_factory=dict)
    dictionaries: dict[str, Record] = field(default_factory=dict)
    users: dict[int, Record] = field(default_factory=dict)
    modules: dict[str, Record] = field(default_factory=dict)
    triggers: dict[int, Trigger] = field(default_factory=dict)
    outgoing: deque[Outgoing] = field(default_factory=deque)
    deliveries: list[Delivery] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    recent: dict[tuple[str, str], deque[datetime]] = field(default_factory=dict)
    faults: Faults = field(default_factory=switches)
    hidden_fields: dict[tuple[str, str], Record] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _last: dict[str, int] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything but the clock, the zone and the limits; ids go on growing."""
        fresh = State(self.clock)
        for item in fields(self):
            if item.name not in KEPT:
                setattr(self, item.name, getattr(fresh, item.name))

    def stamp(self) -> str:
        """Now as the API writes it: `Y-m-d H:i:s` in the account's zone, without an offset."""
        return self.clock.now().astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def utc(self) -> str:
        return self.clock.now().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

    def new_id(self, kind: str, first: int = 1) -> int:
        """A growing number of its own kind."""
        self._last[kind] = self._last.get(kind, first - 1) + 1
        return self._last[kind]

    def table(self, entity: str) -> dict[int, Record]:
        """The records of orders, customers, tasks, notes or calls by id."""
        return self.tables.setdefault(entity, {})

    def merged(self, entity: str, gone: Record, result: int) -> None:
        """Asked for by its id or externalId, the record names the one it lives on in."""
        self.combined[entity, gone["id"]] = result
        if gone.get("externalId"):
            self.merged_ids[entity, gone["site"], gone["externalId"]] = result

    def note(
        self, entity: str, actor: Actor, record: Record, name: str, old: Any, new: Any, *flags: str
    ) -> None:
        """Put one change into the history of orders, customers or tasks."""
        entry = Change(
            self.new_id(f"history {entity}", 51_201), self.stamp(), actor, name, old, new, record, flags
        )
        self.history.setdefault(entity, []).append(entry)
