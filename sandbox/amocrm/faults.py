"""What can be switched to go wrong here, with the parameters as they are when nobody names them."""

from collections.abc import Callable
from typing import Any

from sandbox.faults import Fault, Faults

KINDS: dict[str, dict[str, Any]] = {
    "down": {"mode": "closed"},
    "slow": {"seconds": 5.0},
    "error_after_commit": {"path": ""},
    "drop_after_commit": {"path": ""},
    "storm": {"status": 429, "retry_after": 0},
    "key_revoked": {},
    "field_removed": {"entity": "leads", "field": "VORONKA_ID"},
    "html_200": {},
    "filters_ignored": {},
    "unpaid": {},
}
DOWN_MODES = ("closed", "500", "502", "503", "504")


def switches() -> Faults:
    """All off. `slow` takes seconds of real time, the two after-commit kinds a path (relative to api/v4)
    to limit them to."""
    return Faults(KINDS, {("down", "mode"): DOWN_MODES})


def spoils(path: str) -> Callable[[Fault], bool]:
    """Whether an after-commit fault concerns a change made at `path`."""
    return lambda fault: fault.params["path"] in ("", path)
