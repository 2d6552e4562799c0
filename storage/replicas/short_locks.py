"""Locks of a few seconds that all processes share in Redis. Redis is never what work depends on: while it is
gone, every process has only its own."""

import time

import structlog

log = structlog.get_logger()

PREFIX = "voronka:lock:"
ANSWERS_IN = 0.5
AGAIN_AFTER = 5.0

_FREE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class ShortLocks:
    """`owner` is the process; two tasks of one are to be kept apart by somebody else."""

    def __init__(self, url: str, owner: str) -> None:
        # six megabytes that an installation without Redis does not need
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        self._gone = (RedisError, OSError)
        self._redis = Redis.from_url(
            url,
            socket_timeout=ANSWERS_IN,
            socket_connect_timeout=ANSWERS_IN,
            retry=Retry(NoBackoff(), 0),
        )
        self._owner = owner
        self._free = self._redis.register_script(_FREE)
        self._ask_at = 0.0

    async def take(self, name: str, seconds: float) -> bool:
        """Whether it is ours now, for `seconds` at most. True while Redis is gone."""
        if time.monotonic() < self._ask_at:
            return True
        try:
            return bool(await self._redis.set(PREFIX + name, self._owner, nx=True, px=int(seconds * 1000)))
        except self._gone as error:
            self._lost(error)
            return True

    async def free(self, name: str) -> None:
        if time.monotonic() >= self._ask_at:
            try:
                await self._free(keys=[PREFIX + name], args=[self._owner])
            except self._gone as error:
                self._lost(error)

    def _lost(self, error: BaseException) -> None:
        self._ask_at = time.monotonic() + AGAIN_AFTER
        log.warning("locks.redis_lost", error=type(error).__name__)

    async def close(self) -> None:
        await self._redis.aclose()
