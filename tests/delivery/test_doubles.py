"""A new lead whose contact stands in the CRM's record of another lead: both are written, somebody is told."""

from datetime import timedelta

from tests.delivery.house import House

OTHER_PHONE = "+79161234568"


async def test_a_contact_that_only_the_crm_knows_as_anothers_is_told(house: House) -> None:
    await house.send()
    await house.work()
    [record] = house.crm.leads()
    house.crm.change("Lead", record["id"], phoneNumber=OTHER_PHONE)
    second = await house.send("Пётр", OTHER_PHONE)
    await house.work()
    assert len(house.crm.leads()) == 2
    [told] = [row for row in await house.rows("notices") if row.kind == "crm.duplicate"]
    assert told.params["lead"] == str(second)


async def test_what_was_told_when_the_lead_came_in_is_not_told_again(house: House) -> None:
    await house.send()
    await house.work()
    house.clock.advance(timedelta(days=120).total_seconds())
    await house.send("Иван второй")
    await house.work()
    assert len(house.crm.leads()) == 2
    assert await house.told("crm.duplicate") == 0
