"""A list as a file: CSV and XLSX, columns that are remembered, and nothing a spreadsheet would carry out."""

import csv
import io
import os
import tempfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from domain.leads import LeadDraft, LeadFilter
from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from storage.tables import audit
from tests.chat.tables import PATIENCE, how_many
from tests.product import Running


async def press(person: Person, do: str, extra: str = "") -> str | None:
    data = f"exp:{do}:"

    def fits(message: Message) -> bool:
        return any(
            (one.data or "").startswith(data) and (one.data or "").endswith(extra) for one in message.buttons
        )

    found = [one for one in await person.until(lambda all_: any(map(fits, all_)), PATIENCE) if fits(one)][-1]
    buttons = [one.data or "" for one in found.buttons]
    return await person.press(
        next(one for one in buttons if one.startswith(data) and one.endswith(extra)), found
    )


async def file_of(person: Person) -> bytes:
    found = await person.until(lambda all_: any(one.document and one.from_bot for one in all_), PATIENCE)
    document = next(one.document for one in reversed(found) if one.document and one.from_bot)
    assert document is not None
    return await person.download(document["file_id"])


async def leads_of(product: Running, person: Person, *names: str) -> None:
    member = await product.product.services.members.current(person.id)
    assert member is not None
    for place, name in enumerate(names):
        draft = LeadDraft(name=name, phones=(f"+7916123450{place}",), note="=1+1")
        await product.product.services.leads.create(member, draft)


@pytest.mark.parametrize(("language", "delimiter"), [("ru", ";"), ("en", ",")])
async def test_a_list_comes_as_a_csv_that_carries_nothing_out(
    product: Running, language: str, delimiter: str
) -> None:
    manager = await product.member("Mark", "manager", language=language)
    await leads_of(product, manager, "=cmd|' /C calc'!A0", "Ivan, the 1st; a <b>")
    await manager.say("/export")
    await press(manager, "columns")
    await press(manager, "turn", ":17")
    await press(manager, "show")
    await press(manager, "csv")
    content = await file_of(manager)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))
    assert len(rows) == 3
    cells = {cell for row in rows for cell in row}
    assert {"'=cmd|' /C calc'!A0", "'+79161234500", "Ivan, the 1st; a <b>", "'=1+1"} <= cells
    assert await how_many(product, audit, audit.c.action == "lead.export") == 1


async def test_a_list_comes_as_a_spreadsheet(product: Running) -> None:
    owner = await product.owner()
    await leads_of(product, owner, "Ivan & Sons <1>", "=1+1")
    await owner.say("/export")
    await press(owner, "xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(await file_of(owner))).get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert {row[1] for row in rows[1:]} == {"Ivan & Sons <1>", "=1+1"}
    assert rows[1][0] == 2
    assert rows[1][-1].year >= 2025


async def test_a_file_holds_only_what_its_reader_may_see(product: Running) -> None:
    owner = await product.owner()
    await leads_of(product, owner, "Taken by the owner", "Free")
    services = product.product.services
    boss = await services.members.current(owner.id)
    assert boss is not None
    found = await services.leads.browse(boss, LeadFilter())
    await services.pipeline.take(boss, found.leads[-1].id)
    manager = await product.member("Mark", "manager", language="en")
    await manager.say("/export")
    await press(manager, "csv")
    text = (await file_of(manager)).decode("utf-8-sig")
    assert "Free" in text
    assert "Taken by the owner" not in text


async def test_an_empty_list_and_a_role_without_the_right_get_words(product: Running) -> None:
    manager = await product.member("Mark", "manager", language="en")
    await manager.say("/export")
    await press(manager, "csv")
    await manager.sees("nothing to write", PATIENCE)
    partner = await product.member("Paul", "partner", language="en")
    await partner.say("/export")
    await partner.gets("Your role does not allow this", PATIENCE)


async def test_a_list_that_finds_no_room_says_so_and_comes_later(product: Running, tmp_path: Path) -> None:
    manager = await product.member("Mark", "manager", language="en")
    await manager.start()
    await leads_of(product, manager, "Ivan")
    await manager.say("/export")

    def full(*, suffix: str, prefix: str) -> tuple[int, str]:
        place = tmp_path / f"{prefix}{suffix}"
        place.symlink_to("/dev/full")
        return os.open(place, os.O_WRONLY), str(place)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", full)
        await press(manager, "csv")
        await manager.gets("try again")
    assert "voronka-export-.csv" not in os.listdir(tmp_path)
    await manager.say("/export")
    await press(manager, "csv")
    assert b"Ivan" in await file_of(manager)
