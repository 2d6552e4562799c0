"""What can be switched to go wrong here, with the parameters as they are when nobody names them."""

from collections.abc import Callable
from typing import Any

from sandbox.faults import Fault, Faults

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


def switches() -> Faults:
    """All off. `slow` takes seconds of real time, `storm` seconds for a Retry-After that a proxy may add, the
    after-commit kinds a method to limit them to, such as crm.item.add or, for deals alone, crm.item.add:2."""
    return Faults(KINDS, {("down", "mode"): DOWN_MODES, ("storm", "status"): (429, 503)})


def spoils(methods: list[str]) -> Callable[[Fault], bool]:
    """Whether an after-commit fault concerns one of these methods, which changed something."""
    return lambda fault: fault.params["method"] in ("", *methods)


def hides(faults: Faults, type_name: str, field_name: str) -> bool:
    """Whether the admin has taken this field away."""
    fault = faults.active.get("field_removed")
    return fault is not None and (fault.params["type"], fault.params["field"]) == (type_name, field_name)
