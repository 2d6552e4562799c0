"""The same two-way road with every CRM: followed, echoes ignored, deletions asked about, caught up."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from domain.delivery import Delivery
from services.two_ways.incoming import Applied
from services.two_ways.people import mark_of
from storage.db import Database
from storage.hooks_in import hooks
from storage.hooks_in.hooks import hook_context
from storage.ids import new_id
from tests.clock import MovableClock
from tests.crm_adapters.amo import AmoStandIn
from tests.crm_adapters.bitrix import BitrixStandIn
from tests.crm_adapters.retail import RetailStandIn
from tests.delivery.doors import Doors, open_doors
from tests.delivery.house import open_house
from tests.delivery.sides import Sides, sides_of

CRMS: dict[str, tuple[str, Callable[[], Any]]] = {
    "bitrix24 leads": ("bitrix24", BitrixStandIn),
    "bitrix24 deals": ("bitrix24", lambda: BitrixStandIn(deals=True)),
    "amocrm": ("amocrm", AmoStandIn),
    "retailcrm": ("retailcrm", RetailStandIn),
}
FORGERIES = {"nonsense": b"\xff\xfe{", "empty": b"", "other encoding": "id=\u0438".encode("cp1251")}


class Road:
    """A house connected with one of the CRMs."""

    def __init__(self, sides: Sides, crm: Any, provider: str, doors: Doors) -> None:
        self.sides, self.house, self.crm = sides, sides.house, crm
        self.provider, self.doors = provider, doors

    async def sent(self) -> tuple[UUID, str]:
        lead_id = await self.house.send("Иван Петров", company="ООО Лён")
        await self.house.work()
        return lead_id, str(self.crm.leads()[-1]["id"])

    async def integration(self) -> UUID:
        (row,) = await self.house.rows("integrations")
        found: UUID = row.id
        return found

    async def apply(self, external_id: str) -> Applied:
        return await self.house.crm_sync.apply_remote(
            self.house.organization_id, await self.integration(), external_id
        )

    async def adapter(self) -> Any:
        return await self.house.integrations.adapter(await self.integration())

    async def hook(self, event: str, secret: str) -> str:
        """The address of a webhook, as it stands once the CRM has it."""
        house, row_id = self.house, new_id()
        key = base64.urlsafe_b64encode(row_id.bytes).decode().strip("=")
        hook = hooks.Hook(
            row_id, house.organization_id, key, self.provider, await self.integration(), event, "", None
        )
        sealed = house.vault.seal({"secret": secret}, hook_context(hook))
        async with house.db.transaction(house.organization_id) as session:
            await hooks.add(session, hook, house.clock())
            await hooks.change(session, hook.id, external_id="1", secret=sealed)
        return f"/webhooks/{self.provider}/{key}"


@asynccontextmanager
async def open_road(db: Database, clock: MovableClock, name: str) -> AsyncIterator[Road]:
    provider, make = CRMS[name]
    async with make() as crm, open_house(db, clock, (crm.address,)) as house, open_doors(house) as doors:
        house.integrations.subscriptions.public_url = ""
        report = await house.integrations.connect(house.owner, provider, crm.settings)
        assert report.usable, report
        yield Road(sides_of(house), crm, provider, doors)


@pytest.fixture(params=CRMS)
async def road(request: pytest.FixtureRequest, db: Database, clock: MovableClock) -> AsyncIterator[Road]:
    async with open_road(db, clock, request.param) as opened:
        yield opened


async def test_a_name_changed_there_is_followed_and_not_sent_back(road: Road) -> None:
    lead_id, external_id = await road.sent()
    await road.apply(external_id)
    road.crm.rename(external_id, "Ольга Белова")
    assert await road.apply(external_id) is Applied.CHANGED
    assert (await road.sides.lead(lead_id)).name == "Ольга Белова"
    assert await road.apply(external_id) is Applied.UNCHANGED
    assert await road.house.work() == 0


async def test_our_own_write_comes_back_as_an_echo(road: Road) -> None:
    lead_id, external_id = await road.sent()
    assert await road.apply(external_id) is Applied.UNCHANGED
    await road.sides.change_here(lead_id, company="АО Дуб", name="Пётр Орлов", phone="+79160000009")
    await road.house.work()
    assert road.crm.leads()[0]["company"] == "АО Дуб"
    for _ in range(2):
        assert await road.apply(external_id) is Applied.UNCHANGED
        assert await road.house.work() == 0
    lead = await road.sides.lead(lead_id)
    assert (lead.company, lead.name, lead.phones[0]) == ("АО Дуб", "Пётр Орлов", "+79160000009")
    assert await road.sides.open_conflicts() == []


async def test_a_status_changed_there_moves_the_lead(road: Road) -> None:
    lead_id, external_id = await road.sent()
    road.crm.set_status(external_id, (await road.adapter()).stage_status("qualified", "qualified"))
    assert await road.apply(external_id) is Applied.MOVED
    assert (await road.sides.lead(lead_id)).stage.key == "qualified"
    assert await road.house.work() == 0


async def test_the_hourly_walk_finds_what_no_webhook_told_once(road: Road) -> None:
    lead_id, external_id = await road.sent()
    road.crm.create_lead("Чужой")
    road.crm.set_status(external_id, (await road.adapter()).stage_status("refused", "failed"))
    assert await road.sides.reconcile.run() >= 1
    assert (await road.sides.lead(lead_id)).stage.key == "refused"
    assert await road.sides.reconcile.run() == 0, "its hour is not over"
    road.house.clock.advance(3600)
    await road.sides.reconcile.run()
    assert len(await road.sides.history(lead_id, "stage")) == 1
    assert await road.house.work() == 0


async def test_a_record_deleted_there_asks_a_person(road: Road) -> None:
    lead_id, external_id = await road.sent()
    road.crm.delete_lead(external_id)
    assert await road.apply(external_id) is Applied.GONE
    assert (await road.house.state(lead_id)).state is Delivery.FAILED
    assert await road.house.told("crm.deleted") == 1
    assert await road.sides.lead(lead_id)


async def test_a_default_responsible_is_nobody_of_ours(road: Road) -> None:
    lead_id, external_id = await road.sent()
    users = await (await road.adapter()).users()
    people = await road.sides.people.people(road.house.owner)
    assert {user.id for user in people.users} == {user.id for user in users}
    for user in users[:1]:
        await road.sides.people.choose(road.house.owner, road.house.manager.id, mark_of(user))
    await road.apply(external_id)
    assert (await road.sides.lead(lead_id)).assignee_id is None


@pytest.mark.parametrize("body", FORGERIES)
async def test_a_body_that_is_no_delivery_changes_nothing(road: Road, body: str) -> None:
    lead_id, _external_id = await road.sent()
    path = await road.hook("order", "12:stand-in")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await road.doors.client.post(path, content=FORGERIES[body], headers=form)
    assert answer.status_code in (200, 400, 403)
    await road.sides.work_in()
    assert (await road.sides.lead(lead_id)).stage.key == "new"
    assert {row.state for row in await road.house.rows("inbox")} <= {"failed", "ignored"}


async def test_a_hook_of_one_organization_reaches_no_lead_of_another(road: Road) -> None:
    lead_id, external_id = await road.sent()
    road.crm.set_status(external_id, (await road.adapter()).stage_status("qualified", "qualified"))
    applied = await road.house.crm_sync.apply_remote(new_id(), await road.integration(), external_id)
    assert applied is Applied.IGNORED
    assert (await road.sides.lead(lead_id)).stage.key == "new"


async def test_orders_combined_in_retailcrm_move_the_link(db: Database, clock: MovableClock) -> None:
    async with open_road(db, clock, "retailcrm") as road:
        lead_id, external_id = await road.sent()
        winner = road.crm.create_lead("Иван")
        road.crm.crm.combine_orders(int(external_id), int(winner))
        assert await road.apply(external_id) is Applied.MERGED
        (link,) = [row for row in await road.house.rows("links") if row.entity == "lead"]
        assert link.external_id == winner
        await road.sides.change_here(lead_id, name="Пётр Орлов")
        await road.house.work()
        (order,) = road.crm.crm.records("orders")
        assert (str(order["id"]), order["firstName"]) == (winner, "Пётр")
