"""What a person sees in a chat: messages, their buttons, and where a button is."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import Json


@dataclass(frozen=True)
class Button:
    """An inline button: its label and the Bot API fields of its action."""

    text: str
    raw: Json

    @property
    def data(self) -> str | None:
        return self.raw.get("callback_data")

    @property
    def url(self) -> str | None:
        return self.raw.get("url")


@dataclass(frozen=True)
class Message:
    """A message as it is now; `raw` is its Bot API JSON with from_bot, edits, reactions, version."""

    raw: Json

    @property
    def id(self) -> int:
        return int(self.raw["message_id"])

    @property
    def text(self) -> str:
        """Text or caption, empty for neither."""
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def from_bot(self) -> bool:
        return bool(self.raw["from_bot"])

    @property
    def version(self) -> int:
        return int(self.raw["version"])

    @property
    def edits(self) -> list[Json]:
        """Earlier contents, oldest first."""
        found: list[Json] = self.raw["edits"]
        return found

    @property
    def rows(self) -> list[list[Button]]:
        """Inline buttons row by row."""
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return [[Button(button["text"], button) for button in row] for row in rows]

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        return [button.text for button in self.buttons]

    @property
    def contact(self) -> Json | None:
        return self.raw.get("contact")

    @property
    def document(self) -> Json | None:
        return self.raw.get("document")

    def entities(self, kind: str) -> list[Json]:
        """The entities of one type, of the text or the caption."""
        every = self.raw.get("entities", []) + self.raw.get("caption_entities", [])
        return [entity for entity in every if entity["type"] == kind]

    def __str__(self) -> str:
        return f"{'bot' if self.from_bot else 'me'} #{self.id}: {self.text!r} {self.labels or ''}".rstrip()


def number_of(message: Message | int) -> int:
    return message if isinstance(message, int) else message.id


def place_of(view: Json, label: str, message_id: int | None) -> Json | None:
    """Where the button is: data first, then label, newest message first, then the reply keyboard. A press
    is told by the button's data where it has any: the message may be another one by the time it arrives."""
    messages = [Message(raw) for raw in view["messages"] if message_id in (None, raw["message_id"])]
    for message in reversed(messages):
        for row, buttons in enumerate(message.rows):
            for column, button in enumerate(buttons):
                if button.data == label or label in button.text:
                    place = {"data": button.data} if button.data else {"row": row, "column": column}
                    return {"act": "press", "message_id": message.id, **place}
    keyboard = view["keyboard"] if message_id is None else None
    for row, keys in enumerate(keyboard["keyboard"] if keyboard else []):
        for column, key in enumerate(keys):
            if label in (key if isinstance(key, str) else key["text"]):
                return {"act": "key", "row": row, "column": column}
    return None


def shown(view: Json) -> str:
    return "\n".join(str(Message(raw)) for raw in view["messages"][-10:]) or "(an empty chat)"
