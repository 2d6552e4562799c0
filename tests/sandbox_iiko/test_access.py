"""Tokens, rights, faults and webhooks of the stand-in."""

import json

import httpx
import pytest
from aiohttp import web

from sandbox.iiko.seed import APP_ID, CAFE
from tests.sandbox_iiko.conftest import Chain


async def test_a_token_lives_for_an_hour(chain: Chain) -> None:
    chain.crm.clock.advance(3599)
    assert (await chain.ask("organizations")).status_code == 200
    chain.crm.clock.advance(2)
    answer = await chain.ask("organizations")
    assert (answer.status_code, set(answer.json())) == (401, {"correlationId", "errorDescription", "error"})
    await chain.login()
    assert (await chain.ask("organizations")).status_code == 200


async def test_both_ways_in(chain: Chain) -> None:
    keys = chain.crm.keys
    body = {"apiKey": keys.api_key, "appId": APP_ID, "clientSecret": keys.client_secret}
    answer = await chain.ask("access_token", body, root="v2/")
    assert answer.status_code == 200
    chain.token = answer.json()["token"]
    assert (await chain.ask("organizations")).status_code == 200
    for wrong in (
        {**body, "clientSecret": "x"},
        {"apiKey": keys.api_login, "appId": APP_ID, "clientSecret": ""},
    ):
        assert (await chain.ask("access_token", wrong, root="v2/")).status_code == 401
    for login in ("x", keys.api_key):
        assert (await chain.ask("access_token", {"apiLogin": login})).status_code == 401


async def test_no_token(chain: Chain) -> None:
    chain.token = ""
    assert (await chain.ask("organizations")).status_code == 401


@pytest.mark.parametrize(
    ("fault", "status"),
    [("no_rights", 401), ("unpaid", 403), ("terminal_slow", 408), ("key_revoked", 401), ("storm", 429)],
)
async def test_faults(chain: Chain, fault: str, status: int) -> None:
    chain.crm.fail(fault)
    asked = {"organizationIds": [CAFE], "deliveryDateFrom": "2026-03-04 00:00:00.000"}
    assert (await chain.ask("deliveries/by_delivery_date_and_status", asked)).status_code == status


async def test_a_group_of_methods_that_is_not_granted(chain: Chain) -> None:
    chain.crm.fail("no_rights", path="deliveries/by_revision")
    assert (await chain.ask("organizations")).status_code == 200
    assert (await chain.ask("deliveries/by_revision")).status_code == 401


async def test_get_is_not_served(chain: Chain) -> None:
    assert (await chain.client.get(f"{chain.crm.url}/api/1/organizations")).status_code == 405


async def test_webhooks_bear_our_token_and_come_once(chain: Chain) -> None:
    came = []

    async def receive(request: web.Request) -> web.Response:
        came.append((request.headers.get("Authorization"), json.loads(await request.read())))
        return web.Response(status=500)

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    wanted = {"deliveryOrderFilter": {"orderStatuses": ["Closed"], "itemStatuses": [], "errors": True}}
    body = {"organizationId": CAFE, "webHooksUri": f"http://127.0.0.1:{runner.addresses[0][1]}/hook",
            "authToken": "long-random", "webHooksFilter": wanted}  # fmt: skip
    try:
        await chain.ask("webhooks/update_settings", body)
        number = chain.crm.sell()
        chain.crm.order(creation="Error")
        await chain.crm.deliver_now()
    finally:
        await runner.cleanup()
    assert [token for token, _events in came] == ["long-random"] * 2
    (event,) = came[0][1]
    assert (event["eventType"], event["organizationId"]) == ("DeliveryOrderUpdate", CAFE)
    assert (event["eventInfo"]["id"], event["eventInfo"]["order"]["status"]) == (number, "Closed")
    assert came[1][1][0]["eventType"] == "DeliveryOrderError"
    assert len(chain.crm.state.deliveries) == 2


async def test_a_lost_answer_after_a_change(chain: Chain) -> None:
    chain.crm.fail("drop_after_commit")
    with pytest.raises(httpx.HTTPError):
        await chain.ask(
            "webhooks/update_settings", {"organizationId": CAFE, "webHooksUri": "https://x.example"}
        )
    assert len(chain.crm.state.hooks) == 1


async def test_the_control_side(chain: Chain) -> None:
    url, client = f"{chain.crm.url}/sandbox", chain.client
    assert (await client.get(f"{url}/setup")).json()["organizations"]["Кафе Юг"] == CAFE
    number = (
        await client.post(f"{url}/orders", json={"phone": "+79990001122", "items": [["Рамен", 1400]]})
    ).json()
    assert (await client.post(f"{url}/orders/{number['id']}", json={"status": "Closed"})).status_code == 200
    (order,) = (await client.get(f"{url}/records/deliveries")).json()["list"]
    assert order["order"]["status"] == "Closed"
    assert (await client.get(f"{url}/records/nothing")).status_code == 404
    await client.post(f"{url}/reset")
    assert (await client.get(f"{url}/counts")).json() == {"deliveries": 0, "tables": 0, "customers": 0}
