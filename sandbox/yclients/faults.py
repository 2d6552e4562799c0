"""What can be switched to go wrong here, with the parameters as they are when nobody names them."""

from typing import Any

from sandbox.faults import Faults

KINDS: dict[str, dict[str, Any]] = {
    "down": {"mode": "closed"},
    "slow": {"seconds": 5.0},
    "error_after_commit": {"path": ""},
    "drop_after_commit": {"path": ""},
    "storm": {"status": 429, "retry_after": 0},
    "key_revoked": {},
    "unpaid": {"status": 402},
    "no_rights": {"path": ""},
    "phones_hidden": {},
    "success_false": {"path": ""},
    "html_200": {"path": ""},
}
DOWN_MODES = ("closed", "500", "503")


def switches() -> Faults:
    """All off. `slow` takes seconds of real time; `storm` status and retry_after in seconds (0: no such
    header); `unpaid` is the branch's licence; `success_false` a refusal inside a 200; `path` limits a fault
    to paths after /api/v1/, several separated by commas."""
    return Faults(KINDS, {("down", "mode"): DOWN_MODES, ("unpaid", "status"): (402, 403)})
