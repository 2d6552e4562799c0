"""Webhooks, faults, and the control side over HTTP."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiohttp import web

from sandbox.twenty import TwentySandbox
from sandbox.twenty.limits import no_limits
from tests.sandbox_twenty.conftest import Workspace


@asynccontextmanager
async def receiver(status: int = 200) -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Somebody who answers so, and what came."""
    got: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        got.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", got
    await runner.cleanup()


async def hook(workspace: Workspace, url: str, *operations: str, secret: str = "s") -> dict[str, Any]:
    body = {"targetUrl": url, "operations": list(operations), "secret": secret}
    made = await workspace.ask("POST", "webhooks", body)
    assert made.status_code == 201
    return dict(made.json())


async def test_a_signed_delivery(workspace: Workspace) -> None:
    async with receiver() as (url, got):
        made = await hook(workspace, url, "opportunity.updated")
        deal = await workspace.made("opportunities", name="x")
        workspace.crm.change("opportunities", deal["id"], stage="MEETING")
        await workspace.crm.deliver_now()
    ((headers, body),) = got
    moment = headers["x-twenty-webhook-timestamp"]
    mac = hmac.new(b"s", moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    assert headers["x-twenty-webhook-signature"] == mac
    assert len(headers["x-twenty-webhook-nonce"]) == 32
    assert abs(int(moment) / 1000 - workspace.crm.clock.now().timestamp()) < 5
    told = json.loads(body)
    assert (told["eventName"], told["webhookId"]) == ("opportunity.updated", made["id"])
    assert (told["record"]["stage"], told["updatedFields"]) == ("MEETING", ["stage"])
    assert told["objectMetadata"]["nameSingular"] == "opportunity"
    assert "workspaceMemberId" in told
    assert "apiKeyId" not in told


@pytest.mark.parametrize(
    ("operation", "heard"),
    [
        ("person.*", ["person.created", "person.updated", "person.deleted", "person.restored"]),
        ("*.created", ["person.created", "company.created"]),
        ("company.destroyed", ["company.destroyed"]),
    ],
)
async def test_operations_and_wildcards(workspace: Workspace, operation: str, heard: list[str]) -> None:
    async with receiver() as (url, got):
        await hook(workspace, url, operation)
        person = await workspace.made("people", city="Омск")
        await workspace.ask("PATCH", f"people/{person['id']}", {"city": "Самара"})
        await workspace.ask("DELETE", f"people/{person['id']}?soft_delete=true")
        await workspace.ask("PATCH", f"restore/people/{person['id']}")
        company = await workspace.made("companies", name="Лён")
        await workspace.ask("DELETE", f"companies/{company['id']}")
        await workspace.crm.deliver_now()
    bodies = [json.loads(body) for _, body in got]
    assert [body["eventName"] for body in bodies] == heard
    assert all(body["apiKeyId"] for body in bodies)


async def test_nothing_is_sent_twice_and_nothing_is_signed_without_a_secret(workspace: Workspace) -> None:
    async with receiver(500) as (url, got):
        await hook(workspace, url, "*.*", secret="")
        await workspace.made("people", city="Омск")
        assert await workspace.crm.deliver_now() + len(got) >= 1
        assert await workspace.crm.deliver_now(force=True) == 0
    ((headers, _),) = got
    assert not [name for name in headers if name.startswith("x-twenty")]
    (delivery,) = workspace.crm.state.deliveries
    assert delivery.status == 500


async def test_internal_addresses_may_be_closed() -> None:
    async with (
        receiver() as (url, got),
        TwentySandbox(limits=no_limits(), internal_hosts=()) as crm,
        httpx.AsyncClient() as client,
    ):
        await hook(Workspace(crm, client), url, "person.created")
        crm.create("people", city="Омск")
        await crm.deliver_now()
        assert got == []


async def test_webhooks_are_listed_changed_and_removed(workspace: Workspace) -> None:
    made = await hook(workspace, "https://a.example/x", "person.*")
    changed = await workspace.ask("PATCH", f"webhooks/{made['id']}", {"operations": ["*.created"]})
    assert changed.json()["operations"] == ["*.created"]
    listed = (await workspace.ask("GET", "metadata/webhooks")).json()
    assert [one["id"] for one in listed] == [made["id"]]
    for status in (200, 404):
        assert (await workspace.ask("DELETE", f"webhooks/{made['id']}")).status_code == status
    for wrong in ({"targetUrl": "x", "operations": ["a.b"]}, {"targetUrl": "https://a.example"}):
        assert (await workspace.ask("POST", "webhooks", wrong)).status_code == 400


async def test_down(workspace: Workspace) -> None:
    workspace.crm.fail("down")
    with pytest.raises(httpx.TransportError):
        await workspace.ask("GET", "people")
    for mode in ("500", "502", "503"):
        workspace.crm.fail("down", mode=mode)
        assert (await workspace.ask("GET", "people")).status_code == int(mode)
    workspace.crm.heal()
    assert (await workspace.ask("GET", "people")).status_code == 200


@pytest.mark.parametrize("kind", ["error_after_commit", "drop_after_commit"])
async def test_the_answer_to_a_stored_change_is_spoilt(workspace: Workspace, kind: str) -> None:
    workspace.crm.fail(kind, times=1, path="people")
    await workspace.made("companies", name="Лён")
    try:
        assert (await workspace.ask("POST", "people", {"city": "Омск"})).status_code == 500
        assert kind == "error_after_commit"
    except httpx.TransportError:
        assert kind == "drop_after_commit"
    assert len(workspace.crm.records("people")) == 1
    await workspace.made("people", city="Омск")


async def test_storm_slow_page_and_keys(workspace: Workspace) -> None:
    workspace.crm.fail("storm", times=1, retry_after=7)
    storm = await workspace.ask("GET", "people")
    assert (storm.status_code, storm.headers["retry-after"]) == (429, "7")
    workspace.crm.fail("slow", times=1, seconds=0.05)
    start = time.monotonic()
    await workspace.ask("GET", "people")
    assert time.monotonic() - start >= 0.05
    workspace.crm.fail("html_200", times=1, path="people")
    page = await workspace.ask("GET", "people")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for kind, message in (("key_revoked", "Token invalid."), ("key_expired", "Token has expired.")):
        workspace.crm.fail(kind)
        assert (await workspace.ask("GET", "people")).json()["messages"] == [message]
        workspace.crm.heal(kind)


async def test_a_field_is_taken_away_and_comes_back(workspace: Workspace) -> None:
    workspace.crm.fail("field_removed")
    assert (await workspace.ask("POST", "opportunities", {"voronkaId": "x"})).status_code == 400
    workspace.crm.heal()
    assert (await workspace.made("opportunities", voronkaId="x"))["voronkaId"] == "x"


@pytest.mark.parametrize(
    ("kind", "params"), [("flood", {}), ("slow", {"minutes": 1}), ("storm", {"status": 418})]
)
def test_faults_that_do_not_exist(kind: str, params: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=kind):
        TwentySandbox().fail(kind, **params)


async def test_the_control_side(workspace: Workspace) -> None:
    async def ask(method: str, path: str, **body: Any) -> Any:
        return (await workspace.ask(method, f"/sandbox/{path}", body or None)).json()

    setup = await ask("GET", "setup")
    assert (setup["url"], setup["api_key"]) == (workspace.crm.url, workspace.crm.api_key)
    deal = await ask("POST", "records/opportunities", name="Сделка")
    await ask("POST", f"records/opportunities/{deal['id']}", stage="MEETING")
    assert (await ask("GET", "records/opportunities"))["list"][0]["stage"] == "MEETING"
    assert (await ask("GET", "counts"))["opportunities"] == 1
    assert "messages" in await ask("POST", "records/opportunities", stage="X")
    assert "error" in await ask("POST", "records/cats", name="x")
    assert await ask("DELETE", f"records/opportunities/{deal['id']}") == {"ok": True}
    assert (await ask("POST", "faults", kind="slow", seconds=0))["kind"] == "slow"
    assert "error" in await ask("POST", "faults", kind="nosuch")
    assert len((await ask("GET", "faults"))["list"]) == 1
    await ask("DELETE", "faults")
    await workspace.ask("GET", "people")
    assert [one["path"] for one in (await ask("GET", "requests"))["list"]] == ["people"]
    await ask("DELETE", "requests")
    assert (await ask("POST", "clock", speed=0, advance=60))["speed"] == 0
    assert "error" in await ask("POST", "clock", advance=-1)
    assert await ask("POST", "deliver") == {"sent": 0}
    assert (await ask("GET", "deliveries"))["list"] == []
    await ask("POST", "reset")
    assert (await ask("GET", "counts"))["opportunities"] == 0
