"""What only 1C does: presets against what is published, references, two formats, several encodings."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.http import Answer, CrmHttp
from crm_adapters.onec.presets import DEFAULT_MAPPING, presets_of
from crm_adapters.onec.reading import Known, Reader, prefixed
from crm_adapters.purchase_values import own_of
from crm_adapters.xml_answers import plain, read_answer, read_xml
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmError,
    CrmRejected,
    CrmUnavailable,
    CrmUnsupported,
    WebhookRefused,
)
from domain.transactions import SourceTransaction, TransactionKind, Unreadable
from sandbox.onec.odata import BOMB
from sandbox.onec.seed import USD_KEY
from tests.sources.more_sides import RECEIPT, RETURN, ODataSide, ServiceSide
from tests.sources.sides import PHONE, Side, SourceStandIn
from tests.sources.walks import Walker, latest

ONEC = PROVIDERS["onec"]
WHEN = datetime(2026, 3, 4, 9, 30, 45, tzinfo=UTC)


@asynccontextmanager
async def opened(
    source: SourceStandIn, mapping: Mapping[str, Any] | None = None, **more: str
) -> AsyncIterator[Side]:
    async with source, CrmHttp(now=source.now, allow=[source.address], max_answer=200_000) as http:
        adapter = build_adapter("onec", {**source.settings, **more}, mapping or {}, http, source.now)
        yield Side("onec", source, adapter, http)


@pytest.fixture
async def base() -> AsyncIterator[Side]:
    async with opened(ODataSide()) as side:
        yield side


async def walked(side: Side) -> list[SourceTransaction | Unreadable]:
    side.source.later(60)
    return await Walker(side).go()


async def test_names_groups_currency_and_refunds_come_by_reference(base: Side) -> None:
    crm = base.source.crm
    goods = crm.write(
        "Catalog_Номенклатура", Description="Рамен", Parent_Key="ab120000-0000-4000-8000-000000000001"
    )
    buyer = crm.customer("Олег", "8 (999) 000-11-22")
    lines = [{"Номенклатура_Key": goods["Ref_Key"], "Количество": 2, "Сумма": "15400.50"}]
    sale = crm.write(RECEIPT, Контрагент_Key=buyer["Ref_Key"], Валюта_Key=USD_KEY, СуммаДокумента="15400.50",
                     Товары=lines)  # fmt: skip
    crm.write(RECEIPT, ВидОперации="Возврат", СуммаДокумента=400, ЧекККМПродажа_Key=sale["Ref_Key"])
    crm.write(RETURN, СуммаДокумента=100, Сделка=sale["Ref_Key"])
    found = latest(await walked(base))
    bought = found[prefixed(sale["Ref_Key"])]
    assert (bought.amount.amount, bought.amount.currency, bought.phone) == (Decimal("15400.50"), "USD", PHONE)
    assert bought.customer == buyer["Ref_Key"]
    (line,) = bought.lines
    assert (line.title, line.quantity, line.item) == ("Рамен", Decimal(2), goods["Ref_Key"])
    assert line.group == "ab120000-0000-4000-8000-000000000001"
    back = [one for one in found.values() if one.kind is TransactionKind.REFUND]
    assert sorted(one.amount.amount for one in back) == [100, 400]
    assert {one.refers_to for one in back} == {bought.external_id}


async def test_only_posted_and_unmarked_documents_count(base: Side) -> None:
    for values in ({"Posted": False}, {"DeletionMark": True}, {}):
        base.source.crm.write(RECEIPT, СуммаДокумента=5, **values)
    told = [one.cancelled for one in latest(await walked(base)).values()]
    assert sorted(told) == [False, True, True]


async def test_the_retail_report_is_read_only_by_name() -> None:
    report = "Document_ОтчетОРозничныхПродажах"
    async with opened(ODataSide()) as side:
        side.source.crm.write(report, СуммаДокумента=5)
        assert await walked(side) == []
    async with opened(ODataSide(), documents=f" ОтчетОРозничныхПродажах, {RECEIPT}") as side:
        side.source.crm.write(report, СуммаДокумента=5)
        assert len(await walked(side)) == 1


async def test_a_document_of_the_customer_s_own_needs_a_line_of_mapping() -> None:
    own = {"documents": {"Document_ЗаказКлиента": {"kind": "sale", "amount": ["СуммаДокумента"]}}}
    async with opened(ODataSide(), own) as side:
        side.source.crm.write("Document_ЗаказКлиента", СуммаДокумента=7)
        assert [one.amount.amount for one in latest(await walked(side)).values()] == [7]
    for wrong in ({"x": 1}, {"documents": {"Document_X": {"kind": "gift", "amount": ["a"]}}},
                  {"documents": {"Document_X": {"amounts": ["a"]}}}):  # fmt: skip
        if "documents" in wrong:
            with pytest.raises(BadInput):
                presets_of(wrong)


PUBLISHED: list[tuple[list[str], str, bool]] = [
    ([], "no_objects_published", True),
    (["Catalog_Контрагенты"], "no_purchases_published", True),
    ([RECEIPT], "no_phones_published", False),
]


@pytest.mark.parametrize(("published", "code", "fatal"), PUBLISHED)
async def test_what_is_not_published(base: Side, published: list[str], code: str, fatal: bool) -> None:
    base.source.crm.state.published = published
    report = await base.adapter.test()
    assert [(one.code, one.fatal) for one in report.problems] == [(code, fatal)]


async def test_an_attribute_that_has_gone_is_named_and_every_receipt_tells_it(base: Side) -> None:
    base.source.sell(100)
    base.source.crm.fail("field_removed")
    (problem,) = (await base.adapter.test()).problems
    assert (problem.code, problem.params["field"], problem.fatal) == (
        "missing_field",
        f"{RECEIPT}.СуммаДокумента",
        True,
    )
    (told,) = await walked(base)
    assert isinstance(told, Unreadable)
    assert (told.field, told.problem) == ("amount", "required")


async def test_without_the_catalog_of_buyers_purchases_come_without_phones(base: Side) -> None:
    name = base.source.sell(100)
    base.source.crm.state.published.remove("Catalog_Контрагенты")
    found = latest(await walked(base))[name]
    assert (found.phone, len(found.customer)) == ("", 36)


FAULTS: list[tuple[str, type[CrmError], str]] = [
    ("no_licence", CrmUnavailable, "no free licence in 1C"),
    ("locked", CrmUnavailable, "locked in 1C"),
    ("xml_bomb", CrmUnavailable, "answer cannot be read"),
    ("repeats", CrmRejected, "the source repeats a page"),
    ("back_in_time", CrmRejected, "the source goes back in time"),
    ("key_revoked", CrmAccessLost, "key refused"),
]


@pytest.mark.parametrize(("fault", "kind", "reason"), FAULTS)
async def test_faults(base: Side, fault: str, kind: type[CrmError], reason: str) -> None:
    base.source.crm.write(RECEIPT, Date="2025-01-01T00:00:00", СуммаДокумента=1)
    base.source.crowd()
    base.source.crowd()
    base.source.crm.fail(fault)
    with pytest.raises(kind) as caught:
        await walked(base)
    assert caught.value.reason == reason


async def test_an_answer_that_is_too_large_is_asked_for_in_smaller_steps(base: Side) -> None:
    for _ in range(30):
        base.source.crm.write(RECEIPT, СуммаДокумента=1, Комментарий="x" * 10_000)
    assert len(await walked(base)) == 30


async def test_a_month_is_read_anew_a_few_times_a_day(base: Side) -> None:
    walker, crm = Walker(base), base.source.crm
    base.source.later(60)
    await walker.go()
    old = crm.write(RECEIPT, Date="2026-02-20T10:00:00", СуммаДокумента=5)["Ref_Key"]
    base.source.later(600)
    assert prefixed(old) in latest(await walker.go())
    base.source.later(600)
    assert await walker.go() == []
    base.source.later(7 * 3600)
    assert prefixed(old) in latest(await walker.go())


ODD: list[tuple[dict[str, Any], str, str]] = [
    ({"Date": "0001-01-01T00:00:00"}, "happened_at", "out_of_range"),
    ({"Date": "2026-03-06T09:30:45"}, "happened_at", "future"),
    ({"Date": "today"}, "happened_at", "invalid"),
    ({"СуммаДокумента": 1e300}, "amount", "out_of_range"),
    ({"СуммаДокумента": "NaN"}, "amount", "invalid"),
    ({"СуммаДокумента": None}, "amount", "required"),
    ({"Ref_Key": "00000000-0000-0000-0000-000000000000"}, "external_id", "required"),
]


@pytest.mark.parametrize(("values", "field", "problem"), ODD)
def test_what_cannot_be_read(values: dict[str, Any], field: str, problem: str) -> None:
    presets = presets_of(DEFAULT_MAPPING)
    key, date = "5f0c1c7a-1a2b-11ef-8000-00155d000001", "2026-03-04T12:30:45"
    record = {"Ref_Key": key, "Date": date, "Posted": True, "СуммаДокумента": 1}
    reader = Reader(presets, own_of({}))
    found = reader.read(presets.documents[RECEIPT], record | values, Known(), WHEN)
    assert isinstance(found, Unreadable)
    assert (found.field, found.problem) == (field, problem)
    fine = reader.read(presets.documents[RECEIPT], record, Known(), WHEN)
    assert isinstance(fine, SourceTransaction)
    assert fine.happened_at == WHEN
    assert isinstance(reader.read(presets.documents[RECEIPT], "text", Known(), WHEN), Unreadable)


SERVICE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"id": "12345"}, {"external_id": "1C-12345"}),
    ({"id": "1C-12345"}, {"external_id": "1C-12345"}),
    (
        {"id": 7, "date": "2026-03-04T12:30:45+07:00"},
        {"happened_at": datetime(2026, 3, 4, 5, 30, 45, tzinfo=UTC)},
    ),
    ({"id": 7, "amount": None, "total": "1500.50"}, {"amount": Decimal("1500.50")}),
    ({"id": 7, "amount": "-10"}, {"kind": TransactionKind.REFUND, "amount": Decimal(10)}),
    ({"id": 7, "customer": {"id": "c1", "phone": "8 999 000 11 22"}}, {"phone": PHONE, "customer": "c1"}),
    ({"id": 7, "customer_phone": "нет"}, {"phone": ""}),
    ({"id": 7, "posted": False}, {"cancelled": True}),
    ({"id": 7, "deleted": "true"}, {"cancelled": True}),
    ({"id": 7, "version": 12}, {"revision": 12}),
]


async def test_shapes_of_a_service() -> None:
    async with opened(ServiceSide()) as side:
        for given, expected in SERVICE:
            side.source.crm.state.service.clear()
            side.source.crm.tell(**{"date": "2026-03-04T12:00:00", "amount": 5, **given})
            found = await side.adapter.read_transaction(expected.get("external_id", "1C-7"))
            told = {name: getattr(found, name) for name in expected}
            if "amount" in expected:
                told["amount"] = found.amount.amount
            assert told == expected


async def test_a_service_that_tells_something_else() -> None:
    async with opened(ServiceSide()) as side:
        rows: dict[str, Any] = side.source.crm.state.service
        rows["1"] = {"id": "", "amount": 1, "_changed": side.source.crm.state.local()}
        rows["2"] = {"id": [1], "amount": 1, "_changed": side.source.crm.state.local()}
        found = await walked(side)
        told = [(one.field, one.problem) for one in found if isinstance(one, Unreadable)]
        assert sorted(told) == [("external_id", "invalid"), ("external_id", "required")]


@pytest.mark.parametrize("fault", ["repeats", "endless", "xml_bomb"])
async def test_a_service_that_leads_nowhere(fault: str) -> None:
    async with opened(ServiceSide()) as side:
        side.source.crowd()
        side.source.crm.fail(fault)
        with pytest.raises((CrmRejected, CrmUnavailable)) as caught:
            await walked(side)
        assert caught.value.reason in ("the source repeats a page", "answer cannot be read")


async def test_a_service_that_reads_no_single_purchase() -> None:
    async with opened(ServiceSide(), service="/hs/none") as side:
        with pytest.raises(CrmUnsupported):
            await side.adapter.read_transaction("1C-1")


async def test_a_token_is_asked_for_once_and_again_when_it_ends() -> None:
    async with opened(ServiceSide()) as side:
        for _ in range(3):
            await side.adapter.test()
        assert len(side.source.crm.requests("POST", "token")) == 1
        side.source.later(3700)
        await side.adapter.test()
        side.source.crm.state.tokens.clear()
        await side.adapter.test()
        assert len(side.source.crm.requests("POST", "token")) == 3


def test_xml_is_read_without_entities() -> None:
    with pytest.raises(ValueError, match="document type"):
        read_xml(BOMB)
    file = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    for wrong in (
        file,
        b"<a>" * 60 + b"</a>" * 60,
        b"",
        b"<a>",
        b"{}",
        b'<?xml version="1.0" encoding="x"?><a/>',
    ):
        with pytest.raises(ValueError):
            read_xml(wrong)
    told = '<?xml version="1.0" encoding="windows-1251"?><x:a><b>Чек</b><b>2</b><c q="1"/></x:a>'
    assert plain(read_xml(told.encode("cp1251"))) == {"b": ["Чек", "2"], "c": {"q": "1"}}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("\ufeff[1]".encode(), "application/json"),
        ('["Чек"]'.encode("cp1251"), "application/json; charset=windows-1251"),
        ('["Чек"]'.encode("cp1251"), "application/json"),
        ('["Чек"]'.encode("utf-16"), "application/json"),
    ],
)
def test_encodings(body: bytes, kind: str) -> None:
    assert read_answer(Answer(200, {"content-type": kind}, body)) in (["Чек"], [1])


async def test_old_platforms_answer_in_atom(base: Side) -> None:
    """Whatever format is asked for."""
    name = base.source.sell(1800)
    whole = latest(await walked(base))[name]
    base.source.crm.state.atom_only = True
    assert latest(await walked(base))[name] == whole
    assert (await base.adapter.read_transaction(name)) == whole


SETTINGS: list[tuple[dict[str, str], str]] = [
    ({"url": ""}, "url"),
    ({"login": "a:b"}, "login"),
    ({"login": ""}, "login"),
    ({"login": "", "token_url": "ftp://x"}, "token_url"),
    ({"login": "", "token_url": "https://x/t"}, "client_id"),
    ({"service": "/a b"}, "service"),
    ({"database": "../x"}, "database"),
    ({"documents": "a-b"}, "documents"),
    ({"zone": "Mars/Base"}, "zone"),
]


@pytest.mark.parametrize(("changed", "field"), SETTINGS)
def test_settings(changed: dict[str, str], field: str) -> None:
    fine = {"url": "https://1c.example.com/trade/odata/standard.odata/", "login": "Воронка", "password": "п"}
    ONEC.check_settings(fine)
    with pytest.raises(BadInput) as caught:
        ONEC.check_settings({**fine, **changed})
    assert caught.value.field == field
    assert ONEC.address(fine["url"]) == "https://1c.example.com/trade"


def test_what_a_base_sends_by_itself() -> None:
    body, secret = '\ufeff{"items": [{"id": "5"}, {"id": "1C-6"}, {}]}'.encode(), "s" * 16
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    ONEC.verify({"x-signature": f"sha256={signed}"}, body, "", secret)
    ONEC.verify({"x-token": secret}, body, "", secret)
    ONEC.verify({}, body, "", "")
    for headers in ({}, {"x-signature": f"sha256={'0' * 64}"}, {"x-token": "ы"}):
        with pytest.raises(WebhookRefused):
            ONEC.verify(headers, body, "", secret)
    assert [one.external_id for one in ONEC.parse("purchases", body)] == ["1C-5", "1C-6", ""]
