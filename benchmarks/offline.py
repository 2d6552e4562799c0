"""A Telegram that answers at once: aiogram's session without the network, the same for both sides.

A call is still written as a form and its answer still read from JSON, as with the real session; only
the HTTP in between is left out, which would cost both sides the same.
"""

import itertools
import json
from collections.abc import AsyncGenerator
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import EditMessageReplyMarkup, EditMessageText, SendMessage
from aiogram.methods.base import TelegramMethod, TelegramType
from aiogram.types import InputFile

TOKEN = "42:" + "A" * 35
DATE = 1_790_000_000


class OfflineSession(BaseSession):
    """Keeps every call in `sent`."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[TelegramMethod[Any]] = []
        self._numbers = itertools.count(1)

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109
    ) -> TelegramType:
        self.sent.append(method)
        files: dict[str, InputFile] = {}
        form = {
            key: self.prepare_value(value, bot=bot, files=files)
            for key, value in method.model_dump(warnings=False).items()
        }
        answer = self.check_response(bot, method, 200, self._answer(form))
        result: TelegramType = answer.result  # type: ignore[assignment]
        return result

    def _answer(self, form: dict[str, Any]) -> str:
        chat = {"id": int(form["chat_id"]), "type": "private", "first_name": "Paul"}
        number = int(form["message_id"]) if "message_id" in form else next(self._numbers)
        message = {"message_id": number, "date": DATE, "chat": chat, "text": form.get("text", "")}
        return json.dumps({"ok": True, "result": message})

    async def close(self) -> None:
        return

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        """No file is asked for, so none has a byte."""
        nothing: tuple[bytes, ...] = ()
        for part in nothing:
            yield part

    def take(self) -> list[tuple[object, ...]]:
        """What was sent since the last time: (chat, method, text, keyboard) of each call, in order a chat."""
        taken, self.sent = self.sent, []
        return sorted((_essence(method) for method in taken), key=lambda essence: str(essence[0]))


def _essence(method: TelegramMethod[Any]) -> tuple[object, ...]:
    assert isinstance(method, SendMessage | EditMessageText | EditMessageReplyMarkup), method
    keyboard = method.reply_markup.model_dump(exclude_none=True) if method.reply_markup else None
    return method.chat_id, type(method).__name__, getattr(method, "text", ""), keyboard


def text_update(update_id: int, person: int, text: str) -> dict[str, Any]:
    """A private message as Telegram sends it."""
    who = {"id": person, "first_name": "Paul", "language_code": "en"}
    message: dict[str, Any] = {
        "message_id": update_id,
        "date": DATE,
        "from": {**who, "is_bot": False},
        "chat": {**who, "type": "private"},
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return {"update_id": update_id, "message": message}
