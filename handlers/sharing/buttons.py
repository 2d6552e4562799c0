"""What the buttons about sharing out carry."""

import hashlib
from uuid import UUID

from aiogram.filters.callback_data import CallbackData

from domain.words import fold


class RuleButton(CallbackData, prefix="rul"):
    """Set up a rule: do is show, on, off, up, down, rename, drop, really_drop, people, person (extra is a
    member's mark), weight (mark and number), cap (mark and number), hours, always, day (extra counts from
    Monday), asks, ask (extra is a condition), value (condition and a value's mark), any (condition), or type
    (condition)."""

    do: str
    id: UUID
    extra: str = ""


class RulesButton(CallbackData, prefix="ruls"):
    """All rules: do is new, try, chat_on or chat_off."""

    do: str


class AwayButton(CallbackData, prefix="away"):
    """Be away: do is show, until (extra is the moment), type (asks for it), leads (extra is the moment and
    keep, pool or a member's mark) or back."""

    do: str
    extra: str = ""


class AnswerButton(CallbackData, prefix="ans"):
    """How soon leads of a pipeline are to be answered: do is show, set (extra is minutes, 0 for no clock),
    type, hours_on, hours_off, hours (asks for them) or day (extra counts from Monday)."""

    do: str
    id: UUID
    extra: str = ""


def mark_of(value: str) -> str:
    """A value in eight characters, for a button."""
    return hashlib.sha256(fold(value).encode()).hexdigest()[:8]
