"""What can be switched to go wrong here, with the parameters as they are when nobody names them."""

from collections.abc import Callable
from random import Random
from typing import Any

from sandbox.faults import Fault, Faults

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


def switches() -> Faults:
    """All off. `slow` takes seconds of real time, `storm` status and retry_after in seconds, the two
    after-commit kinds an entity to limit them to and the share of the answers that they spoil."""
    return Faults(KINDS, {("down", "mode"): DOWN_MODES})


def spoils(entity: str, chance: Random) -> Callable[[Fault], bool]:
    """Whether an after-commit fault concerns a change of `entity`, and is drawn."""

    def concerns(fault: Fault) -> bool:
        limited = fault.params["entity"] not in ("", entity)
        return not limited and chance.random() < float(fault.params["share"])

    return concerns
