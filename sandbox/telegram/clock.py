"""The stand-in's own time: calendar time that can be moved on, waiting time that can run faster."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """`time()` is real UTC plus the jumps; `monotonic()` also runs `speed` times as fast.

    Dates and expiries go by `time()`, so that a fast clock does not put messages into the future;
    limits and resends go by `monotonic()`. A jump or a change of speed wakes every sleeper.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._jumped = 0.0
        self._base = 0.0
        self._since = time.monotonic()
        self._moved = asyncio.Event()

    @property
    def speed(self) -> float:
        return self._speed

    def time(self) -> float:
        """Unix seconds, UTC."""
        return time.time() + self._jumped

    def monotonic(self) -> float:
        return self._base + (time.monotonic() - self._since) * self._speed

    def set_speed(self, speed: float) -> None:
        if speed <= 0:
            raise ValueError("speed must be positive")
        self._base = self.monotonic()
        self._since = time.monotonic()
        self._speed = speed
        self._wake()

    def advance(self, seconds: float) -> None:
        """Move both times on at once."""
        self._jumped += seconds
        self._base += seconds
        self._wake()

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep_until(self, moment: float) -> None:
        """Wait until `monotonic()` has reached `moment`."""
        while (left := moment - self.monotonic()) > 0:
            try:
                async with asyncio.timeout(left / self._speed):
                    await self._moved.wait()
            except TimeoutError:
                continue
