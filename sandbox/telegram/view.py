"""What the page and the tests see of people and chats."""

from __future__ import annotations

from .api import Api
from .errors import Json
from .methods_bot import commands_for
from .state import Chat, Person, Stored


def message_view(stored: Stored) -> Json:
    """The message's Bot API JSON plus from_bot, edits (earlier contents), reactions, version."""
    return stored.data | {
        "from_bot": stored.from_bot,
        "edits": stored.edits,
        "reactions": stored.reactions,
        "version": stored.version,
    }


def unread(chat: Chat, person_id: int) -> int:
    seen = chat.read.get(person_id, 0)
    return sum(
        1
        for number, stored in chat.messages.items()
        if number > seen and stored.data["from"]["id"] != person_id
    )


def _keyboard(chat: Chat) -> Json | None:
    if chat.keyboard is None:
        return None
    return chat.keyboard.markup | {
        "message_id": chat.keyboard.message_id,
        "collapsed": chat.keyboard.collapsed,
    }


def chat_view(api: Api, person: Person, chat: Chat, last: int = 0) -> Json:
    """One chat as the person sees it now; only its `last` messages when that is not 0."""
    now = api.state.clock.time()
    return {
        "version": chat.version,
        "chat": api.state.header(chat) | {"topics": chat.topics},
        "person": person.id,
        "messages": [message_view(stored) for stored in list(chat.messages.values())[-last:]],
        "keyboard": _keyboard(chat),
        "commands": commands_for(api.state, chat.id, person.language_code),
        "action": chat.action if chat.action_until > now else "",
        "pinned": chat.pinned,
        "blocked": person.blocked,
        "started": person.started,
        "unread": unread(chat, person.id),
        "description": bot_text(api, "Description", person.language_code),
        "now": int(now),
    }


def bot_text(api: Api, name: str, language: str) -> str:
    texts = api.state.bot.texts
    return texts.get((name, language), texts.get((name, ""), ""))


def person_view(api: Api, person: Person) -> Json:
    """A line of the list of people: who, unread count, last message, their groups."""
    chats = [chat for chat in api.state.chats.values() if person.id in chat.members]
    own = api.state.chats[person.id]
    last = next(reversed(own.messages.values()), None)
    return person.user() | {
        "phone": person.phone,
        "started": person.started,
        "blocked": person.blocked,
        "version": own.version,
        "unread": unread(own, person.id),
        "last": None if last is None else {k: v for k, v in last.data.items() if k in PREVIEW},
        "groups": [
            {"id": chat.id, "title": chat.title, "unread": unread(chat, person.id)}
            for chat in chats
            if chat.type != "private"
        ],
    }


PREVIEW = {"text", "caption", "date", "from", "contact", "document", "photo", "voice", "sticker", "location"}
