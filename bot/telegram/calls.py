"""Calling the Bot API for answers and pushes alike, and what its errors mean for us."""

import asyncio
import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from aiogram import Bot, methods
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods.base import Response, TelegramMethod
from aiogram.types import BufferedInputFile, FSInputFile, Message

from domain.watching import UNWATCHED, Watch
from storage.replicas.sending_pace import LocalPace, SendingPace, Sort

log = structlog.get_logger()

METHODS: dict[str, type[TelegramMethod[Any]]] = {
    "sendMessage": methods.SendMessage,
    "editMessageText": methods.EditMessageText,
    "editMessageReplyMarkup": methods.EditMessageReplyMarkup,
    "answerInlineQuery": methods.AnswerInlineQuery,
    "answerCallbackQuery": methods.AnswerCallbackQuery,
    "deleteMessage": methods.DeleteMessage,
    "sendContact": methods.SendContact,
    "sendAnimation": methods.SendAnimation,
    "sendAudio": methods.SendAudio,
    "sendDocument": methods.SendDocument,
    "sendVideo": methods.SendVideo,
    "sendVideoNote": methods.SendVideoNote,
    "sendVoice": methods.SendVoice,
    "sendPhoto": methods.SendPhoto,
    "editMessageMedia": methods.EditMessageMedia,
    "setMyCommands": methods.SetMyCommands,
}

# pydantic holds the models of answers weakly: unheld they are built anew after each garbage collection
ANSWERS = tuple(
    Response[method.__returning__]  # type: ignore[name-defined]
    for method in (*METHODS.values(), methods.GetFile, methods.GetMe, methods.GetUpdates)
)


class Outcome(StrEnum):
    """done; gone: the message to edit is not there; blocked: the person left; wait: flood control; later:
    no answer."""

    DONE = "done"
    GONE = "gone"
    BLOCKED = "blocked"
    WAIT = "wait"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """`message_id` of what was sent or edited; `seconds` to wait; Telegram's own words in `detail`."""

    outcome: Outcome
    message_id: int | None = None
    seconds: float = 0
    detail: str = ""


PER_SECOND = 25
COUNTED = ("send", "edit")
"""How the methods begin that Telegram counts as messages."""


class BotCalls:
    """One call, one Result. When Telegram says to wait, every caller waits, of whichever process that shares
    the pace."""

    def __init__(self, bot: Bot, watch: Watch = UNWATCHED, pace: SendingPace | None = None) -> None:
        self.bot, self.watch = bot, watch
        self.pace = pace or LocalPace(PER_SECOND)

    async def call(self, method: str, params: dict[str, Any], *, counted: bool = False) -> Result:
        """Call a method by its name. `counted`: the caller has asked the pace for this message already."""
        loop = asyncio.get_running_loop()
        if not counted and method.startswith(COUNTED):
            await self._pause()
        began = loop.time()
        result = await self._call(method, params)
        self.watch.took("telegram", method, result.outcome.value, loop.time() - began)
        return result

    async def _pause(self) -> None:
        """Count an answer; it only waits while Telegram wants nothing at all."""
        wait = await self.pace.take(Sort.ANSWER)
        while wait.seconds:
            await asyncio.sleep(wait.seconds)
            wait = await self.pace.take(Sort.ANSWER)

    async def _call(self, method: str, params: dict[str, Any]) -> Result:
        try:
            answer = await self.bot(METHODS[method](**_with_uploads(params)))
        except TelegramRetryAfter as error:
            await self.pace.flood(error.retry_after)
            self.watch.counted("telegram_floods", method)
            log.warning("telegram.flood", method=method, seconds=error.retry_after)
            return Result(Outcome.WAIT, seconds=error.retry_after)
        except TelegramForbiddenError as error:
            return Result(Outcome.BLOCKED, detail=error.message)
        except TelegramBadRequest as error:
            return _bad_request(method, params, error)
        except (TelegramNetworkError, TelegramServerError) as error:
            return Result(Outcome.LATER, seconds=2, detail=type(error).__name__)
        except TelegramMigrateToChat as error:
            return Result(Outcome.REFUSED, detail=f"migrated:{error.migrate_to_chat_id}")
        return Result(Outcome.DONE, answer.message_id if isinstance(answer, Message) else None)


def _with_uploads(params: dict[str, Any]) -> dict[str, Any]:
    """Files that an answer carries as {"name", "base64"} become multipart uploads."""
    return {
        name: _upload(_with_uploads(value) if name == "media" and isinstance(value, dict) else value)
        for name, value in params.items()
    }


def _upload(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"name", "base64"}:
        return BufferedInputFile(base64.b64decode(value["base64"]), value["name"])
    if isinstance(value, dict) and value.keys() == {"name", "path"}:
        # read from the disk while it is being sent
        return FSInputFile(value["path"], value["name"])
    return value


def _bad_request(method: str, params: dict[str, Any], error: TelegramBadRequest) -> Result:
    text = error.message.lower()
    if "not modified" in text:
        return Result(Outcome.DONE, params.get("message_id"))
    if "to edit not found" in text or "can't be edited" in text or "to delete not found" in text:
        return Result(Outcome.GONE)
    if "query is too old" in text or "query id is invalid" in text:
        return Result(Outcome.DONE)
    if "chat not found" in text:
        return Result(Outcome.BLOCKED, detail=error.message)
    log.error("telegram.refused", method=method, reason=error.message)
    return Result(Outcome.REFUSED, detail=error.message)
