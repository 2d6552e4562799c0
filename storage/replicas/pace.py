"""What accounts of CRMs still take, counted by all processes together in Redis.

A request that is under way has a ticket there, which its process renews until the answer comes: those of a
process that was killed, and those that Redis was not there to take back, end by themselves.

Redis is never what delivery depends on: while it is gone, each process counts by itself.
"""

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger()

PREFIX = "voronka:pace"
ANSWERS_IN = 0.5
"""Seconds that Redis gets for an answer: a count must not cost more than it saves."""

AGAIN_AFTER = 5.0
TICKET_LIVES = 9.0
"""Seconds after which a request of which its process says nothing more counts as answered. A CRM that takes
few at once is not asked for so long after a kill."""

ASK_AGAIN = 0.05

# Redis's own clock counts, so that clocks of hosts may differ. KEYS: spent until, held until, under way.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local held = tonumber(redis.call('GET', KEYS[2]) or '0')
if held > now then return string.format('%.6f', held - now) end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) then return ARGV[6] end
local burst, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local spent = tonumber(redis.call('GET', KEYS[1]) or '0')
spent = math.min(math.max(spent, now), now + burst * interval)
local wait = spent - (burst - 1) * interval - now
if wait > 0 then return string.format('%.6f', wait) end
spent = spent + interval
redis.call('SET', KEYS[1], string.format('%.6f', spent), 'PX', math.ceil((spent - now) * 1000) + 1000)
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[5]), ARGV[4])
redis.call('PEXPIRE', KEYS[3], math.ceil(tonumber(ARGV[5]) * 1000))
return '0'
"""
_HOLD = """
local time = redis.call('TIME')
local untl = tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ARGV[1])
if tonumber(redis.call('GET', KEYS[1]) or '0') < untl then
    redis.call('SET', KEYS[1], string.format('%.6f', untl), 'PX', math.ceil(tonumber(ARGV[1]) * 1000) + 1000)
end
return 0
"""

# ARGV: how long they live, then the tickets. One that has ended meanwhile takes its place again.
_RENEW = """
local time = redis.call('TIME')
local until_ = tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ARGV[1])
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], until_, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[1]) * 1000))
return 0
"""


class Counts(Protocol):
    """A ledger of crm_adapters.pace."""

    async def take(
        self, account: str, burst: float, per_second: float, at_once: int, ticket: str
    ) -> float: ...

    async def give_back(self, account: str, ticket: str) -> None: ...

    async def hold(self, account: str, seconds: float) -> None: ...


class RedisLedger:
    """The ledger of all processes; `alone` counts while Redis is gone."""

    def __init__(self, url: str, alone: Counts) -> None:
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=ANSWERS_IN,
            socket_connect_timeout=ANSWERS_IN,
            retry=Retry(NoBackoff(), 0),
        )
        self._alone = alone
        self._take, self._hold = self._redis.register_script(_TAKE), self._redis.register_script(_HOLD)
        self._renew = self._redis.register_script(_RENEW)
        self._under_way: dict[str, set[str]] = defaultdict(set)
        self._renewing: asyncio.Task[None] | None = None
        self._gone_since = self._ask_at = 0.0

    async def take(self, account: str, burst: float, per_second: float, at_once: int, ticket: str) -> float:
        if self._asks():
            keys = [_key(account, part) for part in ("spent", "held", "out")]
            given: list[str | float] = [burst, 1 / per_second, at_once, ticket, TICKET_LIVES, ASK_AGAIN]
            try:
                wait = float(await self._take(keys=keys, args=given))
            except (RedisError, OSError) as error:
                self._lost(error)
            else:
                self._found()
                if wait <= 0:
                    self._renew_from_now(account, ticket)
                    # counted here too, so that losing Redis gives nobody a fresh allowance
                    await self._alone.take(account, burst, per_second, at_once, ticket)
                return wait
        return await self._alone.take(account, burst, per_second, at_once, ticket)

    async def give_back(self, account: str, ticket: str) -> None:
        self._under_way[account].discard(ticket)
        await self._alone.give_back(account, ticket)
        if self._asks():
            try:
                await self._redis.zrem(_key(account, "out"), ticket)
            except (RedisError, OSError) as error:
                self._lost(error)

    async def hold(self, account: str, seconds: float) -> None:
        await self._alone.hold(account, seconds)
        if self._asks():
            try:
                await self._hold(keys=[_key(account, "held")], args=[seconds])
            except (RedisError, OSError) as error:
                self._lost(error)

    async def close(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
            with suppress(asyncio.CancelledError):
                await self._renewing
        await self._redis.aclose()

    def _renew_from_now(self, account: str, ticket: str) -> None:
        self._under_way[account].add(ticket)
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.get_running_loop().create_task(self._keep_renewing())

    async def _keep_renewing(self) -> None:
        """Until nothing is under way."""
        while any(self._under_way.values()):
            await asyncio.sleep(TICKET_LIVES / 3)
            for account, tickets in list(self._under_way.items()):
                if tickets and self._asks():
                    try:
                        await self._renew(keys=[_key(account, "out")], args=[TICKET_LIVES, *tickets])
                    except (RedisError, OSError) as error:
                        self._lost(error)

    def _asks(self) -> bool:
        return time.monotonic() >= self._ask_at

    def _lost(self, error: Exception) -> None:
        self._ask_at = time.monotonic() + AGAIN_AFTER
        if not self._gone_since:
            self._gone_since = time.monotonic()
            log.warning("pace.redis_lost", error=type(error).__name__)

    def _found(self) -> None:
        if self._gone_since:
            log.info("pace.redis_found", seconds=round(time.monotonic() - self._gone_since))
            self._gone_since = 0.0


def _key(account: str, part: str) -> str:
    """The braces keep an account's keys on one node of a cluster."""
    return f"{PREFIX}:{{{account}}}:{part}"
