"""What happens, told to whoever counts it: names out of short lists, and nothing personal.

Everybody who works is given a Watch; this one looks away.
"""

from typing import Literal

Work = Literal["handler", "door", "provider", "hook", "telegram", "job"]
"""What takes time: a conversation's handler, an HTTP route, a call to a CRM, a webhook that we send, a call
to the Bot API, a job of the scheduler."""

Event = Literal["telegram_floods", "possible_doubles"]
"""What is only counted: how often Telegram told us to wait, and sends that a crash may have doubled."""


class Watch:
    """Is told; never fails, and never waits."""

    def took(self, work: Work, name: str, outcome: str, seconds: float) -> None:
        """A piece of work of this name ended in `outcome` after so many seconds."""

    def counted(self, event: Event, name: str) -> None:
        """It happened once more."""


UNWATCHED = Watch()
