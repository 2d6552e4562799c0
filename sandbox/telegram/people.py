"""What people do in their chats: every act becomes a message or an event, and an update for the bot."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from .api import Api
from .errors import ApiError, Json
from .files import Upload
from .methods_media import BUILDERS
from .methods_send import origin
from .state import Chat, Person, Stored
from .text import MAX_CAPTION, MAX_TEXT, detect, trimmed


class PersonError(Exception):
    """The person's app would not let them do that; the text says why."""


@dataclass(frozen=True)
class Act:
    """One act of one person in one chat; `body` is the request, `files` what was attached."""

    api: Api
    person: Person
    chat: Chat
    body: Json
    files: dict[str, Upload]

    def text(self, name: str) -> str:
        """A text field of the request, empty when absent."""
        return str(self.body.get(name) or "")


def _bot_sees(act: Act, data: Json) -> bool:
    """In groups a bot with privacy on gets commands, mentions and replies to itself."""
    bot = act.api.state.bot
    if act.chat.type == "private" or bot.reads_groups:
        return True
    if act.chat.bot_status != "member":
        return False
    text = data.get("text", "") or data.get("caption", "")
    replied = data.get("reply_to_message", {}).get("from", {}).get("id") == bot.id
    return bool(replied or text.startswith("/") or f"@{bot.username}" in text)


def write(act: Act, content: Json) -> Json:
    """A message from the person, with the reply and the topic the request names."""
    if act.person.blocked and act.chat.type == "private":
        raise PersonError("the bot is blocked; unblock it first")
    state = act.api.state
    data = state.envelope(act.chat, act.person.user())
    if reply := act.body.get("reply_to"):
        replied = _message(act, int(reply)).data
        data["reply_to_message"] = {k: v for k, v in replied.items() if k != "reply_to_message"}
    if thread := act.body.get("thread"):
        data |= {"message_thread_id": int(thread), "is_topic_message": True}
    data |= content
    if act.chat.type == "private":
        act.person.started = True
    act.chat.read[act.person.id] = data["message_id"]
    stored = state.put(act.chat, data, from_bot=False)
    if _bot_sees(act, data):
        act.api.updates.append("message", copy.deepcopy(stored.data), act.chat.id)
    return stored.data


def _message(act: Act, message_id: int) -> Stored:
    stored = act.chat.messages.get(message_id)
    if stored is None:
        raise PersonError(f"there is no message {message_id} in this chat")
    return stored


def text_content(text: str) -> Json:
    body, _ = trimmed(text, [])
    if not body:
        raise PersonError("the text is empty")
    if len(body) > MAX_TEXT:
        raise PersonError(f"the text is longer than {MAX_TEXT} characters")
    entities = detect(body)
    return {"text": body} | ({"entities": entities} if entities else {})


def say(act: Act) -> Json:
    return write(act, text_content(act.text("text")))


def start(act: Act) -> Json:
    """Open the bot, by a deep link when there is a payload; a blocked bot is unblocked by it."""
    if act.person.blocked:
        unblock(act)
    payload = act.text("payload")
    return write(act, text_content(f"/start {payload}".strip()))


def contact_content(act: Act) -> Json:
    names = ("phone_number", "first_name", "last_name", "vcard")
    contact: Json = {name: act.text(name) for name in names if act.text(name)}
    if not contact.get("phone_number") or not contact.get("first_name"):
        raise PersonError("a contact has phone_number and first_name")
    if act.body.get("user_id"):
        contact["user_id"] = int(act.body["user_id"])
    return {"contact": contact}


def contact(act: Act) -> Json:
    return write(act, contact_content(act))


def share_contact(act: Act) -> Json:
    """Their own contact, as the request_contact button sends it: in reply to the keyboard's message."""
    person = act.person
    own: Json = {"phone_number": act.text("phone") or person.phone, "first_name": person.first_name}
    if person.last_name:
        own["last_name"] = person.last_name
    return write(_replying(act), {"contact": own | {"user_id": person.id}})


def _replying(act: Act) -> Act:
    keyboard = act.chat.keyboard
    if keyboard is None or keyboard.message_id not in act.chat.messages or act.body.get("reply_to"):
        return act
    return Act(act.api, act.person, act.chat, {**act.body, "reply_to": keyboard.message_id}, act.files)


def location(act: Act) -> Json:
    place = {name: float(act.body.get(name, 0)) for name in ("latitude", "longitude")}
    return write(act, {"location": place})


def media(act: Act) -> Json:
    """A file of the kind the request names (document, photo, voice, sticker ...)."""
    kind = act.text("kind")
    if kind not in BUILDERS:
        raise PersonError(f"kind must be one of {', '.join(BUILDERS)}")
    upload = next(iter(act.files.values()), None)
    if upload is None:
        raise PersonError("no file was attached")
    caption = act.text("caption").strip()
    if len(caption) > MAX_CAPTION:
        raise PersonError(f"the caption is longer than {MAX_CAPTION} characters")
    try:
        stored = act.api.state.files.add(kind, upload)
        content: Json = {
            kind: BUILDERS[kind](stored, {"duration": int(act.body.get("duration") or 1), **act.body})
        }
    except ApiError as error:
        raise PersonError(error.description) from error
    if caption:
        content |= {"caption": caption} | ({"caption_entities": found} if (found := detect(caption)) else {})
    return write(act, content)


def forward(act: Act) -> Json:
    """Something somebody else wrote: text, contact or a message of one of this person's chats.

    The origin is `from_name` (a hidden user), `from_person` (an id) or that message's own sender.
    """
    state = act.api.state
    date = int(state.clock.time()) - 60
    if act.body.get("message_id"):
        source = state.chats[int(act.body.get("from_chat") or act.chat.id)]
        data = source.messages[int(act.body["message_id"])].data
        kept = {k: v for k, v in data.items() if k in CONTENT}
        return write(act, copy.deepcopy(kept) | {"forward_origin": origin(data)})
    if author := state.people.get(int(act.body.get("from_person") or 0)):
        came: Json = {"type": "user", "sender_user": author.user(), "date": date}
    else:
        came = {"type": "hidden_user", "sender_user_name": act.text("from_name") or "Someone", "date": date}
    content = contact_content(act) if act.body.get("phone_number") else text_content(act.text("text"))
    return write(act, content | {"forward_origin": came})


CONTENT = {"text", "entities", "caption", "caption_entities", "contact", "location", *BUILDERS}


def edit(act: Act) -> Json:
    """Change one's own text message."""
    stored = _message(act, int(act.body["message_id"]))
    if stored.data["from"]["id"] != act.person.id or "text" not in stored.data:
        raise PersonError("only one's own text can be edited")
    state = act.api.state
    stored.edits.append(copy.deepcopy(stored.data))
    content = text_content(act.text("text"))
    stored.data.pop("entities", None)
    stored.data.update(content, edit_date=int(state.clock.time()))
    stored.version = state.touch(act.chat, message=stored.data["message_id"])
    act.api.updates.append("edited_message", copy.deepcopy(stored.data), act.chat.id)
    return stored.data


def delete(act: Act) -> Json:
    """Remove a message; the Bot API tells a bot nothing of it."""
    stored = _message(act, int(act.body["message_id"]))
    del act.chat.messages[stored.data["message_id"]]
    act.api.state.touch(act.chat, deleted=stored.data["message_id"])
    return {}


def _set_blocked(act: Act, blocked: bool) -> Json:
    person, api = act.person, act.api
    own = api.state.chats[person.id]
    if person.blocked != blocked and person.started:
        member = {"user": api.state.bot.user(), "status": "member"}
        kicked = {"user": api.state.bot.user(), "status": "kicked", "until_date": 0}
        change = {
            "chat": api.state.header(own),
            "from": person.user(),
            "date": int(api.state.clock.time()),
            "old_chat_member": member if blocked else kicked,
            "new_chat_member": kicked if blocked else member,
        }
        api.updates.append("my_chat_member", change, person.id)
    person.blocked = blocked
    api.state.touch(own)
    api.state.changes.publish({"kind": "people", "person": person.id})
    return {}


def block(act: Act) -> Json:
    return _set_blocked(act, blocked=True)


def unblock(act: Act) -> Json:
    return _set_blocked(act, blocked=False)


def deactivate(act: Act) -> Json:
    """Delete the Telegram account: the bot gets 403 from now on."""
    act.person.deactivated = True
    return {}


def read(act: Act) -> Json:
    """Everything up to the newest message was seen."""
    newest = max(act.chat.messages, default=0)
    if act.chat.read.get(act.person.id, 0) < newest:
        act.chat.read[act.person.id] = newest
        act.api.state.changes.publish({"kind": "read", "person": act.person.id, "chat": act.chat.id})
    return {}


ACTS: dict[str, Callable[[Act], Json]] = {
    "say": say, "start": start, "contact": contact, "share-contact": share_contact, "location": location,
    "media": media, "forward": forward, "edit": edit, "delete": delete, "block": block, "unblock": unblock,
    "deactivate": deactivate, "read": read,
}  # fmt: skip
