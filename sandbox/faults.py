"""Switches that make a stand-in fail the way a real server, its proxy or its admin does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

AFTER_COMMIT = ("error_after_commit", "drop_after_commit")

Kinds = Mapping[str, Mapping[str, Any]]
"""A kind of fault -> its parameters with what they are when they are not given."""

Choices = Mapping[tuple[str, str], Sequence[Any]]
"""(kind, parameter) -> the only values it takes."""


@dataclass(slots=True)
class Fault:
    """A switch that is on; `left` counts the requests it still spoils, None means until it is healed."""

    kind: str
    params: dict[str, Any]
    left: int | None = None


def spoils_path(path: str) -> Callable[[Fault], bool]:
    """Whether a fault concerns a request: its path begins with one of those in the fault's parameter `path`,
    separated by commas, or the fault names none."""

    def concerns(fault: Fault) -> bool:
        wanted = [part for part in str(fault.params["path"]).split(",") if part]
        return not wanted or any(path.startswith(part) for part in wanted)

    return concerns


def _all(fault: Fault) -> bool:
    return True


@dataclass
class Faults:
    """The switches of one stand-in that are on, at most one of a kind. `kinds` and `choices` are its own."""

    kinds: Kinds
    choices: Choices = field(default_factory=dict)
    active: dict[str, Fault] = field(default_factory=dict)

    def set(self, kind: str, times: int | None = None, **params: Any) -> Fault:
        """Switch on, for `times` requests or until it is cleared.

        Raises ValueError for an unknown kind, parameter or value.
        """
        if kind not in self.kinds:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(self.kinds)}")
        if unknown := set(params) - set(self.kinds[kind]):
            raise ValueError(f"fault {kind} takes no {', '.join(sorted(unknown))}")
        merged = {**self.kinds[kind], **params}
        for name, value in merged.items():
            if value not in self.choices.get((kind, name), (value,)):
                raise ValueError(f"{kind} has no {name} {value!r}")
        self.active[kind] = Fault(kind, merged, times)
        return self.active[kind]

    def clear(self, kind: str) -> None:
        """Switch off; switching off what is not on is no error."""
        self.active.pop(kind, None)

    def is_on(self, kind: str) -> bool:
        """Whether it is on, without using it up."""
        return kind in self.active

    def take(self, kind: str, concerns: Callable[[Fault], bool] = _all) -> Fault | None:
        """The fault if it is on and concerns this request; a counted one is used up by one."""
        fault = self.active.get(kind)
        if fault is None or not concerns(fault):
            return None
        if fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                del self.active[kind]
        return fault

    def take_after_commit(self, concerns: Callable[[Fault], bool] = _all) -> Fault | None:
        """The fault that spoils the answer to a change that is stored already."""
        return next((found for kind in AFTER_COMMIT if (found := self.take(kind, concerns))), None)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.active.values())
