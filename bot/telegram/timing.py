"""How long each handler of a conversation takes, and how it ends."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.types import TelegramObject

from domain.errors import VoronkaError
from domain.watching import Watch
from handlers.errors import is_foreseen

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
Middleware = Callable[[Handler, TelegramObject, dict[str, Any]], Awaitable[Any]]


def timing(watch: Watch) -> Middleware:
    """An inner middleware: it runs around the handler that was chosen. A refusal in words is no error."""

    async def timed(handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        began, outcome = time.monotonic(), "ok"
        try:
            return await handler(event, data)
        except VoronkaError as error:
            outcome = "refused" if is_foreseen(error) else "error"
            raise
        except Exception:
            outcome = "error"
            raise
        finally:
            watch.took("handler", _name(data.get("handler")), outcome, time.monotonic() - began)

    return timed


def _name(handler: Any) -> str:
    function = getattr(handler, "callback", None)
    module = str(getattr(function, "__module__", "")).removeprefix("handlers.")
    return f"{module}.{getattr(function, '__qualname__', 'other')}"
