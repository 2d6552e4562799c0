"""Presses handled as by the bot, with a Telegram that takes every call: thousands a minute."""

import json
from collections.abc import AsyncGenerator, Callable
from itertools import count
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import AnswerCallbackQuery

from bot.assembly import Product
from bot.telegram.calls import BotCalls
from bot.telegram.conversing import build_dispatcher
from bot.telegram.turns import Turns
from bot.telegram.updates import UpdateWorker
from services.journal import lane_of
from storage.messages.updates import JournalEntry

TOKEN = "42:" + "A" * 35
DATE = 1_790_000_000
_NUMBERS = count(1)


class TakesAll(BaseSession):
    """`said` is every text that was to be sent, `answered` counts the presses that were answered."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.answered = 0

    async def make_request(self, bot: Bot, method: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109
        given = method.model_dump(warnings=False)
        self.said.append(json.dumps(given, default=str, ensure_ascii=False))
        self.answered += isinstance(method, AnswerCallbackQuery)
        plain = method.__returning__ is bool
        chat = {"id": given.get("chat_id") or 1, "type": "private", "first_name": "Eve"}
        message = {"message_id": next(_NUMBERS), "date": DATE, "chat": chat, "text": "x"}
        answer = json.dumps({"ok": True, "result": plain or message})
        return self.check_response(bot, method, 200, answer).result

    def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        raise NotImplementedError

    async def close(self) -> None:
        return


class Presser:
    """Somebody who presses buttons."""

    def __init__(self, product: Product, telegram_id: int) -> None:
        self.session, self.telegram_id = TakesAll(), telegram_id
        bot, services = Bot(TOKEN, session=self.session), product.services
        dispatcher = build_dispatcher(product, "bot")
        self.journal = services.journal
        self.worker = UpdateWorker(
            bot, dispatcher, services.journal, services.members, BotCalls(bot), Turns(), "en"
        )

    async def press(self, data: str) -> None:
        await self._feed(lambda who, message: {"callback_query": {
            "id": str(next(_NUMBERS)), "from": who, "message": message, "chat_instance": "1", "data": data,
        }})  # fmt: skip

    async def say(self, text: str) -> None:
        await self._feed(lambda who, message: {"message": {**message, "from": who, "text": text}})

    async def ask_inline(self, query: str) -> None:
        """Type the bot's name and a query into some chat."""
        await self._feed(lambda who, _message: {"inline_query": {
            "id": str(next(_NUMBERS)), "from": who, "query": query, "offset": "",
        }})  # fmt: skip

    async def _feed(self, make: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]) -> None:
        who = {"id": self.telegram_id, "is_bot": False, "first_name": "Eve", "language_code": "en"}
        chat = {"id": self.telegram_id, "type": "private", "first_name": "Eve"}
        message = {"message_id": next(_NUMBERS), "date": DATE, "chat": chat, "text": "x"}
        update = {"update_id": next(_NUMBERS), **make(who, message)}
        body = json.dumps(update)
        await self.journal.store([(update["update_id"], lane_of(update), body)])
        await self.worker.handle(JournalEntry(update["update_id"], lane_of(update), body, "pending", None))
