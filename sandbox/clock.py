"""A clock that a test or a demo can speed up, stop or push forward.

Stand-ins measure every period of their protocol (a lock-out, a cron pass, a pause before a retry)
on such a clock, so that nobody waits for the real time to pass.
"""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta


class Clock:
    """Time that runs `speed` times faster than the real one, in UTC.

    Speed 0 stops it; then only `advance` moves it. It never goes back.
    """

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        if speed < 0:
            raise ValueError("the clock cannot run backwards")
        self._speed = speed
        self._base = (start or datetime.now(UTC)).astimezone(UTC)
        self._mark = time.monotonic()
        self._date = self._base
        self._changed = asyncio.Event()

    @property
    def speed(self) -> float:
        """How many seconds of this clock pass in one real second."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Change the speed; the moment itself does not jump."""
        if speed < 0:
            raise ValueError("the clock cannot run backwards")
        self._rebase()
        self._speed = speed
        self._wake()

    def advance(self, seconds: float) -> None:
        """Jump forward by `seconds`; sleepers whose moment has come wake up."""
        if seconds < 0:
            raise ValueError("the clock cannot run backwards")
        self._rebase()
        self._base += timedelta(seconds=seconds)
        self._date += timedelta(seconds=seconds)
        self._wake()

    def now(self) -> datetime:
        """The moment of this clock, aware, UTC."""
        return self._base + timedelta(seconds=(time.monotonic() - self._mark) * self._speed)

    def calendar(self) -> datetime:
        """The date and time that records bear, aware, UTC: it jumps with `advance`, but runs no faster than
        the real time. Waiting is what a fast clock is for; a record is to say when it was made.
        """
        return self._date + timedelta(seconds=(time.monotonic() - self._mark) * min(self._speed, 1))

    async def sleep(self, seconds: float) -> None:
        """Wait until `seconds` of this clock have passed."""
        await self.sleep_until(self.now() + timedelta(seconds=seconds))

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until this clock shows `moment` (aware), whatever happens to its speed meanwhile."""
        while (left := (moment - self.now()).total_seconds()) > 0:
            changed = self._changed
            timeout = left / self._speed if self._speed else None
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), timeout)

    def _rebase(self) -> None:
        self._base, self._date, self._mark = self.now(), self.calendar(), time.monotonic()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
