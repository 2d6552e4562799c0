"""Ways of writing our values that suit every CRM: as text, as a figure, phones in the spelling wanted."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from domain.crm import CrmStage
from domain.leads import Money
from domain.phones import show_phone

Shape = Callable[[Any], Any]
"""One of our values -> what the vendor wants; None or an empty value where there is nothing."""


def as_text(value: Any) -> str:
    """Any of our values as people read it: lists with commas, money with its currency, a stage by name."""
    if isinstance(value, Money):
        return f"{value.amount:f} {value.currency}"
    if isinstance(value, CrmStage):
        return value.name or value.key
    if isinstance(value, list | tuple):
        return ", ".join(as_text(part) for part in value)
    return "" if value is None else str(value)


def as_figure(value: Any) -> int | float | None:
    """An amount or a number without a currency; None for anything that is no number."""
    amount = value.amount if isinstance(value, Money) else value
    try:
        figure = float(str(amount))
    except ValueError:
        return None
    return int(figure) if figure.is_integer() else figure


def stage_key(value: Any) -> str:
    """The key of a stage, to be looked up in an enum; any other value as text."""
    return value.key if isinstance(value, CrmStage) else as_text(value)


EVERYWHERE: Mapping[str, Shape] = {"text": as_text, "figure": as_figure, "key": stage_key}
"""Shapes that every provider's rules may name; a provider's own of the same name goes first."""

PHONES: Mapping[str, Callable[[str], str]] = {
    "e164": lambda phone: phone,
    "digits": lambda phone: re.sub(r"\D", "", phone),
    "readable": show_phone,
}
"""Spellings of `phone = "..."`: +79161234567, 79161234567, +7 916 123-45-67."""


def spelt(value: Any, spelling: str) -> Any:
    """One phone or several in that spelling; what is no phone stays as it is."""
    if isinstance(value, list | tuple):
        return tuple(spelt(part, spelling) for part in value)
    is_phone = isinstance(value, str) and re.fullmatch(r"\+\d{5,15}", value)
    return PHONES[spelling](value) if is_phone else value
