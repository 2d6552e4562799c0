"""How much one key, one organization and one address may ask, and what stops whoever guesses keys."""

from dataclasses import dataclass

import structlog

from domain.api_keys import Caller
from domain.errors import KeyRefused, TooManyRequests
from services.access import open_to
from services.api.keys import ApiKeys
from storage.limits import Limit, Limits

log = structlog.get_logger()

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a minute of a key; `wrong` keys that an address may show at once, one more each minute."""

    key: float = 600
    wrong: float = 10

    def of_key(self, name: str) -> Limit:
        return Limit(f"key:{name}", max(self.key / 6, 1), self.key / MINUTE)

    def of_organization(self, name: str) -> Limit:
        return Limit(f"organization:{name}", max(self.key / 2, 1), 5 * self.key / MINUTE)

    def of_address(self, address: str) -> Limit:
        return Limit(f"address:{address}", max(self.key / 3, 1), 2 * self.key / MINUTE)

    def of_wrong(self, address: str) -> Limit:
        return Limit(f"wrong:{address}", self.wrong, 1 / MINUTE)


class ApiGate:
    """Everybody comes through here."""

    def __init__(self, keys: ApiKeys, limits: Limits, rates: Rates) -> None:
        self.keys, self.limits, self.rates = keys, limits, rates

    @open_to("whoever shows a key")
    async def enter(self, key: str, address: str) -> Caller:
        """The caller. Raises TooManyRequests, and KeyRefused as ApiKeys.caller does, also for no key at all.

        An address that has shown too many wrong keys is not even looked up for a while, right key or wrong.
        """
        await self._demand(self.rates.of_address(address))
        wrong = self.rates.of_wrong(address)
        await self._demand(wrong, spend=False)
        if not key:
            raise KeyRefused("missing")
        try:
            caller = await self.keys.caller(key, address)
        except KeyRefused as error:
            if error.reason == "unknown":
                await self._count_wrong(wrong)
            raise
        await self._demand(
            self.rates.of_key(str(caller.key.id)),
            self.rates.of_organization(str(caller.member.organization_id)),
        )
        return caller

    async def _demand(self, *limits: Limit, spend: bool = True) -> None:
        name, wait = await self.limits.take(limits, spend=spend)
        if name:
            raise TooManyRequests(name.partition(":")[0], wait)

    async def _count_wrong(self, limit: Limit) -> None:
        await self.limits.take([limit])
        _, wait = await self.limits.take([limit], spend=False)
        if wait > 0:
            log.warning("api.locked_out", seconds=round(wait))
