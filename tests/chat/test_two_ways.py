"""What people see and decide in the chat when the CRM changes things."""

from uuid import UUID

import sqlalchemy as sa

from sandbox.telegram.person import Person
from storage.tables import conflicts
from tests.chat.test_operations import in_the_crm, member_of, owner_of, send
from tests.product import Running


async def in_conflict(owner: Person, product: Running) -> None:
    """A lead whose company was changed on both sides while the CRM was away."""
    lead = await send(product)
    await in_the_crm(owner, product, lambda leads: len(leads) == 1)
    await owner.sees("In the CRM")
    product.espocrm.fail("down", mode="503")
    await product.product.services.leads.change(await member_of(product), lead.id, {"company": "Ours & Co"})
    product.espocrm.change("Lead", product.espocrm.leads()[0]["id"], accountName="Theirs & Ltd")
    product.espocrm.heal()


async def test_a_conflict_shows_both_values_and_the_choice_reaches_both_sides(product: Running) -> None:
    owner = await owner_of(product)
    await in_conflict(owner, product)
    card = await owner.sees("was changed both here and in EspoCRM", 30)
    assert "Ours & Co" in card.text
    assert "Theirs & Ltd" in card.text
    await owner.press("Keep ours")
    await owner.sees("chose our value")
    await in_the_crm(owner, product, lambda leads: leads[0].get("accountName") == "Ours & Co")
    assert not [one for one in await owner.messages() if "Neither holds" in one.text]


async def test_an_old_button_of_a_conflict_says_why_not(product: Running) -> None:
    owner = await owner_of(product)
    await in_conflict(owner, product)
    card = await owner.sees("was changed both here and in EspoCRM", 30)
    other = await product.member("Adam", "admin", language="en")
    view = product.product.services
    (conflict,) = await conflict_ids(product)
    admin = await view.members.current(other.id)
    assert admin is not None
    await view.conflicts.decide(admin, conflict, "theirs")
    await owner.until(lambda messages: any("chose the CRM's value" in one.text for one in messages), 20)
    assert card.id in [one.id for one in await owner.messages() if "chose the CRM" in one.text]


async def conflict_ids(product: Running) -> list[UUID]:
    async with product.product.db.reading(system=True) as session:
        return [row.id for row in await session.rows(sa.select(conflicts.c.id))]


async def test_a_deleted_record_is_sent_again_by_a_button(product: Running) -> None:
    owner = await owner_of(product)
    await send(product)
    await in_the_crm(owner, product, lambda leads: len(leads) == 1)
    await owner.sees("In the CRM")
    product.espocrm.delete("Lead", product.espocrm.leads()[0]["id"])
    await product.espocrm.deliver_now()
    await owner.sees("Its record was deleted in", 30)
    await owner.press("Send again")
    await in_the_crm(owner, product, lambda leads: len(leads) == 1)
    await owner.sees("This has been decided")


async def test_who_is_who_is_matched_and_changed_by_buttons(product: Running) -> None:
    owner = await owner_of(product)
    await product.member("Анна Орлова", "manager", language="en")
    people = product.product.services.crm_people
    users = (await people.people(await member_of(product))).users
    assert users
    await owner.say("/crm")
    await owner.press("Who is who")
    await owner.sees("Who is who in EspoCRM", 30)
    await owner.press("Анна Орлова")
    await owner.sees("Who is this in EspoCRM?", 30)
    await owner.press(users[0].name)
    await owner.sees("matched", 30)
    persons = (await people.people(await member_of(product))).persons
    matched = {one.member.name: one.user.name for one in persons if one.user is not None}
    assert matched["Анна Орлова"] == users[0].name


async def test_whose_word_counts_is_chosen_in_the_chat(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/crm")
    await owner.press("Whose word counts")
    await owner.sees("When a field is changed both here and in the CRM")
    await owner.press("Company")
    await owner.sees("Whose word counts?")
    await owner.press("🔌 The CRM")
    await owner.sees("When a field is changed both here")
    owners = await product.product.services.ownership.owners(await member_of(product))
    assert owners["company"].value == "crm"
