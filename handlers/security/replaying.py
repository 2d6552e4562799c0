"""The update that is being handled, so that it can be handled once more when a code was given."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from handlers.chat import Chat


@dataclass(frozen=True, slots=True)
class Handled:
    """`raw` is the update as Telegram sent it. `again` runs one through the handlers, within the present
    transaction and for the same person, and returns the chat with what it answered."""

    raw: dict[str, Any]
    again: Callable[[dict[str, Any]], Awaitable[Chat]]


handled_now: ContextVar[Handled] = ContextVar("the update that is being handled")
