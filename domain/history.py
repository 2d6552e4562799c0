"""A value as the history keeps it: what people read, and, where that does not tell it exactly, the exact one.

A stage is read by its default key or name and is exactly an id; an assignee is read by name and is exactly
a member's id; an amount is read as a number and is exactly "3000000.00 RUB". Phones, e-mails and tags are
lists with ", " between, the primary one first, which people read as they are.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

_EXACT = "\x1f"
LIST = ", "
"""Between the values of a field that has many."""

CHAT, API = "chat", "api"
"""Origins of what a member does; that of the API goes on with ":" and the key's name."""

UNDO = "undo"
"""Origin of an entry that takes an earlier change back."""


def kept(shown: str, exact: str) -> str:
    """The value for a history entry."""
    return f"{shown}{_EXACT}{exact}" if exact else shown


def shown_in(value: str) -> str:
    """What people read of a kept value."""
    return value.partition(_EXACT)[0]


def exact_in(value: str) -> str:
    """The exact value; what people read where nothing more exact was kept."""
    shown, mark, exact = value.partition(_EXACT)
    return exact if mark else shown


@dataclass(frozen=True, slots=True)
class Change:
    """Things changed together by one person, which can be taken back together. `kind` starts with "lead."
    for one lead on its card, with "bulk." for many, or is "import"; `at` is UTC."""

    id: UUID
    actor_id: UUID | None
    kind: str
    count: int
    at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of one lead in the history, with `old` and `new` as they are kept."""

    id: UUID
    lead_id: UUID
    field: str
    old: str
    new: str
    at: datetime
    change_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was not put back, and why: changed (since), gone (stage or member), taken (a contact that another
    lead has now), unknown (there is no way back)."""

    lead_id: UUID
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Undone:
    """How many leads an undo has brought back, and what it left alone."""

    count: int
    skipped: tuple[Skipped, ...] = ()


def key_in(origin: str) -> str:
    """The name of the API key by which a change came; empty for another way."""
    way, _, name = origin.partition(":")
    return name if way == API else ""
