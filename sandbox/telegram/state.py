"""What the stand-in knows: people, chats, messages. Messages are kept as the Bot API's own JSON."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from .changes import Changes
from .clock import Clock
from .errors import Json
from .files import Files

FIRST_PERSON = 700_000_001
FIRST_GROUP = 100_000_001


@dataclass
class Person:
    """A Telegram user. `started`: wrote to the bot at least once; `blocked`: has stopped the bot."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    phone: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def user(self) -> Json:
        """The Bot API's User; empty fields are left out, as Telegram does."""
        names = ("last_name", "username", "language_code")
        optional = {name: value for name in names if (value := getattr(self, name))}
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, **optional}


@dataclass
class Stored:
    """A message: its current Bot API JSON, its earlier contents, who wrote it."""

    data: Json
    from_bot: bool
    edits: list[Json] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)
    version: int = 0


@dataclass
class ReplyKeyboard:
    message_id: int
    markup: Json
    collapsed: bool = False


@dataclass
class Chat:
    """A private chat (id = the person's) or a group (negative id) with its messages in order."""

    id: int
    type: str
    title: str = ""
    members: list[int] = field(default_factory=list)
    is_forum: bool = False
    bot_status: str = "member"
    migrated_to: int = 0
    messages: dict[int, Stored] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    keyboard: ReplyKeyboard | None = None
    read: dict[int, int] = field(default_factory=dict)
    action: str = ""
    action_until: float = 0.0
    version: int = 0

    def header(self, person: Person | None) -> Json:
        """The Bot API's Chat as it stands in a message."""
        if person is not None:
            user = person.user()
            names = ("first_name", "last_name", "username")
            return {"id": self.id, "type": self.type} | {n: user[n] for n in names if n in user}
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.type, "title": self.title, **forum}


@dataclass
class Bot:
    """Who the stand-in's bot is and what it has told Telegram about itself."""

    token: str
    username: str
    first_name: str
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menu_buttons: dict[int, Json] = field(default_factory=dict)
    reads_groups: bool = False

    @property
    def id(self) -> int:
        return int(self.token.split(":", 1)[0])

    def user(self) -> Json:
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}


class State:
    """The whole world of one bot. Every change goes through `touch`, which numbers and announces it."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self.bot = bot
        self.clock = clock
        self.changes = Changes()
        self.files = Files()
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.toasts: dict[int, list[Json]] = {}
        self._message_ids = itertools.count(1)
        self._person_ids = itertools.count(FIRST_PERSON)
        self._group_ids = itertools.count(FIRST_GROUP)

    def add_person(self, details: Json) -> Person:
        """Add a person, or change the one with the given id; keys are Person's fields."""
        identifier = int(details.get("id") or 0) or next(self._person_ids)
        known = {k: str(v) for k, v in details.items() if k in TEXT_FIELDS and v is not None}
        person = self.people.get(identifier)
        if person is None:
            person = Person(identifier, known.pop("first_name", "") or f"Person {len(self.people) + 1}")
            person.phone = f"+7900{identifier % 10_000_000:07d}"
            self.people[identifier] = person
            self.chats[identifier] = Chat(identifier, "private", members=[identifier])
        for name, value in known.items():
            setattr(person, name, value)
        self.changes.publish({"kind": "people", "person": identifier})
        return person

    def add_group(self, title: str, members: list[int], *, is_forum: bool = False) -> Chat:
        number = next(self._group_ids)
        identifier = -(10**12 + number) if is_forum else -number
        kind = "supergroup" if is_forum else "group"
        chat = Chat(identifier, kind, title, list(members), is_forum)
        self.chats[identifier] = chat
        self.touch(chat)
        return chat

    def header(self, chat: Chat) -> Json:
        return chat.header(self.people.get(chat.id))

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def envelope(self, chat: Chat, sender: Json) -> Json:
        """A new message without content: id, sender, chat, date."""
        return {
            "message_id": self.next_message_id(),
            "from": sender,
            "chat": self.header(chat),
            "date": int(self.clock.time()),
        }

    def touch(self, chat: Chat, **event: object) -> int:
        chat.version = self.changes.publish({"kind": "chat", "chat": chat.id, **event})
        return chat.version

    def put(self, chat: Chat, data: Json, *, from_bot: bool) -> Stored:
        """Keep a new message; a message of the bot ends its typing sign."""
        stored = Stored(data, from_bot)
        chat.messages[data["message_id"]] = stored
        if from_bot:
            chat.action_until = 0.0
        stored.version = self.touch(chat, message=data["message_id"])
        return stored

    def clear(self) -> None:
        """Forget people, chats, toasts and files; ids and versions go on counting."""
        self.people.clear()
        self.chats.clear()
        self.toasts.clear()
        self.files = Files()
        self.changes.publish({"kind": "reset"})


TEXT_FIELDS = {"first_name", "last_name", "username", "language_code", "phone"}
