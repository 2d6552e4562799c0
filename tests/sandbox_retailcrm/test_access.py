"""Keys, rights, shops and limits of the stand-in."""

import json
from dataclasses import replace

import httpx
import pytest

from sandbox.retailcrm import RetailSandbox
from tests.sandbox_retailcrm.conftest import Account


async def test_the_key_in_every_documented_place(account: Account) -> None:
    url, client, key = f"{account.crm.url}/api/v5", account.client, account.key
    assert (await client.get(f"{url}/orders", headers={"x-api-key": key})).status_code == 200
    assert (await client.get(f"{url}/orders", params={"apiKey": key})).status_code == 200
    form = {"apiKey": key, "order": json.dumps({"firstName": "Я"})}
    assert (await client.post(f"{url}/orders/create", data=form)).status_code == 201


@pytest.mark.parametrize(
    ("headers", "message"), [({}, '"apiKey" is missing.'), ({"X-API-KEY": "0"}, 'Wrong "apiKey" value.')]
)
async def test_no_key(account: Account, headers: dict[str, str], message: str) -> None:
    answer = await account.client.get(f"{account.crm.url}/api/v5/orders", headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"success": False, "errorMsg": message})


async def test_a_body_of_json_is_not_read(account: Account) -> None:
    answer = await account.client.post(
        f"{account.crm.url}/api/v5/orders/create",
        headers={"X-API-KEY": account.key},
        json={"order": {"firstName": "Я"}},
    )
    assert answer.json()["errorMsg"] == "Parameter 'order' is missing"


async def test_a_right_that_is_missing(account: Account) -> None:
    key = account.crm.state.keys[account.key]
    account.crm.state.keys[account.key] = replace(key, scopes=key.scopes - {"order_write"})
    answer = await account.post("orders/create", order={"firstName": "Я"})
    assert (answer.status_code, answer.json()["errorMsg"]) == (403, "Access denied.")
    assert "/api/orders/create" not in (await account.get("/api/credentials")).json()["credentials"]


async def test_a_key_of_two_shops_must_name_one(account: Account) -> None:
    account.key = account.crm.keys.two_sites
    order = {"externalId": "x", "firstName": "Я"}
    assert (await account.post("orders/create", order=order)).json()[
        "errorMsg"
    ] == "Parameter 'site' is missing"
    for site in ("main", "second"):
        assert (await account.post("orders/create", order=order, site=site)).status_code == 201
    assert (await account.post("orders/create", order=order, site="second")).status_code == 400
    assert (await account.get("orders/x")).status_code == 400
    assert (await account.get("orders/x?site=second")).json()["order"]["site"] == "second"


async def test_a_key_does_not_see_another_shop(account: Account) -> None:
    account.crm.create_order("second", firstName="Я", externalId="x")
    assert (await account.get("orders")).json()["orders"] == []
    assert (await account.get("orders/x?site=second")).json()["errorMsg"] == "Access denied."
    assert (await account.get("orders/4107?by=id")).status_code == 404


async def test_ten_requests_a_second_and_forty_for_telephony() -> None:
    async with RetailSandbox(speed=0) as crm, httpx.AsyncClient(headers={"X-API-KEY": crm.api_key}) as client:
        orders, phone = f"{crm.url}/api/v5/orders", f"{crm.url}/api/v5/telephony/manager?phone=7916"
        assert [(await client.get(orders)).status_code for _ in range(11)] == [200] * 10 + [503]
        assert [(await client.get(phone)).status_code for _ in range(41)] == [200] * 40 + [503]
        refused = await client.get(orders)
        assert refused.json()["success"] is False
        assert "retry-after" not in refused.headers
        crm.clock.advance(1)
        assert (await client.get(orders)).status_code == 200
        other = {"X-API-KEY": crm.keys.two_sites}
        assert (await client.get(orders, headers=other)).status_code == 200
