"""Buttons of webhooks."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData

NOBODY = UUID(int=0)
"""In the place of a hook where none is meant."""


class HookButton(CallbackData, prefix="hko"):
    """Act on a webhook: do is list, new, show, events, address, test, pause, resume, log (page), failed (send
    all that failed anew), rotate and remove (ask once more), really_rotate, really_remove."""

    do: str
    hook: UUID = NOBODY
    page: int = 0


class SendingButton(CallbackData, prefix="hkd"):
    """Act on one delivery: do is show or again."""

    do: str
    sending: UUID
