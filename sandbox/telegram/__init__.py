"""A local Telegram: the Bot API any bot can be pointed at, a chat page for people, a client for tests.

`TelegramSandbox` runs it in this process, `Control` talks to one in another, `Person` is one of its people.
"""

from typing import TYPE_CHECKING, Any

from .control import Control
from .limits import Limits
from .person import Person, Refused
from .seen import Button, Message

if TYPE_CHECKING:
    from .server import TelegramSandbox

__all__ = ["Button", "Control", "Limits", "Message", "Person", "Refused", "TelegramSandbox"]


def __getattr__(name: str) -> Any:
    """The server brings in all of aiogram, which a client of it does not need."""
    if name == "TelegramSandbox":
        from .server import TelegramSandbox

        return TelegramSandbox
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
