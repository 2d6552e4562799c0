"""Faults, triggers, and the control side over HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from aiohttp import web

from tests.sandbox_retailcrm.conftest import Account
from tests.waiting import until

ORDER = {"firstName": "Отказов", "externalId": "x"}


@asynccontextmanager
async def receiver(
    status: int = 200,
) -> AsyncIterator[tuple[str, list[tuple[str, str, dict[str, str], str]]]]:
    """Keeps (method, content type, query, body) of what came."""
    got: list[tuple[str, str, dict[str, str], str]] = []

    async def take(request: web.Request) -> web.Response:
        kind = request.headers.get("Content-Type", "").partition(";")[0]
        got.append((request.method, kind, dict(request.query), await request.text()))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_route("*", "/in/K3Y", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/in/K3Y", got
    finally:
        await runner.cleanup()


async def test_down(account: Account) -> None:
    account.crm.fail("down")
    with pytest.raises(httpx.TransportError):
        await account.post("orders/create", order=ORDER)
    assert account.crm.records("orders") == []
    for mode in ("500", "503"):
        account.crm.fail("down", mode=mode)
        answer = await account.get("orders")
        assert (answer.status_code, answer.headers["content-type"]) == (int(mode), "text/html; charset=UTF-8")


@pytest.mark.parametrize("kind", ["drop_after_commit", "error_after_commit"])
async def test_an_answer_lost_after_the_commit(account: Account, kind: str) -> None:
    account.crm.fail(kind, times=1, path="orders")
    assert (await account.post("customers/create", customer={"firstName": "Я"})).status_code == 201
    try:
        assert (await account.post("orders/create", order=ORDER)).status_code == 500
    except httpx.TransportError:
        assert kind == "drop_after_commit"
    assert len(account.crm.records("orders")) == 1
    assert (await account.post("orders/create", order=ORDER)).status_code == 400


async def test_a_storm_with_and_without_a_hint(account: Account) -> None:
    account.crm.fail("storm", times=1)
    answer = await account.get("orders")
    assert (answer.status_code, answer.headers.get("retry-after")) == (503, None)
    account.crm.fail("storm", times=1, status=429, retry_after=7)
    answer = await account.get("orders")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert (await account.get("orders")).status_code == 200


async def test_slow(account: Account) -> None:
    account.crm.fail("slow", seconds=1, times=1)
    with pytest.raises(httpx.ReadTimeout):
        await account.get("orders", timeout=0.05)


async def test_a_revoked_key_and_a_page(account: Account) -> None:
    account.crm.fail("key_revoked", times=1)
    assert (await account.get("orders")).json()["errorMsg"] == 'Wrong "apiKey" value.'
    account.crm.fail("html_200", times=1)
    assert (await account.get("orders")).text.startswith("<!doctype html>")
    assert (await account.get("orders")).json()["success"] is True


async def test_a_field_that_is_removed_and_comes_back(account: Account) -> None:
    order = {**ORDER, "customFields": {"voronka_inn": "7707083893"}}
    account.crm.fail("field_removed")
    answer = await account.post("orders/create", order=order)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["customFields.voronka_inn"])
    account.crm.heal()
    assert (await account.post("orders/create", order=order)).status_code == 201


def test_faults_that_do_not_exist(account: Account) -> None:
    for kind, params in (("nosuch", {}), ("slow", {"mode": 1}), ("down", {"mode": "404"})):
        with pytest.raises(ValueError):
            account.crm.fail(kind, **params)


SENT = {"event": "order_status", "id": "4107", "externalId": "x", "site": "main", "status": "complete"}


READ = {
    "form": ("application/x-www-form-urlencoded", lambda query, body: dict(parse_qsl(body))),
    "json": ("application/json", lambda query, body: json.loads(body)),
    "query": ("", lambda query, body: query),
}


@pytest.mark.parametrize("encoding", READ)
async def test_a_trigger_sends_what_the_admin_chose(account: Account, encoding: str) -> None:
    await account.post("orders/create", order=ORDER)
    async with receiver() as (url, got):
        account.crm.add_trigger("order.changed", url, encoding=encoding)
        account.crm.change_order(4107, status="complete")
        await account.crm.deliver_now()
    ((method, sent_as, query, body),) = got
    kind, read = READ[encoding]
    assert method == "POST"
    assert sent_as.startswith(kind)
    assert read(query, body) == SENT
    assert [item.status for item in account.crm.state.deliveries] == [200]
    assert dict(account.crm.state.deliveries[0].params) == SENT


async def test_a_trigger_is_sent_once_whatever_the_answer(account: Account) -> None:
    async with receiver(status=503) as (url, got):
        account.crm.add_trigger("order.created", url)
        await account.post("orders/create", order=ORDER)
        await account.crm.deliver_now()
        await account.crm.deliver_now()
    assert len(got) == 1
    account.crm.create_order(firstName="Я")
    await account.crm.deliver_now()
    assert [item.status for item in account.crm.state.deliveries] == [503, 0]


async def test_a_trigger_goes_out_by_itself_and_can_leave_out_the_api(account: Account) -> None:
    async with receiver() as (url, got):
        account.crm.add_trigger("order.created", url, skip_api=True, params={"id": "{{ order.id }}"})
        await account.post("orders/create", order=ORDER)
        account.crm.create_order(firstName="Я")
        await until(lambda: bool(got))
    assert [body for *_, body in got] == ["id=4108"]


async def test_control(account: Account) -> None:
    async def ask(method: str, path: str, **body: Any) -> Any:
        url = f"{account.crm.url}/sandbox/{path}"
        return (await account.client.request(method, url, json=body or None)).json()

    assert (await ask("GET", "setup"))["api_key"] == account.key
    made = await ask("POST", "orders", firstName="Я")
    assert (await ask("POST", f"orders/{made['id']}", status="complete"))["status"] == "complete"
    assert (await ask("GET", "counts"))["orders"] == 1
    assert "error" in await ask("POST", "orders/5", status="complete")
    assert (await ask("POST", "orders", status="foo"))["success"] is False
    assert (await ask("POST", "faults", kind="slow", seconds=0))["kind"] == "slow"
    assert "error" in await ask("POST", "faults", kind="nosuch")
    assert len((await ask("GET", "faults"))["list"]) == 1
    await ask("DELETE", "faults")
    assert (await ask("POST", "triggers", event="order.changed", url="http://127.0.0.1:9/"))["id"] == 1
    assert "error" in await ask("POST", "triggers", event="nosuch", url="")
    assert (await ask("POST", "clock", advance=60))["speed"] == 1.0
    assert (await ask("POST", "deliver")) == {"sent": 0}
    await account.get("orders")
    assert len((await ask("GET", "requests"))["list"]) == 1
    await ask("DELETE", f"orders/{made['id']}")
    assert (await ask("GET", "records/orders"))["list"] == []
    await ask("POST", "reset")
    assert (await ask("GET", "triggers"))["list"] == []
