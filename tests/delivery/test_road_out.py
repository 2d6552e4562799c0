"""From a lead to one record in the CRM, whatever happens on the way."""

import pytest

from domain.activities import CallResult
from domain.delivery import Delivery
from domain.errors import NotFound
from domain.leads import LeadDraft
from storage.delivery import integrations
from tests.delivery.house import House


async def test_a_lead_becomes_one_record_and_its_sender_learns_of_it(house: House) -> None:
    lead_id = await house.send(emails=("ivan@example.com",), note="ипотека", utm={"source": "vk"})
    assert (await house.state(lead_id)).state is Delivery.QUEUED
    await house.work()
    (record,) = house.crm.leads()
    assert record["cExternalId"] == str(lead_id)
    assert (record["firstName"], record["lastName"]) == ("Иван", "Петров")
    assert record["phoneNumberData"][0]["phoneNumber"] == "+79161234567"
    assert record["cUtmSource"] == "vk"
    assert record["description"] == "ипотека"
    state = await house.state(lead_id)
    assert state.state is Delivery.DELIVERED
    assert record["id"] in state.url
    assert await house.told("receipt") >= 1


async def test_without_a_crm_nothing_is_owed(house_alone: House) -> None:
    lead_id = await house_alone.send()
    assert await house_alone.work() == 0
    assert (await house_alone.state(lead_id)).state is Delivery.NONE


async def test_stage_call_and_note_follow_in_their_order(house: House) -> None:
    lead_id = await house.send()
    await house.pipeline.take(house.manager, lead_id)
    await house.activities.log_call(house.manager, lead_id, CallResult.REACHED, "перезвонит")
    await house.pipeline.move(house.manager, lead_id, await house.stage("negotiation"))
    await house.activities.add_note(house.manager, lead_id, "готов к сделке")
    await house.work()
    (record,) = house.crm.leads()
    assert record["status"] == "In Process"
    (call,) = house.crm.calls()
    assert (call["parentId"], call["status"]) == (record["id"], "Held")
    assert [note["post"] for note in house.crm.notes()] == ["готов к сделке"]
    operations = await house.rows("operations")
    assert [row.state for row in operations] == ["done"] * 5


async def test_an_update_waits_for_its_create(house: House) -> None:
    house.down()
    lead_id = await house.send()
    await house.pipeline.take(house.manager, lead_id)
    other = await house.send("Пётр", "+79161234568")
    await house.work()
    by_record = {row.record_id: row for row in await house.rows("operations") if row.kind == "lead.create"}
    update = next(row for row in await house.rows("operations") if row.kind == "lead.update")
    assert (by_record[lead_id].attempts, by_record[other].attempts) == (1, 1)
    assert (update.state, update.attempts) == ("pending", 0)


@pytest.mark.parametrize("fault", ["error_after_commit", "drop_after_commit"])
async def test_a_lost_answer_makes_no_second_record(house: House, fault: str) -> None:
    house.crm.fail(fault, 1, entity="Lead")
    lead_id = await house.send()
    await house.work()
    state = await house.state(lead_id)
    assert (state.state, state.error) == (Delivery.STUCK, "crm_uncertain")
    assert len(house.crm.leads()) == 1
    house.clock.advance(200)
    await house.work()
    assert (await house.state(lead_id)).state is Delivery.DELIVERED
    assert len(house.crm.leads()) == 1


async def test_a_lost_answer_without_our_id_field_makes_no_second_record(house: House) -> None:
    house.crm.fail("field_removed", entity="Lead", field="cExternalId")
    house.crm.fail("drop_after_commit", 1, entity="Lead")
    lead_id = await house.send(note="ипотека")
    await house.work()
    house.clock.advance(200)
    await house.work()
    assert (await house.state(lead_id)).state is Delivery.DELIVERED
    assert len(house.crm.leads()) == 1


async def test_a_lost_answer_logs_no_second_call(house: House) -> None:
    lead_id = await house.send()
    await house.work()
    house.crm.fail("drop_after_commit", 1, entity="Call")
    await house.activities.log_call(house.manager, lead_id, CallResult.NO_ANSWER)
    await house.work()
    house.clock.advance(200)
    await house.work()
    assert len(house.crm.calls()) == 1
    assert (await house.state(lead_id)).state is Delivery.DELIVERED


async def test_many_leads_under_lost_answers_are_as_many_records(house: House) -> None:
    leads = [await house.send(f"Лид {n}", f"+7916{n:07d}") for n in range(100, 130)]
    for spoilt in (3, 2, 0):
        if spoilt:
            house.crm.fail("drop_after_commit", spoilt, entity="Lead")
        await house.work()
        house.clock.advance(900)
    ours = sorted(record["cExternalId"] for record in house.crm.leads())
    assert ours == sorted(str(lead_id) for lead_id in leads)
    states = {(await house.state(lead_id)).state for lead_id in leads}
    assert states == {Delivery.DELIVERED}


async def test_a_record_of_the_crm_with_this_phone_is_adopted(house: House) -> None:
    theirs = house.crm.create(
        "Lead", lastName="Петрова", phoneNumber="+79161234567", description="давний клиент"
    )
    lead_id = await house.send(note="ипотека")
    await house.work()
    (record,) = house.crm.leads()
    assert record["id"] == theirs["id"]
    assert (record["cExternalId"], record["lastName"]) == (str(lead_id), "Петрова")
    assert record["description"] == "давний клиент"
    assert [note["post"] for note in house.crm.notes()] == ["ипотека"]


@pytest.mark.parametrize("known", [True, False])
async def test_a_record_linked_to_another_lead_is_left_alone(house: House, known: bool) -> None:
    if not known:
        house.crm.fail("field_removed", entity="Lead", field="cExternalId")
    first = await house.send()
    await house.work()
    await house.leads.withdraw(house.partner, first)
    second = await house.send()
    await house.work()
    assert len(house.crm.leads()) == 2
    urls = {(await house.state(lead_id)).url for lead_id in (first, second)}
    assert len(urls) == 2


async def test_several_records_with_this_phone_ask_a_person(house: House) -> None:
    for name in ("Первый", "Второй"):
        house.crm.create("Lead", lastName=name, phoneNumber="+79161234567")
    lead_id = await house.send()
    await house.work()
    state = await house.state(lead_id)
    assert (state.state, state.error) == (Delivery.FAILED, "ambiguous")
    assert await house.told("crm.failed") == 1
    (operation,) = await house.rows("operations")
    dropped = await house.operations.drop(house.owner, operation.id)
    assert dropped.state.value == "dropped"


async def test_a_record_deleted_there_is_not_written_anew_without_asking(house: House) -> None:
    lead_id = await house.send()
    await house.work()
    house.crm.delete("Lead", house.crm.leads()[0]["id"])
    await house.pipeline.move(house.manager, lead_id, await house.stage("call"))
    await house.work()
    assert house.crm.leads() == []
    state = await house.state(lead_id)
    assert (state.state, state.error) == (Delivery.FAILED, "crm_gone")
    assert await house.told("crm.deleted") == 1


async def test_a_change_made_and_unmade_is_not_sent(house: House) -> None:
    lead_id = await house.send()
    await house.work()
    before = len(house.crm.requests("PUT"))
    await house.pipeline.move(house.manager, lead_id, await house.stage("call"))
    await house.pipeline.move(house.manager, lead_id, await house.stage("new"))
    await house.work()
    assert len(house.crm.requests("PUT")) == before


async def test_changes_that_wait_together_are_all_sent(house: House) -> None:
    lead_id = await house.send()
    await house.work()
    await house.pipeline.move(house.manager, lead_id, await house.stage("call"))
    await house.leads.change(house.partner, lead_id, {"note": "звонить вечером"})
    await house.work()
    (record,) = house.crm.leads()
    assert (record["status"], record["description"]) == ("Assigned", "звонить вечером")


async def test_leads_from_before_the_connection_are_written_with_their_first_change(
    house_alone: House,
) -> None:
    house = house_alone
    lead_id = await house.send()
    await house.connect()
    await house.activities.log_call(house.manager, lead_id, CallResult.REACHED)
    await house.work()
    assert (len(house.crm.leads()), len(house.crm.calls())) == (1, 1)


async def test_a_dry_run_writes_nothing(house: House) -> None:
    async with house.db.transaction(house.organization_id) as session:
        active = await integrations.active(session)
        assert active is not None
        await integrations.change(session, active.id, mode="dry_run")
    lead_id = await house.send()
    await house.work()
    assert house.crm.leads() == []
    assert (await house.state(lead_id)).state is Delivery.NONE


async def test_retry_is_not_for_strangers(house: House) -> None:
    lead = await house.leads.create(house.owner, LeadDraft(name="Чужой", phones=("+79160000001",)))
    with pytest.raises(NotFound):
        await house.outbox.retry_now(house.partner, lead.id)
