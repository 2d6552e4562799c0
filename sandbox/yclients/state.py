"""Everything the stand-in holds: branches, records, money, clients, hooks, switches, what it has seen."""

import asyncio
from collections import deque
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.exchange import Seen
from sandbox.faults import Faults
from sandbox.yclients.faults import switches

Record = dict[str, Any]
KEPT = ("clock", "zone", "base_url", "limits", "shape", "filters_in", "most", "_last", "wake")
TABLES = ("records", "transactions", "clients")


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests of one address: within a second, and within a minute."""

    second: int = 5
    minute: int = 200


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A webhook on its way. It is sent once, whatever is answered."""

    url: str
    body: Record


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that was sent: `status` 0 means that there was no answer."""

    url: str
    body: Record
    status: int
    at: str


@dataclass
class State:
    """One chain in memory. Moments are aware; records are kept in the shape of numbers.

    `shape` numbers or strings: which of the two manners that live accounts mix an answer has. `filters_in`
    local or utc: the clock that changed_after is read by, which is not documented. `most` is the longest
    page, whatever `count` asks for.
    """

    clock: Clock
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))
    limits: Limits = field(default_factory=Limits)
    shape: str = "numbers"
    filters_in: str = "local"
    most: int = 300
    base_url: str = ""
    partner_token: str = ""
    users: dict[str, frozenset[int]] = field(default_factory=dict)
    logins: dict[tuple[str, str], str] = field(default_factory=dict)
    companies: dict[int, Record] = field(default_factory=dict)
    tables: dict[str, dict[int, Record]] = field(default_factory=dict)
    hooks: dict[int, Record] = field(default_factory=dict)
    outgoing: deque[Outgoing] = field(default_factory=deque)
    deliveries: list[Delivery] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    recent: deque[datetime] = field(default_factory=deque)
    faults: Faults = field(default_factory=switches)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _last: dict[str, int] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything but the clock and what the stand-in was started with; ids go on growing."""
        fresh = State(self.clock)
        for item in fields(self):
            if item.name not in KEPT:
                setattr(self, item.name, getattr(fresh, item.name))

    def stamp(self) -> str:
        """Now in the branch's time, with its offset."""
        return self.told(self.clock.now())

    def told(self, moment: datetime) -> str:
        """A moment as answers write it: +03:00 in one manner, +0300 in the other."""
        local = moment.astimezone(self.zone).replace(microsecond=0)
        return local.isoformat() if self.shape == "numbers" else local.strftime("%Y-%m-%dT%H:%M:%S%z")

    def new_id(self, kind: str, first: int) -> int:
        """A growing number of its own kind."""
        self._last[kind] = self._last.get(kind, first - 1) + 1
        return self._last[kind]

    def table(self, name: str) -> dict[int, Record]:
        return self.tables.setdefault(name, {})
