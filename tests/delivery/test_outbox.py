"""When an operation is tried, by whom, and when it is given up."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.engine import Row

from domain.delivery import Delivery, OperationState, Priority
from domain.errors import (
    CrmError,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    CrmUnsupported,
    NotAllowed,
    NotFound,
    TooLate,
)
from services.delivery.outbox import LEASE
from services.delivery.retry import PARKED
from storage.ids import new_id
from tests.delivery.house import DELAYS, WORKER, House
from tests.waiting import until


async def fail_once(house: House, error: CrmError) -> OperationState | None:
    """Claim the one operation and let it end in `error`."""
    (operation,) = await house.outbox.claim(WORKER, 1)
    async with house.db.transaction(house.organization_id) as session:
        return await house.outbox.failed(session, operation, error)


async def only(house: House) -> Row[tuple[object]]:
    (row,) = await house.rows("operations")
    return row


async def test_the_ladder_is_climbed_and_then_given_up(house: House) -> None:
    await house.send()
    for delay in DELAYS:
        assert await fail_once(house, CrmUnavailable("down")) is OperationState.PENDING
        wait = (await only(house)).due_at - house.clock()
        assert delay * 0.8 <= wait <= delay * 1.2
        house.clock.advance(wait.total_seconds() - 1)
        assert await house.outbox.claim(WORKER, 1) == []
        house.clock.advance(2)
    assert await fail_once(house, CrmUnavailable("down")) is OperationState.PERMANENTLY_FAILED
    row = await only(house)
    assert (row.attempts, row.error) == (len(DELAYS) + 1, "crm_unavailable")


async def test_a_later_moment_asked_for_by_the_crm_wins(house: House) -> None:
    await house.send()
    wanted = house.clock() + timedelta(hours=3)
    await fail_once(house, CrmUnavailable("maintenance", retry_at=wanted))
    assert (await only(house)).due_at == wanted


async def test_a_rate_limit_costs_no_attempt_and_holds_the_whole_integration(house: House) -> None:
    first, second = await house.send(), await house.send("Пётр", "+79161234568")
    operation = next(one for one in await house.outbox.claim(WORKER, 2) if one.record_id == first)
    async with house.db.transaction(house.organization_id) as session:
        await house.outbox.failed(session, operation, CrmRateLimited(house.clock() + timedelta(seconds=90)))
    house.clock.advance(70)
    assert await house.outbox.claim(WORKER, 2) == []
    house.clock.advance(21)
    claimed = await house.outbox.claim(WORKER, 2)
    assert {one.record_id for one in claimed} == {first, second}
    assert {one.attempts for one in claimed} == {0}


async def test_a_crm_that_says_when_to_come_back_is_obeyed(house: House) -> None:
    lead_id = await house.send()
    house.crm.fail("storm", status=429, retry_after=90)
    await house.work()
    state = await house.state(lead_id)
    assert (state.state, state.attempts) == (Delivery.QUEUED, 0)
    assert state.next_try_at == house.clock() + timedelta(seconds=90)
    house.crm.heal()
    house.clock.advance(91)
    await house.work()
    assert (await house.state(lead_id)).state is Delivery.DELIVERED


async def test_what_somebody_waits_for_goes_before_what_came_in_bulk(house: House) -> None:
    async with house.db.transaction(house.organization_id) as session:
        bulk = [new_id() for _ in range(3)]
        for one in bulk:
            await house.outbox.enqueue(session, "lead.create", one, one, {}, priority=Priority.BULK)
    house.clock.advance(5)
    person = await house.send()
    assert [one.record_id for one in await house.outbox.claim(WORKER, 2)] == [bulk[0], person]
    assert [one.record_id for one in await house.outbox.claim(WORKER, 9)] == bulk[1:]


async def test_a_person_takes_along_what_their_lead_is_still_owed(house: House) -> None:
    async with house.db.transaction(house.organization_id) as session:
        bulk = [new_id() for _ in range(3)]
        for one in bulk:
            await house.outbox.enqueue(session, "lead.create", one, one, {}, priority=Priority.BULK)
    house.clock.advance(5)
    async with house.db.transaction(house.organization_id) as session:
        await house.outbox.enqueue(session, "lead.update", bulk[2], bulk[2], {"fields": ["note"]})
    (first,) = await house.outbox.claim(WORKER, 1)
    assert (first.record_id, first.kind) == (bulk[2], "lead.create")
    async with house.db.transaction(house.organization_id) as session:
        assert await house.outbox.done(session, first)
    (second,) = await house.outbox.claim(WORKER, 1)
    assert (second.record_id, second.kind) == (bulk[2], "lead.update")


@pytest.mark.parametrize("error", [CrmRejected("no"), CrmUnsupported("leads")])
async def test_what_will_never_work_is_not_tried_again(house: House, error: CrmError) -> None:
    lead_id = await house.send()
    assert await fail_once(house, error) is OperationState.PERMANENTLY_FAILED
    assert (await house.state(lead_id)).state is Delivery.FAILED


async def test_an_expired_lease_is_taken_over_and_the_old_holder_changes_nothing(house: House) -> None:
    await house.send()
    (lost,) = await house.outbox.claim("first", 1)
    assert await house.outbox.claim("second", 1) == []
    house.clock.advance(LEASE.total_seconds() + 1)
    (rescued,) = await house.outbox.claim("second", 1)
    assert rescued.id == lost.id
    async with house.db.transaction(house.organization_id) as session:
        assert not await house.outbox.done(session, lost)
    assert not await house.outbox.renew(lost)
    assert (await only(house)).state == "running"
    async with house.db.transaction(house.organization_id) as session:
        assert await house.outbox.done(session, rescued)


async def test_a_worker_killed_after_the_create_is_replaced_without_a_second_record(house: House) -> None:
    lead_id = await house.send()
    work = asyncio.create_task(house.crm_sync.work_once("killed"))
    await until(house.crm.leads, pause=0)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert (await only(house)).state == "running"
    house.clock.advance(LEASE.total_seconds() + 1)
    await house.work()
    assert (await house.state(lead_id)).state is Delivery.DELIVERED
    assert len(house.crm.leads()) == 1


async def test_a_kept_lease_is_not_taken_over(house: House) -> None:
    await house.send()
    (operation,) = await house.outbox.claim("first", 1)
    for _ in range(3):
        house.clock.advance(LEASE.total_seconds() - 5)
        assert await house.outbox.renew(operation)
    assert await house.outbox.claim("second", 1) == []


async def test_two_workers_never_get_the_same_operation(house: House) -> None:
    leads = {await house.send(f"Лид {n}", f"+7916{n:07d}") for n in range(100, 104)}
    hands = await asyncio.gather(*(house.outbox.claim(f"worker-{n}", 2) for n in range(4)))
    claimed = [operation.record_id for hand in hands for operation in hand]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) <= leads


async def test_the_circuit_opens_tries_once_and_closes(house: House) -> None:
    house.down()
    leads = [await house.send(f"Лид {n}", f"+7916{n:07d}") for n in range(100, 110)]
    await house.work()
    asked = len(house.crm.requests())
    (integration,) = await house.rows("integrations")
    assert integration.failures >= 5
    assert integration.parked_until > house.clock()
    untouched = [row for row in await house.rows("operations") if row.attempts == 0]
    assert untouched, "operations beyond the fifth failure wait without spending an attempt"
    assert (await house.state(untouched[0].record_id)).state is Delivery.STUCK
    house.clock.advance(PARKED[-1].total_seconds() + 1)
    assert await house.crm_sync.work_once(WORKER) == 1
    assert len(house.crm.requests()) == asked + 1
    house.crm.heal()
    house.clock.advance(PARKED[-1].total_seconds() + 1)
    assert await house.crm_sync.work_once(WORKER) == 1
    (integration,) = await house.rows("integrations")
    assert (integration.failures, integration.parked_until, integration.last_error) == (0, None, "")
    house.clock.advance(DELAYS[-1].total_seconds() * 2)
    await house.work()
    assert {(await house.state(lead_id)).state for lead_id in leads} == {Delivery.DELIVERED}
    assert len(house.crm.leads()) == len(leads)


async def test_pauses_of_the_circuit_grow_to_their_cap(house: House) -> None:
    await house.send()
    pauses = []
    for _ in range(9):
        await fail_once(house, CrmUnavailable("down"))
        await house.outbox.retry_now(house.owner, (await only(house)).record_id)
        await fail_once(house, CrmUnavailable("down"))
        (integration,) = await house.rows("integrations")
        if integration.parked_until:
            pauses.append(integration.parked_until - house.clock())
        await house.outbox.retry_now(house.owner, (await only(house)).record_id)
    assert pauses == [PARKED[1], *[PARKED[-1]] * 6]


async def test_a_revoked_key_stops_the_integration_until_an_admin_connects_again(house: House) -> None:
    house.crm.fail("key_revoked")
    first = await house.send()
    await house.work()
    asked = len(house.crm.requests())
    second = await house.send("Пётр", "+79161234568")
    assert await house.work() == 0
    assert len(house.crm.requests()) == asked, "a refused key is not shown again: EspoCRM locks out"
    assert await house.told("crm.failed") == 1
    states = [await house.state(lead_id) for lead_id in (first, second)]
    assert {(one.state, one.error, one.next_try_at) for one in states} == {
        (Delivery.STUCK, "crm_access_lost", None)
    }
    view = await house.integrations.current(house.owner)
    assert view is not None
    assert (view.last_error, view.queue_depth, view.failed) == ("crm_access_lost", 2, 1)
    house.crm.heal()
    house.clock.advance(61)
    await house.connect()
    await house.work()
    assert len(house.crm.leads()) == 2


async def test_retry_now_does_not_wait_for_the_ladder(house: House) -> None:
    house.down()
    lead_id = await house.send()
    await house.work()
    stuck = await house.state(lead_id)
    assert (stuck.state, stuck.error, stuck.attempts) == (Delivery.STUCK, "crm_unavailable", 1)
    assert stuck.next_try_at is not None
    assert stuck.next_try_at > house.clock()
    house.crm.heal()
    assert await house.work() == 0
    assert (await house.outbox.retry_now(house.partner, lead_id)).state is Delivery.QUEUED
    await house.work()
    assert (await house.state(lead_id)).state is Delivery.DELIVERED


async def test_retry_now_brings_back_what_was_given_up(house: House) -> None:
    lead_id = await house.send()
    await fail_once(house, CrmRejected("no"))
    await house.outbox.retry_now(house.owner, lead_id)
    row = await only(house)
    assert (row.state, row.attempts, row.due_at) == ("pending", 0, house.clock())


async def test_only_admins_drop_and_only_what_waits(house: House) -> None:
    await house.send()
    (operation,) = await house.outbox.claim(WORKER, 1)
    with pytest.raises(NotAllowed):
        await house.operations.drop(house.partner, operation.id)
    with pytest.raises(TooLate, match="running"):
        await house.operations.drop(house.owner, operation.id)
    with pytest.raises(NotFound):
        await house.operations.drop(house.owner, new_id())
    with pytest.raises(NotAllowed):
        await house.operations.get(house.partner, operation.id)
    assert (await house.operations.get(house.owner, operation.id)).id == operation.id


async def test_the_next_operation_goes_ahead_only_when_the_first_is_dropped(house: House) -> None:
    lead_id = await house.send()
    await house.pipeline.take(house.manager, lead_id)
    await fail_once(house, CrmRejected("no"))
    assert await house.outbox.claim(WORKER, 5) == []
    first = (await house.rows("operations"))[0]
    await house.operations.drop(house.owner, first.id)
    (claimed,) = await house.outbox.claim(WORKER, 5)
    assert claimed.kind.value == "lead.update"


async def test_the_loop_is_woken_by_a_new_lead_and_stops_when_told(house: House) -> None:
    stop = asyncio.Event()
    loop = asyncio.create_task(house.crm_sync.loop("looping", stop))
    lead_id = await house.send()
    await until(house.crm.leads, pause=0)
    stop.set()
    house.signals.wake("operations")
    await asyncio.wait_for(loop, 5)
    assert (await house.state(lead_id)).state is Delivery.DELIVERED
