"""The rule of two-way sync, field by field. Pure: values are canonical texts, equal when nothing differs.

A field is compared with what both sides held when they were last compared. Whoever alone has changed it
is followed; where both have, the owner of the field wins, or else the later change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

FIELDS = ("name", "company", "phone", "email", "inn", "amount", "note", "stage", "assignee")
"""Our words, as the history and the operations have them, in the order of screens."""

RESENDS = 3
RESENT_WITHIN = timedelta(days=1)
"""How often a field that is ours is put right in the CRM before a person has to look."""


class Owner(StrEnum):
    """Whose word counts. last: the later change; ours: what is changed there is put right; crm: we follow,
    and never write it again; apart: what is changed there stays there, until ours changes too."""

    LAST = "last"
    OURS = "ours"
    CRM = "crm"
    APART = "apart"


DEFAULT_OWNERS: Mapping[str, Owner] = {**dict.fromkeys(FIELDS, Owner.LAST), "note": Owner.APART}
"""A CRM's description is where its people keep remarks of their own, not meant for whoever sent the lead."""


def owner_of(owners: Mapping[str, Any], name: str) -> Owner:
    """The owner by an organization's settings, or the default."""
    chosen = owners.get(name)
    return Owner(chosen) if chosen in set(Owner) else DEFAULT_OWNERS[name]


class Move(StrEnum):
    """nothing; settle: both are as they are, remember it; follow: ours becomes theirs; send: theirs is to
    become ours; wait: theirs differs and may."""

    NOTHING = "nothing"
    SETTLE = "settle"
    FOLLOW = "follow"
    SEND = "send"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a field. `conflict`: both had changed and nobody owns it, so people are told."""

    move: Move
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """What our side and theirs held."""

    ours: str
    theirs: str


def judge(
    base: Pair | None, ours: str, theirs: str, owner: Owner, ours_at: datetime, theirs_at: datetime
) -> Verdict:
    """Compare one field. `base` is None for a field that has never been seen there."""
    if ours == theirs:
        return Verdict(Move.NOTHING if base == Pair(ours, theirs) else Move.SETTLE)
    if owner is Owner.CRM:
        return Verdict(Move.FOLLOW)
    if base is None:
        return Verdict(Move.SETTLE)
    changed = (ours != base.ours, theirs != base.theirs)
    if changed != (True, True):
        return Verdict(_ONE_SIDED[changed][owner])
    if owner is Owner.OURS:
        return Verdict(Move.SEND)
    return Verdict(Move.FOLLOW if theirs_at > ours_at else Move.SEND, conflict=True)


_ONE_SIDED: Mapping[tuple[bool, bool], Mapping[Owner, Move]] = {
    (False, False): dict.fromkeys(Owner, Move.NOTHING),
    (True, False): dict.fromkeys(Owner, Move.SEND),
    (False, True): {Owner.LAST: Move.FOLLOW, Owner.OURS: Move.SEND, Owner.APART: Move.WAIT},
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What both sides held when they were last compared; `links.seen` as a value.

    `before` has what the record held before our last write of a field whose answer did not show the
    result: a CRM that silently refuses a value shows it once more, and that is no change made there.
    `resent` counts how often a field was put right: (times, since when).
    """

    ours: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    resent: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    at: str = ""
    revision: int = 0

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Seen":
        """From JSON; an empty one for a link that was never compared."""
        resent = {name: (int(one[0]), str(one[1])) for name, one in stored.get("resent", {}).items()}
        plain = {name: stored.get(name, {}) for name in ("ours", "theirs", "before")}
        return cls(**plain, resent=resent, at=stored.get("at", ""), revision=stored.get("revision", 0))

    def stored(self) -> dict[str, Any]:
        """As JSON, one revision later."""
        return {
            "ours": dict(self.ours),
            "theirs": dict(self.theirs),
            "before": dict(self.before),
            "resent": {name: list(one) for name, one in self.resent.items()},
            "at": self.at,
            "revision": self.revision + 1,
        }

    def pair(self, name: str) -> Pair | None:
        if name not in self.ours or name not in self.theirs:
            return None
        return Pair(self.ours[name], self.theirs[name])

    def settled(self, name: str, ours: str, theirs: str) -> "Seen":
        """Both sides of a field as they are now."""
        before = {key: value for key, value in self.before.items() if key != name}
        return replace(
            self, ours={**self.ours, name: ours}, theirs={**self.theirs, name: theirs}, before=before
        )

    def shown(self, name: str, theirs: str) -> "Seen":
        """Their side alone: our change is still to come."""
        return replace(self, theirs={**self.theirs, name: theirs})

    def not_taken(self, name: str, theirs: str) -> bool:
        """Whether the record shows what it held before our last write of the field."""
        return self.before.get(name) == theirs and self.theirs.get(name) != theirs

    def may_resend(self, name: str, now: datetime) -> bool:
        """Whether the field may be put right once more."""
        times, since = self.resent.get(name, (0, ""))
        return times < RESENDS or not since or datetime.fromisoformat(since) + RESENT_WITHIN <= now

    def resending(self, name: str, now: datetime) -> "Seen":
        """Count that the field is put right."""
        times, since = self.resent.get(name, (0, ""))
        fresh = not since or datetime.fromisoformat(since) + RESENT_WITHIN <= now
        counted = (1, now.isoformat()) if fresh else (times + 1, since)
        return replace(self, resent={**self.resent, name: counted})


def written(
    seen: Seen,
    ours: Mapping[str, str],
    held: Mapping[str, str] | None,
    before: Mapping[str, str],
) -> Seen:
    """After a write of the fields in `ours`: `held` is what the CRM says it holds now, None where it does
    not say; `before` what it held until then, as far as it is known."""
    for name, value in ours.items():
        theirs = value if held is None else held.get(name, value)
        earlier = before.get(name)
        seen = seen.settled(name, value, theirs)
        if held is None and name not in ("stage", "assignee") and earlier not in (None, theirs):
            seen = replace(seen, before={**seen.before, name: str(earlier)})
    return seen
