"""Answers to queries, signs of life, and what the bot asks about chats and people."""

from __future__ import annotations

from .api import Call, Method, chat_of, message_of, writable
from .errors import Json, bad_request
from .state import Chat

# https://core.telegram.org/bots/api#sendchataction: the sign is shown for 5 seconds or less.
ACTION_SECONDS = 5
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "cancel",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
MAX_ANSWER = 200
TOPIC_COLOR = 0x6FB9F0


async def answer_callback_query(call: Call) -> bool:
    params, state = call.params, call.api.state
    text = params.get("text", "")
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if params.get("url") and not params["url"].startswith(f"https://t.me/{state.bot.username}?"):
        raise bad_request("URL_INVALID")
    query = call.api.queries.answerable(params["callback_query_id"], "callback")
    query.answer = {
        "query_id": query.id,
        "message_id": query.message_id,
        "text": text,
        "show_alert": bool(params.get("show_alert")),
        "url": params.get("url", ""),
        "date": int(state.clock.time()),
    }
    state.toasts.setdefault(query.person_id, []).append(query.answer)
    state.changes.publish({"kind": "toast", "person": query.person_id, "toast": query.answer})
    return True


async def answer_inline_query(call: Call) -> bool:
    results: list[Json] = call.params["results"]
    if len(results) > 50:
        raise bad_request("RESULTS_TOO_MUCH")
    if len({result["id"] for result in results}) != len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    query = call.api.queries.answerable(call.params["inline_query_id"], "inline")
    query.answer = {name: value for name, value in call.params.items() if name != "inline_query_id"}
    query.results = results
    call.api.state.changes.publish({"kind": "inline", "person": query.person_id, "query": query.id})
    return True


async def send_chat_action(call: Call) -> bool:
    action = call.params["action"]
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat, state = writable(call), call.api.state
    chat.action = "" if action == "cancel" else action
    chat.action_until = state.clock.time() + (ACTION_SECONDS if chat.action else 0)
    state.touch(chat, action=chat.action)
    return True


async def get_chat(call: Call) -> Json:
    chat, state = chat_of(call), call.api.state
    full = state.header(chat) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if chat.pinned and chat.pinned[-1] in chat.messages:
        full["pinned_message"] = chat.messages[chat.pinned[-1]].data
    return full


GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def _member(call: Call, chat: Chat, user_id: int) -> Json:
    state = call.api.state
    if user_id == state.bot.id:
        return {"user": state.bot.user(), "status": chat.bot_status}
    if user_id not in state.people:
        raise bad_request("user not found")
    status = "member" if user_id in chat.members else "left"
    return {"user": state.people[user_id].user(), "status": status}


async def get_chat_member(call: Call) -> Json:
    return _member(call, chat_of(call), call.params["user_id"])


async def get_chat_member_count(call: Call) -> int:
    return len(chat_of(call).members) + 1


async def get_chat_administrators(call: Call) -> list[Json]:
    chat = chat_of(call)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    owner = call.api.state.people[chat.members[0]]
    return [{"user": owner.user(), "status": "creator", "is_anonymous": False}]


async def leave_chat(call: Call) -> bool:
    chat = writable(call)
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    state = call.api.state
    notice = state.envelope(chat, state.bot.user()) | {"left_chat_member": state.bot.user()}
    state.put(chat, notice, from_bot=True)
    return True


async def set_message_reaction(call: Call) -> bool:
    chat = writable(call)
    stored = message_of(chat, call.params["message_id"], "message to react")
    reactions: list[Json] = call.params.get("reaction") or []
    stored.reactions = [reaction.get("emoji", "") for reaction in reactions]
    stored.version = call.api.state.touch(chat, message=stored.data["message_id"])
    return True


async def create_forum_topic(call: Call) -> Json:
    chat, state = writable(call), call.api.state
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    created = {"name": call.params["name"], "icon_color": call.params.get("icon_color", TOPIC_COLOR)}
    data = state.envelope(chat, state.bot.user()) | {"forum_topic_created": created}
    chat.topics[data["message_id"]] = created["name"]
    data |= {"message_thread_id": data["message_id"], "is_topic_message": True}
    state.put(chat, data, from_bot=True)
    return created | {"message_thread_id": data["message_id"]}


async def edit_forum_topic(call: Call) -> bool:
    chat = writable(call)
    thread = call.params["message_thread_id"]
    if thread not in chat.topics:
        raise bad_request("message thread not found")
    name = call.params.get("name") or chat.topics[thread]
    if name == chat.topics[thread]:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.topics[thread] = name
    call.api.state.touch(chat)
    return True


async def get_user_profile_photos(call: Call) -> Json:
    if call.params["user_id"] not in call.api.state.people:
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}


METHODS: dict[str, Method] = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "sendChatAction": send_chat_action,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "getChatAdministrators": get_chat_administrators,
    "leaveChat": leave_chat,
    "setMessageReaction": set_message_reaction,
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "getUserProfilePhotos": get_user_profile_photos,
}
