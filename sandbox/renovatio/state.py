"""Everything the stand-in holds: clinics, people, visits, invoices, keys, notifications, what it has seen."""

import asyncio
from collections import deque
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.exchange import Seen
from sandbox.faults import Faults
from sandbox.renovatio.faults import switches

Record = dict[str, Any]
KEPT = ("clock", "zone", "base_url", "wake", "_last")
FIRST_IDS = {"appointments": 90017, "patients": 5501, "invoices": 7001}


@dataclass(frozen=True, slots=True)
class Hook:
    """A notification that the clinic's administrator has set up."""

    event: str
    url: str
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notification that has not been sent yet."""

    hook: Hook
    data: Record


@dataclass
class State:
    """One clinic's account in memory. Times are the clinic's own wall clock, without a zone."""

    clock: Clock
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))
    base_url: str = ""
    keys: dict[str, frozenset[str]] = field(default_factory=dict)
    clinics: list[Record] = field(default_factory=list)
    users: list[Record] = field(default_factory=list)
    tables: dict[str, dict[int, Record]] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)
    outgoing: deque[Outgoing] = field(default_factory=deque)
    deliveries: list[tuple[str, int]] = field(default_factory=list)
    hidden: dict[str, set[str]] = field(default_factory=dict)
    requests: list[Seen] = field(default_factory=list)
    faults: Faults = field(default_factory=switches)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _last: dict[str, int] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything but the clock and the zone; ids go on growing."""
        fresh = State(self.clock)
        for item in fields(self):
            if item.name not in KEPT:
                setattr(self, item.name, getattr(fresh, item.name))

    def local(self, moment: datetime | None = None) -> str:
        """A moment as the clinic writes it: dd.mm.yyyy hh:mm of its own clock."""
        return (moment or self.clock.now()).astimezone(self.zone).strftime("%d.%m.%Y %H:%M")

    def stamp(self) -> str:
        return self.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def new_id(self, kind: str) -> int:
        self._last[kind] = self._last.get(kind, FIRST_IDS[kind] - 1) + 1
        return self._last[kind]

    def table(self, kind: str) -> dict[int, Record]:
        return self.tables.setdefault(kind, {})

    def fire(self, event: str, visit: Record) -> None:
        """Something has happened to a visit: those who listen to it are told, once."""
        for hook in self.hooks:
            if hook.event == event:
                self.outgoing.append(Outgoing(hook, dict(visit)))
        self.wake.set()
