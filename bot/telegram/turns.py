"""One at a time in a chat: an answer to a press and a card that is brought up to date edit one message.

Tasks of this process wait for one another; with Redis those of other processes do as well, for PATIENCE at
most: what is at stake is one screen, and somebody waits.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

LIVES = 10.0
"""Seconds after which the turn of a process that was killed is over."""

PATIENCE, ASK_AGAIN = 3.0, 0.02


class SharedLocks(Protocol):
    """Locks that all processes share (storage.short_locks)."""

    async def take(self, name: str, seconds: float) -> bool: ...

    async def free(self, name: str) -> None: ...


class Turns:
    """Locks by chat, kept only while somebody holds or awaits them."""

    def __init__(self, shared: SharedLocks | None = None) -> None:
        self._shared = shared
        self._locks: dict[int, asyncio.Lock] = {}
        self._wanted: dict[int, int] = {}

    def __len__(self) -> int:
        """How many chats have somebody."""
        return len(self._locks)

    def taken(self, chat_id: int) -> bool:
        """Whether whoever asks for the chat now would have to wait for somebody of this process."""
        return chat_id in self._locks

    @asynccontextmanager
    async def of(self, chat_id: int, patience: float = PATIENCE) -> AsyncIterator[bool]:
        """The chat's turn. False: another process had it for longer than `patience`."""
        lock = self._locks.setdefault(chat_id, asyncio.Lock())
        self._wanted[chat_id] = self._wanted.get(chat_id, 0) + 1
        try:
            async with lock:
                if self._shared is None:
                    yield True
                    return
                ours = await self._take(self._shared, f"turn:{chat_id}", patience)
                try:
                    yield ours
                finally:
                    if ours:
                        await self._shared.free(f"turn:{chat_id}")
        finally:
            self._wanted[chat_id] -= 1
            if not self._wanted[chat_id]:
                del self._wanted[chat_id], self._locks[chat_id]

    async def _take(self, shared: SharedLocks, name: str, patience: float) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        while not await shared.take(name, LIVES):
            if loop.time() >= until:
                return False
            await asyncio.sleep(ASK_AGAIN)
        return True
