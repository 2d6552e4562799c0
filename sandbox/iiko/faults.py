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
    "unpaid": {},
    "no_rights": {"path": "deliveries"},
    "terminal_slow": {"path": ""},
    "html_200": {"path": ""},
}
DOWN_MODES = ("closed", "500", "503")


def switches() -> Faults:
    """All off. `slow` takes seconds of real time; `storm` status and retry_after in seconds (0: no such
    header); `unpaid` is a licence without the API (403); `terminal_slow` a 408 of the restaurant's terminal;
    `path` limits a fault to paths after /api/1/, several separated by commas."""
    return Faults(KINDS, {("down", "mode"): DOWN_MODES})
