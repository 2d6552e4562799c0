"""Many operations at once: mirrored integrations, large groups, floods, and who waits for whom."""

import asyncio
import json
from collections import Counter

import pytest

from crm_adapters import PROVIDERS
from domain.errors import CrmUnavailable
from services.delivery.group_size import QUICK, SLOW, GroupSizes
from services.delivery.outbox import PER_INTEGRATION
from storage.delivery import integrations
from storage.hooks_in.inbox import InboxState
from tests.delivery.batch_crm import NAME, State, provider
from tests.delivery.doors import Doors
from tests.delivery.house import House
from tests.delivery.test_other_crm import LEADS
from tests.delivery.test_other_crm import PROVIDER as OTHER
from tests.delivery.test_road_in import post
from tests.waiting import until, worked_off

FLOOD = 100


async def mirror(house: House) -> None:
    """The EspoCRM of the house stays the active one, the batch CRM mirrors it."""
    async with house.db.transaction(house.organization_id) as session:
        espo = await integrations.active(session)
    assert espo is not None
    await house.integrations.connect(house.owner, NAME, {})
    async with house.db.transaction(house.organization_id) as session:
        batch = await integrations.active(session)
        assert batch is not None
        await integrations.only_active(session, espo.id)
        await integrations.change(session, batch.id, mirrored=True)


@pytest.fixture
async def mirrored(house: House, monkeypatch: pytest.MonkeyPatch) -> State:
    state = State()
    monkeypatch.setitem(PROVIDERS, NAME, provider(state))
    await mirror(house)
    return state


async def test_a_write_is_owed_to_the_active_crm_and_to_its_mirror(house: House, mirrored: State) -> None:
    lead_id = await house.send()
    await house.pipeline.move(house.owner, lead_id, await house.stage("call"))
    assert Counter(row.kind for row in await house.rows("operations")) == {"lead.create": 2, "lead.update": 2}
    await house.work()
    assert [one["cExternalId"] for one in house.crm.leads()] == [str(lead_id)]
    assert len(mirrored.of(str(lead_id))) == 1
    assert {row.state for row in await house.rows("operations")} == {"done"}


async def test_what_the_mirror_is_owed_does_not_show_in_the_lead(house: House, mirrored: State) -> None:
    mirrored.refused.add("Иван Петров")
    lead_id = await house.send()
    await house.work()
    state = await house.state(lead_id)
    assert (state.state.value, state.error) == ("delivered", "")
    assert house.crm.leads()[0]["id"] in state.url
    failed = [row for row in await house.rows("operations") if row.state == "permanently_failed"]
    assert len(failed) == 1
    mirrored.refused.clear()
    await house.outbox.retry_now(house.partner, lead_id)
    await house.work()
    assert len(mirrored.of(str(lead_id))) == 1


async def test_a_mirror_that_is_down_holds_nothing_up(house: House, mirrored: State) -> None:
    mirrored.errors += [CrmUnavailable("down")] * 100
    leads = [await house.send(f"Лид {n}", f"+7916{n:07d}") for n in range(100, 120)]
    await house.work()
    assert {(await house.state(one)).state.value for one in leads} == {"delivered"}
    assert len(house.crm.leads()) == 20
    assert mirrored.records == {}


async def test_many_operations_of_a_quick_crm_are_each_carried_out_once(
    house_alone: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_alone
    monkeypatch.setitem(PROVIDERS, "othercrm", OTHER)
    LEADS.clear()
    await house.integrations.connect(house.owner, "othercrm", {})
    leads = [await house.send(f"Лид {n}", f"+7916{n:07d}") for n in range(100, 160)]
    assert await house.crm_sync.work_once("worker") == PER_INTEGRATION
    await house.work()
    assert Counter(one["our"] for one in LEADS.values()) == {str(lead_id): 1 for lead_id in leads}
    assert {row.state for row in await house.rows("operations")} == {"done"}


def test_groups_grow_while_they_are_quick_and_shrink_at_trouble() -> None:
    sizes = GroupSizes(4, 64)
    for _ in range(6):
        sizes.learn("a", sizes.of("a"), QUICK / 2, stopped=False)
    assert (sizes.of("a"), sizes.of("b")) == (64, 4)
    sizes.learn("a", 10, QUICK / 2, stopped=False)
    assert sizes.of("a") == 64, "a group that was not full says nothing"
    sizes.learn("a", 64, SLOW * 2, stopped=False)
    assert sizes.of("a") == 32
    sizes.learn("a", 32, QUICK / 2, stopped=True)
    assert sizes.of("a") == 4


async def test_what_a_stopped_worker_has_not_begun_is_given_back(house: House) -> None:
    for n in range(100, 112):
        await house.send(f"Лид {n}", f"+7916{n:07d}")
    await house.work()
    for row in await house.rows("leads"):
        await house.pipeline.move(house.owner, row.id, await house.stage("call"))
    house.crm.fail("slow", seconds=0.5)
    stop = asyncio.Event()
    loop = asyncio.create_task(house.crm_sync.loop("stopping", stop))

    async def running() -> bool:
        return any(row.state == "running" for row in await house.rows("operations"))

    async with asyncio.timeout(20):
        await until(running)
        stop.set()
        house.signals.wake_all()
        await loop
    found = Counter(row.state for row in await house.rows("operations"))
    assert found["running"] == 0
    assert found["pending"], "it would have gone on to the end"
    assert {row.attempts for row in await house.rows("operations")} == {0}


async def test_a_flood_of_deliveries_is_kept_whole_and_worked_off(doors: Doors) -> None:
    house = doors.house
    lead_id = await house.send()
    await house.work()
    (record,) = house.crm.leads()
    house.crm.set_status(record["id"], "In Process")
    gate = asyncio.Semaphore(8)

    async def call(number: int) -> int:
        known = number % 50 == 0
        body = json.dumps([{"id": record["id"] if known else f"stranger{number}", "status": "In Process"}])
        async with gate:
            return int((await post(doors, body.encode())).status_code)

    codes = Counter(await asyncio.gather(*(call(number) for number in range(FLOOD))))
    assert codes == {200: FLOOD}
    await worked_off(house.inbox.work_once)
    states = Counter(row.state for row in await house.rows("inbox"))
    assert states == {InboxState.DONE.value: FLOOD // 50, InboxState.IGNORED.value: FLOOD - FLOOD // 50}
    assert (await house.leads.get(house.owner, lead_id)).stage.key == "meeting"
    assert await house.told("lead.stage") == 1, "the same news many times is one news"
