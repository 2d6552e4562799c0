"""Who waits for what: one counter of changes, long polls and live feeds upon it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from .errors import Json

# Longer than any run; `timeout_at` wants a number.
NO_END = 1e9


class Changes:
    """Counts changes; lets readers wait for a condition or follow every event."""

    def __init__(self) -> None:
        self.version = 0
        self._waiters: set[asyncio.Future[None]] = set()
        self._feeds: set[asyncio.Queue[Json | None]] = set()

    def publish(self, event: Json) -> int:
        """Number the event, wake the waiters, hand it to the feeds; returns the new version."""
        self.version += 1
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        for feed in self._feeds:
            feed.put_nowait({**event, "version": self.version})
        return self.version

    async def wait_for(self, ready: Callable[[], bool], timeout: float) -> bool:  # noqa: ASYNC109
        """True as soon as `ready()` holds, False after `timeout` real seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while not ready():
            waiter = loop.create_future()
            self._waiters.add(waiter)
            try:
                async with asyncio.timeout_at(end):
                    await waiter
            except TimeoutError:
                return ready()
            finally:
                self._waiters.discard(waiter)
        return True

    async def next(self) -> None:
        """Wait for the next event."""
        seen = self.version
        await self.wait_for(lambda: self.version > seen, NO_END)

    async def feed(self, heartbeat: float) -> AsyncIterator[Json | None]:
        """Every event from now on; None when `heartbeat` seconds passed in silence."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._feeds.add(queue)
        try:
            while True:
                try:
                    async with asyncio.timeout(heartbeat):
                        event = await queue.get()
                except TimeoutError:
                    yield None
                    continue
                if event is None:
                    return
                yield event
        finally:
            self._feeds.discard(queue)

    def close(self) -> None:
        """End every feed."""
        for feed in self._feeds:
            feed.put_nowait(None)
