"""Correcting every field of a lead by buttons, and two people at one field."""

from domain.leads import LeadDraft
from handlers.leads.lead_fields import FIELDS
from tests.chat.forging import press_forged
from tests.chat.lead_cards import add, lead_row, opened, taken
from tests.product import Running


async def test_a_segment_is_typed_once_and_picked_by_button_then(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("Edit", card)
    await mila.press("Segment")
    await mila.gets("Which segment?")
    await mila.say("Small business")
    done = await mila.gets("🧩 Segment: Small business")
    assert "Corrected" in done.text
    await add(product, LeadDraft(name="Petr", phones=("+79997654321",)))
    services, person = product.product.services, await product.product.services.members.current(mila.id)
    assert person is not None
    second = (await lead_row(product, 2)).id
    await services.pipeline.take(person, second)
    other = await opened(mila, 2)
    await mila.press("Edit", other)
    await mila.press("Segment")
    await mila.gets("Which segment?")
    await mila.press("Small business")
    await mila.gets("🧩 Segment: Small business")
    assert (await lead_row(product, 2)).segment == "Small business"


async def test_tags_are_typed_added_and_taken_off(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("Edit", card)
    await mila.press("Tags")
    await mila.say("vip, #Mortgage, VIP")
    done = await mila.gets("🏷 Mortgage, vip")
    await mila.press("Edit", done)
    await mila.press("Tags")
    asked = await mila.gets("Press a tag")
    assert "✅ vip" in asked.labels
    await mila.press("✅ vip", asked)
    done = await mila.gets("🏷 Mortgage\n")
    await mila.press("↩️ Undo", done)
    await mila.gets("🏷 Mortgage, vip")


async def test_too_many_and_too_long_tags_are_refused_kindly(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("Edit", card)
    await mila.press("Tags")
    await mila.gets("Press a tag")
    await mila.say(", ".join(f"tag{number}" for number in range(11)))
    await mila.gets("At most 10 tags")
    await mila.say("x" * 33)
    await mila.gets("at most 32")
    await mila.say("vip")
    await mila.gets("🏷 vip")


WRONG = {
    "name": ("x" * 101, "Too long: 101 characters, at most 100"),
    "company": ("x" * 201, "Too long: 201 characters, at most 200"),
    "phone": ("12345", "does not look like a phone number"),
    "email": ("nobody at home", "does not look like an e-mail"),
    "inn": ("7707083894", "There is a slip in this INN"),
    "amount": ("a lot", "could not read the amount"),
    "segment": ("x" * 65, "Too long: 65 characters, at most 64"),
    "product": ("x" * 66, "Too long: 66 characters, at most 64"),
    "region": ("x" * 67, "Too long: 67 characters, at most 64"),
    "source": ("x" * 33, "Too long: 33 characters, at most 32"),
    "tags": ("x" * 34, "Too long: 34 characters, at most 32"),
}
"""What each field of the card cannot be; a note may be anything that fits into a message."""


async def test_every_field_refuses_what_it_cannot_be_and_nothing_is_written(product: Running) -> None:
    assert {*WRONG, "note"} == set(FIELDS)
    mila, _card = await taken(product)
    before = await lead_row(product)
    for name, (typed, told) in WRONG.items():
        await press_forged(product, mila, f"lead:field:{before.id.hex}:{name}")
        await mila.say(typed)
        await mila.gets(told)
    assert await lead_row(product) == before


async def test_what_may_be_empty_is_emptied_by_button(product: Running) -> None:
    draft = LeadDraft(name="Ivan", company="Romashka", phones=("+79991234567",))
    mila, card = await taken(product, draft=draft)
    await mila.press("Edit", card)
    await mila.press("Company")
    await mila.gets("What is the company called?")
    await mila.press("Leave it empty")
    done = await mila.gets("Corrected.")
    assert "Romashka" not in done.text
    await mila.press("Edit", done)
    await mila.press("👤 Name")
    asked = await mila.gets("What is the right name?")
    assert not any("empty" in label for label in asked.labels)


async def test_the_second_at_a_field_sees_what_the_first_wrote_and_confirms(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("Edit", card)
    await mila.press("Company")
    await mila.gets("What is the company called?")
    services = product.product.services
    owner = await services.members.current(1000)
    assert owner is not None
    await services.leads.change(owner, (await lead_row(product)).id, {"company": "Lotos"})
    await mila.say("Romashka")
    asked = await mila.gets("Whose value shall stand?")
    assert "Lotos" in asked.text
    assert owner.name in asked.text
    await mila.press("Leave theirs", asked)
    await mila.gets("Left as it was")
    assert (await lead_row(product)).company == "Lotos"
    card = await opened(mila)
    await mila.press("Edit", card)
    await mila.press("Company")
    await mila.gets("Now: Lotos")
    await services.leads.change(owner, (await lead_row(product)).id, {"company": "Rosa"})
    await mila.say("Romashka")
    asked = await mila.gets("Whose value shall stand?")
    await mila.press("Write mine", asked)
    await mila.gets("Corrected.")
    assert (await lead_row(product)).company == "Romashka"


async def test_a_sender_sees_no_fields_of_the_team(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("Ivan 8 999 123-45-67 mortgage")
    await anna.press("Open")
    await anna.press("Correct")
    asked = await anna.gets("What shall we correct?")
    assert not any("Segment" in label or "Tags" in label for label in asked.labels)


async def test_every_field_of_the_card_in_russian_by_its_button(product: Running) -> None:
    mila, card = await taken(product, "Мила", "ru")
    edit = next(one for one in card.buttons if (one.data or "").startswith("lead:edit:"))
    await mila.press(edit.data or "", card)
    lead = await lead_row(product)
    await mila.press(f"lead:field:{lead.id.hex}:region")
    await mila.gets("📍")
    await mila.say("Тверь")
    await mila.gets("Тверь")
    assert (await lead_row(product)).region == "Тверь"
