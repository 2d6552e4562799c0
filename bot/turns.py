"""One at a time in a chat: an answer to a press and a card that is brought up to date edit one message."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Locks by chat, kept only while somebody holds or awaits them."""

    def __init__(self) -> None:
        self._locks: dict[int, asyncio.Lock] = {}
        self._wanted: dict[int, int] = {}

    def taken(self, chat_id: int) -> bool:
        """Whether whoever asks for the chat now would have to wait."""
        return chat_id in self._locks

    @asynccontextmanager
    async def of(self, chat_id: int) -> AsyncIterator[None]:
        lock = self._locks.setdefault(chat_id, asyncio.Lock())
        self._wanted[chat_id] = self._wanted.get(chat_id, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._wanted[chat_id] -= 1
            if not self._wanted[chat_id]:
                del self._wanted[chat_id], self._locks[chat_id]
