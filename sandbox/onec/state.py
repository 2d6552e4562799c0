"""Everything the stand-in holds: the base's objects, what is published, users, and what it has seen."""

import asyncio
import base64
import uuid
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.exchange import Seen
from sandbox.faults import Faults
from sandbox.onec.faults import switches

Record = dict[str, Any]
NO_REF = "00000000-0000-0000-0000-000000000000"
NO_DATE = "0001-01-01T00:00:00"
KEPT = (
    "clock",
    "zone",
    "base_url",
    "login",
    "password",
    "client_id",
    "client_secret",
    "token_seconds",
    "wake",
)


@dataclass
class State:
    """One base in memory. Times are its own wall clock, without a zone; `published` is the list of objects
    that an admin has opened to OData. `literal_plus`: a plus in a query is one, and no space."""

    clock: Clock
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))
    base_url: str = ""
    login: str = ""
    password: str = ""
    client_id: str = ""
    client_secret: str = ""
    token_seconds: int = 3600
    tokens: dict[str, datetime] = field(default_factory=dict)
    schema: dict[str, dict[str, str]] = field(default_factory=dict)
    tables: dict[str, dict[str, Record]] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    service: dict[str, Record] = field(default_factory=dict)
    service_pages: bool = True
    service_xml: str = ""
    atom_only: bool = False
    literal_plus: bool = False
    hidden: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[Seen] = field(default_factory=list)
    faults: Faults = field(default_factory=switches)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _version: int = 0

    def clear(self) -> None:
        """Forget everything but the clock, the zone, the address and the users."""
        fresh = State(self.clock)
        for item in fields(self):
            if item.name not in KEPT:
                setattr(self, item.name, getattr(fresh, item.name))

    def local(self, moment: datetime | None = None) -> str:
        """A moment as the base writes it: its wall clock to the second."""
        return (moment or self.clock.now()).astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S")

    def stamp(self) -> str:
        return self.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def version(self) -> str:
        """An opaque mark that is another one after every write."""
        self._version += 1
        return base64.b64encode(self._version.to_bytes(8, "big")).decode()

    def table(self, name: str) -> dict[str, Record]:
        return self.tables.setdefault(name, {})

    def put(self, name: str, record: Record) -> Record:
        """Write a record as a person does; without a key it is a new one."""
        key = record.get("Ref_Key") or str(uuid.uuid4())
        old = self.table(name).get(key, {})
        self.table(name)[key] = {**old, **record, "Ref_Key": key, "DataVersion": self.version()}
        return self.table(name)[key]
