"""Faults of the stand-in, and its control side."""

import time

import httpx
import pytest

from sandbox.bitrix24.server import Bitrix24Sandbox
from tests.sandbox_bitrix24.conftest import World
from tests.sandbox_bitrix24.examples import DEAL, LEAD, item

NEW = item(LEAD, fields={"title": "x"})


@pytest.mark.parametrize(("mode", "status"), [("500", 500), ("503", 503)])
async def test_down_with_an_answer(world: World, mode: str, status: int) -> None:
    world.crm.fail("down", mode=mode)
    assert (await world.ask("crm.item.add", NEW)).status_code == status
    assert len(world.crm.records()) == 1


async def test_down_without_an_answer(world: World) -> None:
    world.crm.fail("down")
    with pytest.raises(httpx.RemoteProtocolError):
        await world.ask("profile")


async def test_slow_is_slow_in_real_time(world: World) -> None:
    world.crm.fail("slow", seconds=0.2, times=1)
    start = time.monotonic()
    await world.ask("profile")
    assert time.monotonic() - start >= 0.2


async def test_an_answer_lost_after_the_commit(world: World) -> None:
    world.crm.fail("drop_after_commit", times=1)
    assert (await world.ask("profile")).status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        await world.ask("crm.item.add", NEW)
    assert len(world.crm.records()) == 2
    world.crm.fail("error_after_commit", times=1, method=f"crm.item.add:{DEAL}")
    assert (await world.ask("crm.item.add", NEW)).status_code == 200
    answer = await world.ask("crm.item.add", item(DEAL, fields={}))
    assert (answer.status_code, answer.json()["error"]) == (500, "INTERNAL_SERVER_ERROR")
    assert len(world.crm.records("deal")) == 2


async def test_a_batch_loses_its_answer_only_when_it_changed_something(world: World) -> None:
    world.crm.fail("error_after_commit", times=1)
    assert (await world.ask("batch", {"cmd": {"a": "profile"}})).status_code == 200
    assert (await world.ask("batch", {"cmd": {"a": "crm.lead.add?fields[TITLE]=x"}})).status_code == 500


@pytest.mark.parametrize(
    ("fault", "params", "status", "error"),
    [
        ("storm", {"status": 503}, 503, "QUERY_LIMIT_EXCEEDED"),
        ("storm", {"status": 429}, 429, "OPERATION_TIME_LIMIT"),
        ("overload", {}, 503, "OVERLOAD_LIMIT"),
        ("unpaid", {}, 403, "ACCESS_DENIED"),
    ],
)
async def test_refusals_of_the_portal(
    world: World, fault: str, params: dict[str, int], status: int, error: str
) -> None:
    world.crm.fail(fault, **params)
    answer = await world.ask("profile")
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    world.crm.heal(fault)
    assert (await world.ask("profile")).status_code == 200


async def test_a_renamed_portal_and_a_page(world: World) -> None:
    world.crm.fail("renamed")
    answer = await world.ask("profile")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://renamed.bitrix24.example/rest/")
    world.crm.heal()
    world.crm.fail("html_200", times=1)
    assert (await world.ask("profile")).headers["content-type"].startswith("text/html")


async def test_a_field_that_was_taken_away(world: World) -> None:
    world.crm.fail("field_removed", type="lead", field="originId")
    assert "originId" not in (await world.result("crm.item.fields", item(LEAD)))["fields"]
    made = await world.result("crm.item.add", item(LEAD, fields={"originId": "1"}))
    assert "originId" not in made["item"]
    assert (await world.ask("crm.item.list", item(LEAD, filter={"=originId": "1"}))).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "nosuch"},
        {"kind": "slow", "mode": "x"},
        {"kind": "down", "mode": "x"},
        {"kind": "storm", "status": 418},
    ],
)
async def test_a_fault_that_does_not_exist(world: World, body: dict[str, object]) -> None:
    answer = await world.client.post(f"{world.crm.url}/sandbox/faults", json=body)
    assert answer.status_code == 400


async def test_the_control_side(world: World) -> None:
    base, client = f"{world.crm.url}/sandbox", world.client
    setup = (await client.get(f"{base}/setup")).json()
    assert (setup["hook_url"], setup["users"]["7"]) == (world.crm.hook_url, "Анна Орлова")
    made = (await client.post(f"{base}/records/lead", json={"title": "Рукой"})).json()
    await client.post(f"{base}/records/lead/{made['id']}", json={"stageId": "JUNK"})
    stored = (await client.get(f"{base}/records/lead")).json()["list"]
    assert (stored[-1]["title"], stored[-1]["stageId"]) == ("Рукой", "JUNK")
    await client.delete(f"{base}/records/lead/{made['id']}")
    assert (await client.get(f"{base}/counts")).json()["lead"] == 1
    assert (await client.delete(f"{base}/records/lead/999")).status_code == 400
    assert (await client.post(f"{base}/records/planet", json={})).status_code == 404
    await client.post(f"{base}/faults", json={"kind": "overload", "times": 1})
    assert (await world.ask("profile")).status_code == 503
    seen = (await client.get(f"{base}/requests", params={"method": "profile"})).json()["list"]
    assert [one["status"] for one in seen] == [503]
    token = (
        await client.post(f"{base}/outgoing", json={"url": "http://127.0.0.1:9/", "events": ["ONCRMLEADADD"]})
    ).json()
    assert [one.token for one in world.crm.handlers()] == [token["application_token"]]
    pair = (await client.post(f"{base}/tokens")).json()
    await client.post(f"{base}/expire")
    world.token = pair["access_token"]
    assert (await world.ask("profile", app=True)).json()["error"] == "expired_token"
    assert (await client.post(f"{base}/clock", json={"advance": 60})).status_code == 200
    assert (await client.post(f"{base}/clock", json={"advance": -1})).status_code == 400
    await client.post(f"{base}/reset")
    assert (await client.get(f"{base}/counts")).json() == {}


async def test_events_go_out_by_themselves() -> None:
    async with Bitrix24Sandbox(speed=1000) as crm:
        crm.outgoing_webhook("http://127.0.0.1:9/", ["ONCRMLEADADD"])
        crm.create(title="x")
        for _ in range(500):
            if crm.state.deliveries:
                break
            await crm.clock.sleep(1)
        assert [delivery.status for delivery in crm.state.deliveries] == [0]
