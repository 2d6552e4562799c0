"""Pressing buttons by what they carry: labels are of the person's language, data is not."""

from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from tests.product import OWNER, Running


async def tap(person: Person, start: str, message: Message | None = None, *, chat: int | None = None) -> str:
    """Press the button of the newest message (or of `message`) whose data begins so; the query's id."""

    def found(messages: list[Message]) -> Message | None:
        own = [one for one in messages if message is None or one.id == message.id]
        return next((one for one in reversed(own) if has(one, start)), None)

    shown = found(await person.until(lambda messages: found(messages) is not None, chat=chat))
    assert shown is not None
    data = next(button.data for button in shown.buttons if (button.data or "").startswith(start))
    query = await person.press(str(data), shown, chat=chat)
    assert query is not None
    return query


def has(message: Message, start: str) -> bool:
    """Whether a button's data begins so."""
    return any((button.data or "").startswith(start) for button in message.buttons)


async def english_owner(product: Running) -> Person:
    """The owner, speaking English."""
    owner = await product.owner()
    await product.product.services.members.change_language(OWNER, "en")
    return owner
