"""Connectors that people make: expressions that are data, every way of paging and of signing in."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.custom import json_path
from crm_adapters.custom.config import DEFAULT_MAPPING, config_of
from crm_adapters.custom.expressions import expression
from crm_adapters.custom.suggesting import suggested
from crm_adapters.http import CrmHttp
from crm_adapters.mapping import overlay
from crm_adapters.purchase_values import own_of
from crm_adapters.xml_answers import plain, read_xml
from domain.errors import BadInput, CrmAccessLost, CrmRejected, CrmUnavailable, CrmUnsupported
from domain.transactions import SourceTransaction, TransactionKind, Unreadable, Window

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=5), NOW, first=True)
ROWS = [
    {"id": f"n{at}", "date": "2026-03-04 10:00", "amount": "1.000,50", "customer_phone": "8 999 000-11-22"}
    for at in range(5)
]
SHOP: dict[str, Any] = {
    "store": {"книги": [{"t": "a", "p": 1}, {"t": "b", "p": [2, 3]}], "e-mail": "x", "0": "z"}
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.store.книги[*].t", ["a", "b"]),
        ("$.store.книги[-1].p[0]", [2]),
        ("$['store']['e-mail']", ["x"]),
        ("store.книги.1.t", ["b"]),
        ("store.0", ["z"]),
        ("$..t", ["a", "b"]),
        ("$.store.*", [SHOP["store"]["книги"], "x", "z"]),
        ("$", [SHOP]),
        ("$.nothing.at[3].all", []),
        ("$.store.книги[99]", []),
    ],
)
def test_json_paths(path: str, found: list[Any]) -> None:
    assert json_path.compiled(path).find(SHOP) == found


@pytest.mark.parametrize(
    "path",
    [
        "",
        "$.",
        "$[",
        "$[?(@.p>1)]",
        "$.a b",
        "$[(@.length-1)]",
        "$..a..b..c",
        "$.a['b",
        "a" * 300,
        "$" + ".a" * 30,
    ],
)
def test_what_is_no_json_path(path: str) -> None:
    with pytest.raises(ValueError):
        json_path.compiled(path)


@given(
    st.text(max_size=40),
    st.recursive(
        st.integers() | st.text(max_size=3) | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    ),
)
def test_any_text_is_an_expression_or_a_slip(text: str, value: Any) -> None:
    for xml in (False, True):
        try:
            found = expression(text, xml=xml)
        except ValueError:
            continue
        assert isinstance(found.find(read_xml(b"<a><b/></a>") if xml else value), list)


XML = read_xml(b"<r><o n='7'><s>10</s><c><p k='m'>+7</p></c></o><o n='8'><s> 20 </s></o></r>")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("./o/s/text()", ["10", "20"]),
        ("o/@n", ["7", "8"]),
        (".//p/text()", ["+7"]),
        ("./o[@n='8']/s/text()", ["20"]),
        ("o[1]/c/p/@k", ["m"]),
        ("/o/@n", ["7", "8"]),
        ("./nothing", []),
        ("$.o[1].n", ["8"]),
    ],
)
def test_xpaths(path: str, found: list[str]) -> None:
    assert expression(path, xml=True).find(XML) == found


@pytest.mark.parametrize("path", ["o[", "document('x')", "//a//b//c", "o[position()=1]/[", "count(//o)"])
def test_what_is_no_xpath(path: str) -> None:
    try:
        assert expression(path, xml=True).find(XML) == []
    except ValueError:
        return


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"format": "csv"}, "format"),
    ({"records": ""}, "records"),
    ({"fields": {"amount": None}}, "fields.amount"),
    ({"fields": {"colour": "x"}}, "fields.colour"),
    ({"fields": {"date": "$["}}, "fields.date"),
    ({"paging": {"kind": "forever"}}, "paging.kind"),
    ({"paging": {"kind": "page"}}, "paging.param"),
    ({"paging": {"kind": "cursor", "param": "c"}}, "paging.next"),
    ({"paging": {"size": 10**9}}, "paging.size"),
    ({"lines": {"x": "a"}}, "lines.x"),
    ({"request": {"since_as": "moon"}}, "request.since_as"),
    ({"words": {"refund": "x"}}, "words.refund"),
    ({"request": [1]}, "request"),
]


@pytest.mark.parametrize(("mapping", "at"), WRONG)
def test_a_mapping_that_cannot_be(mapping: dict[str, Any], at: str) -> None:
    with pytest.raises(BadInput) as caught:
        config_of(overlay(DEFAULT_MAPPING, mapping))
    assert (caught.value.field, caught.value.params["at"]) == ("mapping", at)


class Shop:
    """A system with rows to tell, in every shape."""

    def __init__(self, rows: list[Any] | None = None) -> None:
        self.rows, self.seen, self.url = ROWS if rows is None else rows, list[web.Request](), ""
        self.clamps = self.elsewhere = False

    async def token(self, request: web.Request) -> web.Response:
        told = await request.post()
        client = "Basic " + base64.b64encode(b"c:s").decode()
        if (told.get("grant_type"), request.headers["Authorization"]) != ("client_credentials", client):
            return web.json_response({"error": "invalid_client"}, status=401)
        return web.json_response({"access_token": "t-1", "token_type": "Bearer", "expires_in": 3600})

    async def orders(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        query = request.query
        size = int(query.get("limit", 2))
        page = int(query.get("page", 1)) - 1
        if self.clamps:
            page = min(page, (len(self.rows) - 1) // size)
        start = int(query.get("offset") or query.get("after") or page * size)
        part, following = self.rows[start : start + size], start + size
        more = following < len(self.rows)
        link = ("http://127.0.0.1:9" if self.elsewhere else "") + f"/orders?after={following}"
        body = {"items": part, "next": link if more else None, "cursor": following if more else ""}
        return web.json_response(body)


@asynccontextmanager
async def opened(shop: Shop, mapping: Mapping[str, Any] | None = None, **settings: str) -> AsyncIterator[Any]:
    app = web.Application()
    app.router.add_get("/orders", shop.orders)
    app.router.add_post("/token", shop.token)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    place = f"127.0.0.1:{runner.addresses[0][1]}"
    shop.url = f"http://{place}/orders"
    settings = {**settings, "token_url": f"http://{place}/token"} if "client_id" in settings else settings
    try:
        async with CrmHttp(now=lambda: NOW, allow=[place]) as http:
            yield build_adapter("custom", {"url": shop.url, **settings}, mapping or {}, http, lambda: NOW)
    finally:
        await runner.cleanup()


async def walked(adapter: Any) -> list[SourceTransaction | Unreadable]:
    found, after = list[SourceTransaction | Unreadable](), ""
    for _ in range(20):
        page = await adapter.transactions(WINDOW, after)
        found += page.found
        after = page.next
        if not after:
            return found
    raise AssertionError("the walk does not end")


PAGINGS: list[dict[str, Any]] = [
    {"kind": "page", "param": "page", "size_param": "limit", "size": 2},
    {"kind": "page", "param": "page"},
    {"kind": "offset", "param": "offset", "size_param": "limit", "size": 2},
    {"kind": "next_link", "next": "$.next"},
    {"kind": "cursor", "param": "after", "next": "cursor"},
]


@pytest.mark.parametrize("paging", PAGINGS, ids=lambda paging: str(paging["kind"]))
async def test_every_way_of_paging(paging: dict[str, Any]) -> None:
    async with opened(Shop(), {"paging": paging}) as adapter:
        assert [one.external_id for one in await walked(adapter)] == ["n0", "n1", "n2", "n3", "n4"]


async def test_a_system_that_shows_its_last_page_for_ever() -> None:
    shop = Shop()
    shop.clamps = True
    async with opened(shop, {"paging": PAGINGS[0]}) as adapter:
        assert len(await walked(adapter)) == 5
    for rows in (ROWS[:4], ROWS):
        shop.rows = rows
        async with opened(shop, {"paging": {**PAGINGS[0], "param": "seite"}}) as adapter:
            with pytest.raises(CrmRejected) as caught:
                await walked(adapter)
            assert caught.value.reason == "the source repeats a page"


async def test_a_key_never_follows_a_link_elsewhere() -> None:
    shop = Shop()
    shop.elsewhere = True
    async with opened(shop, {"paging": PAGINGS[3]}, api_key="k") as adapter:
        with pytest.raises(CrmRejected) as caught:
            await walked(adapter)
        assert caught.value.reason == "the next page is at another address"


SIGNED: list[tuple[dict[str, str], tuple[str, str]]] = [
    (
        {"login": "Олег", "password": "п"},
        ("Authorization", "Basic " + base64.b64encode("Олег:п".encode()).decode()),
    ),
    ({"api_key": "k"}, ("Authorization", "Bearer k")),
    ({"header": "X-API-Key", "api_key": "k"}, ("X-API-Key", "k")),
    ({"auth": "none"}, ("User-Agent", "Voronka")),
    ({"auth": "oauth", "client_id": "c", "client_secret": "s"}, ("Authorization", "Bearer t-1")),
]


@pytest.mark.parametrize(("settings", "header"), SIGNED)
async def test_every_way_to_sign_in(settings: dict[str, str], header: tuple[str, str]) -> None:
    shop = Shop()
    async with opened(shop, None, **settings) as adapter:
        await adapter.test()
    assert shop.seen[0].headers[header[0]] == header[1]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("local", "2026-02-27T15:00:00"),
        ("utc", "2026-02-27T12:00:00Z"),
        ("date", "2026-02-27"),
        ("unix", "1772193600"),
    ],
)
async def test_since(how: str, told: str) -> None:
    shop = Shop()
    mapping = {"request": {"since": "from", "since_as": how, "until": "to", "params": {"state": "paid"}}}
    async with opened(shop, mapping) as adapter:
        await adapter.transactions(WINDOW, "")
    assert (shop.seen[0].query["from"], shop.seen[0].query["state"]) == (told, "paid")
    assert "to" in shop.seen[0].query


async def test_a_sample_is_read_without_asking_again() -> None:
    shop = Shop(ROWS[:2])
    async with opened(shop) as adapter:
        sample = await adapter.sample()
        read = adapter.read(sample)
    assert len(shop.seen) == 1
    assert json.dumps(sample)
    assert [(one.external_id, one.amount.amount, one.phone) for one in read] == [
        ("n0", Decimal("1000.50"), "+79990001122"),
        ("n1", Decimal("1000.50"), "+79990001122"),
    ]
    assert read[0].happened_at == datetime(2026, 3, 4, 7, tzinfo=UTC)


async def test_rows_without_an_id_get_one_each() -> None:
    row = {"date": "2026-03-04T10:00:00Z", "amount": 100, "customer_phone": "+79990001122"}
    async with opened(Shop([row, row]), {"fields": {"id": None}}) as adapter:
        first, second = [[one.external_id for one in await walked(adapter)] for _ in range(2)]
    assert first == second
    assert len(set(first)) == 2


async def test_refunds_lines_and_what_cannot_be_read() -> None:
    rows = [
        {
            "id": 1,
            "date": "2026-03-04T10:00:00Z",
            "amount": "-5",
            "of": 7,
            "rows": [{"n": "A", "p": "2,5", "q": 2}],
        },
        {"id": 2, "date": "2026-03-04T10:00:00Z", "amount": 5, "state": "Deleted"},
        {"id": 3, "date": "2026-03-14T10:00:00Z", "amount": 5},
        {"id": 4, "date": "2026-03-04T10:00:00Z", "amount": "1e300"},
        {"date": "2026-03-04T10:00:00Z", "amount": 5},
        "text",
        {"id": 5, "date": "2026-03-04T10:00:00Z", "amount": 5, "customer_phone": {"x": 1}},
    ]
    mapping = {
        "fields": {"cancelled": "state", "refers_to": "of"},
        "lines": {"each": "$.rows[*]", "title": "n", "price": "p", "quantity": "q"},
    }
    async with opened(Shop(rows), mapping) as adapter:
        found = adapter.read({"items": rows})
    refund, gone = found[0], found[1]
    assert (refund.kind, refund.amount.amount, refund.refers_to) == (TransactionKind.REFUND, 5, "7")
    assert (refund.lines[0].title, refund.lines[0].amount) == ("A", 5)
    assert gone.cancelled
    wrong = [(one.field, one.problem) for one in found if isinstance(one, Unreadable)]
    assert wrong == [
        ("happened_at", "future"),
        ("amount", "invalid"),
        ("external_id", "required"),
        ("external_id", "required"),
    ]
    assert (found[6].external_id, found[6].phone) == ("5", "")


async def test_verdicts_of_the_test() -> None:
    cases: list[tuple[list[Any], dict[str, Any], list[str]]] = [
        (ROWS, {}, []),
        (ROWS, {"records": "$.orders[*]"}, ["no_records_found"]),
        (ROWS, {"fields": {"amount": "sum"}}, ["records_unreadable"]),
    ]
    for rows, mapping, codes in cases:
        async with opened(Shop(rows), mapping) as adapter:
            assert [one.code for one in (await adapter.test()).problems] == codes
    async with opened(
        Shop(),
        {"format": "xml", "records": "./o", "fields": {"id": "i", "date": "d", "amount": "a", "phone": "p"}},
    ) as adapter:
        with pytest.raises(CrmUnavailable):
            await adapter.test()
    async with opened(Shop()) as adapter:
        with pytest.raises(CrmUnsupported):
            await adapter.read_transaction("1")


async def test_addresses_inside_are_refused() -> None:
    async with CrmHttp(now=lambda: NOW) as http:
        adapter = build_adapter("custom", {"url": "http://127.0.0.1:9/x"}, {}, http, lambda: NOW)
        with pytest.raises(CrmRejected) as caught:
            await adapter.test()
    assert caught.value.reason == "address not allowed"


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"url": "file:///etc"}, "url"),
        ({"auth": "digest"}, "auth"),
        ({"auth": "basic", "login": "x"}, "password"),
        ({"header": "Host", "api_key": "k"}, "header"),
        ({"header": "A: b", "api_key": "k"}, "header"),
        ({"auth": "oauth", "token_url": "x", "client_id": "a", "client_secret": "b"}, "token_url"),
        ({"api_key": "к"}, "api_key"),
    ],
)
def test_settings(settings: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        PROVIDERS["custom"].check_settings({"url": "https://shop.example.com/api", **settings})
    assert caught.value.field == field


async def test_a_key_that_is_refused() -> None:
    shop = Shop()

    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=401 if "x" not in request.query else 403)

    shop.orders = refuse  # type: ignore[method-assign]
    async with opened(shop, api_key="k") as adapter:
        with pytest.raises(CrmAccessLost):
            await adapter.test()


GUESSED: list[tuple[Any, bool, dict[str, Any]]] = [
    (
        {
            "meta": {"pages": [{"n": 1}]},
            "data": {
                "orders": [
                    {
                        "order_id": 1,
                        "created_at": "2026-03-04T10:00:00",
                        "total": "100.50",
                        "client": {"phone": "+79990001122"},
                    },
                    {"order_id": 2, "created_at": "2026-03-04T11:00:00", "total": "5", "client": {}},
                ]
            },
        },
        False,
        {
            "records": "$.data.orders[*]",
            "id": "order_id",
            "date": "created_at",
            "amount": "total",
            "phone": "client.phone",
        },
    ),
    (
        {
            "items": {
                "item": [
                    {
                        "Номер": "1",
                        "Дата": "04.03.2026 10:00",
                        "Сумма": "1 000,50",
                        "Телефон": "8 999 000 11 22",
                    },
                    {"Номер": "2", "Дата": "04.03.2026 10:00", "Сумма": "1", "Телефон": ""},
                ]
            }
        },
        True,
        {
            "records": "./items/item",
            "id": "$.Номер",
            "date": "$.Дата",
            "amount": "$.Сумма",
            "phone": "$.Телефон",
        },
    ),
    (
        [{"id": "a", "sum": "much", "price": 7, "date": 1772193600}],
        False,
        {"records": "$[*]", "id": "id", "amount": "price", "date": "date", "phone": None},
    ),
    ({"error": "no"}, False, {}),
    ("text", False, {}),
]


@pytest.mark.parametrize(("sample", "xml", "expected"), GUESSED)
def test_a_mapping_is_guessed_from_a_sample(sample: Any, xml: bool, expected: dict[str, Any]) -> None:
    found = suggested(sample, own_of({}), xml=xml)
    if not expected:
        assert found == {}
        return
    told = {"records": found["records"], **found["fields"]}
    assert {name: told[name] for name in expected} == expected


async def test_a_guessed_mapping_reads_the_sample() -> None:
    shop = Shop()
    async with opened(shop) as adapter:
        sample = await adapter.sample()
    async with opened(shop, suggested(sample, own_of({}), xml=False)) as adapter:
        assert [one.external_id for one in adapter.read(sample)] == ["n0", "n1"]
    one = {"items": {"item": [{"id": "1", "date": "2026-03-04", "amount": "5"}, {"id": "2"}]}}
    text = "<r><items><item><id>1</id><date>2026-03-04</date><amount>5</amount></item></items></r>"
    async with opened(shop, suggested(one, own_of({}), xml=True)) as adapter:
        assert [found.external_id for found in adapter.read(read_xml(text.encode()))] == ["1"]


async def test_a_nested_field_of_xml_is_guessed_and_read() -> None:
    text = (
        "<r><o><id>1</id><date>2026-03-04</date><sum>5</sum><client><phone>89990001122</phone></client></o>"
        "<o><id>2</id><date>2026-03-04</date><sum>5</sum><client><phone/></client></o></r>"
    )
    root = read_xml(text.encode())
    mapping = suggested(plain(root), own_of({}), xml=True)
    assert (mapping["records"], mapping["fields"]["phone"]) == ("./o", "$.client.phone")
    async with opened(Shop(), mapping) as adapter:
        assert [one.phone for one in adapter.read(root)] == ["+79990001122", ""]
