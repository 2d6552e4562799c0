"""Events of the stand-in: their bodies, one try each, and the offline ones."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from tests.sandbox_bitrix24.conftest import World


@dataclass
class Handler:
    """Answers `status` and keeps the forms that came."""

    url: str = ""
    status: int = 200
    got: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((request.content_type, dict(parse_qsl(await request.text()))))
        return web.Response(status=self.status)


@pytest.fixture
async def handler() -> AsyncIterator[Handler]:
    made = Handler()
    app = web.Application()
    app.router.add_post("/", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield made
    await runner.cleanup()


async def test_an_outgoing_webhook_tells_the_id_and_its_token(world: World, handler: Handler) -> None:
    token = world.crm.outgoing_webhook(handler.url, ["ONCRMLEADUPDATE"])
    world.crm.change(world.ids["lead"], name="Вера")
    assert await world.crm.deliver_now() == 1
    ((kind, form),) = handler.got
    assert kind == "application/x-www-form-urlencoded"
    assert form["event"] == "ONCRMLEADUPDATE"
    assert form["data[FIELDS][ID]"] == str(world.ids["lead"])
    assert (form["auth[application_token]"], form["auth[member_id]"]) == (token, world.crm.state.member_id)
    assert "auth[access_token]" not in form
    assert "Вера" not in str(form)


async def test_an_application_hears_of_its_own_changes_with_a_token(world: World, handler: Handler) -> None:
    assert (
        await world.result("event.bind", {"event": "OnCrmLeadAdd", "handler": handler.url}, app=True) is True
    )
    made = await world.result("crm.item.add", {"entityTypeId": 1, "fields": {}}, app=True)
    await world.crm.deliver_now()
    ((_, form),) = handler.got
    assert (form["event"], form["data[FIELDS][ID]"]) == ("ONCRMLEADADD", str(made["item"]["id"]))
    assert form["auth[access_token]"] == world.token
    assert form["auth[application_token]"] == world.crm.keys.application_token


async def test_a_failed_delivery_is_not_repeated(world: World, handler: Handler) -> None:
    world.crm.outgoing_webhook(handler.url, ["ONCRMLEADDELETE"])
    handler.status = 500
    world.crm.delete(world.ids["lead"])
    assert [await world.crm.deliver_now() for _ in range(3)] == [1, 0, 0]
    assert [delivery.status for delivery in world.crm.state.deliveries] == [500]


async def test_handlers_are_bound_listed_and_unbound(world: World, handler: Handler) -> None:
    bound = {"event": "ONCRMDEALADD", "handler": handler.url}
    await world.result("event.bind", bound, app=True)
    assert (await world.ask("event.bind", bound, app=True)).status_code == 400
    assert await world.result("event.get", app=True) == [{**bound, "auth_type": "0", "offline": 0}]
    assert await world.result("event.unbind", bound, app=True) == {"count": 1}
    assert await world.result("event.unbind", bound, app=True) == {"count": 0}


async def test_offline_events_keep_the_last_state_until_they_are_cleared(world: World) -> None:
    await world.result("event.bind", {"event": "ONCRMLEADUPDATE", "event_type": "offline"}, app=True)
    for name in ("Вера", "Надежда"):
        world.crm.change(world.ids["lead"], name=name)
    taken = await world.result("event.offline.get", {"clear": 0, "limit": 50}, app=True)
    (row,) = taken["events"]
    assert (row["EVENT_NAME"], row["EVENT_DATA"]) == (
        "ONCRMLEADUPDATE",
        {"FIELDS": {"ID": str(world.ids["lead"])}},
    )
    assert (await world.result("event.offline.get", {"clear": 0}, app=True))["events"] == []
    await world.result("event.offline.clear", {"process_id": taken["process_id"]}, app=True)
    assert world.crm.state.offline == []


async def test_only_an_admin_binds_offline_events(world: World) -> None:
    world.token = world.crm.tokens(user_id=7)["access_token"]
    answer = await world.ask("event.bind", {"event": "ONCRMLEADUPDATE", "event_type": "offline"}, app=True)
    assert (answer.status_code, answer.json()["error"]) == (403, "ACCESS_DENIED")
