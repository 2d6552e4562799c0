"""Everything the stand-in holds: a portal's people, keys, records, lists, events, and what it has seen."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.bitrix24.faults import hides, switches
from sandbox.bitrix24.limits import Bucket, Operating
from sandbox.bitrix24.schema import BUILT_IN, DEAL, STATUSES, TYPE_NAMES, Field, Status
from sandbox.clock import Clock
from sandbox.faults import Faults

PORTAL_ZONE = timezone(timedelta(hours=3))
CLASSIC, SIMPLE = 1, 2

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """An employee of the portal."""

    id: int
    name: str
    last_name: str
    email: str
    admin: bool = False
    active: bool = True


@dataclass(slots=True)
class Hook:
    """An inbound webhook: whoever knows its code acts as its user within its scopes."""

    user_id: int
    code: str
    scopes: tuple[str, ...]


@dataclass(slots=True)
class App:
    """An OAuth application installed on the portal. Tokens map to (user, moment they expire)."""

    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    application_token: str
    codes: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    access: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    refresh: dict[str, tuple[int, datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the person, the scopes, whether in an application's name, and the caller that time limits
    are counted for."""

    user_id: int
    scopes: tuple[str, ...]
    caller: str
    app: App | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """A handler of one event. Without an app it is an outgoing webhook that the admin made by hand."""

    number: int
    event: str
    handler: str
    token: str
    app: App | None = None
    auth_type: int = 0
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST to a handler: `status` 0 means that there was no answer. None is ever repeated."""

    event: str
    url: str
    body: str
    status: int
    at: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came; `user_id` is None when it was not let in."""

    method: str
    body: str
    status: int
    at: str
    user_id: int | None

    @property
    def path(self) -> str:
        """A method is all the path there is."""
        return self.method


@dataclass
class State:
    """A whole portal in memory. Records are dicts by the camelCase names of fields (own fields: UF_...)."""

    clock: Clock
    mode: int = CLASSIC
    base_url: str = ""
    member_id: str = field(default_factory=lambda: secrets.token_hex(16))
    users: dict[int, User] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)
    apps: list[App] = field(default_factory=list)
    fields: dict[int, dict[str, Field]] = field(
        default_factory=lambda: {t: dict(f) for t, f in BUILT_IN.items()}
    )
    statuses: list[Status] = field(
        default_factory=lambda: [replace(status, number=n) for n, status in enumerate(STATUSES, 1)]
    )
    categories: dict[int, str] = field(default_factory=lambda: {0: "Общая", 9: "Опт"})
    tables: dict[str, dict[int, Record]] = field(default_factory=dict)
    history: dict[int, list[Record]] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    events: list[tuple[Listener, str, Record]] = field(default_factory=list)
    offline: list[Record] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    faults: Faults = field(default_factory=switches)
    rate: Bucket = field(default_factory=Bucket)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    operating: Operating = field(default_factory=Operating)
    numbers: dict[str, int] = field(default_factory=dict)

    def stamp(self, moment: datetime | None = None) -> str:
        """A moment (default: now) in the API's form: ISO with the portal's offset, to the second."""
        return (moment or self.clock.now()).astimezone(PORTAL_ZONE).isoformat(timespec="seconds")

    def bucket(self, address: str) -> Bucket:
        """The leaky bucket of one source address."""
        return self.buckets.setdefault(address, Bucket(self.rate.burst, self.rate.drain))

    def number(self, kind: str) -> int:
        """The next id of a kind of record; ids grow and are never used again."""
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.numbers[kind]

    def table(self, name: str | int) -> dict[int, Record]:
        """Records by id in order of creation: lead, deal, contact, company, activity, comment ..."""
        return self.tables.setdefault(TYPE_NAMES.get(name, "") if isinstance(name, int) else name, {})

    def all(self, name: str | int) -> Iterable[Record]:
        """The records of a table in order of creation."""
        return self.table(name).values()

    def fields_of(self, type_id: int) -> dict[str, Field]:
        """The fields of a type by camelCase name (own fields: UF_...), without those an admin took away."""
        name = TYPE_NAMES[type_id]
        return {key: f for key, f in self.fields[type_id].items() if not hides(self.faults, name, key)}

    def stages(self, type_id: int, category: int = 0) -> list[Status]:
        """The stages of leads, or of a pipeline of deals."""
        entity = "STATUS"
        if type_id == DEAL:
            entity = f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"
        return self.list_of(entity)

    def list_of(self, entity: str) -> list[Status]:
        """The entries of a list in its order."""
        return sorted((s for s in self.statuses if s.entity == entity), key=lambda status: status.sort)

    def add_field(self, type_id: int, new: Field) -> Field:
        """Give a type a field of the portal's own."""
        made = replace(new, number=self.number("userfield"))
        self.fields[type_id][made.upper] = made
        return made
