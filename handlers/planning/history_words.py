"""What a lead's history says about planned activities."""

from collections.abc import Callable
from datetime import datetime

from babel.dates import format_datetime

from domain.activities import ActivityType
from locales import N_, _, current_language

PLAN_FIELDS: dict[str, str] = {
    "planned": N_("Planned"),
    "plan_moved": N_("Planned for another time"),
    "plan_given": N_("Planned activity handed to"),
    "plan_done": N_("Done"),
    "plan_cancelled": N_("Called off"),
    "plan_reopened": N_("Opened again"),
}
_NAMES: dict[str, str] = {
    ActivityType.CALL: N_("Call"),
    ActivityType.MEETING: N_("Meeting"),
    ActivityType.EMAIL: N_("E-mail"),
    ActivityType.TASK: N_("Task"),
}


def plan_words(kept: str) -> str:
    """ "call 2026-11-22T12:00:00+00:00" -> the type and the moment in UTC, as the history knows no reader."""
    kind, _space, stamp = kept.partition(" ")
    if kind not in _NAMES:
        return kept
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return _(_NAMES[kind])
    shown = format_datetime(at, "d MMM, HH:mm", locale=current_language())
    return f"{_(_NAMES[kind])}, {shown} UTC"


PLAN_VALUES: dict[str, Callable[[str], str]] = {
    field: plan_words for field in PLAN_FIELDS if field != "plan_given"
}
