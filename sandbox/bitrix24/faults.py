"""Switches that make the stand-in fail the way a portal, its proxy or its admin does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

KINDS: dict[str, dict[str, Any]] = {
    "down": {"mode": "closed"},
    "slow": {"seconds": 5.0},
    "error_after_commit": {"method": ""},
    "drop_after_commit": {"method": ""},
    "storm": {"status": 503, "retry_after": None},
    "overload": {},
    "key_revoked": {},
    "field_removed": {"type": "lead", "field": "originId"},
    "html_200": {},
    "renamed": {"host": "https://renamed.bitrix24.example"},
    "unpaid": {},
}
DOWN_MODES = ("closed", "500", "503")
STORMS = (429, 503)
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

    def set(self, kind: str, times: int | None = None, **params: Any) -> Fault:
        """Switch on. `down` takes mode closed|500|503; `slow` seconds of real time; `storm` status 429|503
        and seconds for a Retry-After that a proxy may add;
        the after-commit kinds a method to limit them to,
        such as crm.item.add or, for deals alone, crm.item.add:2.

        Raises ValueError for an unknown kind, parameter or mode.
        """
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
        if unknown := set(params) - set(KINDS[kind]):
            raise ValueError(f"fault {kind} takes no {', '.join(sorted(unknown))}")
        merged = {**KINDS[kind], **params}
        if merged.get("mode", "closed") not in DOWN_MODES:
            raise ValueError(f"down has no mode {merged['mode']!r}")
        if merged.get("status", 503) not in STORMS:
            raise ValueError("a storm is of 429 or 503")
        self.active[kind] = Fault(kind, merged, times)
        return self.active[kind]

    def clear(self, kind: str | None = None) -> None:
        """Switch one off, or all; switching off what is not on is no error."""
        if kind is None:
            self.active.clear()
        else:
            self.active.pop(kind, None)

    def is_on(self, kind: str) -> bool:
        """Whether it is on, without using it up."""
        return kind in self.active

    def hides(self, type_name: str, field_name: str) -> bool:
        """Whether the admin has taken this field away."""
        fault = self.active.get("field_removed")
        return fault is not None and (fault.params["type"], fault.params["field"]) == (type_name, field_name)

    def take(self, kind: str) -> Fault | None:
        """The fault if it is on; a counted one is used up by one."""
        fault = self.active.get(kind)
        if fault is not None and fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                del self.active[kind]
        return fault

    def take_after_commit(self, methods: list[str]) -> Fault | None:
        """The fault that spoils the answer to one of these methods, which changed something."""
        for kind in AFTER_COMMIT:
            fault = self.active.get(kind)
            if fault is not None and (not fault.params["method"] or fault.params["method"] in methods):
                return self.take(kind)
        return None

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.active.values())
