"""A table dropped into the chat: what it would bring, bringing it in, and taking it back."""

import csv
import io

import pytest
import sqlalchemy as sa

from domain.custom_fields import FieldType
from domain.leads import LeadFilter
from storage.tables import audit, contact_points, import_rows, lead_history, lead_words, leads, operations
from tests.chat.tables import card, how_many, imported, press, state_of, text_of, xlsx_of
from tests.chat.test_export import file_of
from tests.chat.test_export import press as press_export
from tests.product import Running

pytestmark = pytest.mark.main_road

HEAD = ("Name", "Phone", "E-mail", "Amount", "City", "Comment")
ROWS = (
    ("Ivan Petrov", "+7 916 123-45-67", "ivan@example.com", "1 500 000", "Moscow", "calls in the evening"),
    ("Anna Smirnova", "8 (916) 765-43-21", "", "", "Kazan", ""),
    ("Twice Person", "89161234567", "", "", "", ""),
    ("No Phone", "", "", "", "", ""),
    ("Bad Phone", "12", "", "", "", ""),
)
TABLE = text_of([HEAD, *ROWS])
WORDS = {
    "ru": (("ФИО", "Телефон", "Почта", "Сумма", "Город", "Комментарий"), "cp1251"),
    "en": (HEAD, "utf-8"),
}


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_a_table_comes_in_with_all_that_belongs_to_its_leads(product: Running, language: str) -> None:
    head, encoding = WORDS[language]
    manager = await product.member("Mark", "manager", language=language)
    await manager.send_document("leads.csv", text_of([head, *ROWS]).encode(encoding))
    shown = await card(manager, "start")
    assert all(title in shown.text for title in head)
    await press(manager, "start")
    done = await card(manager, "rows")
    assert "leads.csv" in done.text
    assert (await state_of(product)).counts == {"new": 2, "twin": 1, "bad": 2}
    async with product.product.db.reading(system=True) as s:
        ivan = await s.first(sa.select(leads).where(leads.c.name == "Ivan Petrov"))
    assert ivan is not None
    assert (ivan.amount, ivan.region, ivan.note) == (1_500_000, "Moscow", "calls in the evening")
    assert await how_many(product, contact_points, contact_points.c.value == "+79167654321") == 1
    assert await how_many(product, lead_history, lead_history.c.field == "created") == 2
    assert await how_many(product, import_rows) == 5
    assert await how_many(product, audit, audit.c.action == "import.start") == 1
    assert await how_many(product, lead_words, lead_words.c.word == "petrov") == 1
    assert await how_many(product, operations) == 0


async def test_a_spreadsheet_comes_in_with_its_dates_and_numbers(product: Running) -> None:
    owner = await product.owner()
    services, boss = product.product.services, await product.product.services.members.current(owner.id)
    assert boss is not None
    rooms = await services.custom_fields.add(boss, "Rooms", FieldType.NUMBER)
    rows = [
        ["Name", "Phone", "Amount", "Rooms"],
        ["Ivan", 79161234567, 1500.5, 2.5],
        [],
        ["Anna", 9167654321.0, "", ""],
        ["Petr", 9167654322, "", "many"],
    ]
    await imported(product, owner, xlsx_of(rows), "leads.xlsx")
    assert (await state_of(product)).counts == {"new": 2, "bad": 1}
    assert await how_many(product, contact_points, contact_points.c.value == "+79167654321") == 1
    ivan = (await services.leads.browse(boss, LeadFilter())).leads[-1]
    assert (ivan.name, ivan.custom) == ("Ivan", {rooms.key: "2.5"})
    # and out again
    await owner.say("/export")
    await press_export(owner, "columns")
    await owner.press("Rooms")
    await press_export(owner, "show")
    await press_export(owner, "csv")
    text = (await file_of(owner)).decode("utf-8-sig")
    head, *told = csv.reader(io.StringIO(text), delimiter=";")
    assert [row[head.index("Rooms")] for row in told] == ["", "2,5"]


async def test_an_import_is_taken_back_but_for_what_was_touched(product: Running) -> None:
    owner = await product.owner()
    await imported(product, owner, TABLE.encode())
    services = product.product.services
    member = await services.members.current(owner.id)
    assert member is not None
    async with product.product.db.reading(system=True) as s:
        ivan = await s.scalar(sa.select(leads.c.id).where(leads.c.name == "Ivan Petrov"))
    await services.pipeline.take(member, ivan)
    await press(owner, "undo")
    await press(owner, "really_undo")
    await press(owner, "left")
    assert "Ivan Petrov" in (await owner.gets("Ivan Petrov")).text
    gone = leads.c.deleted_at.is_not(None)
    assert await how_many(product, leads, gone) == 1
    assert (await state_of(product)).state == "undone"
