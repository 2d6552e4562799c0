"""Taking back what was just done, and putting old values back later."""

import asyncio

from domain.leads import LeadDraft
from tests.chat.lead_cards import add, later, lead_row, opened, taken
from tests.product import Running
from tests.waiting import until


async def test_a_stage_move_is_taken_back_here_and_in_the_crm(product: Running) -> None:
    mila, card = await taken(product)
    await mila.sees("In the CRM")
    await mila.press("➡️ 🟡 Call", card)
    moved = await mila.gets("Stage: 🟡 Call")
    query = await mila.press("↩️ Undo", moved)
    assert "Taken back" in (await mila.answer(query))["text"]
    back = await mila.gets("Stage: 🔵 New")
    assert back.id == moved.id
    await mila.press("History", back)
    history = await mila.gets("🕓")
    assert "🟡 Call → 🔵 New" in history.text or "Call → New" in history.text
    await until(lambda: product.espocrm.leads()[0]["status"] == "New")


async def test_undo_comes_too_late_and_says_where_to_go(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("➡️ 🟡 Call", card)
    moved = await mila.gets("Stage: 🟡 Call")
    await later(product)
    query = await mila.press("↩️ Undo", moved)
    answer = await mila.answer(query)
    assert "Too late to undo" in answer["text"]
    assert "History" in answer["text"]
    shown = await mila.gets("Stage: 🟡 Call")
    assert "↩️ Undo" not in shown.labels


async def test_taking_a_lead_is_taken_back(product: Running) -> None:
    await add(product, LeadDraft(name="Ivan", phones=("+79991234567",)))
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    card = await opened(mila)
    await mila.press("Take", card)
    await mila.gets("You are responsible")
    await mila.press("↩️ Undo")
    await mila.gets("Nobody has taken it yet")


async def test_undo_leaves_alone_what_somebody_has_changed_since(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("Edit", card)
    await mila.press("Company")
    await mila.say("Romashka")
    done = await mila.gets("Corrected.")
    leads, members = product.product.services.leads, product.product.services.members
    owner = await members.current(1000)
    assert owner is not None
    await leads.change(owner, (await lead_row(product)).id, {"company": "Lotos"})
    query = await mila.press("↩️ Undo", done)
    assert "somebody has changed it since" in (await mila.answer(query))["text"]
    assert (await lead_row(product)).company == "Lotos"


async def test_a_second_undo_says_that_it_is_done(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("➡️ 🟡 Call", card)
    moved = await mila.gets("Stage: 🟡 Call")
    pressed = await asyncio.gather(mila.press("↩️ Undo", moved), mila.press("↩️ Undo", moved))
    texts = [(await mila.answer(one))["text"] for one in pressed]
    assert "Taken back" in texts[0]
    assert "already" in texts[1]


async def test_any_value_can_be_put_back_much_later(product: Running) -> None:
    mila, card = await taken(product, draft=LeadDraft(name="Ivan", company="Old", phones=("+79991234567",)))
    await mila.press("Edit", card)
    await mila.press("Company")
    await mila.say("New one")
    done = await mila.gets("Corrected.")
    await later(product, 90_000)
    await mila.press("History", done)
    page = await mila.gets("Press a number")
    assert "Company: Old → New one" in page.text
    assert "Mila" in page.text
    await mila.press("1", page)
    asked = await mila.gets("Which value shall stand again?")
    await mila.press("Put back: Old", asked)
    await mila.gets("🏢 Old")
    assert (await lead_row(product)).company == "Old"


async def test_a_value_that_stands_already_is_not_put_back(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("➡️ 🟡 Call", card)
    moved = await mila.gets("Stage: 🟡 Call")
    await mila.press("History", moved)
    page = await mila.gets("Press a number")
    await mila.press("1", page)
    asked = await mila.gets("Which value shall stand again?")
    query = await mila.press(asked.labels[1], asked)
    assert "has this value now" in (await mila.answer(query))["text"]


async def test_a_phone_that_another_lead_has_now_is_not_put_back(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("Edit", card)
    await mila.press("Phone")
    await mila.say("+7 999 765-43-21")
    done = await mila.gets("Corrected.")
    await add(product, LeadDraft(name="Petr", phones=("+79991234567",)))
    await mila.press("History", done)
    page = await mila.gets("Press a number")
    await mila.press("1", page)
    asked = await mila.gets("Which value shall stand again?")
    query = await mila.press(asked.labels[0], asked)
    assert "Another lead has this contact now" in (await mila.answer(query))["text"]


async def test_undo_in_russian_by_its_button(product: Running) -> None:
    mila, card = await taken(product, "Мила", "ru")
    forward = next(one for one in card.buttons if (one.data or "").startswith("lead:advance:"))
    await mila.press(forward.data or "", card)
    moved = await mila.gets("🟡")
    undo = next(one for one in moved.buttons if (one.data or "").startswith("lead:undo:"))
    await mila.press(undo.data or "", moved)
    await mila.gets("🔵")
