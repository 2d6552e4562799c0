"""Records that are deleted or merged in the CRM: leads stay, links follow, people decide."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.engine import Row

from domain.delivery import Delivery
from domain.errors import NotFound, TooLate
from storage.delivery import links
from tests.delivery.doors import Doors
from tests.delivery.sides import Sides, sides_of


@pytest.fixture
async def sides(doors: Doors) -> Sides:
    """A house that EspoCRM tells of changes."""
    return sides_of(doors.house)


async def link_of(sides: Sides) -> Row[Any]:
    (link,) = [row for row in await sides.house.rows("links") if row.entity == "lead"]
    return link


async def deleted(sides: Sides) -> tuple[UUID, UUID]:
    """(a lead whose record was deleted there, its link's id)."""
    lead_id = await sides.sent()
    sides.house.crm.delete("Lead", sides.record()["id"])
    await sides.told()
    return lead_id, (await link_of(sides)).id


async def test_a_deletion_told_by_webhook_asks_once(sides: Sides) -> None:
    lead_id, _link = await deleted(sides)
    assert (await sides.lead(lead_id)).is_open
    state = await sides.house.state(lead_id)
    assert (state.state, state.error) == (Delivery.FAILED, "crm_gone")
    for row in await sides.house.rows("inbox"):
        await sides.house.operations.replay_delivery(sides.house.owner, row.id)
    await sides.work_in()
    assert await sides.house.told("crm.deleted") == 1
    assert [entry.field for entry in await sides.history(lead_id, "deleted_there")] == ["deleted_there"]


async def test_sent_again_it_is_a_new_record(sides: Sides) -> None:
    lead_id, link_id = await deleted(sides)
    await sides.deletions.send_again(sides.house.owner, link_id)
    await sides.house.work()
    assert sides.record()["cExternalId"] == str(lead_id)
    assert (await sides.house.state(lead_id)).state is Delivery.DELIVERED
    with pytest.raises(TooLate):
        await sides.deletions.send_again(sides.house.owner, link_id)
    assert len(sides.house.crm.leads()) == 1


async def test_left_out_nothing_is_written_any_more(sides: Sides) -> None:
    lead_id, link_id = await deleted(sides)
    await sides.deletions.leave_out(sides.house.owner, link_id)
    await sides.change_here(lead_id, company="ООО Лён")
    await sides.house.work()
    assert sides.house.crm.leads() == []
    assert (await sides.house.state(lead_id)).state is Delivery.DROPPED
    assert await sides.house.told("crm.deleted") == 1
    with pytest.raises(TooLate):
        await sides.deletions.close(sides.house.owner, link_id, "удалён")


async def test_closed_here_too(sides: Sides) -> None:
    lead_id, link_id = await deleted(sides)
    await sides.deletions.close(sides.house.owner, link_id, "удалён в CRM")
    await sides.house.work()
    assert (await sides.lead(lead_id)).stage.key == "refused"
    assert sides.house.crm.leads() == []


async def test_only_whoever_works_on_the_lead_decides(sides: Sides) -> None:
    _lead, link_id = await deleted(sides)
    with pytest.raises(TooLate):
        await sides.deletions.send_again(sides.house.manager, link_id)
    with pytest.raises(NotFound):
        await sides.deletions.stands(sides.house.manager, link_id)


async def test_a_merge_moves_the_link_to_the_record_with_our_id(sides: Sides) -> None:
    lead_id = await sides.sent(company="ООО Лён")
    loser = sides.record()
    winner = sides.house.crm.create("Lead", lastName="Петров", cExternalId=str(lead_id), accountName="АО Дуб")
    sides.house.crm.delete("Lead", loser["id"])
    await sides.told()
    assert (await link_of(sides)).external_id == winner["id"]
    await sides.change_here(lead_id, name="Пётр Петров")
    await sides.house.work()
    assert (sides.record()["id"], sides.record()["firstName"]) == (winner["id"], "Пётр")
    assert sides.record()["accountName"] == "АО Дуб", "what people put together there stays"
    assert await sides.house.told("crm.deleted") == 0


async def test_two_leads_that_became_one_are_told_and_both_stay(sides: Sides) -> None:
    house = sides.house
    first = await sides.sent()
    loser = sides.record()["id"]
    second = await house.send("Пётр", "+79161234568")
    await house.work()
    keeper = next(one for one in house.crm.leads() if one["id"] != loser)
    house.crm.change("Lead", keeper["id"], cExternalId=str(first))
    house.crm.delete("Lead", loser)
    await sides.told()
    assert await house.told("crm.merged") == 1
    assert await house.told("crm.deleted") == 0
    await sides.change_here(first, company="ООО Лён")
    await house.work()
    (record,) = house.crm.leads()
    assert record.get("accountName") is None, "the record is the other lead's"
    assert {(await sides.lead(one)).is_open for one in (first, second)} == {True}


async def test_a_record_that_is_restored_is_followed_again(sides: Sides) -> None:
    lead_id, _link = await deleted(sides)
    (link,) = [row for row in await sides.house.rows("links") if row.entity == "lead"]
    restored = sides.house.crm.create("Lead", lastName="Петров", accountName="АО Дуб")
    async with sides.house.db.transaction(sides.house.organization_id) as session:
        found = await links.get(session, link.id)
        assert found is not None
        await links.change(session, found, external_id=restored["id"])
    sides.change_there(accountName="АО Вяз")
    await sides.told()
    assert (await sides.lead(lead_id)).company == "АО Вяз"
    await sides.change_here(lead_id, company="ООО Лён")
    await sides.house.work()
    assert sides.record()["accountName"] == "ООО Лён"
