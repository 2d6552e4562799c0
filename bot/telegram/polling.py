"""Long polling: an update is in the journal before its offset is confirmed."""

import asyncio
import json
from typing import Any

import aiohttp
import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from sqlalchemy.exc import SQLAlchemyError

from bot.telegram.lanes import Lanes
from bot.telegram.token import TokenRefused
from bot.telegram.updates import EVENTS
from services.journal import Journal, lane_of
from storage.messages.updates import JournalEntry

log = structlog.get_logger()

HOLD = 25
TWO_POLLERS = "Another program polls for this bot. Stop it, or give this one a BOT_TOKEN of its own."
ALLOWED = json.dumps(EVENTS)
STEP_BACK, LONGEST_STEP = 3.0, 30.0
"""Seconds that it is left to the other program: at first, and at most. Only one gets each update."""


class Poller:
    """Fetches updates, stores each batch in one transaction, then hands them to the lanes."""

    def __init__(self, bot: Bot, journal: Journal, lanes: Lanes) -> None:
        self.bot, self.journal, self.lanes = bot, journal, lanes
        self._offset = 0
        self._stepped_back = 0

    async def loop(self) -> None:
        """Runs until cancelled, in one process at a time. Raises TokenRefused when Telegram answers 401."""
        self._offset = 0
        self.journal.begin_polling()
        await self.bot.delete_webhook()
        while True:
            batch = await self._fetch()
            try:
                await self._store(batch)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                # Telegram keeps what is not confirmed
                log.warning("journal.no_database", error=type(error).__name__)
                await asyncio.sleep(1)

    async def _store(self, batch: list[dict[str, Any]]) -> None:
        if not batch:
            return
        entries = [
            (int(update["update_id"]), lane_of(update), json.dumps(update, ensure_ascii=False))
            for update in batch
        ]
        fresh = set(await self.journal.store(entries))
        self._offset = entries[-1][0] + 1
        for update_id, lane, body in entries:
            if update_id in fresh:
                self.lanes.add(JournalEntry(update_id, lane, body, "pending", None))

    async def _fetch(self) -> list[dict[str, Any]]:
        session = self.bot.session
        assert isinstance(session, AiohttpSession)
        client = await session.create_session()
        url = session.api.api_url(self.bot.token, "getUpdates")
        form = {"offset": str(self._offset), "timeout": str(HOLD), "allowed_updates": ALLOWED}
        try:
            async with client.post(url, data=form, timeout=aiohttp.ClientTimeout(HOLD + 10)) as response:
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("telegram.unreachable", error=type(error).__name__)
            await asyncio.sleep(1)
            return []
        if answer.get("ok"):
            self._stepped_back = 0
            updates: list[dict[str, Any]] = answer["result"]
            return updates
        await self._refused(answer)
        return []

    async def _refused(self, answer: dict[str, Any]) -> None:
        code = answer.get("error_code")
        if code in (401, 404):
            raise TokenRefused
        if code == 409:
            await self._step_back()
            return
        wait = answer.get("parameters", {}).get("retry_after", 3)
        log.warning("telegram.poll_refused", code=code, reason=answer.get("description"), seconds=wait)
        await asyncio.sleep(wait)

    async def _step_back(self) -> None:
        """Another program polls; it is said once until it has ended."""
        if not self._stepped_back:
            log.error("telegram.two_pollers", hint=TWO_POLLERS)
        seconds = min(STEP_BACK * 2**self._stepped_back, LONGEST_STEP)
        self._stepped_back = min(self._stepped_back + 1, 8)
        await asyncio.sleep(seconds)
