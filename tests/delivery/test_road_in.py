"""From a change in the CRM to our stage and the people's pushes."""

import json
from typing import Any
from uuid import UUID

import pytest

from domain.crm import Problem
from domain.errors import CrmRejected
from sandbox.espocrm.delivery import signatures
from services.delivery.inbox import LEASE
from storage.hooks_in import inbox
from tests.delivery.doors import Doors
from tests.delivery.house import House
from tests.waiting import worked_off


async def delivered(doors: Doors, stage: str = "new") -> tuple[UUID, str]:
    """(a lead that is in the CRM, its id there)."""
    house = doors.house
    lead_id = await house.send()
    if stage != "new":
        await house.pipeline.move(house.manager, lead_id, await house.stage(stage))
    await house.work()
    await house.crm.deliver_now()
    await work_in(house)
    return lead_id, house.crm.leads()[0]["id"]


async def work_in(house: House) -> None:
    await worked_off(house.inbox.work_once)


async def stage_of(house: House, lead_id: UUID) -> str | None:
    return (await house.leads.get(house.owner, lead_id)).stage.key


async def post(doors: Doors, body: bytes, event: str = "Lead.update", **headers: str) -> Any:
    """A delivery signed as EspoCRM signs it, unless `headers` say otherwise."""
    hook = await doors.hook(event)
    signed = signatures(hook.external_id, await doors.secret(hook), body)
    sent = {"Content-Type": "application/json", **signed, **headers}
    return await doors.client.post(f"/webhooks/{hook.provider}/{hook.key}", content=body, headers=sent)


async def test_a_status_changed_there_moves_the_lead_and_tells_the_partner(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    told = await house.told("lead.stage")
    house.crm.set_status(external_id, "In Process")
    assert await house.crm.deliver_now() == 1
    await work_in(house)
    assert await stage_of(house, lead_id) == "meeting", "the first of the two stages with this status"
    assert await house.told("lead.stage") == told + 1
    assert await house.work() == 0, "what came from the CRM is not sent back"
    assert (await house.rows("inbox"))[-1].state == "done"


async def test_our_own_echo_changes_nothing(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors, "negotiation")
    told = await house.told("lead.stage")
    echo = json.dumps([{"id": external_id, "status": "In Process"}]).encode()
    assert (await post(doors, echo)).status_code == 200
    await work_in(house)
    assert await stage_of(house, lead_id) == "negotiation"
    assert await house.told("lead.stage") == told


async def test_a_status_that_the_stage_has_already_changes_nothing(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors, "call")
    house.crm.set_status(external_id, "Dead")
    await house.crm.deliver_now()
    await work_in(house)
    assert await stage_of(house, lead_id) == "refused"
    await house.pipeline.move(house.manager, lead_id, await house.stage("negotiation"))
    house.crm.set_status(external_id, "In Process")
    await house.crm.deliver_now()
    await work_in(house)
    assert await stage_of(house, lead_id) == "negotiation"


async def refused_move(doors: Doors, lead_id: UUID, stage: str) -> None:
    """A stage change of ours that the CRM has refused for good."""
    house = doors.house
    await house.pipeline.move(house.manager, lead_id, await house.stage(stage))
    (operation,) = await house.outbox.claim("w", 1)
    async with house.db.transaction(house.organization_id) as session:
        await house.outbox.failed(session, operation, CrmRejected("no"))


async def test_news_without_a_new_status_do_not_undo_a_refused_change(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    await refused_move(doors, lead_id, "negotiation")
    house.crm.change("Lead", external_id, description="другое поле")
    await house.crm.deliver_now()
    await work_in(house)
    assert await stage_of(house, lead_id) == "negotiation"


async def test_a_status_set_there_by_hand_that_fits_our_stage_moves_nothing(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    await refused_move(doors, lead_id, "negotiation")
    house.crm.set_status(external_id, "In Process")
    await house.crm.deliver_now()
    await work_in(house)
    assert await stage_of(house, lead_id) == "negotiation", "not meeting, the first with this status"


async def test_deliveries_of_one_source_are_worked_off_one_by_one(doors: Doors) -> None:
    house = doors.house
    for _ in range(2):
        await post(doors, b"[]")
    now, until = house.clock(), house.clock() + LEASE
    async with house.db.transaction(system=True) as session:
        assert len(await inbox.claim(session, now, until, 8)) == 1
    async with house.db.transaction(system=True) as session:
        assert await inbox.claim(session, now, until, 8) == []


async def test_our_unsent_change_wins(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    house.crm.set_status(external_id, "Dead")
    await house.crm.deliver_now()
    await house.pipeline.move(house.manager, lead_id, await house.stage("call"))
    await work_in(house)
    assert await stage_of(house, lead_id) == "call"
    await house.work()
    assert house.crm.leads()[0]["status"] == "Assigned"


async def test_moving_back_after_a_change_there_is_sent(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors, "call")
    house.crm.set_status(external_id, "Converted")
    await house.crm.deliver_now()
    await work_in(house)
    assert await stage_of(house, lead_id) == "qualified"
    await house.pipeline.move(house.manager, lead_id, await house.stage("call"))
    await house.work()
    assert house.crm.leads()[0]["status"] == "Assigned"


async def test_a_status_without_a_stage_of_ours_moves_nothing(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    house.crm.set_status(external_id, "Recycled")
    await house.crm.deliver_now()
    await work_in(house)
    assert await stage_of(house, lead_id) == "new"
    (link,) = await house.rows("links")
    assert link.status == "Recycled"


async def test_the_same_delivery_twice_is_one_change(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    house.crm.set_status(external_id, "Dead")
    body = json.dumps([{"id": external_id, "status": "Dead"}]).encode()
    for _ in range(2):
        assert (await post(doors, body)).status_code == 200
    await work_in(house)
    history = await house.leads.history(house.owner, lead_id)
    assert [entry.new for entry in history if entry.field == "stage"] == ["refused"]


async def test_old_news_are_read_back_before_they_are_believed(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    house.crm.set_status(external_id, "Converted")
    stale = json.dumps([{"id": external_id, "status": "Dead"}]).encode()
    await post(doors, stale)
    await work_in(house)
    assert await stage_of(house, lead_id) == "qualified"


async def test_records_that_are_not_ours_are_kept_as_ignored(doors: Doors) -> None:
    house = doors.house
    house.crm.create("Lead", lastName="Чужой")
    await house.crm.deliver_now()
    await work_in(house)
    assert [row.state for row in await house.rows("inbox")] == ["ignored"]


async def test_a_deleted_record_leaves_our_lead_alone(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    house.crm.delete("Lead", external_id)
    await post(doors, json.dumps([{"id": external_id}]).encode(), "Lead.delete")
    await work_in(house)
    assert await stage_of(house, lead_id) == "new"


async def test_while_the_crm_cannot_be_read_the_delivery_waits(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    house.crm.set_status(external_id, "Dead")
    await house.crm.deliver_now()
    house.down()
    await work_in(house)
    row = (await house.rows("inbox"))[-1]
    assert (row.state, row.attempts, row.error) == ("pending", 1, "crm_unavailable")
    house.crm.heal()
    house.clock.advance(200)
    await work_in(house)
    assert await stage_of(house, lead_id) == "refused"


async def test_a_worker_that_died_is_replaced(doors: Doors) -> None:
    house = doors.house
    lead_id, external_id = await delivered(doors)
    house.crm.set_status(external_id, "Dead")
    await house.crm.deliver_now()
    now = house.clock()
    async with house.db.transaction(system=True) as session:
        (lost,) = await inbox.claim(session, now, now, 1)
    assert await house.inbox.work_once() == 0
    house.clock.advance(1)
    await work_in(house)
    assert lost.integration_id is not None
    assert await stage_of(house, lead_id) == "refused"


async def test_a_body_that_says_nothing_is_kept_as_failed(doors: Doors) -> None:
    assert (await post(doors, b'{"not": "a list"}')).status_code == 200
    await work_in(doors.house)
    (row,) = await doors.house.rows("inbox")
    assert (row.state, row.body) == ("failed", b'{"not": "a list"}')


async def test_a_forged_delivery_is_refused_and_not_kept(doors: Doors) -> None:
    hook = await doors.hook("Lead.update")
    forged = signatures(hook.external_id, "guess", b"[]")
    for headers in (forged, {"Signature": ""}, {"Signature": "%%%"}):
        answer = await post(doors, b"[]", **headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "webhook_refused")
    assert await doors.house.rows("inbox") == []


async def test_a_signature_of_another_hook_is_refused(doors: Doors) -> None:
    other = await doors.hook("Lead.create")
    borrowed = signatures(other.external_id, await doors.secret(other), b"[]")
    assert (await post(doors, b"[]", **borrowed)).status_code == 403


@pytest.mark.parametrize("path", ["/webhooks/espocrm/nosuchkey", "/webhooks/nosuchcrm/{key}"])
async def test_a_wrong_key_and_an_unknown_provider_look_alike(doors: Doors, path: str) -> None:
    hook = await doors.hook("Lead.update")
    answer = await doors.client.post(path.format(key=hook.key), json=[])
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_after_disconnecting_the_address_is_gone(doors: Doors) -> None:
    hook = await doors.hook("Lead.update")
    await doors.house.integrations.disconnect(doors.house.owner)
    assert doors.house.crm.hooks() == []
    answer = await doors.client.post(f"/webhooks/espocrm/{hook.key}", json=[])
    assert answer.status_code == 404


async def test_webhooks_are_registered_once_however_often_one_connects(doors: Doors) -> None:
    await doors.house.connect()
    registered = sorted(hook["event"] for hook in doors.house.crm.hooks())
    assert registered == ["Lead.create", "Lead.delete", "Lead.update"]


async def test_a_webhook_that_cannot_be_registered_is_told_but_keeps_the_connection(
    house_alone: House,
) -> None:
    house_alone.integrations.subscriptions.public_url = ""
    report = await house_alone.integrations.connect(house_alone.owner, "espocrm", house_alone.settings)
    assert Problem("webhook_needs_public_url", params={"event": "Lead.update"}) in report.problems
    assert await house_alone.integrations.current(house_alone.owner) is not None
