"""Creates of many leads in one request: each is judged by itself, and none is lost or doubled."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from crm_adapters import PROVIDERS
from domain.delivery import Delivery
from domain.errors import CrmAccessLost, CrmError, CrmRateLimited, CrmRejected, CrmUnavailable
from services.delivery.outbox import LEASE
from tests.delivery.batch_crm import NAME, State, provider
from tests.delivery.house import House
from tests.waiting import until


@pytest.fixture
async def crm(house_alone: House, monkeypatch: pytest.MonkeyPatch) -> State:
    state = State()
    monkeypatch.setitem(PROVIDERS, NAME, provider(state))
    await house_alone.integrations.connect(house_alone.owner, NAME, {})
    return state


async def send(house: House, count: int) -> list[UUID]:
    return [await house.send(f"Лид {n}", f"+7916{n:07d}") for n in range(100, 100 + count)]


async def states(house: House) -> Counter[str]:
    return Counter(row.state for row in await house.rows("operations"))


def doubled(crm: State) -> list[str]:
    held = Counter(lead.our_id for lead in crm.records.values())
    return [our_id for our_id, count in held.items() if count > 1]


async def test_a_hundred_leads_are_one_search_and_two_creates(house_alone: House, crm: State) -> None:
    leads = await send(house_alone, 100)
    await house_alone.work()
    assert crm.asked == [("find_all", 100), ("create_all", 50), ("create_all", 50)]
    assert {lead.our_id for lead in crm.records.values()} == {str(lead_id) for lead_id in leads}
    assert len(await house_alone.rows("links")) == 100
    assert await states(house_alone) == {"done": 100}
    assert {(await house_alone.state(one)).state for one in leads} == {Delivery.DELIVERED}


async def test_one_that_is_refused_leaves_the_other_forty_nine(house_alone: House, crm: State) -> None:
    crm.refused.add("Лид 117")
    leads = await send(house_alone, 50)
    await house_alone.work()
    assert await states(house_alone) == {"done": 49, "permanently_failed": 1}
    state = await house_alone.state(leads[17])
    assert (state.state, state.error) == (Delivery.FAILED, "crm_rejected")
    assert await house_alone.told("crm.failed") == 1
    (integration,) = await house_alone.rows("integrations")
    assert (integration.failures, integration.last_error) == (0, "")


async def test_one_that_is_known_there_is_adopted_and_not_made_again(house_alone: House, crm: State) -> None:
    crm.foreign["theirs"] = "+79160000120"
    leads = await send(house_alone, 50)
    await house_alone.work()
    assert crm.of(str(leads[20])) == ["theirs"]
    assert (crm.sizes("create_all"), crm.sizes("update"), crm.sizes("find")) == ([49], [1], [])
    assert await states(house_alone) == {"done": 50}


async def test_several_records_of_one_phone_ask_a_person(house_alone: House, crm: State) -> None:
    crm.foreign |= {"one": "+79160000120", "two": "+79160000120"}
    leads = await send(house_alone, 50)
    await house_alone.work()
    state = await house_alone.state(leads[20])
    assert (state.state, state.error) == (Delivery.FAILED, "ambiguous")
    assert await states(house_alone) == {"done": 49, "permanently_failed": 1}
    failed = next(row for row in await house_alone.rows("operations") if row.state == "permanently_failed")
    await house_alone.operations.choose(house_alone.owner, failed.id, "")
    await house_alone.work()
    assert len(crm.of(str(leads[20]))) == 1
    assert await states(house_alone) == {"done": 50}


async def test_a_lost_answer_is_searched_for_before_anything_is_sent_again(
    house_alone: House, crm: State
) -> None:
    crm.lost = 1
    leads = await send(house_alone, 50)
    await house_alone.work()
    assert await states(house_alone) == {"pending": 50}
    assert {row.attempts for row in await house_alone.rows("operations")} == {1}
    (integration,) = await house_alone.rows("integrations")
    assert integration.failures == 1, "one request failed, whatever it carried"
    assert (await house_alone.state(leads[0])).error == "crm_uncertain"
    assert await house_alone.work() == 0
    house_alone.clock.advance(200)
    await house_alone.work()
    assert (crm.sizes("create_all"), crm.sizes("find_all")) == ([50], [50, 50])
    assert await states(house_alone) == {"done": 50}
    assert not doubled(crm)


async def test_a_kill_between_create_and_link_makes_no_second_record(house_alone: House, crm: State) -> None:
    crm.hangs = True
    await send(house_alone, 50)
    work = asyncio.create_task(house_alone.crm_sync.work_once("killed"))
    await until(lambda: bool(crm.records), seconds=20, pause=0)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    rows = await house_alone.rows("operations")
    assert {(row.state, row.intent) for row in rows} == {("running", True)}
    assert await house_alone.rows("links") == []
    crm.hangs = False
    house_alone.clock.advance(LEASE.total_seconds() + 1)
    await house_alone.work()
    assert await states(house_alone) == {"done": 50}
    assert (len(crm.records), doubled(crm)) == (50, [])


async def test_order_of_a_lead_is_kept(house_alone: House, crm: State) -> None:
    leads = await send(house_alone, 30)
    for lead_id in leads:
        await house_alone.pipeline.move(house_alone.owner, lead_id, await house_alone.stage("call"))
    crm.refused.add("Лид 105")
    await house_alone.work()
    rows = await house_alone.rows("operations")
    held = {row.record_id: row.state for row in rows if row.kind == "lead.update"}
    assert held.pop(leads[5]) == "pending", "an update never overtakes its create"
    assert set(held.values()) == {"done"}
    done = {(row.record_id, row.kind): row.done_at for row in rows if row.state == "done"}
    assert all(done[one, "lead.create"] <= done[one, "lead.update"] for one in held)


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (CrmUnavailable("down"), "pending", "crm_unavailable"),
        (CrmAccessLost("no"), "blocked", "crm_access_lost"),
    ],
)
async def test_what_stops_the_whole_integration_costs_one_operation(
    house_alone: House, crm: State, error: CrmError, state: str, code: str
) -> None:
    crm.errors.append(error)
    await send(house_alone, 50)
    await house_alone.crm_sync.work_once("once")
    rows = await house_alone.rows("operations")
    assert Counter((row.state, row.error) for row in rows) == {(state, code): 1, ("pending", ""): 49}
    assert await house_alone.told("crm.failed") == (state == "blocked")
    assert crm.records == {}


async def test_a_limit_of_the_account_costs_no_attempt(house_alone: House, crm: State) -> None:
    crm.errors.append(CrmRateLimited(house_alone.clock() + timedelta(seconds=30)))
    await send(house_alone, 50)
    await house_alone.work()
    assert crm.sizes("create_all") == [50]
    assert {row.attempts for row in await house_alone.rows("operations")} == {0}
    house_alone.clock.advance(31)
    await house_alone.work()
    assert await states(house_alone) == {"done": 50}


async def test_a_limit_of_this_request_alone_does_not_park_the_integration(
    house_alone: House, crm: State
) -> None:
    until = house_alone.clock() + timedelta(seconds=300)
    crm.errors.append(CrmRateLimited(until, of_account=False))
    await send(house_alone, 120)
    await house_alone.crm_sync.work_once("once")
    (integration,) = await house_alone.rows("integrations")
    assert integration.parked_until is None
    waiting = [row for row in await house_alone.rows("operations") if row.state == "pending"]
    assert waiting
    assert {(row.due_at, row.attempts) for row in waiting} == {(until, 0)}
    house_alone.clock.advance(301)
    await house_alone.work()
    assert await states(house_alone) == {"done": 120}


async def test_a_request_that_is_refused_as_a_whole_is_taken_apart(house_alone: House, crm: State) -> None:
    crm.errors.append(CrmRejected("too much"))
    await send(house_alone, 20)
    await house_alone.work()
    assert (crm.sizes("create_all"), len(crm.sizes("create"))) == ([20], 20)
    assert await states(house_alone) == {"done": 20}
    assert not doubled(crm)
