"""What admins see of the traffic with the CRM in the chat, and what they decide about it."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from domain.leads import Lead, LeadDraft
from domain.members import Member
from sandbox.telegram.person import Person
from storage.tables import inbox
from tests.product import OWNER, Running, running
from tests.waiting import until

PHONE = "+79991234567"


@pytest.fixture
async def impatient(database_url: str, redis_url: str) -> AsyncIterator[Running]:
    """The product that gives a write up after one retry."""
    async with running(database_url, redis_url, retry_delays="1s") as started:
        yield started


async def owner_of(product: Running) -> Person:
    owner = await product.owner()
    await product.product.services.members.change_language(OWNER, "en")
    return owner


async def member_of(product: Running) -> Member:
    member = await product.product.services.members.current(OWNER)
    assert member is not None
    return member


async def send(product: Running, name: str = "Ivan Petrov", phone: str = PHONE) -> Lead:
    member = await member_of(product)
    return await product.product.services.leads.create(member, LeadDraft(name=name, phones=(phone,)))


async def in_the_crm(owner: Person, product: Running, holds: Callable[[list[Any]], bool]) -> None:
    """Wait until the CRM's leads are as wanted: every settled write edits the owner's receipt."""
    await until(lambda: holds(product.espocrm.leads()), seconds=30)


async def test_candidates_are_shown_and_one_is_linked(product: Running) -> None:
    owner = await owner_of(product)
    first = product.espocrm.create("Lead", lastName="First & Co", phoneNumber=PHONE)
    product.espocrm.create("Lead", lastName="Second", phoneNumber=PHONE)
    await send(product)
    card = await owner.sees("Which of these records is it?")
    assert "First & Co" in card.text
    assert "Second" in card.text
    await owner.press("1. ")
    await owner.gets("On its way to the CRM")
    await in_the_crm(owner, product, lambda leads: sum(bool(one.get("cExternalId")) for one in leads) == 1)
    linked = next(one for one in product.espocrm.leads() if one.get("cExternalId"))
    assert (len(product.espocrm.leads()), linked["id"]) == (2, first["id"])
    await owner.sees("In the CRM now")


async def test_a_candidate_is_chosen_once(product: Running) -> None:
    owner = await owner_of(product)
    for name in ("First", "Second"):
        product.espocrm.create("Lead", lastName=name, phoneNumber=PHONE)
    await send(product)
    card = await owner.sees("Which of these records is it?")
    other = await product.member("Adam", "admin", language="en")
    await other.say("/operations")
    await other.press("a new lead")
    await other.press("A new record")
    await other.gets("On its way to the CRM")
    await in_the_crm(owner, product, lambda leads: len(leads) == 3)
    await owner.until(lambda messages: any("In the CRM now" in one.text for one in messages))
    assert card.id in [one.id for one in await owner.messages() if "In the CRM now" in one.text]


async def test_a_refused_lead_is_edited_and_goes_by_itself(impatient: Running) -> None:
    owner = await owner_of(impatient)
    impatient.espocrm.fail("down")
    await send(impatient)
    await owner.sees("The CRM did not get it", 30)
    impatient.espocrm.heal()
    await owner.press("Edit")
    await owner.press("Name")
    await owner.say("Ivan Sidorov")
    await in_the_crm(owner, impatient, lambda leads: [one["lastName"] for one in leads] == ["Sidorov"])


async def test_dropping_tells_the_sender(impatient: Running) -> None:
    owner = await owner_of(impatient)
    anna = await impatient.member("Anna", "partner", language="en")
    await anna.start()
    partner = await impatient.product.services.members.current(anna.id)
    assert partner is not None
    impatient.espocrm.fail("down")
    draft = LeadDraft(name="Ivan", phones=(PHONE,))
    await impatient.product.services.leads.create(partner, draft)
    await anna.sees("Not in the CRM", 30)
    await owner.sees("The CRM did not get it", 30)
    await owner.press("Drop")
    await owner.press("Yes, drop it")
    await owner.gets("Given up")
    await anna.sees("an admin decided so")
    impatient.espocrm.heal()
    assert impatient.espocrm.leads() == []


async def test_an_outage_is_told_once_and_its_end(product: Running) -> None:
    owner = await owner_of(product)
    product.espocrm.fail("down", mode="503")
    for number in range(4):
        await send(product, f"Lead {number}", f"+7999000000{number}")
    alert = await owner.sees("EspoCRM does not work", 30)
    assert "the CRM does not answer" in alert.text
    product.espocrm.heal()
    await owner.press("Try now", alert)
    await owner.sees("EspoCRM works again", 30)
    await in_the_crm(owner, product, lambda leads: len(leads) == 4)
    texts = [message.text for message in await owner.messages()]
    assert sum("works again" in text for text in texts) == 1


async def test_the_log_is_filtered_opened_and_replayed(product: Running) -> None:
    owner = await owner_of(product)
    await send(product)
    second = await send(product, "Pavel", "+79990000002")
    await in_the_crm(owner, product, lambda leads: len(leads) == 2)
    await owner.say("/crm")
    await owner.press("Operations")
    await owner.gets("Operations: All")
    await owner.press("Failed")
    await owner.gets("Nothing here")
    await owner.press("Lead number")
    await owner.say("no number")
    await owner.gets("the lead's number")
    await owner.say(str(second.number))
    await owner.gets("lead #2")
    await owner.press("Done")
    await owner.gets("1 entry")
    await owner.press("#2 · ")
    card = await owner.gets("State: ✅ done")
    assert "+79990000002" not in card.text
    assert "+7***02" in card.text
    record = next(one for one in product.espocrm.leads() if one["lastName"] == "Pavel")
    product.espocrm.change("Lead", record["id"], lastName="Changed")
    await owner.press("Do it once more")
    await in_the_crm(owner, product, lambda leads: {one["lastName"] for one in leads} == {"Petrov", "Pavel"})
    assert len(product.espocrm.leads()) == 2
    await owner.say("/operations 2")
    await owner.gets("2 entries")


async def test_the_log_comes_as_a_masked_table(product: Running) -> None:
    owner = await owner_of(product)
    await send(product, "=Ivan Petrov")
    await in_the_crm(owner, product, lambda leads: len(leads) == 1)
    key = await product.product.services.website_form.key(await member_of(product))
    form = {"name": "Pavel", "phone": "+79995554433", "email": "p@example.com", "referral_code": "x"}
    await product.http.post(f"{product.url}/hooks/website/{key}", json=form)
    await owner.say("/operations")
    await owner.gets("Operations: All")
    await owner.press("As a file")
    sent = await owner.gets("personal data hidden")
    document = sent.raw["document"]
    assert document["file_name"] == "operations.csv"
    text = (await owner.download(document["file_id"])).decode("utf-8-sig")
    for secret in ("Petrov", "Pavel", "9995554433", "9991234567", "p@example.com"):
        assert secret not in text
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:4] == ["When", "What", "Lead", "State"]
    assert [row[1] for row in rows[1:]].count("from the website") == 1


async def test_failures_are_replayed_in_bulk_after_asking(impatient: Running) -> None:
    owner = await owner_of(impatient)
    impatient.espocrm.fail("down")
    for number in range(2):
        await send(impatient, f"Lead {number}", f"+7999000000{number}")
    await owner.until(lambda all_: sum("did not get it" in one.text for one in all_) == 2, 30)
    impatient.espocrm.heal()
    await owner.say("/operations")
    await owner.press("All failed")
    await owner.gets("2 writes, 0 messages")
    await owner.press("Yes, do it")
    await owner.gets("2 are on their way again")
    await in_the_crm(owner, impatient, lambda leads: len(leads) == 2)
    await owner.say("/operations")
    await owner.press("Messages since")
    await owner.press("the last hour")
    await owner.gets("The CRM has told nothing")


async def all_taken_in(product: Running) -> bool:
    """Whether nothing that came in is under way: only what has ended can be replayed."""
    async with product.product.db.reading(system=True) as s:
        under_way = sa.select(inbox.c.id).where(inbox.c.state.in_(("pending", "running")))
        return await s.first(under_way) is None


async def test_messages_of_the_crm_are_opened_and_replayed(product: Running) -> None:
    owner = await owner_of(product)
    await send(product)
    await in_the_crm(owner, product, lambda leads: len(leads) == 1)
    product.espocrm.change("Lead", product.espocrm.leads()[0]["id"], status="In Process")
    await product.espocrm.deliver_now()
    await owner.sees("Meeting")
    await owner.say("/operations")
    await owner.press("Came in")
    await owner.press("from the CRM")
    await owner.gets("Message of the CRM")
    await owner.press("Work it off once more")
    await owner.gets("Message of the CRM")
    await until(lambda: all_taken_in(product))
    await owner.press("To the list")
    await owner.press("Messages since")
    await owner.press("the last day")
    await owner.gets("once more?")
    await owner.press("Yes, do it")
    await owner.gets("worked off")


async def test_partners_see_no_log(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/operations")
    await anna.gets("Your role does not allow this")
