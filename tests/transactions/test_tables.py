"""Tables of purchases: what they come from, phones that are none, and a job that fails."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import xlsxwriter

from crm_adapters.purchase_values import own_of
from domain.errors import BadInput, TooLate
from domain.importing import ImportState
from services.transactions.table_failing import MOST_FAILURES, TABLE_FAILED
from services.transactions.table_rows import TableReader
from storage.importing import imports
from tests.transactions.shop import Shop

HEAD = "date;amount;phone\n"
TABLE = HEAD + "2026-03-01 10:00;100;8 916 123-45-67\n2026-03-01 11:00;50;no phone\n2026-03-01;much;\n"


async def waiting(shop: Shop) -> None:
    """The newest table, put back before its start, as if it had come by the chat."""
    async with shop.db.transaction(shop.organization_id) as s:
        (row,) = await imports.newest(s, 1)
        await imports.change(s, row.id, shop.clock(), state=ImportState.PREVIEW.value, chat_id=5)


async def test_equal_headings_are_one_system_unless_somebody_names_another(shop: Shop) -> None:
    for system in ("", "", "Till in Omsk", "Till in Omsk"):
        taken = await shop.tables.bring(shop.owner, "sales.csv", TABLE.encode())
        if system:
            await waiting(shop)
            assert (await shop.tables.name_system(shop.owner, taken.id, f" {system} ")).system == system
            await shop.tables.start(shop.owner, taken.id)
        assert await shop.tables.advance() == 1
    assert await shop.tables.systems(shop.owner) == ["date, amount, phone", "Till in Omsk"]
    assert (await shop.transactions.browse(shop.owner)).total == 4
    with pytest.raises(TooLate):
        await shop.tables.name_system(shop.owner, taken.id, "another")
    await waiting(shop)
    with pytest.raises(BadInput):
        await shop.tables.name_system(shop.owner, taken.id, " ")


def test_equal_rows_on_two_pages_are_as_many_purchases() -> None:
    columns, own, row = ("date", "amount"), own_of({}), ["2026-03-01 10:00", "100"]
    pages, whole = (TableReader(columns, own, datetime(2026, 3, 2, tzinfo=UTC), "one") for _ in range(2))
    named = [one.external_id for page in ([(2, row), (3, row)], [(4, row)]) for one in pages.read(page).good]
    assert len(set(named)) == 3
    assert named == [one.external_id for one in whole.read([(2, row), (3, row), (4, row)]).good]


async def test_a_workbook_is_read_as_its_text_is(shop: Shop) -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as written:
        page = written.add_worksheet()
        page.write_row(0, 0, ["date", "amount", "phone"])
        page.write_datetime(
            1, 0, datetime(2026, 3, 1, 10), written.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        )
        page.write_number(1, 1, 1000.5)
        page.write_number(1, 2, 89161234567)
        page.write_row(2, 0, ["01.03.2026 11:00", "1.000,50", "8 916 123-45-67"])
    await shop.tables.bring(shop.owner, "sales.xlsx", book.getvalue())
    assert await shop.tables.advance() == 1
    told = [(row.amount, row.phone, row.happened_at) for row in await shop.rows("transactions")]
    hour = datetime(2026, 3, 1, 7, tzinfo=UTC)
    sum_, phone = Decimal("1000.50"), "+79161234567"
    assert sorted(told) == [(sum_, phone, hour), (sum_, phone, hour + timedelta(hours=1))]


async def test_a_phone_that_cannot_be_read_is_counted_apart(shop: Shop) -> None:
    taken = await shop.tables.bring(shop.owner, "sales.csv", TABLE.encode())
    await waiting(shop)
    seen = await shop.tables.forecast(shop.owner, taken.id)
    assert (seen.good, seen.wrong, seen.phoneless) == (2, 1, 1)
    _header, told = await shop.tables.wrong_rows(shop.owner, taken.id)
    assert [(one.row, one.field, one.kept) for one in told] == [(3, "phone", True), (4, "amount", False)]
    await shop.tables.start(shop.owner, taken.id)
    await shop.tables.advance()
    counts = (await shop.tables.get(shop.owner, taken.id)).counts
    assert counts is not None
    assert (counts["found"], counts["wrong"], counts["phoneless"]) == (3, 1, 1)


async def test_a_table_that_fails_is_told_of_once_and_waits_for_a_word(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = await shop.tables.bring(shop.owner, "sales.csv", TABLE.encode())
    await waiting(shop)
    await shop.tables.start(shop.owner, taken.id)
    failures = shop.tables.failures
    with pytest.raises(TooLate):
        await failures.retry(shop.owner, taken.id)
    async with shop.db.transaction(shop.organization_id) as s:
        good = await imports.body(s, taken.id)
        await imports.change(s, taken.id, shop.clock(), body=b"no archive")
    for _ in range(MOST_FAILURES + 2):
        await shop.tables.advance()
        shop.clock.advance(31)
    assert await shop.told(TABLE_FAILED) == 1
    assert (await shop.tables.get(shop.owner, taken.id)).state == ImportState.PURCHASES_FAILED
    await failures.retry(shop.owner, taken.id)
    async with shop.db.transaction(shop.organization_id) as s:
        await imports.change(s, taken.id, shop.clock(), body=good)
    assert await shop.tables.advance() == 1
    assert (await shop.tables.get(shop.owner, taken.id)).state == ImportState.PURCHASED
    with pytest.raises(TooLate):
        await failures.drop(shop.owner, taken.id)
