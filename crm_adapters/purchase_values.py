"""What readers of purchases share: the business's own place, moments, sums and phones of records. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import BadInput
from domain.leads import Money
from domain.phones import read_phone
from domain.transaction_values import read_amount, read_currency, read_moment, zone_named

AHEAD = timedelta(days=1)
"""How far a purchase may lie in the future: clocks of tills go wrong, and years are mistyped."""


@dataclass(frozen=True, slots=True)
class Own:
    """What services fill in of the business: its zone, the region of its phones, its currency."""

    zone: ZoneInfo
    region: str
    currency: str


def own_of(settings: Mapping[str, str]) -> Own:
    """The business's own values, Moscow's and roubles where none are given. Raises BadInput."""
    return Own(
        zone_named(settings.get("zone") or "Europe/Moscow"),
        settings.get("region") or "RU",
        read_currency(settings.get("currency") or "RUB"),
    )


def happened(value: Any, own: Own, now: datetime) -> datetime:
    """When it was, UTC. Raises BadInput("happened_at", ...): future, for what lies too far ahead."""
    moment = read_moment(value, own.zone)
    if moment > now + AHEAD:
        raise BadInput("happened_at", "future")
    return moment


def signed(value: Any, currency: str, point: str = ".") -> tuple[Money, bool]:
    """A sum, and whether it goes back to the buyer: a minus says so. `point`: see read_amount."""
    money = read_amount(value, currency, negative=True, point=point)
    return Money(abs(money.amount), money.currency), money.amount < 0


def phone_in(value: Any, region: str) -> str:
    """E.164, or nothing for what is no phone: the purchase stands without it."""
    try:
        return read_phone(str(value or ""), region)
    except BadInput:
        return ""
