"""The bot's queue of updates: kept 24 hours, confirmed by offset, one poller at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

from .changes import Changes
from .clock import Clock
from .errors import Json, conflict

LIFETIME = 86_400
# https://core.telegram.org/bots/api#getupdates: sent only when asked for by name.
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
FIRST_UPDATE = 100_000_001


@dataclass(frozen=True)
class Update:
    id: int
    kind: str
    content: Json
    queue: int
    expires_at: float

    def body(self) -> Json:
        return {"update_id": self.id, self.kind: self.content}


class Updates:
    """Appends, hands out and forgets updates."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_id = FIRST_UPDATE
        self._pending: deque[Update] = deque()
        self._poller: asyncio.Future[Any] | None = None
        self.allowed: list[str] = []
        self.changes = Changes()

    def __len__(self) -> int:
        self._expire()
        return len(self._pending)

    def _expire(self) -> None:
        now = self._clock.time()
        while self._pending and self._pending[0].expires_at < now:
            self._pending.popleft()

    def wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in ON_REQUEST

    def append(self, kind: str, content: Json, queue: int) -> None:
        """Queue an update unless the bot has not asked for its kind; `queue` is the chat it is ordered in."""
        if not self.wants(kind):
            return
        expires = self._clock.time() + LIFETIME
        self._pending.append(Update(self._next_id, kind, content, queue, expires))
        self._next_id += 1
        self.changes.publish({"kind": "update"})

    def confirm(self, offset: int) -> None:
        """Forget everything below a positive offset; a negative one keeps only the last -offset."""
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        while self._pending and self._pending[0].id < offset:
            self._pending.popleft()

    def forget(self, update_id: int) -> None:
        self._pending = deque(u for u in self._pending if u.id != update_id)

    def pending(self) -> list[Update]:
        self._expire()
        return list(self._pending)

    def clear(self) -> None:
        self._pending.clear()

    @property
    def polling(self) -> bool:
        """Is a long poll under way?"""
        return self._poller is not None and not self._poller.done()

    def stop_poller(self, reason: str) -> None:
        """End the poll that is under way with 409."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(conflict(reason))

    def end_poll(self) -> None:
        """Let the poll that is under way go home with what there is."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109
        """getUpdates: confirm, then wait up to `timeout` real seconds for the first update.

        Raises ApiError 409 when another poll or setWebhook takes over.
        """
        self.confirm(offset)
        if timeout and not self.pending():
            self.stop_poller(
                "terminated by other getUpdates request; make sure that only one bot instance is running"
            )
            await self._wait(timeout)
        return [update.body() for update in self.pending()[:limit]]

    async def _wait(self, timeout: float) -> None:  # noqa: ASYNC109
        poller: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._poller = poller
        self.changes.publish({"kind": "poll"})
        waiting: asyncio.Future[Any] = asyncio.ensure_future(
            self.changes.wait_for(lambda: bool(self._pending), timeout)
        )
        try:
            await asyncio.wait({waiting, poller}, return_when=asyncio.FIRST_COMPLETED)
            if poller.done():
                poller.result()
        finally:
            waiting.cancel()
            if not poller.done():
                poller.cancel()
