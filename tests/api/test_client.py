"""The typed client: it is what the table of endpoints says, and it works against the real thing."""

from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from api_client import ApiError, Voronka
from tests.api.office import Office
from web.api.client import main


def test_the_client_is_written_out_of_the_table() -> None:
    assert main(["--check"]) == 0, "run: python -m web.api.client"


@pytest.fixture
async def crm(office: Office) -> AsyncIterator[Voronka]:
    async with Voronka(office.url, await office.key(office.owner), language="ru") as client:
        yield client


async def test_a_day_of_a_lead(office: Office, crm: Voronka) -> None:
    assert (await crm.who_am_i())["member"]["name"] == "Ольга"
    lead = await crm.create_lead({"name": "Иван", "phones": ["8 916 123-45-67"], "tags": ["горячий"]})
    assert (await crm.list_leads(search="иван", tag=["горячий"]))["total"] == 1
    assert (await crm.list_leads(segment="нет"))["items"] == []
    changed = await crm.patch_lead(lead["id"], {"amount": 1500000}, if_match=f'"{lead["version"]}"')
    assert changed["amount"] == "1500000.00"
    stages = (await crm.list_stages())["items"]
    moved = await crm.move_lead(lead["id"], {"stage_id": stages[1]["id"]})
    assert moved["stage"]["name"] == "Звонок"
    person = await crm.create_contact(lead["id"], {"full_name": "Анна"})
    assert (await crm.set_primary_contact(person["id"]))["is_primary"]
    at = office.clock().replace(year=2027).isoformat()
    task = await crm.create_activity({"type": "task", "lead_id": lead["id"], "scheduled_at": at})
    assert (await crm.complete_activity(task["id"]))["completed"]
    customer = await crm.get_customer((await crm.qualify_lead(lead["id"]))["customer_id"])
    assert customer["qualified_from_lead_id"] == lead["id"]
    assert (await crm.export_leads(format="csv")).startswith("\N{BYTE ORDER MARK}".encode())
    await crm.delete_contact(person["id"])
    assert (await crm.list_contacts(lead["id"]))["total"] == 0


async def test_a_refusal_says_what_is_wrong(crm: Voronka) -> None:
    with pytest.raises(ApiError) as caught:
        await crm.create_lead({"name": "Иван", "phones": ["12"]})
    assert (caught.value.status, caught.value.code) == (422, "bad_input")
    assert caught.value.errors == {"primary_phone": "invalid"}
    lead = await crm.create_lead({"name": "Иван", "phones": ["+79161234567"]})
    with pytest.raises(ApiError) as caught:
        await crm.patch_lead(lead["id"], {"name": "Пётр"}, if_match='"0"')
    assert (caught.value.status, caught.value.code) == (412, "changed_meanwhile")


async def test_a_lost_answer_makes_no_second_lead(office: Office) -> None:
    """A proxy that passes the first request on and loses its answer, then answers 503 once."""
    seen: list[str] = []

    async def passing(request: web.Request) -> web.Response:
        seen.append(request.headers["Idempotency-Key"])
        shown = {name: request.headers[name] for name in ("Authorization", "Content-Type", "Idempotency-Key")}
        async with httpx.AsyncClient(base_url=office.url, trust_env=False) as behind:
            answer = await behind.post(request.path, content=await request.read(), headers=shown)
        if len(seen) == 1:
            assert request.transport is not None
            request.transport.abort()
        if len(seen) == 2:
            return web.Response(status=503, headers={"Retry-After": "0"})
        return web.Response(status=answer.status_code, body=answer.content, content_type="application/json")

    app = web.Application()
    app.router.add_post("/api/leads", passing)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with Voronka(url, await office.key(office.owner)) as crm:
            lead = await crm.create_lead({"name": "Иван", "phones": ["+79161234567"]})
    finally:
        await runner.cleanup()
    assert (len(seen), len(set(seen))) == (3, 1)
    listed = (await office.http.get("/api/leads")).json()
    assert [one["id"] for one in listed["items"]] == [lead["id"]]
