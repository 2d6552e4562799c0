"""Wake-ups between whoever writes a row and whoever works it off.

A signal is only a hint: every worker also sweeps the database. Without Redis it reaches the tasks of
this process; with Redis, those of every replica.
"""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.db import Session

log = structlog.get_logger()

CHANNEL = "voronka:wake"


class Signals(Protocol):
    def wake(self, topic: str) -> None:
        """Tell the workers of a topic (operations, inbox, notices, updates) that there is work."""
        ...

    def wake_all(self) -> None:
        """Let everybody who waits in this process look around: the program stops."""
        ...

    async def wait(self, topic: str, seconds: float) -> None:
        """Return at a wake-up of the topic, or after `seconds`."""
        ...

    async def close(self) -> None: ...


WAKE = "wake"
"""The execution option of an engine under which its sessions find whom to wake."""


def woken_by(engine: AsyncEngine, signals: Signals) -> None:
    """Let `wake_after_commit` reach these signals from every session of the engine."""
    engine.update_execution_options(**{WAKE: signals.wake})


def wake_after_commit(s: Session, topic: str) -> None:
    """Wake the workers of a topic once what is written now is committed. Without signals they sweep."""
    wake = s.connection.engine.get_execution_options().get(WAKE)
    if wake is not None and (WAKE, topic) not in s.remembered:
        s.remembered[WAKE, topic] = True
        s.after_commit(partial(wake, topic))


class LocalSignals:
    """Wake-ups inside one process."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def _event(self, topic: str) -> asyncio.Event:
        return self._events.setdefault(topic, asyncio.Event())

    def wake(self, topic: str) -> None:
        self._event(topic).set()

    def wake_all(self) -> None:
        for event in self._events.values():
            event.set()

    async def wait(self, topic: str, seconds: float) -> None:
        event = self._event(topic)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
        event.clear()

    async def close(self) -> None:
        return


class RedisSignals(LocalSignals):
    """Wake-ups over Redis pub/sub. While Redis is gone the sweeps go on at their own pace."""

    def __init__(self, url: str) -> None:
        super().__init__()
        # six megabytes that an installation without Redis does not need
        from redis.asyncio import Redis
        from redis.exceptions import RedisError

        self._gone = RedisError
        self._redis = Redis.from_url(url, decode_responses=True)
        self._sending: set[asyncio.Task[None]] = set()
        self._listener = asyncio.get_running_loop().create_task(self._listen())

    def wake(self, topic: str) -> None:
        super().wake(topic)
        task = asyncio.get_running_loop().create_task(self._publish(topic))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _publish(self, topic: str) -> None:
        with suppress(self._gone):
            await self._redis.publish(CHANNEL, topic)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            super().wake(message["data"])
            except self._gone as error:
                log.warning("redis.lost", error=type(error).__name__)
                await asyncio.sleep(1)

    async def close(self) -> None:
        self._listener.cancel()
        with suppress(asyncio.CancelledError):
            await self._listener
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self._redis.aclose()
