"""What can be switched to go wrong here, with the parameters as they are when nobody names them."""

from typing import Any

from sandbox.faults import Faults

KINDS: dict[str, dict[str, Any]] = {
    "down": {"mode": "closed"},
    "slow": {"seconds": 5.0},
    "storm": {"status": 503, "retry_after": 0},
    "error_after_commit": {"path": ""},
    "drop_after_commit": {"path": ""},
    "key_revoked": {},
    "field_removed": {"entity": "appointments", "field": "sum_value"},
    "html_200": {"path": ""},
    "back_in_time": {},
}
DOWN_MODES = ("closed", "500", "503")


def switches() -> Faults:
    """All off. `key_revoked` with `times` is the 401 that comes now and then with a good key; `back_in_time`
    forgets the dates that were asked for."""
    return Faults(KINDS, {("down", "mode"): DOWN_MODES})
