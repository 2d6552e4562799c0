"""No faster than a CRM's account can take it, whoever asks: every request waits here for its turn.

What an account still takes is written in a `Ledger`: in this process's memory, or in a store that all
processes share. The count is GCRA (the generic cell rate algorithm of ATM networks): one moment per account
says how far ahead its allowance is spent. A turn is taken when the request really leaves, not when it was
promised, so a process that was held up never sends what it missed in one heap.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx

from crm_adapters.base import Pace
from crm_adapters.http import Call, CrmHttp, ReadError
from domain.errors import CrmRateLimited

LONGEST_WAIT = 5.0
"""Seconds a request waits for its turn; beyond that the outbox waits in its place."""

OUR_OWN = "waits for its turn"
Sleep = Callable[[float], Awaitable[None]]


class Ledger(Protocol):
    """What accounts have left. Seconds are the ledger's own; an account is an opaque text."""

    async def take(self, account: str, burst: float, per_second: float, at_once: int, ticket: str) -> float:
        """0.0: the request may leave now, and `ticket` is to be given back after its answer. Otherwise
        nothing was taken, and it is worth asking again after so many seconds."""
        ...

    async def give_back(self, account: str, ticket: str) -> None:
        """The answer is there, or will never be."""
        ...

    async def hold(self, account: str, seconds: float) -> None:
        """Let nobody leave for so long; a shorter hold never ends a longer one."""
        ...


class LocalLedger:
    """For one process. How many are under way there is seen to by the lane itself."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._spent_until: dict[str, float] = {}
        self._held_until: dict[str, float] = {}

    async def take(self, account: str, burst: float, per_second: float, at_once: int, ticket: str) -> float:
        now = self._now().timestamp()
        held = self._held_until.get(account, now)
        if held > now:
            return held - now
        interval = 1 / per_second
        # the upper bound is never passed but by a clock that was set back
        spent = min(max(self._spent_until.get(account, now), now), now + burst * interval)
        wait = spent - (burst - 1) * interval - now
        if wait > 0:
            return wait
        self._spent_until[account] = spent + interval
        return 0.0

    async def give_back(self, account: str, ticket: str) -> None:
        return

    async def hold(self, account: str, seconds: float) -> None:
        until = self._now().timestamp() + seconds
        self._held_until[account] = max(until, self._held_until.get(account, until))


class Lane:
    """The way of this process to one account: first come, first served."""

    def __init__(
        self, account: str, pace: Pace, ledger: Ledger, now: Callable[[], datetime], sleep: Sleep
    ) -> None:
        self.account, self.pace = account, pace
        self._ledger, self._now, self._sleep = ledger, now, sleep
        self._turn, self._places = asyncio.Lock(), asyncio.Semaphore(pace.at_once)
        self._ahead = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Inside, one request may be under way. Raises CrmRateLimited when the wait would be long."""
        ticket = await self._enter()
        try:
            yield
        finally:
            self._places.release()
            await self._ledger.give_back(self.account, ticket)

    async def hold(self, until: datetime) -> None:
        """The account itself asks for a pause."""
        seconds = (until - self._now()).total_seconds()
        if seconds > 0:
            await self._ledger.hold(self.account, seconds)

    async def _enter(self) -> str:
        queue = self._ahead / self.pace.per_second
        if queue > LONGEST_WAIT:
            raise self._busy(queue)
        self._ahead += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT), self._turn:
                await self._places.acquire()
                try:
                    return await self._take()
                except BaseException:
                    self._places.release()
                    raise
        except TimeoutError:
            raise self._busy(LONGEST_WAIT) from None
        finally:
            self._ahead -= 1

    async def _take(self) -> str:
        pace, ticket, waited = self.pace, secrets.token_hex(8), 0.0
        while True:
            wait = await self._ledger.take(self.account, pace.burst, pace.per_second, pace.at_once, ticket)
            if wait <= 0:
                return ticket
            waited += wait
            if waited > LONGEST_WAIT:
                raise self._busy(wait)
            await self._sleep(wait)

    def _busy(self, seconds: float) -> CrmRateLimited:
        return CrmRateLimited(self._now() + timedelta(seconds=seconds), OUR_OWN)


class Paces:
    """The lanes of this process. Without a ledger of all processes each keeps the whole pace by itself."""

    def __init__(
        self, now: Callable[[], datetime], ledger: Ledger | None = None, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._now, self._sleep = now, sleep
        self._ledger = LocalLedger(now) if ledger is None else ledger
        self._lanes: dict[str, Lane] = {}

    def lane(self, account: str, pace: Pace) -> Lane:
        """The one lane of an account."""
        found = self._lanes.get(account)
        if found is None:
            found = self._lanes[account] = Lane(account, pace, self._ledger, self._now, self._sleep)
        return found


class PacedHttp(CrmHttp):
    """Borrows a client, which stays its owner's to close, and sends each request in its turn."""

    def __init__(self, http: CrmHttp, lane: Lane) -> None:
        # the client's own parts are not built: every request leaves through `http`
        self._http, self._lane = http, lane
        self._now = http._now

    async def aclose(self) -> None:
        """The borrowed client goes on."""

    async def call(self, call: Call, read_error: ReadError | None = None) -> Any:
        """As CrmHttp.call; raises CrmRateLimited too when the turn would come late. An account that asks for
        a pause gets it from everybody."""
        async with self._lane.slot():
            try:
                return await self._http.call(call, read_error)
            except CrmRateLimited as error:
                if error.of_account:
                    await self._lane.hold(error.retry_at)
                raise


def account_of(provider: str, settings: Mapping[str, str]) -> str:
    """What limits are counted by: the CRM's host, which two integrations may share; all of a provider where
    there is but one address of it. Empty where there is none."""
    if settings and "url" not in settings:
        return f"{provider}:"
    try:
        host = httpx.URL(settings.get("url", "").strip()).netloc.decode("ascii").casefold()
    except (httpx.InvalidURL, UnicodeDecodeError):
        return ""
    return f"{provider}:{host}" if host else ""
