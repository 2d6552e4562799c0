"""What hooks get and when again; the switches; the control side."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from sandbox.amocrm import AmoSandbox
from sandbox.amocrm.webhooks import ACTIONS
from tests.sandbox_espocrm.receiver import Receiver


@pytest.fixture
async def crm() -> AsyncIterator[AmoSandbox]:
    """Its clock stands still."""
    async with AmoSandbox(speed=0, per_second=0) as running:
        yield running


@pytest.fixture
async def client(crm: AmoSandbox) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {crm.token}"}
    async with httpx.AsyncClient(base_url=f"{crm.url}/api/v4/", headers=headers) as running:
        yield running


async def hook(client: httpx.AsyncClient, url: str, *actions: str) -> int:
    answer = await client.post("webhooks", json={"destination": url, "settings": list(actions)})
    assert answer.status_code == 201
    return int(answer.json()["id"])


def pairs(receiver: Receiver) -> list[dict[str, str]]:
    return [
        dict(parse_qsl(one.raw.decode(), strict_parsing=True, keep_blank_values=True)) for one in receiver.got
    ]


async def test_a_moved_lead(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    channel = crm.state.field("leads", "Канал")
    assert channel is not None
    values = [{"field_id": channel["id"], "values": [{"value": "Бот"}]}]
    lead = crm.create("leads", name="Telegram @anna_k", price=15000, custom_fields_values=values,
                      tags_to_add=[{"name": "telegram"}])  # fmt: skip
    async with Receiver() as receiver:
        await hook(client, receiver.url, "status_lead")
        crm.change("leads", lead["id"], 8001, status_id=43002, pipeline_id=5001)
        await crm.deliver_now()
    (form,) = pairs(receiver)
    item = {key.removeprefix("leads[status][0]"): value for key, value in form.items()}
    assert item["[id]"] == str(lead["id"])
    assert (item["[status_id]"], item["[old_status_id]"], item["[pipeline_id]"]) == ("43002", "43001", "5001")
    assert (item["[name]"], item["[price]"], item["[modified_user_id]"]) == (
        "Telegram @anna_k",
        "15000",
        "8001",
    )
    assert item["[tags][0][name]"] == "telegram"
    assert item["[custom_fields][0][values][0][value]"] == "Бот"
    assert item["[custom_fields][0][values][0][enum]"] == str(channel["enums"][0]["id"])
    assert (item["account[id]"], item["account[subdomain]"]) == ("30111222", "acme")
    headers = receiver.got[0].headers
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["User-Agent"] == "amoCRM-Webhooks/3.0"
    assert len(headers["X-AmoCRM-RequestId"]) == 36
    assert b"leads%5Bstatus%5D" in receiver.got[0].raw


async def test_every_action_comes_under_its_name(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    async with Receiver() as receiver:
        await hook(client, receiver.url, *ACTIONS)
        lead = crm.create("leads", name="x")["id"]
        person = crm.create("contacts", name="Анна")["id"]
        crm.create("companies", name="ООО Лён")
        crm.change("leads", lead, responsible_user_id=8003)
        crm.change("contacts", person, responsible_user_id=8003)
        await client.post(f"leads/{lead}/notes", json=[{"note_type": "common", "params": {"text": "Привет"}}])
        task = {"text": "x", "complete_till": 1795248000, "entity_id": lead, "entity_type": "leads"}
        await client.post("tasks", json=[task])
        crm.delete("leads", lead)
        await crm.deliver_now()
    got = {key.partition("][0]")[0]: form for form in pairs(receiver) for key in form if "][0]" in key}
    assert set(got) == {
        "leads[add", "contacts[add", "leads[update", "leads[responsible", "contacts[update", "leads[note",
        "task[add", "leads[delete",
    }  # fmt: skip
    assert got["contacts[add"]["contacts[add][0][type]"] == "company"
    assert got["contacts[update"]["contacts[update][0][old_responsible_user_id]"] == "8002"
    assert got["leads[note"]["leads[note][0][note][text]"] == "Привет"
    assert got["leads[note"]["leads[note][0][note][element_id]"] == str(lead)
    assert got["task[add"]["task[add][0][complete_till]"] == "2026-11-21 08:00:00"
    assert got["task[add"]["task[add][0][complete_before]"] == "1795248000"
    gone = {key for key in got["leads[delete"] if key.startswith("leads")}
    assert gone == {f"leads[delete][0][{name}]" for name in ("id", "status_id", "pipeline_id")}


@pytest.mark.parametrize(
    ("answers", "attempts"), [(404, 3), (302, 3), (500, 5), (499, 5), (200, 1), (204, 1)]
)
async def test_the_ladder(crm: AmoSandbox, client: httpx.AsyncClient, answers: int, attempts: int) -> None:
    async with Receiver(status=answers) as receiver:
        await hook(client, receiver.url, "add_lead")
        crm.create("leads", name="x")
        sent = []
        for minutes in (0, 4, 1, 14, 1, 14, 1, 59, 1, 600):
            crm.clock.advance(minutes * 60)
            sent.append(await crm.deliver_now())
    ladder = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert sum(sent) == attempts
    assert sent[: 2 * attempts - 1] == ladder[: 2 * attempts - 1]
    assert len({one.headers["X-AmoCRM-RequestId"] for one in receiver.got}) == 1


async def test_a_hook_that_keeps_failing_is_switched_off(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    async with Receiver(status=500) as receiver:
        await hook(client, receiver.url, "add_lead")
        for _ in range(101):
            crm.create("leads", name="x")
        await crm.deliver_now()
        assert crm.hooks()[0]["disabled"] is True
        crm.create("leads", name="x")
        await crm.deliver_now(force=True)
    assert len(receiver.got) == 101


async def test_hooks_go_out_by_themselves(client: httpx.AsyncClient) -> None:
    async with AmoSandbox(per_second=0) as crm, Receiver() as receiver:
        headers = {"Authorization": f"Bearer {crm.token}"}
        body = {"destination": receiver.url, "settings": ["add_lead"]}
        await client.post(f"{crm.url}/api/v4/webhooks", json=body, headers=headers)
        crm.create("leads", name="x")
        await receiver.came.wait()


@pytest.mark.parametrize(("fault", "status"), [("error_after_commit", 504), ("drop_after_commit", 0)])
async def test_what_was_stored_and_not_answered(
    crm: AmoSandbox, client: httpx.AsyncClient, fault: str, status: int
) -> None:
    crm.fail(fault, times=1, path="leads")
    try:
        answer = (await client.post("leads", json=[{"name": "x"}])).status_code
    except httpx.TransportError:
        answer = 0
    assert (answer, len(crm.leads())) == (status, 1)
    assert (await client.post("leads", json=[{"name": "x"}])).status_code == 200


@pytest.mark.parametrize(
    ("fault", "params", "status"),
    [
        ("down", {"mode": "502"}, 502),
        ("storm", {"status": 503, "retry_after": 3}, 503),
        ("storm", {"status": 429}, 429),
        ("key_revoked", {}, 401),
        ("unpaid", {}, 402),
    ],
)
async def test_switches(
    crm: AmoSandbox, client: httpx.AsyncClient, fault: str, params: dict[str, Any], status: int
) -> None:
    crm.fail(fault, **params)
    answer = await client.post("leads", json=[{"name": "x"}])
    assert (answer.status_code, crm.leads()) == (status, [])
    assert answer.headers.get("retry-after") == (
        str(params["retry_after"]) if "retry_after" in params else None
    )
    crm.heal()
    assert (await client.post("leads", json=[{"name": "x"}])).status_code == 200


async def test_a_closed_door_a_slow_one_and_a_page(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    crm.fail("down", times=1)
    with pytest.raises(httpx.TransportError):
        await client.get("account")
    crm.fail("slow", times=1, seconds=0.2)
    with pytest.raises(httpx.ReadTimeout):
        await client.get("account", timeout=0.05)
    crm.fail("html_200", times=1)
    page = await client.get("account")
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html")


async def test_a_field_that_an_admin_removed_and_brought_back(
    crm: AmoSandbox, client: httpx.AsyncClient
) -> None:
    lead = crm.create(
        "leads", custom_fields_values=[{"field_code": "VORONKA_ID", "values": [{"value": "a-1"}]}]
    )
    crm.fail("field_removed", entity="leads", field="VORONKA_ID")
    assert (await client.get(f"leads/{lead['id']}")).json()["custom_fields_values"] is None
    crm.heal()
    shown = (await client.get(f"leads/{lead['id']}")).json()["custom_fields_values"]
    assert shown[0]["values"] == [{"value": "a-1"}]


async def test_faults_that_do_not_exist(crm: AmoSandbox) -> None:
    for kind, params in (("nosuch", {}), ("down", {"mode": "418"}), ("slow", {"mode": "x"})):
        with pytest.raises(ValueError, match=r"fault|mode"):
            crm.fail(kind, **params)


async def test_the_control_side(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    async def control(method: str, path: str, **body: Any) -> Any:
        sent = {"json": body} if body else {}
        answer = await client.request(method, f"{crm.url}/sandbox/{path}", **sent)
        return answer.json()

    setup = await control("GET", "setup")
    assert (setup["long_lived"], setup["url"], setup["users"]["8001"]) == (crm.token, crm.url, "Олег Сафин")
    made = (await control("POST", "records/leads", name="x", user=8003))["id"]
    await control("POST", f"records/leads/{made}", price=7)
    (kept,) = (await control("GET", "records/leads"))["list"]
    assert (kept["price"], kept["created_by"]) == (7, 8003)
    assert (await control("GET", "counts"))["leads"] == 1
    await control("POST", "faults", kind="storm", times=1, status=503)
    assert (await client.get("account")).status_code == 503
    assert (await control("GET", "faults"))["list"] == []
    assert [one["status"] for one in (await control("GET", "requests?path=account"))["list"]] == [503]
    assert "error" in await control("POST", "faults", kind="nosuch")
    assert (await control("POST", "account", duplicate_control=True))["duplicate_control"] is True
    before = (await control("POST", "clock", advance=0))["now"]
    assert (await control("POST", "clock", advance=60))["now"] == before + 60
    assert (await control("POST", "tokens", expire=True))["code"]
    await control("DELETE", f"records/leads/{made}")
    assert (await control("GET", "counts"))["leads"] == 0
    assert "error" in await control("DELETE", "records/leads/1")
    assert (await control("POST", "deliver", force=True)) == {"sent": 0}
    await control("POST", "reset")
    assert (await control("GET", "requests"))["list"] == []
