"""Pressing a button that the bot never gave this person: ids guessed, and buttons long out of date."""

from sandbox.telegram.person import Person
from tests.product import Running


async def press_forged(product: Running, person: Person, data: str) -> dict[str, object]:
    """Press callback data on the person's newest message of the bot; what the bot answers."""
    newest = await person.last()
    chat = product.telegram.world.api.state.chats[person.id]
    keyboard = [[{"text": "forged", "callback_data": data}]]
    chat.messages[newest.id].data["reply_markup"] = {"inline_keyboard": keyboard}
    pressed = await person.act("press", message_id=newest.id, data=data)
    return await person.answer(pressed["query_id"])
