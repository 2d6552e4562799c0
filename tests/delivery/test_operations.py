"""What admins decide about operations and stored deliveries, and what it leads to at the CRM."""

from datetime import timedelta

import pytest

from domain.delivery import Delivery, OperationState
from domain.errors import CrmRejected, NotAllowed, NotFound, TooLate
from domain.operations_log import LogFilter, LogState
from storage.delivery import integrations
from storage.ids import new_id
from tests.delivery.doors import Doors
from tests.delivery.house import DELAYS, WORKER, House
from tests.waiting import worked_off

PHONE = "+79161234567"


def two_candidates(house: House) -> list[str]:
    return [house.crm.create("Lead", lastName=name, phoneNumber=PHONE)["id"] for name in ("Первый", "Второй")]


async def give_up(house: House) -> None:
    """The CRM never takes what is due now."""
    (operation,) = await house.outbox.claim(WORKER, 1)
    async with house.db.transaction(house.organization_id) as session:
        await house.outbox.failed(session, operation, CrmRejected("no"))


async def test_the_chosen_candidate_becomes_the_lead(house: House) -> None:
    first, second = two_candidates(house)
    lead_id = await house.send(note="ипотека")
    await house.work()
    (row,) = await house.rows("operations")
    found = await house.operations.get(house.owner, row.id)
    assert {one.id for one in found.candidates} == {first, second}
    assert all(one.url and one.name for one in found.candidates)
    await house.operations.choose(house.owner, row.id, second)
    with pytest.raises(TooLate):
        await house.operations.choose(house.owner, row.id, first)
    await house.work()
    ours = [one for one in house.crm.leads() if one.get("cExternalId") == str(lead_id)]
    assert [(one["id"], one["lastName"]) for one in ours] == [(second, "Второй")]
    assert len(house.crm.leads()) == 2
    with pytest.raises(TooLate):
        await house.operations.choose(house.owner, row.id, "")


async def test_none_of_the_candidates_means_a_new_record_and_only_one(house: House) -> None:
    two_candidates(house)
    house.crm.fail("field_removed", entity="Lead", field="cExternalId")
    await house.send()
    await house.work()
    (row,) = await house.rows("operations")
    house.crm.fail("drop_after_commit", 1, entity="Lead")
    await house.operations.choose(house.owner, row.id, "")
    await house.work()
    assert len(house.crm.leads()) == 3
    house.clock.advance(DELAYS[0].total_seconds() * 2)
    await house.work()
    assert len(house.crm.leads()) == 3, "the record of the lost answer is found, though it has no id of ours"
    assert (await house.rows("operations"))[0].state == "done"


async def test_a_candidate_that_is_gone_asks_again(house: House) -> None:
    first, second = two_candidates(house)
    house.crm.create("Lead", lastName="Третий", phoneNumber=PHONE)
    await house.send()
    await house.work()
    (row,) = await house.rows("operations")
    await house.operations.choose(house.owner, row.id, first)
    house.crm.delete("Lead", first)
    await house.work()
    found = await house.operations.get(house.owner, row.id)
    assert found.state is OperationState.PERMANENTLY_FAILED
    assert first not in {one.id for one in found.candidates}
    await house.operations.choose(house.owner, row.id, second)
    await house.work()
    assert (await house.operations.get(house.owner, row.id)).state is OperationState.DONE


async def test_only_candidates_can_be_chosen_and_only_by_admins(house: House) -> None:
    two_candidates(house)
    await house.send()
    await house.work()
    (row,) = await house.rows("operations")
    with pytest.raises(NotFound):
        await house.operations.choose(house.owner, row.id, "somebody-elses-record")
    with pytest.raises(NotAllowed):
        await house.operations.choose(house.partner, row.id, "")


async def test_what_was_dropped_is_told_apart_from_what_was_never_owed(house: House) -> None:
    lead_id = await house.send()
    await give_up(house)
    (row,) = await house.rows("operations")
    await house.operations.drop(house.owner, row.id)
    assert (await house.state(lead_id)).state is Delivery.DROPPED
    with pytest.raises(TooLate):
        await house.operations.drop(house.owner, row.id)


async def test_a_mended_lead_is_tried_again_by_itself(house: House) -> None:
    lead_id = await house.send()
    await give_up(house)
    await house.leads.change(house.partner, lead_id, {"name": "Иван Сидоров"})
    await house.work()
    (record,) = house.crm.leads()
    assert record["lastName"] == "Сидоров"
    assert {row.state for row in await house.rows("operations")} == {"done"}


async def test_an_outage_is_told_once_and_so_is_its_end(house: House) -> None:
    house.down()
    for number in range(4):
        await house.send(f"Лид {number}", f"+7916000000{number}")
    await house.work()
    assert (await house.told("crm.outage"), await house.told("crm.recovered")) == (1, 0)
    house.clock.advance(DELAYS[0].total_seconds() * 3)
    await house.work()
    assert await house.told("crm.outage") == 1
    house.crm.heal()
    house.clock.advance(DELAYS[-1].total_seconds() * 3)
    await house.work()
    assert (await house.told("crm.outage"), await house.told("crm.recovered")) == (1, 1)
    house.down()
    for number in range(4, 8):
        await house.send(f"Лид {number}", f"+7916000000{number}")
    await house.work()
    assert await house.told("crm.outage") == 2


async def test_two_failures_are_no_outage(house: House) -> None:
    house.down()
    for number in range(2):
        await house.send(f"Лид {number}", f"+7916000000{number}")
    await house.work()
    house.crm.heal()
    house.clock.advance(DELAYS[0].total_seconds() * 2)
    await house.work()
    assert (await house.told("crm.outage"), await house.told("crm.recovered")) == (0, 0)


async def test_a_replay_writes_again_what_was_changed_there_and_makes_nothing_new(house: House) -> None:
    lead_id = await house.send()
    await house.activities.add_note(house.manager, lead_id, "готов к сделке")
    await house.work()
    (record,) = house.crm.leads()
    house.crm.change("Lead", record["id"], lastName="Чужой")
    created, noted = await house.rows("operations")
    for row in (created, noted):
        await house.operations.replay(house.owner, row.id)
    await house.work()
    (record,) = house.crm.leads()
    assert record["lastName"] == "Петров"
    assert len(house.crm.notes()) == 1
    assert [row.state for row in await house.rows("operations")] == ["done"] * 4


async def test_a_replay_goes_behind_what_waits_for_the_lead(house: House) -> None:
    lead_id = await house.send()
    await house.work()
    await house.pipeline.move(house.manager, lead_id, await house.stage("call"))
    again = await house.operations.replay(house.owner, (await house.rows("operations"))[0].id)
    (claimed,) = await house.outbox.claim(WORKER, 5)
    assert claimed.id < again.id
    with pytest.raises(TooLate, match="running"):
        await house.operations.replay(house.owner, claimed.id)


async def test_nothing_is_replayed_into_a_crm_that_is_not_connected(house: House) -> None:
    await house.send()
    await house.work()
    async with house.db.transaction(house.organization_id) as session:
        await integrations.only_active(session, None)
    with pytest.raises(TooLate, match="other_crm"):
        await house.operations.replay(house.owner, (await house.rows("operations"))[0].id)
    with pytest.raises(NotFound):
        await house.operations.replay_failures(house.owner)


async def test_failures_are_replayed_together_in_the_order_of_each_lead(house: House) -> None:
    leads = [await house.send(f"Лид {n}", f"+7916000000{n}") for n in range(3)]
    for lead_id in leads:
        await house.pipeline.take(house.manager, lead_id)
    for _ in leads:
        await give_up(house)
    failed = await house.operations.failures(house.owner)
    assert (failed.operations, failed.deliveries) == (3, 0)
    assert (await house.operations.replay_failures(house.owner)).total == 3
    await house.work()
    rows = await house.rows("operations")
    assert {row.state for row in rows} == {"done"}
    for lead_id in leads:
        moments = [row.done_at for row in rows if row.record_id == lead_id]
        assert moments == sorted(moments)
    assert len(house.crm.leads()) == 3


async def test_deliveries_are_replayed_singly_and_since_a_moment(doors: Doors) -> None:
    house = doors.house
    lead_id = await house.send()
    await house.work()
    house.crm.set_status(house.crm.leads()[0]["id"], "In Process")
    await house.crm.deliver_now()
    await house.inbox.work_once()
    assert (await house.leads.get(house.owner, lead_id)).stage.key == "meeting"
    moved = await house.told("lead.stage")
    delivery = (await house.rows("inbox"))[-1]
    assert delivery.state == "done"
    await house.operations.replay_delivery(house.owner, delivery.id)
    with pytest.raises(TooLate, match="running"):
        await house.operations.replay_delivery(house.owner, delivery.id)
    await worked_off(house.inbox.work_once)
    hours = timedelta(hours=1)
    count = await house.operations.deliveries_within(house.owner, hours)
    assert count == await house.operations.replay_deliveries(house.owner, hours) > 0
    assert await house.operations.deliveries_within(house.owner, hours) == 0
    await worked_off(house.inbox.work_once)
    assert await house.told("lead.stage") == moved, "worked off again, it changes nothing"
    house.clock.advance(7200)
    assert await house.operations.deliveries_within(house.owner, hours) == 0


async def test_a_failed_delivery_is_in_the_log_and_worked_off_when_the_cause_is_gone(doors: Doors) -> None:
    house = doors.house
    lead_id = await house.send()
    await house.work()
    house.crm.set_status(house.crm.leads()[0]["id"], "In Process")
    house.crm.fail("down", mode="503")
    await house.crm.deliver_now()
    for _ in range(len(DELAYS) + 1):
        await house.inbox.work_once()
        house.clock.advance(DELAYS[-1].total_seconds() * 2)
    page = await house.operations.log(house.owner, LogFilter(LogState.FAILED))
    (entry,) = [one for one in page.entries if one.incoming]
    assert (entry.state, entry.error) == ("failed", "crm_unavailable")
    assert (await house.operations.failures(house.owner)).deliveries == 1
    house.crm.heal()
    await house.operations.replay_failures(house.owner)
    await worked_off(house.inbox.work_once)
    assert (await house.leads.get(house.owner, lead_id)).stage.key == "meeting"


async def test_a_form_that_was_taken_is_not_taken_twice(doors: Doors) -> None:
    form = {"name": "Иван", "phone": PHONE, "email": "i@example.com", "referral_code": "x"}
    assert (await doors.submit(form)).status_code == 200
    (row,) = await doors.house.rows("inbox")
    with pytest.raises(TooLate, match="answered"):
        await doors.house.operations.replay_delivery(doors.house.owner, row.id)


async def test_the_log_is_filtered_by_state_and_lead_and_kept_to_a_hundred(house: House) -> None:
    leads = [await house.send(f"Лид {n}", f"+7916000{n:04d}") for n in range(102)]
    await house.work()
    last = await house.leads.get(house.owner, leads[-1])
    log = house.operations.log
    assert (await log(house.owner, LogFilter())).total == 100
    assert (await log(house.owner, LogFilter(), 99)).page == 12
    (entry,) = (await log(house.owner, LogFilter(LogState.DONE, last.number))).entries
    assert (entry.lead, entry.kind, entry.state) == (last.number, "lead.create", "done")
    assert not (await log(house.owner, LogFilter(LogState.FAILED, last.number))).entries
    assert len(await house.operations.log_for_file(house.owner, LogFilter())) == 102
    with pytest.raises(NotAllowed):
        await log(house.partner, LogFilter())
    with pytest.raises(NotFound):
        await house.operations.delivery(house.owner, new_id())
