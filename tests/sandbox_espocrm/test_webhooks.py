"""Webhooks: what is sent, how it is signed, when it is sent, and what follows from each answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.espocrm import EspoSandbox
from tests.sandbox_espocrm.conftest import World
from tests.sandbox_espocrm.receiver import Receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as found:
        yield found


async def register(world: World, url: str, event: str, **more: Any) -> dict[str, Any]:
    answer = await world.ask("bot", "POST Webhook", {"event": event, "url": url, **more})
    assert answer.status_code == 201, answer.headers
    return dict(answer.json())


async def test_nothing_is_sent_before_the_cron(world: World, receiver: Receiver) -> None:
    await register(world, receiver.url, "Lead.create")
    await world.ask("bot", "POST Lead", {"lastName": "Веб"})
    assert receiver.got == []
    assert await world.crm.cron() == 1
    assert len(receiver.got) == 1


async def test_create_is_signed_and_whole(world: World, receiver: Receiver, version: str) -> None:
    hook = await register(world, f"{receiver.url}/a", "Lead.create")
    made = (await world.ask("bot", "POST Lead", {"lastName": "Хук", "phoneNumber": "+79161112233"})).json()
    await world.crm.deliver_now()

    (post,) = receiver.got
    assert post.signed_by(hook)
    assert b"\\u0425" in post.raw
    assert b" " not in post.raw.replace(made["createdAt"].encode(), b"")
    (item,) = post.items
    assert item["id"] == made["id"]
    assert item["phoneNumber"] == "+79161112233"
    assert item["status"] == "New"
    assert ("phoneNumberData" in item) is (version == "10.0.0")
    assert "createdByName" not in item
    assert post.headers.get("User-Agent") == ("GuzzleHttp/7" if version == "10.0.0" else None)
    assert post.headers.get("Accept") == (None if version == "10.0.0" else "*/*")


async def test_update_carries_what_changed(world: World, receiver: Receiver) -> None:
    await register(world, f"{receiver.url}/update", "Lead.update")
    await register(world, f"{receiver.url}/status", "Lead.fieldUpdate.status")
    lead = world.ids["lead"]
    await world.ask("bot", "PUT Lead/$lead", {"status": "In Process", "description": "новое"})
    await world.ask("admin", "PUT Lead/$lead", {"status": "Assigned"})
    await world.ask("admin", "PUT Lead/$lead", {"assignedUserId": None})
    await world.ask("admin", "PUT Lead/$lead", {"status": "Converted"})
    await world.crm.deliver_now()

    got = {post.path: post.items for post in receiver.got}
    chief = world.crm.user_id("admin")
    first, second, third, fourth = got["/update"]
    by_bot = {"modifiedById": world.ids["bot"], "modifiedByName": "bot"}
    assert first == {"id": lead, "status": "In Process", "description": "новое", **by_bot}
    assert second == {"id": lead, "status": "Assigned", "modifiedById": chief, "modifiedByName": "Admin"}
    assert third == {"id": lead, "assignedUserId": None, "assignedUserName": None}
    assert set(fourth) == {"id", "status", "convertedAt"}
    statuses = [item["status"] for item in got["/status"]]
    assert statuses == ["In Process", "Assigned", "Converted"]
    assert set(got["/status"][0]) == {"id", "status"}


async def test_phone_and_delete(world: World, receiver: Receiver) -> None:
    await register(world, f"{receiver.url}/update", "Lead.update")
    await register(world, f"{receiver.url}/delete", "Lead.delete")
    await world.ask("admin", "PUT Lead/$lead", {"phoneNumber": "+79164445566"})
    await world.ask("admin", "PUT Lead/$lead", {"phoneNumber": "+79164445577"})
    await world.ask("admin", "DELETE Lead/$second")
    await world.crm.deliver_now()
    got = {post.path: post.items for post in receiver.got}
    assert got["/update"][1] == {"phoneNumber": "+79164445577", "id": world.ids["lead"]}
    assert got["/delete"] == [{"id": world.ids["second"]}]


async def test_the_same_value_again_sends_nothing(world: World, receiver: Receiver) -> None:
    await world.ask("bot", "PUT Lead/$lead", {"status": "In Process"})
    await register(world, receiver.url, "Lead.update")
    await world.ask("bot", "PUT Lead/$lead", {"status": "In Process"})
    assert await world.crm.deliver_now() == 0


async def test_skip_own(world: World, receiver: Receiver) -> None:
    await register(world, receiver.url, "Lead.update", skipOwn=True)
    await world.ask("bot", "PUT Lead/$lead", {"status": "In Process"})
    world.crm.set_status(world.ids["lead"], "Dead")
    await world.crm.deliver_now()
    assert [item["status"] for post in receiver.got for item in post.items] == ["Dead"]


async def test_a_field_closed_to_the_owner_is_left_out(world: World, receiver: Receiver) -> None:
    body = {"event": "Lead.update", "url": receiver.url}
    assert (await world.ask("fields", "POST Webhook", body)).status_code == 201
    await world.ask("admin", "PUT Lead/$lead", {"status": "Dead", "description": "тайна"})
    await world.crm.deliver_now()
    assert "description" not in receiver.got[0].items[0]


async def test_a_pass_takes_twenty_events_for_all_hooks(world: World, receiver: Receiver) -> None:
    await register(world, f"{receiver.url}/one", "Lead.create")
    await register(world, f"{receiver.url}/two", "Lead.create")
    for number in range(45):
        world.crm.create("Lead", lastName=f"Л{number}")
    sizes = []
    for _ in range(4):
        receiver.got.clear()
        await world.crm.cron()
        sizes.append([(post.path, len(post.items)) for post in receiver.got])
    assert sizes == [[("/one", n), ("/two", n)] for n in (20, 20, 5)] + [[]]


SUCCESS, AGAIN, FAILED = (200, 202, 302), (401, 403, 404, 405, 408, 500, 503), (400, 409, 422, 429, 502, 504)
CODES = {
    **dict.fromkeys(SUCCESS, "Success"),
    **dict.fromkeys(AGAIN, "Pending"),
    **dict.fromkeys(FAILED, "Failed"),
}


@pytest.mark.parametrize(("code", "outcome"), CODES.items())
async def test_what_follows_from_an_answer(world: World, receiver: Receiver, code: int, outcome: str) -> None:
    await register(world, f"{receiver.url}/code/{code}", "Lead.update")
    world.crm.set_status(world.ids["lead"], "Dead")
    await world.crm.deliver_now()
    assert world.crm.state.deliveries[-1].outcome == outcome

    for _ in range(5):
        world.crm.clock.advance(599)
        assert await world.crm.deliver_now() == 0
        world.crm.clock.advance(1)
        await world.crm.deliver_now()
    assert len(receiver.got) == (4 if outcome == "Pending" else 1)
    assert len(world.crm.hooks()) == 1


async def test_a_recovered_receiver_gets_the_event(world: World, receiver: Receiver) -> None:
    await register(world, receiver.url, "Lead.update")
    receiver.status = 503
    world.crm.set_status(world.ids["lead"], "Dead")
    await world.crm.deliver_now()
    receiver.status = 200
    assert await world.crm.deliver_now() == 0
    assert await world.crm.deliver_now(force=True) == 1
    assert receiver.got[0].raw == receiver.got[1].raw


async def test_gone_removes_the_webhook(world: World, receiver: Receiver) -> None:
    await register(world, f"{receiver.url}/code/410", "Lead.update")
    world.crm.set_status(world.ids["lead"], "Dead")
    await world.crm.deliver_now()
    assert world.crm.hooks() == []
    assert (await world.ask("bot", "GET Webhook")).json()["total"] == 0


async def test_no_connection(world: World, version: str) -> None:
    await register(world, "http://127.0.0.1:9/closed", "Lead.update")
    world.crm.set_status(world.ids["lead"], "Dead")
    await world.crm.deliver_now()
    (delivery,) = world.crm.state.deliveries
    assert (delivery.status, delivery.outcome) == (0, "Failed" if version == "10.0.0" else "Pending")


async def test_a_silent_receiver_is_tried_again(receiver: Receiver) -> None:
    async with EspoSandbox(receiver_timeout=0.1) as crm:
        receiver.status = 0
        lead = crm.create("Lead", lastName="Л")
        crm.create("Webhook", "admin", event="Lead.update", url=receiver.url)
        crm.set_status(lead["id"], "Dead")
        await crm.deliver_now()
        assert [(item.outcome, item.error) for item in crm.state.deliveries] == [("Pending", "time-out")]


async def test_the_cron_runs_every_two_minutes_of_the_clock(receiver: Receiver) -> None:
    async with EspoSandbox(speed=0) as crm:
        lead = crm.create("Lead", lastName="Л")
        crm.create("Webhook", "admin", event="Lead.update", url=receiver.url)
        crm.set_status(lead["id"], "Dead")
        await asyncio.sleep(0.05)
        assert receiver.got == []
        crm.clock.advance(120)
        await asyncio.wait_for(receiver.came.wait(), 5)


async def test_a_fast_clock_makes_the_cron_fast(receiver: Receiver) -> None:
    async with EspoSandbox(speed=6000) as crm:
        lead = crm.create("Lead", lastName="Л")
        crm.create("Webhook", "admin", event="Lead.update", url=receiver.url)
        crm.set_status(lead["id"], "Dead")
        await asyncio.wait_for(receiver.came.wait(), 5)


async def test_internal_addresses_need_the_allow_list() -> None:
    async with EspoSandbox(webhook_hosts=("127.0.0.1:9001",)) as crm:
        assert crm.create("Webhook", "admin", event="Lead.create", url="http://127.0.0.1:9001/a")["id"]
        with pytest.raises(Exception, match="field: url, type: notInternal"):
            crm.create("Webhook", "admin", event="Lead.create", url="http://127.0.0.1:9002/a")
        assert crm.create("Webhook", "admin", event="Lead.create", url="https://bot.example/a")["id"]


async def test_only_the_owner_removes_a_webhook(world: World, receiver: Receiver) -> None:
    hook = await register(world, receiver.url, "Lead.update")
    world.crm.set_status(world.ids["lead"], "Dead")
    assert (await world.ask("fields", f"DELETE Webhook/{hook['id']}")).status_code == 403
    assert (await world.ask("bot", f"DELETE Webhook/{hook['id']}")).json() is True
    assert await world.crm.deliver_now() == 0
    assert receiver.got == []


async def test_a_switched_off_webhook_is_silent(world: World, receiver: Receiver) -> None:
    hook = await register(world, receiver.url, "Lead.update")
    assert (await world.ask("bot", f"PUT Webhook/{hook['id']}", {"isActive": False})).status_code == 200
    world.crm.set_status(world.ids["lead"], "Dead")
    assert await world.crm.deliver_now() == 0
