"""What Telegram refuses in a keyboard."""

from __future__ import annotations

from .errors import Json, bad_request
from .text_links import complaint

MAX_CALLBACK_DATA = 64
MAX_BUTTONS = 100
ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}  # fmt: skip
PRIVATE_ONLY = {"request_contact": "phone number", "request_location": "location"}


def _check_button(button: Json) -> None:
    actions = [name for name in ACTIONS if name in button]
    if not button.get("text", "").strip():
        raise bad_request('can\'t parse inline keyboard button: field "text" must be of type String')
    if not actions:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= MAX_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and (reason := complaint(url)):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {reason}")


def check_markup(markup: Json | None, *, private: bool) -> None:
    """Raises ApiError 400 in Telegram's words for a keyboard it would not take."""
    if markup is None:
        return
    rows: list[list[Json]] = markup.get("inline_keyboard") or markup.get("keyboard") or []
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    if "inline_keyboard" in markup:
        for row in rows:
            for button in row:
                _check_button(button)
        return
    for button in (button for row in rows for button in row):
        for name, what in PRIVATE_ONLY.items():
            if button.get(name) and not private:
                raise bad_request(f"{what} can be requested in private chats only")


def inline_only(markup: Json | None) -> Json | None:
    """The markup of an edit: an inline keyboard with buttons, or none."""
    if markup is None:
        return None
    if "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return without_empty(markup)


def without_empty(markup: Json) -> Json | None:
    """Telegram drops empty rows, and a keyboard without rows altogether."""
    rows = [row for row in markup["inline_keyboard"] if row]
    return {**markup, "inline_keyboard": rows} if rows else None
