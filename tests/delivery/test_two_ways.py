"""Both sides of a lead change: followed, never lost unseen, never sent round in circles."""

from decimal import Decimal

import pytest

from domain.errors import NotFound, TooLate
from domain.two_ways import RESENDS, Owner
from tests.delivery.doors import Doors
from tests.delivery.sides import Sides, sides_of


@pytest.fixture
async def sides(doors: Doors) -> Sides:
    """A house that EspoCRM tells of changes."""
    return sides_of(doors.house)


async def test_fields_changed_there_are_followed_once(sides: Sides) -> None:
    lead_id = await sides.sent(company="ООО Лён", amount=Decimal(1000))
    sides.change_there(
        firstName="Пётр", lastName="Орлов", accountName="АО Дуб", opportunityAmount=2500.5,
        phoneNumberData=[{"phoneNumber": "+79161234567", "primary": True}, {"phoneNumber": "+74951112233"}],
        emailAddressData=[{"emailAddress": "P.Orlov@Example.com", "primary": True}], cInn="7707083893",
    )  # fmt: skip
    await sides.told()
    lead = await sides.lead(lead_id)
    assert (lead.name, lead.company, lead.inn) == ("Пётр Орлов", "АО Дуб", "7707083893")
    assert lead.phones == ("+79161234567", "+74951112233")
    assert lead.emails == ("p.orlov@example.com",)
    assert lead.amount is not None
    assert lead.amount.amount == Decimal("2500.50")
    (entry,) = await sides.history(lead_id, "company")
    assert (entry.old, entry.new, entry.origin) == ("ООО Лён", "АО Дуб", "crm:espocrm")
    assert await sides.house.told("lead.followed") == 1, "the sender; nobody has the lead yet"
    assert await sides.house.work() == 0, "what came from the CRM is not sent back"
    assert await sides.open_conflicts() == []


async def test_a_replayed_or_late_webhook_does_not_bring_an_old_value_back(sides: Sides) -> None:
    lead_id = await sides.sent()
    sides.change_there(accountName="АО Дуб")
    await sides.told()
    await sides.change_here(lead_id, company="ООО Клён")
    await sides.house.work()
    for row in await sides.house.rows("inbox"):
        await sides.house.operations.replay_delivery(sides.house.owner, row.id)
    await sides.work_in()
    assert (await sides.lead(lead_id)).company == "ООО Клён"
    assert sides.record()["accountName"] == "ООО Клён"


async def test_a_value_the_crm_writes_its_own_way_is_no_change(sides: Sides) -> None:
    lead_id = await sides.sent(name="Анна <Мария> Кузнецова", note="раз\r\nдва")
    sides.change_there(website="https://example.com")
    await sides.told()
    assert (await sides.lead(lead_id)).name == "Анна <Мария> Кузнецова"
    assert await sides.house.work() == 0


async def test_a_field_emptied_there_is_emptied_but_somebody_stays(sides: Sides) -> None:
    lead_id = await sides.sent(company="ООО Лён", amount=Decimal(5))
    sides.change_there(accountName=None, opportunityAmount=None)
    await sides.told()
    lead = await sides.lead(lead_id)
    assert (lead.company, lead.amount) == ("", None)
    sides.change_there(firstName=None, lastName="")
    await sides.told()
    assert (await sides.lead(lead_id)).name == "Иван Петров", "a lead must have a name or a company"


async def test_the_later_change_there_wins_and_both_values_are_kept(sides: Sides) -> None:
    lead_id = await sides.sent(company="старое")
    await sides.change_here(lead_id, company="наше")
    sides.change_there(accountName="их")
    await sides.told()
    assert (await sides.lead(lead_id)).company == "их"
    (conflict,) = await sides.open_conflicts()
    assert (conflict.field, conflict.ours, conflict.theirs) == ("company", "наше", "их")
    assert conflict.ours_at < conflict.theirs_at
    newest = (await sides.history(lead_id, "company"))[0]
    assert (newest.old, newest.new) == ("наше", "их")
    assert await sides.house.told("crm.conflict") == 1, "an admin: nobody has the lead"
    await sides.house.work()
    assert sides.record()["accountName"] == "их"


async def test_our_later_change_wins_before_any_webhook_came(sides: Sides) -> None:
    lead_id = await sides.sent(company="старое")
    sides.change_there(accountName="их")
    await sides.change_here(lead_id, company="наше")
    await sides.house.work()
    assert sides.record()["accountName"] == "наше"
    (conflict,) = await sides.open_conflicts()
    assert (conflict.ours, conflict.theirs) == ("наше", "их")
    overwritten = (await sides.history(lead_id, "company"))[0]
    assert (overwritten.old, overwritten.new, overwritten.origin) == ("их", "наше", "conflict:espocrm")
    await sides.told()
    assert (await sides.lead(lead_id)).company == "наше"
    assert len(await sides.open_conflicts()) == 1


async def test_different_fields_do_not_quarrel(sides: Sides) -> None:
    lead_id = await sides.sent(company="старое")
    await sides.change_here(lead_id, company="наше")
    sides.change_there(lastName="Сидоров")
    await sides.told()
    await sides.house.work()
    assert (await sides.lead(lead_id)).name == "Иван Сидоров"
    assert (sides.record()["accountName"], sides.record()["lastName"]) == ("наше", "Сидоров")
    assert await sides.open_conflicts() == []


@pytest.mark.parametrize(("verdict", "stays"), [("ours", "наше"), ("theirs", "их")])
@pytest.mark.parametrize("ours_later", [True, False])
async def test_a_choice_reaches_both_sides(sides: Sides, verdict: str, stays: str, ours_later: bool) -> None:
    lead_id = await sides.sent(company="старое")
    if ours_later:
        sides.change_there(accountName="их")
        await sides.change_here(lead_id, company="наше")
    else:
        await sides.change_here(lead_id, company="наше")
        sides.change_there(accountName="их")
    await sides.told()
    (conflict,) = await sides.open_conflicts()
    sides.tick()
    view = await sides.conflicts.decide(sides.house.owner, conflict.id, verdict)
    assert (view.conflict.verdict, view.stands, view.crm) == (verdict, verdict, "EspoCRM")
    await sides.house.work()
    await sides.told()
    assert (await sides.lead(lead_id)).company == stays
    assert sides.record()["accountName"] == stays
    with pytest.raises(TooLate) as late:
        await sides.conflicts.decide(sides.house.owner, conflict.id, verdict)
    assert late.value.what == "answered"


async def test_a_choice_about_a_stage(sides: Sides) -> None:
    lead_id = await sides.sent()
    house = sides.house
    sides.tick()
    await house.pipeline.move(house.manager, lead_id, await house.stage("call"))
    sides.change_there(status="Converted")
    await sides.told()
    assert (await sides.lead(lead_id)).stage.key == "qualified"
    (conflict,) = await sides.open_conflicts()
    await sides.conflicts.decide(house.owner, conflict.id, "ours")
    await house.work()
    assert (await sides.lead(lead_id)).stage.key == "call"
    assert sides.record()["status"] == "Assigned"


async def test_old_conflicts_say_why_they_cannot_be_decided(sides: Sides) -> None:
    lead_id = await sides.sent(company="старое")
    for number in range(2):
        await sides.change_here(lead_id, company=f"наше {number}")
        sides.change_there(accountName=f"их {number}")
        await sides.told()
        await sides.house.work()
    first, second = [row.id for row in await sides.house.rows("conflicts")]
    with pytest.raises(TooLate) as late:
        await sides.conflicts.decide(sides.house.owner, first, "ours")
    assert late.value.what == "newer_conflict"
    await sides.change_here(lead_id, company="третье")
    with pytest.raises(TooLate) as late:
        await sides.conflicts.decide(sides.house.owner, second, "ours")
    assert late.value.what == "changed_since"
    with pytest.raises(NotFound):
        await sides.conflicts.decide(sides.house.manager, second, "ours")


async def test_a_field_of_the_crm_is_never_written_again(sides: Sides) -> None:
    lead_id = await sides.sent(company="старое")
    await sides.own("company", Owner.CRM)
    await sides.change_here(lead_id, company="наше", name="Новое Имя")
    await sides.house.work()
    assert (sides.record()["accountName"], sides.record()["lastName"]) == ("старое", "Имя")
    assert (await sides.lead(lead_id)).company == "старое", "the CRM's word counts"
    assert await sides.open_conflicts() == []


async def test_a_field_of_ours_is_put_right_but_not_for_ever(sides: Sides) -> None:
    lead_id = await sides.sent(company="наше")
    await sides.own("company", Owner.OURS)
    for _ in range(RESENDS):
        sides.change_there(accountName="робот")
        await sides.told()
        assert await sides.house.work() == 1
        assert sides.record()["accountName"] == "наше"
    sides.change_there(accountName="робот")
    await sides.told()
    assert await sides.house.work() == 0, "something over there sets it again and again"
    assert len(await sides.open_conflicts()) == 1
    assert (await sides.lead(lead_id)).company == "наше"


async def test_remarks_in_the_crm_stay_there_until_ours_change(sides: Sides) -> None:
    lead_id = await sides.sent(note="ипотека")
    sides.change_there(description="клиент сложный")
    await sides.told()
    assert (await sides.lead(lead_id)).note == "ипотека", "not meant for whoever sent the lead"
    assert sides.record()["description"] == "клиент сложный"
    await sides.change_here(lead_id, note="ипотека 3 млн")
    await sides.house.work()
    (conflict,) = await sides.open_conflicts()
    assert (conflict.field, conflict.theirs) == ("note", "клиент сложный")


async def test_a_write_the_crm_drops_does_not_undo_ours(sides: Sides) -> None:
    lead_id = await sides.sent(company="старое")
    sides.house.crm.fail("field_removed", entity="Lead", field="accountName")
    await sides.change_here(lead_id, company="наше")
    await sides.house.work()
    sides.change_there(lastName="Другой")
    await sides.told()
    assert (await sides.lead(lead_id)).company == "наше"
