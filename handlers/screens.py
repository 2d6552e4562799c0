"""What a person sees: a screen is one message with its buttons."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiogram.filters.callback_data import CallbackData

TEXT_LIMIT = 4096
COPY_LIMIT = 256


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: `action` carries everything it needs; `url` instead opens a page, and `copy` puts a
    text of at most COPY_LIMIT characters where the person can paste it from."""

    text: str
    action: "CallbackData | None" = None
    url: str = ""
    copy: str = ""

    def as_json(self) -> dict[str, Any]:
        if self.action is not None:
            return {"text": self.text, "callback_data": self.action.pack()}
        if self.copy:
            return {"text": self.text, "copy_text": {"text": self.copy}}
        return {"text": self.text, "url": self.url}


Rows = Sequence[Sequence[Button]]


@dataclass(frozen=True, slots=True)
class Screen:
    """HTML text with rows of inline buttons, or with a reply keyboard where Telegram demands one.

    `slot` names what it shows: the newest message of a chat with it is edited when that changes. A push
    without a text takes that message away.
    """

    text: str
    rows: Rows = ()
    reply_keyboard: dict[str, Any] | None = field(default=None)
    slot: str = ""

    def as_params(self) -> dict[str, Any]:
        params: dict[str, Any] = {
            "text": self.text[:TEXT_LIMIT],
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        keyboard = [[button.as_json() for button in row] for row in self.rows if row]
        if keyboard:
            params["reply_markup"] = {"inline_keyboard": keyboard}
        elif self.reply_keyboard is not None:
            params["reply_markup"] = self.reply_keyboard
        return params


NO_KEYBOARD: dict[str, Any] = {"remove_keyboard": True}


def contact_keyboard(share: str, *ways: str) -> dict[str, Any]:
    """The one keyboard that can ask for a phone; `ways` are further keys, which come as texts."""
    return {
        "keyboard": [[{"text": share, "request_contact": True}], [{"text": way} for way in ways]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


def esc(text: str) -> str:
    """Somebody's text, safe inside our HTML."""
    return html.escape(text, quote=False)


def grid(buttons: Sequence[Button], width: int) -> list[list[Button]]:
    """Buttons in rows of `width`."""
    return [list(buttons[start : start + width]) for start in range(0, len(buttons), width)]
