"""Tables that people drop into the chat, and the buttons of their cards."""

import io
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import xlsxwriter

from sandbox.telegram.person import Person
from sandbox.telegram.seen import Button, Message
from storage.tables import imports
from tests.product import Running

PATIENCE = 20.0


def does(message: Message, do: str, prefix: str = "imp") -> Button | None:
    """The button of a message that does something with an import."""
    found = [one for one in message.buttons if (one.data or "").startswith(f"{prefix}:{do}:")]
    return found[0] if found else None


async def card(person: Person, do: str) -> Message:
    """The newest message of the bot with such a button, waited for."""

    def fits(message: Message) -> bool:
        return message.from_bot and does(message, do) is not None

    found = await person.until(lambda all_: any(map(fits, all_)), PATIENCE)
    return [message for message in found if fits(message)][-1]


async def press(person: Person, do: str, extra: str | None = None) -> str | None:
    """Press the newest button that does so."""
    message = await card(person, do)
    buttons = [one for one in message.buttons if (one.data or "").startswith(f"imp:{do}:")]
    button = next(one for one in buttons if extra is None or (one.data or "").endswith(f":{extra}"))
    return await person.press(str(button.data), message)


def text_of(rows: Sequence[Sequence[str]], delimiter: str = ";") -> str:
    return "\r\n".join(delimiter.join(row) for row in rows)


def xlsx_of(rows: Sequence[Sequence[Any]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(place, column, cell)
    return content.getvalue()


async def how_many(product: Running, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    async with product.product.db.reading(system=True) as s:
        return int(await s.scalar(sa.select(sa.func.count()).select_from(table).where(*where)))


async def state_of(product: Running) -> Any:
    """The newest import's row."""
    async with product.product.db.reading(system=True) as s:
        return await s.first(sa.select(imports).order_by(imports.c.id.desc()).limit(1))


async def imported(product: Running, person: Person, content: bytes, name: str = "leads.csv") -> Message:
    """Send a table, start it, and wait for the alert at its end."""
    await person.send_document(name, content)
    await press(person, "start")
    await over(product, person)
    return await person.last()


async def over(product: Running, person: Person) -> None:
    """Wait for the alert at the end: a message of its own, below the card."""
    await card(person, "undo")
    rows = await state_of(product)
    assert rows.state in ("done", "cancelled")
