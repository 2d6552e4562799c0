"""Switches that make the stand-in fail the way a real server, its proxy or its admin does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

KINDS: dict[str, dict[str, Any]] = {
    "down": {"mode": "closed"},
    "slow": {"seconds": 5.0},
    "error_after_commit": {"entity": "", "share": 1.0},
    "drop_after_commit": {"entity": "", "share": 1.0},
    "storm": {"status": 429, "retry_after": 5},
    "key_revoked": {},
    "field_removed": {"entity": "Lead", "field": "cInn"},
    "html_200": {},
}
DOWN_MODES = ("closed", "500", "503")
AFTER_COMMIT = ("error_after_commit", "drop_after_commit")


@dataclass(slots=True)
class Fault:
    """A switch that is on; `left` counts the requests it still spoils, None means until it is healed."""

    kind: str
    params: dict[str, Any]
    left: int | None = None


@dataclass
class Faults:
    """The switches that are on, at most one of a kind."""

    active: dict[str, Fault] = field(default_factory=dict)
    chance: Random = field(default_factory=lambda: Random(1))  # noqa: S311
    hidden_fields: dict[tuple[str, str], Any] = field(default_factory=dict)

    def set(self, kind: str, times: int | None = None, **params: Any) -> Fault:
        """Switch on. `down` takes mode closed|500|503; `slow` seconds of real time; `storm` status and
        retry_after in seconds; the two after-commit kinds an entity to limit them to, and the share of the
        answers that they spoil.

        Raises ValueError for an unknown kind, parameter or mode.
        """
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
        if unknown := set(params) - set(KINDS[kind]):
            raise ValueError(f"fault {kind} takes no {', '.join(sorted(unknown))}")
        merged = {**KINDS[kind], **params}
        if kind == "down" and merged["mode"] not in DOWN_MODES:
            raise ValueError(f"down has no mode {merged['mode']!r}")
        self.active[kind] = Fault(kind, merged, times)
        return self.active[kind]

    def clear(self, kind: str) -> None:
        """Switch off; switching off what is not on is no error."""
        self.active.pop(kind, None)

    def take(self, kind: str) -> Fault | None:
        """The fault if it is on; a counted one is used up by one."""
        fault = self.active.get(kind)
        if fault is not None and fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                del self.active[kind]
        return fault

    def take_after_commit(self, entity: str) -> Fault | None:
        """The fault that spoils the answer to a stored change of `entity`."""
        for kind in AFTER_COMMIT:
            fault = self.active.get(kind)
            if fault is None or fault.params["entity"] not in ("", entity):
                continue
            if self.chance.random() < float(fault.params["share"]):
                return self.take(kind)
        return None

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.active.values())
