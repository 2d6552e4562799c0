"""Pressing a button that the bot never gave this person: ids guessed, and buttons long out of date."""

from sandbox.telegram.person import Person, Refused
from tests.product import Running

TRIES = 20


async def press_forged(product: Running, person: Person, data: str) -> dict[str, object]:
    """Press callback data on the person's newest message of the bot; what the bot answers."""
    for attempt in range(TRIES):
        newest = await person.last()
        chat = product.telegram.world.api.state.chats[person.id]
        keyboard = [[{"text": "forged", "callback_data": data}]]
        chat.messages[newest.id].data["reply_markup"] = {"inline_keyboard": keyboard}
        try:
            pressed = await person.act("press", message_id=newest.id, data=data)
        except Refused:
            # what the press before has changed is shown just now, with its own buttons
            if attempt == TRIES - 1:
                raise
            continue
        return await person.answer(pressed["query_id"])
    raise AssertionError
