"""What a trial run finds out: the requests that a write would make, and what would become of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

NEW = 9_000_000_000_000_001
"""The id of a record that a request before would make. It is longer than any phone number."""

HIDDEN = "•••"
"""What stands in place of a secret."""


class Outcome(StrEnum):
    """What a write would do: make a record, change the one that is linked or found by our id, take over the
    one unlinked record with the same contact, ask a person which of several it is, or nothing at all."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    ASK = "ask"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Trial:
    """`requests` are in order, each with method, url, headers and body, secrets hidden; `record` is the id of
    the record that would be changed, empty for a new one."""

    outcome: Outcome
    requests: tuple[Mapping[str, Any], ...] = ()
    record: str = ""

    def as_json(self) -> dict[str, Any]:
        """As an operation keeps it."""
        return {"outcome": self.outcome.value, "record": self.record, "requests": list(self.requests)}


def read_trial(kept: Mapping[str, Any]) -> Trial | None:
    """What an operation keeps; None for one that was never only tried."""
    if "outcome" not in kept:
        return None
    return Trial(Outcome(kept["outcome"]), tuple(kept["requests"]), kept["record"])
