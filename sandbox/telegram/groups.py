"""What becomes of a group at its owner's hands: topics are opened, a supergroup is made of it."""

from __future__ import annotations

import copy

from .api import Api
from .state import Chat, State

TOPIC_COLOR = 0x6FB9F0


def open_topic(state: State, chat: Chat, name: str) -> int:
    """A topic of a forum; its id is that of the message that opens it."""
    if not chat.is_forum:
        raise ValueError("the group is no forum")
    data = state.envelope(chat, state.people[chat.members[0]].user())
    thread = data["message_id"]
    chat.topics[thread] = name
    data |= {"forum_topic_created": {"name": name, "icon_color": TOPIC_COLOR}}
    state.put(chat, data | {"message_thread_id": thread, "is_topic_message": True}, from_bot=False)
    return int(thread)


def to_supergroup(api: Api, chat: Chat) -> Chat:
    """Both chats tell of it, as https://core.telegram.org/bots/api#message says of migrate_to_chat_id; the
    old one takes no messages any more."""
    if chat.type != "group":
        raise ValueError("only a plain group becomes a supergroup")
    state = api.state
    new = state.add_group(chat.title, chat.members)
    del state.chats[new.id]
    new.id, new.type = new.id - 10**12, "supergroup"
    state.chats[new.id] = new
    owner = state.people[chat.members[0]].user()
    chat.migrated_to = new.id
    for place, told in ((chat, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": chat.id})):
        stored = state.put(place, state.envelope(place, owner) | told, from_bot=False)
        api.updates.append("message", copy.deepcopy(stored.data), place.id)
    return new
