"""What the stand-in remembers: one account with its people, fields, pipelines and records."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.amocrm.faults import switches
from sandbox.clock import Clock
from sandbox.faults import Faults

Record = dict[str, Any]

ENTITIES = ("leads", "contacts", "companies")
SINGULAR = {"leads": "lead", "contacts": "contact", "companies": "company", "tasks": "task"}
ROBOT = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A request to api/v4 as it came; `path` is relative to it."""

    method: str
    path: str
    query: list[tuple[str, str]]
    body: Any
    status: int
    at: int


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that hooks may be told of: the block of the body, the action, and the item as it was then."""

    block: str
    action: str
    item: Record


@dataclass(slots=True)
class Delivery:
    """A body on its way to one hook."""

    hook_id: int
    url: str
    body: bytes
    request_id: str
    due: datetime
    attempts: int = 0
    statuses: list[int] = field(default_factory=list)
    state: str = "waiting"


@dataclass(slots=True)
class Grant:
    """What a refresh token or a code stands for; a used or expired one is refused."""

    user_id: int
    until: datetime
    used: bool = False


class State:
    """Everything in memory. Ids are integers of one sequence, moments unix seconds of the clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.base_url = ""
        self.faults: Faults = switches()
        self.clear()

    def clear(self) -> None:
        """Forget everything; `seed.fill` sets an account up again."""
        self.account: Record = {}
        self.users: dict[int, Record] = {}
        self.pipelines: dict[int, Record] = {}
        self.loss_reasons: dict[int, Record] = {}
        self.fields: dict[str, dict[int, Record]] = {name: {} for name in ENTITIES}
        self.tables: dict[str, dict[int, Record]] = {
            name: {} for name in (*ENTITIES, "tasks", "notes", "calls")
        }
        self.tags: dict[str, dict[int, str]] = {name: {} for name in ENTITIES}
        self.hooks: dict[int, Record] = {}
        self.events: list[Record] = []
        self.changes: list[Change] = []
        self.deliveries: list[Delivery] = []
        self.requests: list[Seen] = []
        self.recent: list[datetime] = []
        self.refused: list[datetime] = []
        self.blocked_until: datetime | None = None
        self.tokens: dict[str, Grant] = {}
        self.refresh_tokens: dict[str, Grant] = {}
        self.codes: dict[str, Grant] = {}
        self.removed_fields: dict[str, list[Record]] = {}
        self.faults.active.clear()
        self._last_id = 19_000

    def new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def stamp(self) -> int:
        """This moment in unix seconds."""
        return int(self.clock.now().timestamp())

    def live(self, entity: str) -> list[Record]:
        """Records that are not deleted, in order of creation."""
        return [record for record in self.tables[entity].values() if not record.get("is_deleted")]

    def find(self, entity: str, record_id: int) -> Record | None:
        """A record that is not deleted."""
        record = self.tables[entity].get(record_id)
        return None if record is None or record.get("is_deleted") else record

    def field(self, entity: str, name: str) -> Record | None:
        """A custom field by code or name."""
        return next((f for f in self.fields[entity].values() if name in (f["code"], f["name"])), None)
