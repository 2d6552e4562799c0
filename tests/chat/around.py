"""People and a taken lead, for the tests of what stands around a lead."""

from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from tests.product import Running

LINE = "Ivan 8 999 123-45-67 mortgage 3 000 000"


async def admin(product: Running, language: str = "en") -> Person:
    return await product.member("Ada", "admin", language=language)


async def taken(product: Running, language: str = "en", line: str = LINE) -> tuple[Person, Person, Message]:
    """Anna (partner) has sent a lead that Mila (manager) has taken; Mila's card of it."""
    anna = await product.member("Anna", "partner", language=language)
    mila = await product.member("Mila", "manager", language=language)
    await mila.start()
    await anna.say(line)
    await mila.press(TAKE[language])
    return anna, mila, await mila.gets("#1")


TAKE = {"en": "Take", "ru": "Взять"}


async def more(person: Person, label: str, card: Message | None = None) -> None:
    """Press what stands behind More on a lead's card: the newest one, or `card`."""
    await person.press("⋯ More", card)
    await person.press(label, await person.gets("What else shall we do"))
