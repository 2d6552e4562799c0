"""The stand-in answers the documented requests of chapter 17.4 as the platform is documented to."""

import json
from typing import Any

import pytest

from tests.sandbox_onec.conftest import Base

ORDER, GUID = "Document_ЗаказКлиента", "5f0c1c7a-1a2b-11ef-8000-00155d000001"
OTHER = "5f0c1c7a-1a2b-11ef-8000-00155d000002"
VALUES = {
    "Ref_Key": GUID,
    "Number": "0000-000123",
    "Date": "2026-03-04T12:30:45",
    "СуммаДокумента": 15400.5,
    "Статус": "КОтгрузке",
    "Основание": "d1d1d1d1-0000-4000-8000-000000000001",
    "Основание_Type": "StandardODATA.Document_СчетНаОплатуПокупателю",
    "Товары": [{"Количество": 2, "Цена": 7700.25, "Сумма": 15400.5}],
}
WALK = {
    "$filter": "Date ge datetime'2026-03-01T00:00:00' and Posted eq true and DeletionMark eq false",
    "$orderby": "Date asc,Ref_Key asc",
    "$top": "200",
    "$skip": "0",
    "$inlinecount": "allpages",
    "allowedOnly": "true",
}


@pytest.fixture
def order(base: Base) -> Base:
    base.crm.write(ORDER, **VALUES)
    return base


async def test_the_service_document_lists_what_is_published(base: Base) -> None:
    told = (await base.ask()).json()
    assert told["odata.metadata"].endswith("/odata/standard.odata/$metadata")
    assert {
        "name": "Catalog_Контрагенты",
        "url": "Catalog_%D0%9A%D0%BE%D0%BD%D1%82%D1%80%D0%B0%D0%B3%D0%B5%D0%BD%D1%82%D1%8B",
    } in told["value"]
    base.crm.state.published = []
    assert (await base.ask()).json()["value"] == []


async def test_the_metadata_is_xml_whatever_is_asked_for(order: Base) -> None:
    answer = await order.ask("$metadata")
    assert answer.headers["content-type"].startswith("application/xml")
    assert '<Property Name="СуммаДокумента" Type="Edm.Double"/>' in answer.text


async def test_a_list(order: Base) -> None:
    told = (await order.ask(ORDER, params=WALK)).json()
    assert told["odata.metadata"].endswith(f"$metadata#{ORDER}")
    assert told["odata.count"] == "1"
    (one,) = told["value"]
    assert {
        name: one[name] for name in ("Ref_Key", "Number", "Date", "Posted", "DeletionMark", "СуммаДокумента")
    } == {
        "Ref_Key": GUID,
        "Number": "0000-000123",
        "Date": "2026-03-04T12:30:45",
        "Posted": True,
        "DeletionMark": False,
        "СуммаДокумента": 15400.5,
    }
    assert (one["Товары"][0]["LineNumber"], one["Организация_Key"]) == (
        "1",
        "00000000-0000-0000-0000-000000000000",
    )
    assert one["Основание_Type"] == "StandardODATA.Document_СчетНаОплатуПокупателю"


async def test_one_object_and_what_is_not_there(order: Base) -> None:
    assert (await order.ask(f"{ORDER}(guid'{GUID}')")).json()["Number"] == "0000-000123"
    missing = await order.ask(f"{ORDER}(guid'{OTHER}')")
    assert (missing.status_code, missing.json()["odata.error"]["code"]) == (404, "9")


REFUSED: list[tuple[str, dict[str, str], int, str]] = [
    ("Document_НетТакого", {}, 404, "8"),
    (ORDER, {"$filter": "Нет eq 1"}, 400, "10"),
    (ORDER, {"$select": "Нет"}, 400, "10"),
    (ORDER, {"$filter": "Date ge"}, 400, "2"),
    (ORDER, {"$top": "x"}, 400, "4"),
    (f"{ORDER}/Что", {}, 404, "6"),
]


@pytest.mark.parametrize(("path", "params", "status", "code"), REFUSED)
async def test_codes(order: Base, path: str, params: dict[str, str], status: int, code: str) -> None:
    answer = await order.ask(path, params=params)
    assert (answer.status_code, answer.json()["odata.error"]["code"]) == (status, code)
    assert answer.json()["odata.error"]["message"]["lang"] == "ru"


async def test_without_a_format_everything_is_xml(order: Base) -> None:
    url = f"{order.crm.url}/odata/standard.odata"
    plain = {"headers": {"Accept": "*/*"}, "auth": order.user}
    listed = await order.client.get(f"{url}/{ORDER}", **plain)  # type: ignore[arg-type]
    assert listed.headers["content-type"].startswith("application/atom+xml")
    assert "<d:Number>0000-000123</d:Number>" in listed.text
    wrong = await order.client.get(f"{url}/Document_Нет", **plain)  # type: ignore[arg-type]
    assert "<m:code>8</m:code>" in wrong.text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Ref_Key eq guid'" + GUID + "'", 1),
        ("Date lt datetime'2026-03-04T12:30:45'", 0),
        ("(Posted eq false or Number eq '0000-000123') and СуммаДокумента gt 15000", 1),
        ("not Posted eq true", 0),
    ],
)
async def test_filters(order: Base, text: str, count: int) -> None:
    assert len((await order.ask(ORDER, params={"$filter": text})).json()["value"]) == count
    assert (await order.ask(f"{ORDER}/$count", params={"$filter": text})).text == str(count)


async def test_pages_by_skip_and_top(base: Base) -> None:
    for number in range(7):
        base.crm.write(ORDER, Date=f"2026-03-0{number + 1}T00:00:00")
    dates = []
    for skip in ("0", "3", "6"):
        page = (await base.ask(ORDER, params={"$orderby": "Date asc", "$top": "3", "$skip": skip})).json()[
            "value"
        ]
        dates += [one["Date"] for one in page]
    assert dates == sorted(dates)
    assert len(dates) == 7


async def test_writes(base: Base) -> None:
    made = await base.ask(ORDER, "POST", content=json.dumps({"СуммаДокумента": 10}))
    key = made.json()["Ref_Key"]
    assert (made.status_code, key in made.headers["Location"]) == (201, True)
    first = made.json()["DataVersion"]
    marked = await base.ask(f"{ORDER}(guid'{key}')", "PATCH", content=json.dumps({"DeletionMark": True}))
    assert marked.json()["DataVersion"] != first
    posted = await base.ask(f"{ORDER}(guid'{key}')/Post", "POST")
    assert posted.json()["Posted"] is True
    again = await base.ask(ORDER, "POST", content=json.dumps({"Ref_Key": key}))
    assert (again.status_code, again.json()["odata.error"]["code"]) == (400, "15")


async def test_rows_that_are_hidden(order: Base) -> None:
    order.crm.fail("rows_hidden")
    refused = await order.ask(ORDER)
    assert (refused.status_code, refused.json()["odata.error"]["code"]) == (401, "20")
    assert (await order.ask(ORDER, params={"allowedOnly": "true"})).json()["value"] == []


SERVICE: dict[str, Any] = {
    "id": "1C-12345",
    "date": "2025-11-17T14:30:00",
    "customer_phone": "+79991234567",
    "amount": 10000,
    "items": [{"name": "Процедура", "price": 10000}],
}


async def test_the_service(base: Base) -> None:
    base.crm.tell(**SERVICE)
    url, since = f"{base.crm.url}/api/transactions", {"since": "2026-03-01T00:00:00"}
    told = await base.client.get(url, params=since, auth=base.user)
    assert told.content.startswith(b"\xef\xbb\xbf")
    assert json.loads(told.content) == {"items": [SERVICE], "next": None}
    assert json.loads((await base.client.get(f"{url}/1C-12345", auth=base.user)).content) == SERVICE
    assert (await base.client.get(f"{url}/1", auth=base.user)).status_code == 404
    assert (await base.client.get(url, auth=base.user)).status_code == 500
    later = {"since": "2026-03-05T00:00:00"}
    assert json.loads((await base.client.get(url, params=later, auth=base.user)).content)["items"] == []
    assert json.loads((await base.client.get(f"{base.crm.url}/hs/crm/v1/ping", auth=base.user)).content)["ok"]


async def test_who_may_ask(base: Base) -> None:
    url = f"{base.crm.url}/odata/standard.odata/"
    assert (await base.client.get(url)).status_code == 401
    assert (await base.client.get(url, auth=("Воронка", "wrong"))).status_code == 401
    keys = base.crm.keys
    form = {
        "grant_type": "client_credentials",
        "client_id": keys.client_id,
        "client_secret": keys.client_secret,
    }
    token = (await base.client.post(base.crm.token_url, data=form)).json()["access_token"]
    shown = {"Authorization": f"Bearer {token}"}
    assert (await base.client.get(url, headers=shown)).status_code == 200
    base.crm.clock.advance(3601)
    assert (await base.client.get(url, headers=shown)).status_code == 401
    wrong = await base.client.post(base.crm.token_url, data={**form, "client_secret": "x"})
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})


async def test_switches_over_http(order: Base) -> None:
    control = order.crm.url.removesuffix("/trade") + "/sandbox"
    for kind, status in (("no_licence", 402), ("locked", 500), ("storm", 503)):
        await order.client.post(f"{control}/faults", json={"kind": kind, "times": 1})
        assert (await order.ask(ORDER)).status_code == status
        assert (await order.ask(ORDER)).status_code == 200
    assert (await order.client.get(f"{control}/counts")).json()[ORDER] == 1
    made = await order.client.post(f"{control}/records/{ORDER}", json={"СуммаДокумента": 5})
    assert made.json()["Posted"] is True
    assert (await order.client.post(f"{control}/records/Nothing", json={})).status_code == 404
