"""Messages the bot sends: text, contact, place; and copies and forwards of what exists."""

from __future__ import annotations

import copy

from .api import Call, Method, chat_of, message_of, post, writable
from .errors import Json, bad_request
from .state import Chat, State
from .text import caption_text, message_text

# A copy carries the content; who sent it, when and where do not travel.
FRAME = {
    "message_id", "from", "chat", "date", "edit_date", "reply_to_message", "forward_origin", "reply_markup",
    "message_thread_id", "is_topic_message", "media_group_id", "via_bot", "has_protected_content",
}  # fmt: skip
SERVICE = {"pinned_message", "new_chat_members", "left_chat_member", "forum_topic_created"}


def known_mentions(state: State, entities: list[Json]) -> list[Json]:
    """Mentions by id carry the person; those of strangers become plain text."""
    kept = []
    for entity in entities:
        if entity["type"] == "text_mention":
            person = state.people.get(int(entity["user"]["id"]))
            if person is None:
                continue
            entity = {**entity, "user": person.user()}
        kept.append(entity)
    return kept


def text_content(call: Call) -> Json:
    """Text and entities of sendMessage and editMessageText."""
    params = call.params
    text, entities = message_text(params.get("text", ""), params.get("parse_mode"), params.get("entities"))
    found = known_mentions(call.api.state, entities)
    preview = params.get("link_preview_options")
    content: Json = {"text": text} | ({"entities": found} if found else {})
    return content | ({"link_preview_options": preview} if preview else {})


def caption_content(call: Call, source: Json | None = None) -> Json:
    """Caption and its entities, from the call itself or from one item of an album."""
    params = call.params if source is None else source
    raw, mode = params.get("caption") or "", params.get("parse_mode")
    text, entities = caption_text(raw, mode, params.get("caption_entities"))
    found = known_mentions(call.api.state, entities)
    return ({"caption": text} if text else {}) | ({"caption_entities": found} if found else {})


async def send_message(call: Call) -> Json:
    content = text_content(call)
    return post(call, writable(call), content)[0]


async def send_contact(call: Call) -> Json:
    names = ("phone_number", "first_name", "last_name", "vcard")
    contact = {name: call.params[name] for name in names if call.params.get(name)}
    chat = writable(call)
    if "phone_number" not in contact:
        raise bad_request("PHONE_NUMBER_INVALID")
    if "first_name" not in contact:
        raise bad_request("first name must be non-empty")
    owner = _owner_of(call.api.state, contact["phone_number"])
    return post(call, chat, {"contact": contact | ({"user_id": owner} if owner else {})})[0]


def _owner_of(state: State, phone: str) -> int | None:
    digits = "".join(filter(str.isdigit, phone))
    owners = (p.id for p in state.people.values() if "".join(filter(str.isdigit, p.phone)) == digits)
    return next(owners, None)


async def send_location(call: Call) -> Json:
    place = {
        name: call.params[name]
        for name in ("latitude", "longitude", "horizontal_accuracy")
        if name in call.params
    }
    return post(call, writable(call), {"location": place})[0]


async def send_venue(call: Call) -> Json:
    place = {name: call.params[name] for name in ("latitude", "longitude")}
    venue = {"location": place, "title": call.params["title"], "address": call.params["address"]}
    return post(call, writable(call), {"venue": venue, "location": place})[0]


def _content(data: Json) -> Json:
    return copy.deepcopy({name: value for name, value in data.items() if name not in FRAME})


def _source(call: Call, message_id: int, what: str) -> Json:
    data = message_of(chat_of(call, "from_chat_id"), message_id, what).data
    if data.get("has_protected_content") or SERVICE & data.keys():
        raise bad_request(f"the message can't be {'copied' if 'copy' in what else 'forwarded'}")
    return data


def origin(data: Json) -> Json:
    """forward_origin of a message that is forwarded: the first sender stays the origin."""
    first: Json = data.get("forward_origin") or {
        "type": "user",
        "sender_user": data["from"],
        "date": data["date"],
    }
    return first


def _forwarded(call: Call, message_id: int) -> Json:
    data = _source(call, message_id, "message to forward")
    return {"forward_origin": origin(data)} | _content(data)


def _copied(call: Call, message_id: int) -> Json:
    content = _content(_source(call, message_id, "message to copy"))
    if "caption" in call.params and "text" not in content:
        content = {k: v for k, v in content.items() if not k.startswith("caption")} | caption_content(call)
    return content


async def forward_message(call: Call) -> Json:
    chat = writable(call)
    return post(call, chat, _forwarded(call, call.params["message_id"]))[0]


async def copy_message(call: Call) -> Json:
    chat = writable(call)
    return {"message_id": post(call, chat, _copied(call, call.params["message_id"]))[0]["message_id"]}


def _several(call: Call, chat: Chat, contents: list[Json]) -> list[Json]:
    return [{"message_id": sent["message_id"]} for sent in post(call, chat, *contents)]


def _existing(call: Call) -> list[int]:
    wanted: list[int] = call.params["message_ids"]
    if not 1 <= len(wanted) <= 100:
        raise bad_request(
            "message identifiers are not specified"
            if not wanted
            else "too many message identifiers specified"
        )
    messages = chat_of(call, "from_chat_id").messages
    found = [number for number in wanted if number in messages]
    if not found:
        raise bad_request("there are no messages to forward")
    return found


async def forward_messages(call: Call) -> list[Json]:
    chat = writable(call)
    return _several(call, chat, [_forwarded(call, number) for number in _existing(call)])


async def copy_messages(call: Call) -> list[Json]:
    chat = writable(call)
    return _several(call, chat, [_copied(call, number) for number in _existing(call)])


METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    "sendContact": send_contact,
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
}
