"""The restaurants of a connection: which, whose clock they go by, what they are paid in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm_adapters.iiko.api import IikoApi, Record, chosen
from crm_adapters.iiko.reading import Restaurant
from domain.errors import BadInput, CrmAccessLost
from domain.transaction_values import read_currency, zone_named

STAYS_KNOWN = timedelta(minutes=10)


class Restaurants:
    """Asks once and remembers for ten minutes."""

    def __init__(self, api: IikoApi, settings: Mapping[str, str], now: Callable[[], datetime]) -> None:
        self._api, self._now = api, now
        self._chosen = chosen(settings)
        self._zone = zone_named(settings.get("zone") or "Europe/Moscow")
        self._currency = read_currency(settings.get("currency") or "RUB")
        self._region = settings.get("region") or "RU"
        self._known: tuple[Sequence[Restaurant], datetime] | None = None

    async def seen(self) -> Sequence[Restaurant]:
        """All that the key sees, in the order of the answer."""
        if self._known is None or self._known[1] <= self._now():
            asked = {"organizationIds": None, "returnAdditionalInfo": True, "includeDisabled": False}
            answer = await self._api.post("organizations", asked)
            told = answer.get("organizations")
            found = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
            self._known = ([self._read(one) for one in found if one.get("id")], self._now() + STAYS_KNOWN)
        return self._known[0]

    async def ours(self) -> Sequence[Restaurant]:
        """Those that were chosen, or all. Raises CrmAccessLost when the key sees none of them."""
        every = await self.seen()
        found = [one for one in every if not self._chosen or one.id in self._chosen]
        if not found:
            raise CrmAccessLost("restaurants not visible")
        return found

    async def lacking(self) -> list[str]:
        """Ids that were chosen and that the key does not see."""
        visible = {one.id for one in await self.seen()}
        return [one for one in self._chosen if one not in visible]

    def _read(self, raw: Record) -> Restaurant:
        """What the restaurant does not tell, or tells in a way nobody knows, is the business's own."""
        return Restaurant(
            str(raw["id"]),
            str(raw.get("name") or ""),
            self._own_zone(raw.get("timezone")),
            self._own_currency(raw.get("currencyIsoName")),
            self._region,
        )

    def _own_zone(self, told: object) -> ZoneInfo:
        try:
            return zone_named(str(told or ""))
        except BadInput:
            return self._zone

    def _own_currency(self, told: object) -> str:
        try:
            return read_currency(str(told or ""))
        except BadInput:
            return self._currency
