"""What can be switched to go wrong here, with the parameters as they are when nobody names them."""

from typing import Any

from sandbox.faults import Faults

KINDS: dict[str, dict[str, Any]] = {
    "down": {"mode": "closed"},
    "slow": {"seconds": 5.0},
    "slow_down": {},
    "error_after_commit": {"path": ""},
    "drop_after_commit": {"path": ""},
    "cut_body": {},
    "key_revoked": {},
    "read_only": {},
}
DOWN_MODES = ("closed", "500", "503")


def switches() -> Faults:
    """All off. `slow_down` is S3's own 503 under load, `cut_body` ends an object half-way, `read_only` lets
    nothing be written or deleted."""
    return Faults(KINDS, {("down", "mode"): DOWN_MODES})
