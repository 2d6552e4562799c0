"""How often somebody may come: counted in this process, or by all processes together in Redis.

The count is GCRA: one moment a name says how far ahead its allowance is spent. Redis is never what an answer
depends on: while it is gone, each process counts by itself.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

log = structlog.get_logger()

PREFIX = "voronka:limit:"
ANSWERS_IN = 0.5
AGAIN_AFTER = 5.0
MOST_NAMES = 20_000
"""Names that a process remembers: whoever comes from a new address each time must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` at once, then `per_second`."""

    name: str
    burst: float
    per_second: float


class Limits(Protocol):
    """Counts of all names."""

    async def take(self, wanted: Sequence[Limit], *, spend: bool = True) -> tuple[str, float]:
        """("", 0.0): one was taken of each. Otherwise nothing was taken: the name that stands in the way
        longest, and after how many seconds it is worth coming again. Without `spend` it is only looked."""
        ...

    async def close(self) -> None: ...


class LocalLimits:
    """For one process."""

    def __init__(self) -> None:
        self._spent_until: dict[str, float] = {}

    async def take(self, wanted: Sequence[Limit], *, spend: bool = True) -> tuple[str, float]:
        now = time.monotonic()
        after = {one.name: max(self._spent_until.get(one.name, now), now) for one in wanted}
        waits = [(after[one.name] - now - (one.burst - 1) / one.per_second, one.name) for one in wanted]
        wait, name = max(waits, default=(0.0, ""))
        if wait > 0:
            return name, wait
        if spend:
            self._spent_until |= {one.name: after[one.name] + 1 / one.per_second for one in wanted}
            if len(self._spent_until) > MOST_NAMES:
                self._forget(now)
        return "", 0.0

    def _forget(self, now: float) -> None:
        """Those whose allowance is whole again; where that is not enough, the nearest to it."""
        ahead = sorted(
            ((until, name) for name, until in self._spent_until.items() if until > now), reverse=True
        )
        self._spent_until = {name: until for until, name in ahead[: MOST_NAMES // 2]}

    async def close(self) -> None:
        return


# Redis's own clock counts. KEYS: the names; ARGV: whether to spend, then burst and interval of each.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local worst, wait, spent = 0, 0, {}
for i, key in ipairs(KEYS) do
    local burst, interval = tonumber(ARGV[i * 2]), tonumber(ARGV[i * 2 + 1])
    spent[i] = math.max(tonumber(redis.call('GET', key) or '0'), now)
    local own = spent[i] - now - (burst - 1) * interval
    if own > wait then worst, wait = i, own end
end
if worst == 0 and ARGV[1] == '1' then
    for i, key in ipairs(KEYS) do
        local until_ = spent[i] + tonumber(ARGV[i * 2 + 1])
        redis.call('SET', key, string.format('%.6f', until_), 'PX', math.ceil((until_ - now) * 1000) + 1000)
    end
end
return {worst, string.format('%.6f', wait)}
"""


class RedisLimits:
    """For all processes; `alone` counts while Redis is gone."""

    def __init__(self, url: str) -> None:
        # six megabytes that an installation without Redis does not need
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        self._gone = (RedisError, OSError)
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=ANSWERS_IN,
            socket_connect_timeout=ANSWERS_IN,
            retry=Retry(NoBackoff(), 0),
        )
        self._alone = LocalLimits()
        self._take = self._redis.register_script(_TAKE)
        self._ask_at = 0.0

    async def take(self, wanted: Sequence[Limit], *, spend: bool = True) -> tuple[str, float]:
        if wanted and time.monotonic() >= self._ask_at:
            given: list[str | float] = ["1" if spend else "0"]
            for one in wanted:
                given += [one.burst, 1 / one.per_second]
            try:
                place, wait = await self._take(keys=[PREFIX + one.name for one in wanted], args=given)
                return (wanted[int(place) - 1].name if int(place) else "", float(wait))
            except self._gone as error:
                self._ask_at = time.monotonic() + AGAIN_AFTER
                log.warning("limits.redis_lost", error=type(error).__name__)
        return await self._alone.take(wanted, spend=spend)

    async def close(self) -> None:
        await self._redis.aclose()
