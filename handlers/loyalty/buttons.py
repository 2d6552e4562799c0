"""What the buttons of bonuses carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class LoyaltyRuleButton(CallbackData, prefix="bonr"):
    """A rule of bonuses: do is show, end (asks once more) or really_end."""

    do: str
    id: UUID


class NewRuleButton(CallbackData, prefix="bonn"):
    """Make a rule: do is new."""

    do: str


class BonusButton(CallbackData, prefix="bon"):
    """Bonuses of a customer: do is show (extra is a page), amounts, spend (extra is amount-mark, where the
    mark makes a second tap on one button the same spending), type, or purchases (extra is a page)."""

    do: str
    customer: UUID
    extra: str = ""


class RedemptionButton(CallbackData, prefix="bonx"):
    """Bonuses that are set aside: do is confirm or release; `place` is the mark of the source that takes
    them off too (spending.mark_of)."""

    do: str
    id: UUID
    place: str = ""


class MyBonusButton(CallbackData, prefix="bonm"):
    """One's own bonuses: do is page."""

    do: str
    page: int = 0
