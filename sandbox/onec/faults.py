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
    "field_removed": {"entity": "Document_ЧекККМ", "field": "СуммаДокумента"},
    "html_200": {"path": ""},
    "no_licence": {"status": 402},
    "locked": {"status": 500},
    "rows_hidden": {},
    "repeats": {},
    "back_in_time": {},
    "endless": {},
    "xml_bomb": {},
}
DOWN_MODES = ("closed", "500", "503")


def switches() -> Faults:
    """All off. `repeats` gives every page anew as if nothing had been skipped, `back_in_time` forgets the
    filter, `endless` always names another page. `rows_hidden`: rights by rows hide one record."""
    return Faults(KINDS, {("down", "mode"): DOWN_MODES})
