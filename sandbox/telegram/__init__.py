"""A local Telegram: the Bot API any bot can be pointed at, a chat page for people, a client for tests.

`TelegramSandbox` runs it in this process, `Control` talks to one in another, `Person` is one of its people.
"""

from .control import Control
from .limits import Limits
from .person import Button, Message, Person, Refused
from .server import TelegramSandbox

__all__ = ["Button", "Control", "Limits", "Message", "Person", "Refused", "TelegramSandbox"]
