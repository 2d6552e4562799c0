"""The record of actions: an entry, what is looked for in it, and how its entries hang together.

An entry is signed when it is written and chained a moment later (services/audit/chain.py). Both are keyed:
whoever can write into the database alone cannot make either.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

KINDS: Mapping[str, tuple[str, ...]] = {
    "leads": ("lead", "bulk", "change", "activity", "archive", "customer"),
    "people": ("member", "role", "invite", "consent", "preview", "team", "announcement", "organization"),
    "crm": ("crm", "integration", "mapping", "operation"),
    "doors": ("hook", "hook_out", "api_key", "entry", "api_session", "second_factor"),
    "files": ("import", "export"),
    "setup": ("pipeline", "stage", "field", "template", "rule"),
    "purchases": ("transaction", "loyalty"),
    "privacy": ("privacy", "retention", "audit"),
}
"""Kinds of actions as people look for them, by the first words of their names."""

SIGNED, BEFORE, UNSIGNED = "ok", "before", "none"
"""What sealing found of an entry: signed by us; written before there were signatures; or written by nobody
who has our key."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody did something. `actor_id` None: the program itself, or a stranger at a door. `data` says more
    where the action alone does not, and holds nobody's personal data. `seq` None: not chained yet."""

    id: UUID
    organization_id: UUID
    actor_id: UUID | None
    action: str
    entity: str
    entity_id: UUID | None
    data: Mapping[str, Any]
    at: datetime
    address: str = ""
    actor_name: str = ""
    subject: str = ""
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; empty fields look for everything. `lead` is a lead's number. `since` is included,
    `until` is not."""

    member_id: UUID | None = None
    kind: str = ""
    entity_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    lead: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry at which the chain does not hold. `why`: changed, removed, inserted, moved, cut (the
    end is missing), or head (what the chain says of itself was changed). `seq` is its place, `entry_id` the
    row that stands there, None where none does."""

    seq: int
    why: str
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: `entries` looked at, the chain's end, and where it breaks."""

    organization_id: UUID
    entries: int
    seq: int
    mac: str
    broken: Broken | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class ChainState:
    """Where a chain stands, for people: what is chained, when it was last verified and what was found."""

    seq: int = 0
    mac: str = ""
    sealed_at: datetime | None = None
    verified_at: datetime | None = None
    verified_seq: int = 0
    broken: Mapping[str, Any] = field(default_factory=dict)


def canonical(entry: Mapping[str, Any]) -> bytes:
    """An entry's content as one row of bytes, the same on every database: a JSON list, keys sorted."""
    at: datetime = entry["at"]
    content = [
        str(entry["id"]),
        str(entry["organization_id"]),
        str(entry["actor_id"] or ""),
        entry["action"],
        entry["entity"],
        str(entry["entity_id"] or ""),
        entry.get("data") or {},
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.get("address") or "",
    ]
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def signature(key: bytes, content: bytes) -> str:
    """The HMAC-SHA256, in hexadecimal digits."""
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def entry_digest(key: bytes, content: bytes, proof: str) -> str:
    """What an entry says, and what sealing found of it."""
    return signature(key, proof.encode() + b":" + content)


def link(key: bytes, seq: int, before: str, digest: str) -> str:
    """What holds an entry to the one before it."""
    return signature(key, f"{seq}:{before}:{digest}".encode())


def head_sign(key: bytes, seq: int, mac: str, base_seq: int, base_mac: str, begun: bool) -> str:
    """What holds the end and the beginning of a chain."""
    return signature(key, f"head:{seq}:{mac}:{base_seq}:{base_mac}:{int(begun)}".encode())
