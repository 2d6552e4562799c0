"""Keys of the API: what one may be good for, and what is known of it."""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import BadInput
from domain.members import Member

START = "vk_"
SHOWN = 10
"""Characters of a key that stay visible, so that people tell theirs apart."""

_SHAPE = re.compile(START + r"[A-Za-z0-9_-]{43}", re.ASCII)
NAME_LIMIT = 64
KEYS_LIMIT = 50

AREAS = ("leads", "activities", "customers", "settings", "members", "crm", "webhooks")
CLOSE = ("audit:read", "privacy:write")
"""What only a key for everything has: the record of actions, and personal data shown and erased."""

SCOPES = (*(f"{area}:{way}" for area in AREAS for way in ("read", "write")), "export", *CLOSE)
"""What a key may be limited to; whoever may write in an area may read there."""

PRESETS: dict[str, tuple[str, ...]] = {
    "send": ("leads:write", "settings:read"),
    "read": (*(f"{area}:read" for area in AREAS),),
    "work": ("leads:write", "activities:write", "customers:write", "settings:read", "export"),
    "all": SCOPES,
}
"""Sets of scopes that are offered, by the code of the choice."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as admins see it: it acts with the rights of `member_id`, within `scopes`. `shown` is its
    beginning; the whole is known to nobody but its holder. Moments are UTC."""

    id: UUID
    organization_id: UUID
    member_id: UUID
    member_name: str
    name: str
    shown: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    used_from: str
    revoked_at: datetime | None
    is_session: bool = False
    """It stands for a member's session, which has no key."""

    def works_at(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the member for whom the key acts, and what the key is good for."""

    key: ApiKey
    member: Member

    def has(self, scope: str) -> bool:
        return not scope or covers(self.key.scopes, scope)


def covers(held: Collection[str], scope: str) -> bool:
    """Whether somebody with these scopes has that one: whoever may write may read."""
    area, _, way = scope.partition(":")
    return scope in held or (way == "read" and f"{area}:write" in held)


def narrowed(held: Collection[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of the wanted scopes that are held, in their order."""
    chosen = set(wanted)
    return tuple(one for one in SCOPES if one in chosen and covers(held, one))


def new_key() -> str:
    """A key of 256 random bits."""
    return START + secrets.token_urlsafe(32)


def is_key(shown: str) -> bool:
    """Whether it looks like a key of ours: what does not is refused without a look into the database."""
    return _SHAPE.fullmatch(shown) is not None


def digest_of(key: str) -> str:
    """What is kept of a key: it is random, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def read_scopes(given: Iterable[str]) -> tuple[str, ...]:
    """Scopes in their order, each once. Raises BadInput("scopes", ...): required or invalid."""
    wanted = set(given)
    if not wanted:
        raise BadInput("scopes", "required")
    if wanted - set(SCOPES):
        raise BadInput("scopes", "invalid")
    return tuple(one for one in SCOPES if one in wanted)
