"""Tokens, limits, faults and webhooks of the stand-in."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from aiohttp import web

from sandbox.yclients import YclientsSandbox
from tests.sandbox_yclients.conftest import Chain


@pytest.mark.parametrize(
    "form", ["Bearer {p}, User {u}x", "Bearer {p} User {u}", "Bearer {u}, User {u}", "{p}", ""]
)
async def test_both_tokens_stand_in_one_header_behind_a_comma(chain: Chain, form: str) -> None:
    shown = form.format(p=chain.crm.keys.partner_token, u=chain.crm.keys.user_token)
    answer = await chain.ask("GET records/4102", Authorization=shown)
    assert answer.status_code == 401
    assert answer.json()["success"] is False


async def test_a_partner_alone_sees_no_visits(chain: Chain) -> None:
    assert (await chain.ask("GET records/4102", user=False)).status_code == 401


async def test_accept_is_required(chain: Chain) -> None:
    assert (await chain.ask("GET records/4102", Accept="application/json")).status_code == 400


async def test_five_a_second_and_two_hundred_a_minute() -> None:
    start = datetime(2026, 3, 4, tzinfo=UTC)
    async with YclientsSandbox(speed=0, start=start) as crm, httpx.AsyncClient() as client:
        chain = Chain(crm, client)
        statuses = [(await chain.ask("GET companies")).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        for _ in range(99):
            crm.clock.advance(0.51)
            statuses += [(await chain.ask("GET companies")).status_code for _ in range(2)]
        assert statuses.count(200) == 200
        assert statuses[-1] == 429
        crm.clock.advance(60)
        assert (await chain.ask("GET companies")).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status"),
    [("unpaid", 402), ("no_rights", 403), ("key_revoked", 401), ("success_false", 200), ("html_200", 200)],
)
async def test_faults(chain: Chain, fault: str, status: int) -> None:
    chain.crm.fail(fault)
    assert (await chain.ask("GET records/4102")).status_code == status
    chain.crm.heal()
    assert (await chain.ask("GET records/4102")).json()["success"] is True


async def test_a_branch_is_shown_though_its_licence_is_not_paid(chain: Chain) -> None:
    chain.crm.fail("unpaid")
    assert (await chain.ask("GET company/4102/")).status_code == 200


async def test_phones_are_hidden_from_users_without_the_right(chain: Chain) -> None:
    chain.crm.book(name="Мария", phone="+79990001122")
    chain.crm.fail("phones_hidden")
    (visit,) = (await chain.ask("GET records/4102")).json()["data"]
    assert visit["client"]["phone"] == ""


async def test_a_lost_answer_after_a_booking(chain: Chain) -> None:
    chain.crm.fail("drop_after_commit", path="clients")
    with pytest.raises(httpx.HTTPError):
        await chain.ask("POST clients/4102", {"name": "Олег", "phone": "79990001133"})
    assert len(chain.crm.state.table("clients")) == 1


async def test_webhooks_are_sent_once_with_a_part_of_the_data(chain: Chain) -> None:
    bodies = []

    async def receive(request: web.Request) -> web.Response:
        bodies.append(json.loads(await request.read()))
        return web.Response(status=500)

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        chain.crm.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
        number = chain.crm.serve()
        chain.crm.delete(number)
        await chain.crm.deliver_now()
    finally:
        await runner.cleanup()
    told = [(one["resource"], one["status"]) for one in bodies]
    assert told == [
        ("client", "create"), ("record", "create"), ("record", "update"), ("finances_operation", "create"),
        ("record", "update"), ("record", "delete"),
    ]  # fmt: skip
    assert bodies[1] == {"company_id": 4102, "resource": "record", "resource_id": number, "status": "create",
                         "data": {"id": number, "services": []}}  # fmt: skip
    assert {one.status for one in chain.crm.state.deliveries} == {500}


async def test_the_control_side(chain: Chain) -> None:
    url, client = f"{chain.crm.url}/sandbox", chain.client
    assert (await client.get(f"{url}/setup")).json()["companies"]["Миндаль"] == 4102
    number = (await client.post(f"{url}/visits", json={"name": "Мария", "services": [[55, 1800]]})).json()[
        "id"
    ]
    await client.post(f"{url}/visits/{number}", json={"attendance": 1})
    await client.post(f"{url}/visits/{number}/pay")
    await client.post(f"{url}/sales", json={"amount": 990})
    assert (await client.get(f"{url}/counts")).json() == {"records": 1, "transactions": 2, "clients": 1}
    (visit,) = (await client.get(f"{url}/records/records")).json()["list"]
    assert (visit["attendance"], visit["paid_full"]) == (1, 1)
    assert (await client.get(f"{url}/records/nothing")).status_code == 404
    await client.delete(f"{url}/visits/{number}")
    assert (await client.post(f"{url}/faults", json={"kind": "unpaid", "status": 418})).status_code == 400
    await client.post(f"{url}/reset")
    assert (await client.get(f"{url}/counts")).json()["records"] == 0
