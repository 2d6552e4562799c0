"""A contact that is corrected may be another lead's: the verdict, and what may be done about it."""

from datetime import timedelta

from domain.leads import LeadDraft
from sandbox.telegram.person import Person
from storage.leads.leads import update_lead
from tests.product import Running

TAKEN_PHONE = "+7 999 000-00-01"


async def correcting(person: Person, field: str, value: str) -> None:
    """Send a lead and begin to correct it."""
    await person.say("Ivan 8 999 123-45-67")
    await person.gets("· Ivan")
    await person.press("Open")
    await person.gets("+7 999 123-45-67")
    await person.press("Correct")
    await person.press(field)
    await person.say(value)


async def test_phone_of_a_colleagues_lead_is_refused(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    boris = await product.member("Boris", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await boris.say(f"Petr {TAKEN_PHONE}")
    await mila.press("Take")
    await mila.gets("You are responsible")
    await correcting(anna, "📞 Phone", TAKEN_PHONE)
    verdict = await anna.gets("somebody sent it before, and it is in work")
    assert not any("Go on" in label for label in verdict.labels)
    await anna.press("Attach a comment", verdict)
    await anna.gets("What shall I add")
    await anna.say("the brother of Ivan")
    await anna.gets("Added.")
    attached = await mila.sees("To #1 · Petr from Anna")
    assert "the brother of Ivan" in attached.text
    await anna.say("/leads")
    await anna.press("#2 Ivan")
    await anna.gets("+7 999 123-45-67")


async def test_untaken_lead_in_the_way_is_called_so_and_the_managers_are_asked(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    boris = await product.member("Boris", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await boris.say("Petr petr@example.com")
    await boris.gets("🧾 #1")
    await correcting(anna, "✉️ E-mail", "Petr@Example.com")
    verdict = await anna.gets("waits for a manager: nobody has taken it yet")
    await anna.press("Ask the manager", verdict)
    await anna.gets("I have asked")
    await mila.sees("asks you to get in touch about #1")
    await anna.say("hello")
    await anna.gets("did not find a phone")


async def test_stop_leaves_the_lead_as_it_was(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say(f"Petr {TAKEN_PHONE}")
    await anna.gets("🧾 #1")
    await correcting(anna, "📞 Phone", TAKEN_PHONE)
    await anna.gets("is already your lead #1")
    await anna.press("Stop")
    await anna.gets("Left as it was.")
    await anna.say("/leads")
    await anna.press("#2 Ivan")
    await anna.gets("+7 999 123-45-67")


async def test_own_number_once_more_is_no_duplicate(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await correcting(anna, "📞 Phone", "8 (999) 123-45-67")
    await anna.gets("Corrected.")


async def test_contact_of_an_old_and_free_lead_may_be_kept(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    services = product.product.services
    member = await services.members.current(anna.id)
    assert member is not None
    old = await services.leads.create(member, LeadDraft(name="Petr", phones=(TAKEN_PHONE,)))
    async with product.product.db.transaction(member.organization_id) as s:
        await update_lead(s, old.id, old.created_at - timedelta(days=91))
    await correcting(anna, "📞 Phone", TAKEN_PHONE)
    await anna.gets("that lead is old and nobody works on it")
    await anna.press("Go on")
    corrected = await anna.gets("Corrected.")
    assert TAKEN_PHONE in corrected.text


async def test_inn_of_another_lead_is_found(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    services = product.product.services
    member = await services.members.current(anna.id)
    assert member is not None
    draft = LeadDraft(company="Sber", phones=(TAKEN_PHONE,), inn="7707083893")
    await services.leads.create(member, draft)
    await correcting(anna, "🔢 INN", "7707083893")
    await anna.gets("7707083893 is already your lead #1")
