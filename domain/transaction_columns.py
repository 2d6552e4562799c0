"""Whole columns of sums and moments: what `read_amount` and `read_moment` make of each, many times faster for
those that are written in the plain way. Whatever is not plain is given to them."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.leads import Money
from domain.transaction_values import FIRST_YEAR, LAST_YEAR, read_amount, read_currency, read_moment

REMEMBERED = 4096
"""Days whose midnight is known."""

_SUM = re.compile(r"(\d{1,9}|\d{1,3}(?:[ \u00a0]\d{3}){1,2})(?:[.,](\d\d?))?", re.ASCII)
_MOMENT = re.compile(
    r"(?:\d\d\.\d\d\.\d{4}|\d{4}-\d\d-\d\d)[ T]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII
)
_HOURS = tuple(timedelta(hours=hour) for hour in range(25))


class AmountColumn:
    """Reads sums as people type them, in one currency unless a cell names it."""

    def __init__(self, currency: str) -> None:
        self.currency = read_currency(currency)

    def read(self, typed: str) -> Money:
        """The sum, below zero too. Raises BadInput("amount" or "currency", ...) as `read_amount` does."""
        found = _SUM.fullmatch(typed)
        if found is None:
            return read_amount(typed, self.currency, negative=True)
        whole, cents = found.groups("")
        if len(whole) > 3 and not whole.isdigit():
            whole = whole.replace(" ", "").replace("\u00a0", "")
        return Money(Decimal(f"{whole}.{cents:0<2}"), self.currency)


class MomentColumn:
    """Reads moments; those without an offset are of `zone`."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._midnights: dict[str, datetime | None] = {}

    def read(self, typed: str) -> datetime:
        """The moment, UTC. Raises BadInput("happened_at", ...) as `read_moment` does."""
        found = _MOMENT.fullmatch(typed)
        midnight = self._midnight(typed[:10]) if found is not None else None
        if found is None or midnight is None:
            return read_moment(typed, self.zone)
        hour, minute, second = found.groups()
        return midnight + timedelta(0, int(hour) * 3600 + int(minute) * 60 + int(second or 0))

    def _midnight(self, day: str) -> datetime | None:
        if day in self._midnights:
            return self._midnights[day]
        found = _begun(day, self.zone)
        if len(self._midnights) < REMEMBERED:
            self._midnights[day] = found
        return found


def _begun(day: str, zone: ZoneInfo) -> datetime | None:
    """The beginning of a day on which no clock is changed, UTC; None for any other."""
    try:
        written = date.fromisoformat(day if day[4] == "-" else f"{day[6:]}-{day[3:5]}-{day[:2]}")
    except ValueError:
        return None
    if not FIRST_YEAR <= written.year <= LAST_YEAR:
        return None
    midnight = datetime.combine(written, time())
    offsets = {(midnight + hours).replace(tzinfo=zone).utcoffset() for hours in _HOURS}
    return midnight.replace(tzinfo=zone).astimezone(UTC) if len(offsets) == 1 else None
