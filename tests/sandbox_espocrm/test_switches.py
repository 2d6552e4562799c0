"""Faults, the clock, and the control side over HTTP."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.espocrm import EspoSandbox
from tests.sandbox_espocrm.receiver import Receiver


@pytest.fixture
async def crm() -> AsyncIterator[EspoSandbox]:
    async with EspoSandbox() as found:
        yield found


@pytest.fixture
async def client(crm: EspoSandbox) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"X-Api-Key": crm.api_key}
    async with httpx.AsyncClient(base_url=f"{crm.url}/api/v1", headers=headers) as found:
        yield found


LEAD = {"lastName": "Отказов", "cInn": "7707083893"}


async def test_down(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    crm.fail("down")
    with pytest.raises(httpx.TransportError):
        await client.post("/Lead", json=LEAD)
    assert crm.leads() == []
    crm.fail("down", mode="500")
    answer = await client.get("/App/user")
    assert (answer.status_code, answer.content) == (500, b"")
    crm.fail("down", mode="503")
    assert (await client.get("/App/user")).json() == {
        "message": "The application currently is in maintenance mode."
    }
    crm.heal()
    assert (await client.post("/Lead", json=LEAD)).status_code == 200


async def test_answer_dropped_after_commit(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    crm.fail("drop_after_commit", times=1)
    await client.get("/App/user")
    with pytest.raises(httpx.TransportError):
        await client.post("/Lead", json=LEAD)
    assert len(crm.leads()) == 1
    assert (await client.get("/Lead")).json()["total"] == 1


async def test_error_after_commit_of_one_entity(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    crm.fail("error_after_commit", times=1, entity="Task")
    lead = await client.post("/Lead", json=LEAD)
    assert lead.status_code == 200
    body = {"name": "x", "assignedUserId": crm.user_id("anna")}
    assert (await client.post("/Task", json=body)).status_code == 500
    assert len(crm.tasks()) == 1
    assert (await client.post("/Task", json=body)).status_code == 200


async def test_storm_for_the_next_requests(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    crm.fail("storm", times=2, status=429, retry_after=7)
    answers = [await client.get("/App/about") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"


async def test_slow(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    crm.fail("slow", seconds=0.2)
    started = time.monotonic()
    await client.get("/App/about")
    assert time.monotonic() - started >= 0.2
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/App/about", timeout=0.05)


async def test_revoked_key(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    crm.fail("key_revoked")
    assert (await client.get("/App/user")).status_code == 401
    crm.heal("key_revoked")
    assert (await client.get("/App/user")).status_code == 200


async def test_removed_field(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    made = (await client.post("/Lead", json=LEAD)).json()
    crm.fail("field_removed", entity="Lead", field="cInn")
    assert (await client.get("/Metadata", params={"key": "entityDefs.Lead.fields.cInn"})).content == b""
    again = await client.post("/Lead", json=LEAD, headers={"X-Skip-Duplicate-Check": "true"})
    assert "cInn" not in again.json()
    query = {"where[0][type]": "equals", "where[0][attribute]": "cInn", "where[0][value]": "1"}
    assert (await client.get("/Lead", params=query)).status_code == 400
    crm.heal("field_removed")
    assert (await client.get(f"/Lead/{made['id']}")).json()["cInn"] == "7707083893"


async def test_html_with_status_200(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    crm.fail("html_200", times=1)
    answer = await client.get("/App/user")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=UTF-8")
    assert (await client.get("/App/user")).json()["user"]


async def test_unknown_faults_are_refused(crm: EspoSandbox) -> None:
    with pytest.raises(ValueError, match="no fault"):
        crm.fail("flood")
    with pytest.raises(ValueError, match="takes no"):
        crm.fail("slow", minutes=1)


async def test_requests_are_kept(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    await client.post("/Lead?x=1", json=LEAD)
    await client.get("/App/user", headers={"X-Api-Key": "wrong"})
    (post,) = crm.requests("POST", "Lead")
    assert (post.status, post.query, "Отказов" in post.body.encode().decode("utf-8")) == (200, "x=1", True)
    assert [(seen.path, seen.status, seen.user_id) for seen in crm.requests("GET")] == [
        ("App/user", 401, None)
    ]


async def test_control_over_http(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    lead_id = (await client.post("/Lead", json=LEAD)).json()["id"]

    async def control(method: str, path: str, body: Any = None) -> Any:
        return (await client.request(method, f"{crm.url}/sandbox/{path}", json=body)).json()

    assert (await control("GET", "counts"))["Lead"] == 1
    changed = await control("POST", f"records/Lead/{lead_id}", {"status": "In Process", "user": "oleg"})
    assert (changed["status"], changed["modifiedByName"]) == ("In Process", "Олег Сафин")
    assert (await control("POST", f"records/Lead/{lead_id}", {"status": "Nope"}))["error"].startswith("Field")
    assert (await control("POST", "faults", {"kind": "storm", "times": 1, "status": 503}))["left"] == 1
    assert [item["kind"] for item in (await control("GET", "faults"))["list"]] == ["storm"]
    assert "error" in await control("POST", "faults", {"kind": "nope"})
    await control("DELETE", "faults")
    user = await control(
        "POST", "users", {"userName": "mini", "type": "api", "rights": {"Lead": {"create": "yes"}}}
    )
    made = await client.post("/Lead", json=LEAD, headers={"X-Api-Key": user["apiKey"]})
    assert made.status_code == 200
    assert len((await control("GET", "requests?method=POST&path=Lead"))["list"]) == 2
    setup = await control("GET", "setup")
    assert (setup["api_key"], setup["users"]["anna"]) == (crm.api_key, crm.user_id("anna"))
    await control("POST", "reset")
    assert (crm.leads(), (await client.get("/App/user")).status_code) == ([], 200)


async def test_state_for_the_page(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    lead_id = (await client.post("/Lead", json={**LEAD, "phoneNumber": "+79161234567"})).json()["id"]
    anna = crm.user_id("anna")
    parent = {"parentType": "Lead", "parentId": lead_id, "assignedUserId": anna}
    await client.post("/Task", json={"name": "Позвонить", **parent})
    await client.post("/Note", json={"type": "Post", "post": "Привет", **parent})
    async with Receiver() as receiver:
        await client.post("/Webhook", json={"event": "Lead.update", "url": receiver.url})
        await client.post(f"{crm.url}/sandbox/records/Lead/{lead_id}", json={"status": "Dead"})
        sent = await client.post(f"{crm.url}/sandbox/deliver", json={"force": True})
    assert sent.json() == {"sent": 1}
    shown = (await client.get(f"{crm.url}/sandbox/state")).json()
    (lead,) = shown["leads"]
    assert (lead["status"], lead["phoneNumber"], lead["cInn"]) == ("Dead", "+79161234567", "7707083893")
    assert [(item["scope"], item.get("post") or item.get("name")) for item in lead["activities"]] == [
        ("Note", "Привет"),
        ("Task", "Позвонить"),
    ]
    assert [(item["status"], item["outcome"]) for item in shown["deliveries"]] == [(200, "Success")]
    same = await client.get(f"{crm.url}/sandbox/state", params={"since": shown["revision"]})
    assert same.status_code == 204


async def test_clock_control(crm: EspoSandbox, client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{crm.url}/sandbox/clock", json={"speed": 60, "advance": 3600})
    assert answer.json()["speed"] == 60
    bad = await client.post(f"{crm.url}/sandbox/clock", json={"speed": -1})
    assert bad.status_code == 400


async def test_a_stopped_clock_moves_only_by_hand() -> None:
    clock = Clock(0, datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    assert clock.now() == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    clock.advance(90)
    assert clock.now() == datetime(2026, 11, 20, 8, 1, 30, tzinfo=UTC)
    clock.set_speed(3600)
    await clock.sleep(36)
    assert clock.now() >= datetime(2026, 11, 20, 8, 2, 6, tzinfo=UTC)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


async def test_from_the_command_line() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "espocrm"),
        *("--port", "0", "--version", "9.2.7", "--api-key", "k" * 32, "--speed", "60"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        async with httpx.AsyncClient() as client:
            url = f"{line.split()[-1]}/api/v1/App/about"
            answer = await client.get(url, headers={"X-Api-Key": "k" * 32})
    finally:
        process.kill()
        await process.wait()
    assert answer.json()["version"] == "9.2.7"
