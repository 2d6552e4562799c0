"""How much one key, one organization and one address may ask, and what stops whoever guesses."""

from dataclasses import dataclass
from uuid import UUID

from domain.api_keys import Caller
from domain.errors import KeyRefused, TooManyRequests
from services.access import open_to
from services.api.keys import ApiKeys
from services.clock import Clock
from services.entry.bursts import Bursts, masked, network_of
from services.entry.oauth import KEY, OAuth
from services.entry.sessions import Sessions
from services.entry.tokens import TokenSigner, is_token
from storage.replicas.limits import Limit, Limits

MINUTE = 60.0
API, ENTRY, HOOKS = "api", "entry", "hooks"
"""Doors that count by themselves: whoever floods a form does not close the API to their neighbours."""

GUESSES = frozenset({"unknown", "token", "telegram"})
"""Refusals of which nobody honest has many: what has ended or was taken back is no guess."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a minute of a key; `wrong` keys that an address may show at once, one more each minute."""

    key: float = 600
    wrong: float = 10

    def of_key(self, name: str) -> Limit:
        return Limit(f"key:{name}", max(self.key / 6, 1), self.key / MINUTE)

    def of_organization(self, name: str, door: str = API) -> Limit:
        return Limit(f"organization:{_place(door)}{name}", max(self.key / 2, 1), 5 * self.key / MINUTE)

    def of_address(self, address: str, door: str = API) -> Limit:
        return Limit(f"address:{_place(door)}{address}", max(self.key / 3, 1), 2 * self.key / MINUTE)

    def of_wrong(self, address: str, door: str = API) -> Limit:
        return Limit(f"wrong:{_place(door)}{address}", self.wrong, 1 / MINUTE)


def _place(door: str) -> str:
    return "" if door == API else f"{door}:"


@dataclass(frozen=True, slots=True)
class Entrances:
    """The ways to be known: by a key, by a token that was given for one, by a session."""

    keys: ApiKeys
    oauth: OAuth
    sessions: Sessions
    signer: TokenSigner
    clock: Clock

    @open_to("whoever shows something")
    async def caller(self, shown: str, address: str) -> Caller:
        """For whom they act. Raises KeyRefused."""
        if not shown:
            raise KeyRefused("missing")
        if not is_token(shown):
            return await self.keys.caller(shown, address)
        claims = self.signer.read(shown, self.clock())
        way = self.oauth.caller if claims.of == KEY else self.sessions.caller
        return await way(claims, address)


class ApiGate:
    """Everybody comes through here."""

    def __init__(self, entrances: Entrances, limits: Limits, rates: Rates, bursts: Bursts) -> None:
        self.entrances, self.limits, self.rates, self.bursts = entrances, limits, rates, bursts

    @open_to("whoever shows a key")
    async def enter(self, shown: str, address: str) -> Caller:
        """The caller. Raises TooManyRequests, and KeyRefused, also for nothing shown at all."""
        await self.knock(API, address)
        try:
            caller = await self.entrances.caller(shown, address)
        except KeyRefused as error:
            if error.reason in GUESSES:
                await self.missed(API, address)
            raise
        await self._demand(
            self.rates.of_key(str(caller.key.id)),
            self.rates.of_organization(str(caller.member.organization_id)),
        )
        return caller

    @open_to("anyone")
    async def knock(self, door: str, address: str) -> None:
        """One request more of an address. Raises TooManyRequests.

        An address that has guessed too often is not even looked at for a while, whatever it shows.
        """
        await self.pace(door, address)
        await self.demand_no_guesser(door, address)

    @open_to("anyone")
    async def demand_no_guesser(
        self, door: str, address: str, mark: str = "", organization_id: UUID | None = None
    ) -> None:
        """Raises TooManyRequests for an address that has guessed too often, at what `mark` names alone."""
        wait = await self._locked(door + mark, address)
        if wait:
            await self.bursts.add(door, masked(address), organization_id)
            raise TooManyRequests("wrong", wait)

    @open_to("anyone")
    async def pace(self, door: str, address: str) -> None:
        """One request more of an address, guesser or not. Raises TooManyRequests."""
        await self._demand(self.rates.of_address(network_of(address), door))

    @open_to("anyone")
    async def may_look(self, door: str, address: str) -> None:
        """Whether what an address shows is worth a look into the database. Raises TooManyRequests.

        Of a guesser one thing a second is: a site whose old form nobody took off may have a new one too.
        """
        wait = await self._locked(door, address)
        if wait:
            name, _wait = await self.limits.take([Limit(f"look:{door}:{network_of(address)}", 2, 1)])
            if name:
                await self.bursts.add(door, masked(address))
                raise TooManyRequests("wrong", wait)

    async def _locked(self, door: str, address: str) -> float:
        """For how many seconds an address is locked out."""
        limit = self.rates.of_wrong(network_of(address), door)
        name, wait = await self.limits.take([limit], spend=False)
        return wait if name else 0.0

    @open_to("anyone")
    async def missed(
        self, door: str, address: str, mark: str = "", organization_id: UUID | None = None
    ) -> None:
        """Whoever knocked has shown what opens nothing."""
        await self.limits.take([self.rates.of_wrong(network_of(address), door + mark)])
        if await self._locked(door + mark, address):
            await self.bursts.add(door, masked(address), organization_id, round(self.rates.wrong))

    @open_to("anyone")
    async def of_organization(self, door: str, organization_id: UUID) -> None:
        """One request more for an organization at a door. Raises TooManyRequests."""
        await self._demand(self.rates.of_organization(str(organization_id), door))

    async def _demand(self, *limits: Limit) -> None:
        name, wait = await self.limits.take(limits)
        if name:
            limit = next(one for one in limits if one.name == name)
            window = max(1, round(limit.burst / limit.per_second))
            raise TooManyRequests(name.partition(":")[0], wait, int(limit.burst), window)
