"""Changing and removing what was sent."""

from __future__ import annotations

import copy

from .api import Call, Method, chat_of, message_of, writable
from .errors import Json, bad_request
from .keyboards import check_markup, inline_only
from .methods_media import BUILDERS, media_content
from .methods_send import caption_content, text_content
from .state import Chat, Stored

# https://core.telegram.org/bots/api#deletemessage: only messages sent less than 48 hours ago.
DELETABLE = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
TEXT = {"text", "entities", "link_preview_options"}
CAPTION = {"caption", "caption_entities"}
CONTENT = TEXT | CAPTION | set(BUILDERS)


def _editable(call: Call) -> tuple[Chat, Stored]:
    if call.params.get("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    if "chat_id" not in call.params:
        raise bad_request("chat_id is empty")
    if "message_id" not in call.params:
        raise bad_request("message identifier is not specified")
    chat = writable(call)
    stored = message_of(chat, call.params["message_id"], "message to edit")
    if not stored.from_bot or "forward_origin" in stored.data or "pinned_message" in stored.data:
        raise bad_request("message can't be edited")
    return chat, stored


def _shown(data: Json) -> Json:
    return {name: data.get(name) for name in CONTENT | {"reply_markup"}}


def _change(call: Call, chat: Chat, stored: Stored, content: Json, dropped: set[str]) -> Json:
    markup = call.params.get("reply_markup")
    check_markup(markup, private=chat.type == "private")
    keyboard = inline_only(markup)
    kept = {k: v for k, v in stored.data.items() if k not in dropped | {"reply_markup"}}
    changed = kept | content | ({"reply_markup": keyboard} if keyboard else {})
    if _shown(changed) == _shown(stored.data):
        raise bad_request(NOT_MODIFIED)
    call.api.flood.spend(chat.id)
    now = int(call.api.state.clock.time())
    stored.edits.append(copy.deepcopy(stored.data) | {"replaced_at": now})
    stored.data.clear()
    stored.data.update(changed, edit_date=now)
    stored.version = call.api.state.touch(chat, message=stored.data["message_id"])
    return stored.data


async def edit_message_text(call: Call) -> Json:
    content = text_content(call)
    chat, stored = _editable(call)
    if "text" not in stored.data:
        raise bad_request("there is no text in the message to edit")
    return _change(call, chat, stored, content, TEXT)


async def edit_message_caption(call: Call) -> Json:
    content = caption_content(call)
    chat, stored = _editable(call)
    if not set(BUILDERS) & stored.data.keys():
        raise bad_request("there is no caption in the message to edit")
    return _change(call, chat, stored, content, CAPTION)


async def edit_message_media(call: Call) -> Json:
    media: Json = call.params["media"]
    chat, stored = _editable(call)
    content = media_content(call, media["type"], media, media["media"])
    return _change(call, chat, stored, content, CONTENT)


async def edit_message_reply_markup(call: Call) -> Json:
    chat, stored = _editable(call)
    return _change(call, chat, stored, {}, set())


def _delete(call: Call, chat: Chat, stored: Stored) -> None:
    if call.api.state.clock.time() - stored.data["date"] > DELETABLE:
        raise bad_request("message can't be deleted for everyone")
    message_id = stored.data["message_id"]
    if chat.type != "private" and not stored.from_bot:
        raise bad_request("message can't be deleted")
    del chat.messages[message_id]
    if chat.keyboard is not None and chat.keyboard.message_id == message_id:
        chat.keyboard = None
    call.api.state.touch(chat, deleted=message_id)


async def delete_message(call: Call) -> bool:
    chat = writable(call)
    _delete(call, chat, message_of(chat, call.params["message_id"], "message to delete"))
    return True


async def delete_messages(call: Call) -> bool:
    chat = writable(call)
    wanted: list[int] = call.params["message_ids"]
    if len(wanted) > 100:
        raise bad_request("too many message identifiers specified")
    # Those not found are skipped: https://core.telegram.org/bots/api#deletemessages
    for message_id in wanted:
        if message_id in chat.messages:
            _delete(call, chat, chat.messages[message_id])
    return True


async def pin_chat_message(call: Call) -> bool:
    chat = writable(call)
    stored = message_of(chat, call.params["message_id"], "message to pin")
    message_id = stored.data["message_id"]
    if message_id not in chat.pinned:
        chat.pinned.append(message_id)
        state = call.api.state
        notice = state.envelope(chat, state.bot.user()) | {"pinned_message": copy.deepcopy(stored.data)}
        state.put(chat, notice, from_bot=True)
    return True


async def unpin_chat_message(call: Call) -> bool:
    chat = writable(call)
    wanted = call.params.get("message_id") or (chat.pinned[-1] if chat.pinned else None)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(wanted)
    call.api.state.touch(chat)
    return True


async def unpin_all_chat_messages(call: Call) -> bool:
    chat = chat_of(call)
    chat.pinned.clear()
    call.api.state.touch(chat)
    return True


METHODS: dict[str, Method] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
}
