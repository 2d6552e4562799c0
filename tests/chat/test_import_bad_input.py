"""Files that are not what they say, too long, too wide or too big, and buttons that are not one's own."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from domain.errors import NotFound
from handlers.errors import TOO_LATE
from handlers.importing.words import FILE, REASONS
from sandbox.telegram.person import Person
from storage.importing import imports as rows
from storage.tables import imports, leads
from tests.chat.said import said
from tests.chat.tables import PATIENCE, card, does, how_many, press, state_of, text_of
from tests.product import Running

LATER = datetime(2100, 1, 1, tzinfo=UTC)
GOOD = text_of([("Name", "Phone"), ("Ivan", "+79161234567")])


def told(text: str) -> str:
    """As the owner, who speaks Russian, gets it."""
    return said(text, language="ru")


async def refuses(product: Running, person: Person, content: bytes, name: str, reason: str) -> None:
    """The file is refused with these words, and nothing is kept."""
    await person.send_document(name, content)
    await person.sees(told(FILE[reason]), PATIENCE)
    assert await how_many(product, imports) == 0
    assert await how_many(product, leads) == 0


def zipped(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
FAR = SHEET + b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'
DEEP = SHEET + b'<row r="1048576"><c r="CZ1048576"><v>1</v></c></row>'
CASES = {
    "a picture called csv": (b"\x89PNG\r\n\x1a\n" + bytes(500), "leads.csv", "not_a_table"),
    "a program": (bytes(range(256)) * 8, "leads.csv", "not_a_table"),
    "a web page called xls": (b"<html><table><tr><td>1</td></tr></table>", "leads.xls", "not_a_table"),
    "a zip that is no spreadsheet": (zipped({"a.txt": b"x"}), "leads.xlsx", "not_a_table"),
    "a broken zip": (b"PK\x03\x04" + b"x" * 300, "leads.xlsx", "not_a_table"),
    "the old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "leads.xls", "old_excel"),
    "a header alone": (b"Name;Phone\r\n", "leads.csv", "empty"),
    "empty rows alone": (b"Name;Phone\r\n;\r\n;;\r\n", "leads.csv", "empty"),
    "60,000 rows": (b"Name;Phone\r\n" + b"Ivan;+79161234567\r\n" * 60_000, "leads.csv", "too_many_rows"),
    "300 columns": (
        text_of([[f"c{i}" for i in range(300)], ["1"] * 300]).encode(),
        "l.csv",
        "too_many_columns",
    ),
    "a zip bomb": (
        zipped({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(310_000_000)}),
        "leads.xlsx",
        "unpacks_too_big",
    ),
    "two cells at the ends of a sheet": (
        zipped({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": FAR + DEEP}),
        "leads.xlsx",
        "too_many_columns",
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_file_that_cannot_be_a_table_is_refused_with_the_reason(product: Running, case: str) -> None:
    await refuses(product, await product.owner(), *CASES[case])


async def test_a_file_over_what_telegram_gives_is_refused_with_the_limit(product: Running) -> None:
    await refuses(product, await product.owner(), b"Name;Phone\r\n" * 1_700_000, "leads.csv", "too_big")


async def test_what_a_spreadsheet_makes_of_values_is_understood(product: Running) -> None:
    owner = await product.owner()
    rows = [
        ("Name", "Phone", "Amount", "Created", "E-mail"),
        ("Float", "79161234501.0", "1 000,50", "01.02.2025", ""),
        ("Power", "7,9161234502E+10", "0", "2025-02-01 10:00", ""),
        ("Rounded", "7,91612E+10", "", "", ""),
        ("Future", "+79161234503", "", "01.01.2100", ""),
        ("Formula", "'+79161234504", "=1+1", "", ""),
        ("Nul\0l", "+79161234505", "", "", "a@b.ru; c@d.ru"),
        ('"Quoted; name"', "+79161234506, +79161234507", "", "", ""),
    ]
    await owner.send_document("leads.csv", text_of(rows).encode())
    await press(owner, "start")
    await card(owner, "rows")
    assert (await state_of(product)).counts == {"new": 4, "bad": 3}


async def test_without_a_name_or_a_contact_there_is_no_start(product: Running) -> None:
    owner = await product.owner()
    await owner.send_document("leads.csv", text_of([("Foo", "Bar"), ("1", "2")]).encode())
    assert does(await card(owner, "columns"), "start") is None
    await press(owner, "columns")
    await press(owner, "column", "0")
    await press(owner, "be", "0.company")
    await press(owner, "column", "1")
    await press(owner, "be", "1.phone")
    await press(owner, "show")
    shown = await owner.sees(told(REASONS["phone.invalid"]), PATIENCE)
    assert does(shown, "start") is None


async def test_whoever_may_not_import_gets_no_card(product: Running) -> None:
    partner = await product.member("Paul", "partner", language="en")
    await partner.send_document("leads.csv", GOOD.encode())
    await partner.gets("files", PATIENCE)
    assert await how_many(product, imports) == 0


async def test_an_import_of_somebody_else_is_not_there(product: Running) -> None:
    owner = await product.owner()
    await owner.send_document("leads.csv", GOOD.encode())
    await card(owner, "start")
    kept = await state_of(product)
    manager = await product.member("Mark", "manager", language="en")
    members = product.product.services.members
    member = await members.current(manager.id)
    assert member is not None
    for use in (product.product.services.imports.start, product.product.services.imports.cancel):
        with pytest.raises(NotFound):
            await use(member, kept.id)
    assert (await state_of(product)).state == "preview"


async def test_a_second_import_waits_for_the_first(product: Running) -> None:
    owner = await product.owner()
    await owner.send_document("one.csv", GOOD.encode())
    await card(owner, "start")
    async with product.product.db.transaction(product.product.organization_id) as s:
        first = await state_of(product)
        await rows.change(s, first.id, first.created_at, state="running", lease_until=LATER)
    await owner.send_document("two.csv", GOOD.encode())
    await owner.sees("two.csv", PATIENCE)
    answer = await owner.answer(await press(owner, "start"))
    assert told(TOO_LATE["import_running"]) in answer["text"]
    assert (await state_of(product)).state == "preview"
