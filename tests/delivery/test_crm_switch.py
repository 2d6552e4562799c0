"""Moving from EspoCRM to RetailCRM: every lead once, through kills, pauses and second thoughts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from domain.activities import CallResult
from domain.delivery import Delivery
from domain.errors import BadInput, TooLate
from domain.switching import WORKING, Differs, Move, SwitchState
from services.messages.notices import Notices
from services.switching.switch import CrmSwitch
from storage.db import Database
from storage.delivery import integrations
from tests.clock import MovableClock
from tests.crm_adapters.retail import RetailStandIn
from tests.delivery.house import OWNER, House, open_house
from tests.waiting import until


@dataclass
class Moving:
    """A house with two CRMs, and what moves it from one to the other."""

    house: House
    retail: RetailStandIn
    switch: CrmSwitch
    target: UUID

    async def start(self) -> Move:
        return await self.switch.start(self.house.owner, self.target, OWNER)

    async def current(self) -> Move:
        move = await self.switch.current(self.house.owner)
        assert move is not None
        return move

    async def go_on(self) -> Move:
        """Work until the move needs a person."""
        while (move := await self.current()).state in WORKING:
            steps = await self.switch.advance()
            if not steps + await self.house.work() and (await self.current()).state in WORKING:
                steps = await self.switch.advance()
                assert steps or (await self.current()).state not in WORKING, move
        return move

    def orders(self) -> Counter[str]:
        return Counter(str(one["our_id"]) for one in self.retail.leads())

    async def mirrored(self) -> list[bool]:
        """Of the source, then of the target."""
        rows = sorted(await self.house.rows("integrations"), key=lambda row: row.provider)
        return [row.mirrored for row in rows]

    async def active(self) -> str:
        async with self.house.db.reading(self.house.organization_id) as session:
            row = await integrations.active(session)
        assert row is not None
        return row.provider


def switch_of(house: House) -> CrmSwitch:
    """A process of its own, as far as moves are concerned."""
    notices = Notices(house.db, house.clock, house.signals)
    return CrmSwitch(house.db, house.clock, house.signals, house.integrations, notices)


@pytest.fixture
async def moving(db: Database, clock: MovableClock) -> AsyncIterator[Moving]:
    async with RetailStandIn() as retail, open_house(db, clock, (retail.address,)) as house:
        await house.connect()
        report = await house.integrations.connect(house.owner, "retailcrm", retail.settings, another=True)
        assert report.usable
        switch = switch_of(house)
        ((target, title),) = await switch.targets(house.owner)
        assert title == "RetailCRM"
        yield Moving(house, retail, switch, target)


async def fill(house: House, count: int) -> list[UUID]:
    """Leads that are in the source already."""
    made = [await house.send(f"Лид {number}", f"+7916{number:07d}") for number in range(1, count + 1)]
    await house.work()
    assert len(house.crm.leads()) == count
    return made


async def test_a_plan_writes_nothing(moving: Moving) -> None:
    house = moving.house
    await fill(house, 3)
    for _ in range(2):
        moving.retail.crm.create_order(firstName="Лид", phone="+79160000001")
    moving.retail.crm.create_order(firstName="Лид", phone="+79160000002")
    plan = await moving.switch.plan(house.owner, moving.target)
    found = (plan.leads, plan.linked, plan.looked_at, plan.new, plan.known, plan.ambiguous)
    assert found == (3, 0, 3, 1, 1, 1)
    assert plan.possible
    assert not plan.gaps
    assert len(moving.retail.leads()) == 3
    assert len(await house.rows("operations")) == 3
    assert await moving.mirrored() == [False, False]


async def test_sixty_leads_survive_a_kill_and_are_there_once(moving: Moving) -> None:
    house = moving.house
    leads = await fill(house, 60)
    await house.activities.log_call(house.manager, leads[0], CallResult.REACHED, "договорились")
    await house.work()
    await moving.start()
    doing = asyncio.create_task(moving.go_on())
    await until(lambda: len(moving.retail.leads()) >= 20, seconds=60, pause=0)
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)
    assert 20 <= len(moving.retail.leads()) < 60
    # what the killed one held comes back when its lease ends; another process goes on
    house.clock.advance(120)
    moving.switch = switch_of(house)
    during = await house.send("Новый", "+79170000000")
    await house.pipeline.move(house.manager, leads[1], await house.stage("call"))
    move = await moving.go_on()
    assert (move.state, move.total, move.done, move.asking) == (SwitchState.COPIED, 61, 61, 0)
    assert moving.orders() == Counter(str(one) for one in (*leads, during))
    assert len(house.crm.leads()) == 61
    assert [move.differences, move.gaps, move.compared] == [(), (), 61]
    assert any("договорились" in note["text"] for note in moving.retail.crm.records("notes"))
    assert await moving.active() == "espocrm"
    assert {row.state for row in await house.rows("operations")} == {"done"}


async def test_the_target_takes_over_and_the_source_is_let_go(moving: Moving) -> None:
    house = moving.house
    leads = await fill(house, 3)
    await moving.start()
    copied = await moving.go_on()
    with pytest.raises(TooLate):
        await moving.switch.finish(house.owner, copied.id)
    switched = await moving.switch.activate(house.owner, copied.id)
    assert (switched.state, await moving.active()) == (SwitchState.SWITCHED, "retailcrm")
    assert await moving.mirrored() == [True, False]
    state = await house.state(leads[0])
    assert (state.state, state.url.startswith(moving.retail.crm.url)) == (Delivery.DELIVERED, True)
    with pytest.raises(TooLate):
        await moving.switch.cancel(house.owner, copied.id)
    await house.send("Четвёртый", "+79170000004")
    await house.work()
    assert (len(house.crm.leads()), len(moving.retail.leads())) == (4, 4)
    finished = await moving.switch.finish(house.owner, copied.id)
    assert finished.state is SwitchState.FINISHED
    assert await moving.mirrored() == [False, False]
    assert not house.crm.hooks()
    await house.send("Пятый", "+79170000005")
    await house.work()
    assert (len(house.crm.leads()), len(moving.retail.leads())) == (4, 5)


async def test_the_report_finds_what_differs(moving: Moving) -> None:
    house = moving.house
    await fill(house, 5)
    await moving.start()
    move = await moving.go_on()
    by_phone = {one["phones"][0]: str(one["id"]) for one in moving.retail.leads()}
    renamed, restaged, gone, rephoned = (by_phone[f"+7916000000{number}"] for number in range(1, 5))
    moving.retail.rename(renamed, "Кто-то другой")
    moving.retail.set_status(restaged, "cancel-other")
    moving.retail.delete_lead(gone)
    moving.retail.crm.change_order(int(rephoned), phone="+79990001122")
    await moving.switch.compare_again(house.owner, move.id)
    move = await moving.go_on()
    found = {(one.number, one.kind, one.field, one.ours, one.theirs) for one in move.differences}
    assert found == {
        (1, Differs.FIELD, "name", "Лид 1", "Кто-то другой"),
        (2, Differs.STAGE, "stage", "new", "cancel-other"),
        (3, Differs.GONE, "", "", ""),
        (4, Differs.FIELD, "phone", "+79160000004", "+79990001122"),
    }
    assert (move.compared, move.total) == (5, 5)


async def test_an_unclear_lead_does_not_hold_the_others(moving: Moving) -> None:
    house = moving.house
    leads = await fill(house, 4)
    for name in ("Первый", "Второй"):
        moving.retail.crm.create_order(firstName=name, phone="+79160000002")
    await moving.start()
    move = await moving.go_on()
    assert (move.state, move.done, move.asking) == (SwitchState.COPIED, 3, 1)
    assert [(one.number, one.kind) for one in move.differences] == [(2, Differs.UNSURE)]
    (asked,) = (row for row in await house.rows("operations") if row.state == "permanently_failed")
    assert asked.record_id == leads[1]
    assert await house.told("crm.failed") == 1
    await house.operations.choose(house.owner, asked.id, "")
    await house.work()
    await moving.switch.compare_again(house.owner, move.id)
    move = await moving.go_on()
    assert (move.done, move.asking, move.differences) == (4, 0, ())


async def test_called_off_and_begun_again(moving: Moving) -> None:
    house = moving.house
    leads = await fill(house, 6)
    move = await moving.start()
    await moving.switch.advance()
    cancelled = await moving.switch.cancel(house.owner, move.id)
    assert (cancelled.state, await moving.active()) == (SwitchState.CANCELLED, "espocrm")
    assert await moving.mirrored() == [False, False]
    await house.send("Новый", "+79170000000")
    await house.work()
    assert not moving.retail.leads()
    assert len(house.crm.leads()) == 7
    assert (await house.state(leads[0])).state is Delivery.DELIVERED
    with pytest.raises(TooLate):
        await moving.switch.resume(house.owner, move.id)
    await moving.start()
    move = await moving.go_on()
    assert (move.state, move.done) == (SwitchState.COPIED, 7)
    assert set(moving.orders().values()) == {1}
    assert len(moving.orders()) == 7


async def test_paused_nothing_more_is_begun(moving: Moving) -> None:
    house = moving.house
    await fill(house, 3)
    move = await moving.start()
    paused = await moving.switch.pause(house.owner, move.id)
    assert (paused.state, paused.paused_in) == (SwitchState.PAUSED, SwitchState.COPYING)
    assert await moving.switch.advance() == 0
    await house.work()
    assert not moving.retail.leads()
    assert await moving.mirrored() == [False, True]
    await moving.switch.resume(house.owner, move.id)
    assert (await moving.go_on()).done == 3


async def test_two_replicas_owe_each_lead_once(moving: Moving) -> None:
    house = moving.house
    await fill(house, 5)
    await moving.start()
    await asyncio.gather(*(switch_of(house).advance() for _ in range(3)))
    owed = Counter(row.record_id for row in await house.rows("operations") if row.state == "pending")
    assert list(owed.values()) == [1] * 5
    assert (await moving.go_on()).done == 5


async def test_a_target_that_is_down_is_waited_for(moving: Moving) -> None:
    house = moving.house
    await fill(house, 3)
    await moving.start()
    await moving.switch.advance()
    await house.work()
    moving.retail.go_down()
    await moving.switch.advance()
    move = await moving.current()
    assert (move.state, move.error) == (SwitchState.COMPARING, "crm_unavailable")
    moving.retail.heal()
    move = await moving.go_on()
    assert (move.state, move.error, move.differences) == (SwitchState.COPIED, "", ())


async def test_one_move_at_a_time_and_only_to_a_live_one(moving: Moving) -> None:
    house = moving.house
    async with house.db.transaction(house.organization_id) as session:
        active = await integrations.active(session)
        assert active is not None
        await integrations.change(session, moving.target, mode="dry_run")
    for target, reason in ((moving.target, "on_trial"), (active.id, "is_active")):
        with pytest.raises(BadInput) as refused:
            await moving.switch.start(house.owner, target, OWNER)
        assert refused.value.reason == reason
    async with house.db.transaction(house.organization_id) as session:
        await integrations.change(session, moving.target, mode="live")
    started = await asyncio.gather(moving.start(), moving.start(), return_exceptions=True)
    assert sorted(type(one).__name__ for one in started) == ["Move", "TooLate"]


async def test_the_bar_is_told_at_once_and_then_now_and_then(moving: Moving) -> None:
    house = moving.house
    await fill(house, 3)
    await moving.start()
    await moving.go_on()
    (waiting,) = (row for row in await house.rows("notices") if row.kind == "crm.switch")
    assert (waiting.chat_id, waiting.slot) == (OWNER, f"switch:{(await moving.current()).id}")
