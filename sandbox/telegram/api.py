"""What a Bot API method works with, and the checks most of them share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .errors import Json, bad_request, forbidden, migrated
from .files import Upload
from .keyboards import check_markup, without_empty
from .limits import FloodControl
from .queries import Queries
from .state import Chat, ReplyKeyboard, State, Stored
from .updates import Updates

if TYPE_CHECKING:
    from .webhook import Webhook


@dataclass(frozen=True)
class Api:
    """The parts of one stand-in."""

    state: State
    updates: Updates
    flood: FloodControl
    queries: Queries
    webhook: Webhook


@dataclass(frozen=True)
class Call:
    """One method call: checked parameters and the files that came with it."""

    api: Api
    params: Json
    uploads: dict[str, Upload] = field(default_factory=dict)


Method = Callable[[Call], Awaitable[object]]


def chat_of(call: Call, name: str = "chat_id") -> Chat:
    """The chat a parameter names: an id, or @username of a person. Raises ApiError 400."""
    value, state = call.params[name], call.api.state
    text = str(value)
    if text.startswith("@"):
        wanted = text[1:].lower()
        found = next((p.id for p in state.people.values() if p.username.lower() == wanted), None)
    else:
        found = int(text) if text.lstrip("-").isdigit() else None
    chat = None if found is None else state.chats.get(found)
    if chat is None:
        raise bad_request("chat not found")
    return chat


def writable(call: Call, name: str = "chat_id") -> Chat:
    """The chat, if the bot may write to it now. Raises ApiError 400 or 403."""
    chat = chat_of(call, name)
    person = call.api.state.people.get(chat.id)
    if person is not None:
        if person.deactivated:
            raise forbidden("user is deactivated")
        if person.blocked:
            raise forbidden("bot was blocked by the user")
        if not person.started:
            raise forbidden("bot can't initiate conversation with a user")
    elif chat.migrated_to:
        raise migrated(chat.migrated_to)
    elif chat.bot_status != "member":
        what = "kicked from" if chat.bot_status == "kicked" else "not a member of"
        raise forbidden(
            f"bot was {what} the {chat.type} chat" if "kicked" in what else f"bot is {what} the chat"
        )
    return chat


def message_of(chat: Chat, message_id: int | None, what: str) -> Stored:
    """A message of the chat; `what` is how Telegram names it when it is not found."""
    stored = chat.messages.get(message_id or 0)
    if stored is None:
        raise bad_request(f"{what} not found")
    return stored


def _reply(call: Call, chat: Chat) -> Json:
    parameters = call.params.get("reply_parameters") or {}
    wanted = parameters.get("message_id", call.params.get("reply_to_message_id"))
    if wanted is None:
        return {}
    stored = chat.messages.get(wanted)
    if stored is not None:
        return {"reply_to_message": {k: v for k, v in stored.data.items() if k != "reply_to_message"}}
    if parameters.get("allow_sending_without_reply") or call.params.get("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def _thread(call: Call, chat: Chat) -> Json:
    thread = call.params.get("message_thread_id")
    if not thread:
        return {}
    if thread not in chat.topics:
        raise bad_request("message thread not found")
    return {"message_thread_id": thread, "is_topic_message": True}


def _show_keyboard(chat: Chat, message_id: int, markup: Json) -> None:
    if "keyboard" in markup:
        chat.keyboard = ReplyKeyboard(message_id, markup)
    elif "remove_keyboard" in markup:
        chat.keyboard = None


def post(call: Call, chat: Chat, *contents: Json) -> list[Json]:
    """Send one message for each content, as the bot; returns them as Telegram answers them.

    Checks the keyboard, the replied message and the thread, then the limits. Raises ApiError.
    """
    markup = call.params.get("reply_markup")
    check_markup(markup, private=chat.type == "private")
    frame = _reply(call, chat) | _thread(call, chat)
    if call.params.get("protect_content"):
        frame["has_protected_content"] = True
    call.api.flood.spend(chat.id, len(contents))
    sent = []
    for content in contents:
        data = call.api.state.envelope(chat, call.api.state.bot.user()) | frame | content
        if markup and "inline_keyboard" in markup and (shown := without_empty(markup)):
            data["reply_markup"] = shown
        elif markup:
            _show_keyboard(chat, data["message_id"], markup)
        sent.append(call.api.state.put(chat, data, from_bot=True).data)
    return sent
