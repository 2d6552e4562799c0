"""Everything the stand-in holds: restaurants, keys, orders, guests, hooks, switches, what it has seen."""

import asyncio
from collections import deque
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.exchange import Seen
from sandbox.faults import Faults
from sandbox.iiko.faults import switches

Record = dict[str, Any]
KEPT = ("clock", "base_url", "zone", "wake", "_revision")
TABLES = ("deliveries", "tables", "customers")


@dataclass(frozen=True, slots=True)
class Key:
    """An API login or key: its name, its restaurants, and the groups of methods that it lacks."""

    name: str
    organizations: tuple[str, ...]
    app_id: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """What a key was given for an hour."""

    key: Key
    until: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A webhook on its way: a list of events. It is sent once, whatever is answered."""

    url: str
    token: str
    events: list[Record]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that was sent: `status` 0 means that there was no answer."""

    url: str
    events: list[Record]
    status: int
    at: str


@dataclass
class State:
    """One customer of iiko in memory. Moments of orders are aware; answers show them in local time."""

    clock: Clock
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))
    base_url: str = ""
    keys: dict[str, Key] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    organizations: dict[str, Record] = field(default_factory=dict)
    tables: dict[str, dict[str, Record]] = field(default_factory=dict)
    hooks: dict[tuple[str, str], Record] = field(default_factory=dict)
    outgoing: deque[Outgoing] = field(default_factory=deque)
    deliveries: list[Delivery] = field(default_factory=list)
    movements: list[Record] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    faults: Faults = field(default_factory=switches)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _revision: int = 0

    def clear(self) -> None:
        """Forget everything but the clock; revisions go on growing."""
        fresh = State(self.clock)
        for item in fields(self):
            if item.name not in KEPT:
                setattr(self, item.name, getattr(fresh, item.name))

    def stamp(self) -> str:
        """Now in UTC, as the API writes moments."""
        return self.clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]

    def local(self, moment: datetime | None) -> str | None:
        """A moment in the terminal's own time, which no offset goes with."""
        if moment is None:
            return None
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]

    def next_revision(self) -> int:
        """Milliseconds, and never the same twice."""
        self._revision = max(self._revision + 1, int(self.clock.now().timestamp() * 1000))
        return self._revision

    @property
    def revision(self) -> int:
        """The newest there is."""
        return self._revision

    def table(self, name: str) -> dict[str, Record]:
        return self.tables.setdefault(name, {})
