"""Webhooks that are sent once, in order, and never again."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Generic, Protocol, TypeVar

import aiohttp


class HoldsQueue(Protocol):
    """The state that a courier works for."""

    wake: asyncio.Event


State = TypeVar("State", bound=HoldsQueue)


class Courier(ABC, Generic[State]):
    """Sends what waits, one try each; `time_limit` in seconds is a receiver's."""

    def __init__(self, state: State, time_limit: float) -> None:
        self._state, self._limit = state, time_limit
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Send as things happen, until cancelled."""
        while True:
            await self._state.wake.wait()
            self._state.wake.clear()
            await self.deliver_now()

    async def deliver_now(self) -> int:
        """Send all that waits; how many requests that was."""
        sent = 0
        async with self._lock, aiohttp.ClientSession() as session:
            while waiting := self.queue():
                await self.send(session, waiting.popleft())
                sent += 1
        return sent

    @abstractmethod
    def queue(self) -> deque[Any]:
        """What waits, oldest first."""

    @abstractmethod
    async def send(self, session: aiohttp.ClientSession, item: Any) -> None:
        """One request, and the note of it."""

    async def status_of(self, session: aiohttp.ClientSession, method: str, url: str, **how: Any) -> int:
        """What a receiver answered; 0 for nothing."""
        timeout = aiohttp.ClientTimeout(total=self._limit)
        try:
            async with session.request(method, url, timeout=timeout, allow_redirects=False, **how) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0
