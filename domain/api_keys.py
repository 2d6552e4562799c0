"""Keys of the API: what one may be good for, and what is known of it."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import BadInput
from domain.members import Member

START = "vk_"
SHOWN = 10
"""Characters of a key that stay visible, so that people tell theirs apart."""

NAME_LIMIT = 64
KEYS_LIMIT = 50

AREAS = ("leads", "activities", "customers", "settings", "members", "crm")
SCOPES = (*(f"{area}:{way}" for area in AREAS for way in ("read", "write")), "export")
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

    def works_at(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the member for whom the key acts, and what the key is good for."""

    key: ApiKey
    member: Member

    def has(self, scope: str) -> bool:
        area, _, way = scope.partition(":")
        return not scope or scope in self.key.scopes or (way == "read" and f"{area}:write" in self.key.scopes)


def new_key() -> str:
    """A key of 256 random bits."""
    return START + secrets.token_urlsafe(32)


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
