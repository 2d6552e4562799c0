"""Working a lead: take, call, stages, notes, amount, refusal, history, editing, the thread, lists."""

import asyncio

import pytest

from domain.leads import LeadDraft
from tests.chat.around import more
from tests.product import Running
from tests.waiting import until

pytestmark = pytest.mark.main_road


LINE = "Ivan 8 999 123-45-67 mortgage 3 000 000"


async def test_one_of_two_takes_the_lead_and_everybody_sees_who(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila, oleg = [await product.member(name, "manager", language="en") for name in ("Mila", "Oleg")]
    for person in (anna, mila, oleg):
        await person.start()
    await anna.say(LINE)
    pushed = await oleg.sees("New lead")
    assert "+7 999 123-45-67" in pushed.text
    await mila.press("Take")
    await mila.gets("You are responsible")
    taken = await oleg.sees("Taken by Mila")
    assert taken.id == pushed.id
    assert "Take" not in " ".join(taken.labels)
    assert "+7 999" not in taken.text
    await anna.sees("Mila works on it")


async def test_slower_manager_is_told_who_was_faster(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila, oleg = [await product.member(name, "manager", language="en") for name in ("Mila", "Oleg")]
    for person in (anna, mila, oleg):
        await person.start()
    await anna.say(LINE)
    await oleg.sees("New lead")
    await oleg.say("/leads")
    await oleg.press("#1 Ivan")
    opened = await oleg.gets("Nobody has taken it yet")
    first, second = await asyncio.gather(mila.press("Take"), oleg.press("Take", opened))
    answers = [await mila.answer(first), await oleg.answer(second)]
    [alert] = [one for one in answers if one.get("show_alert")]
    winner, loser = ("Mila", oleg) if alert is answers[1] else ("Oleg", mila)
    assert f"This lead is already with {winner}" in alert["text"]
    await loser.sees(f"Taken by {winner}")


async def test_call_is_a_contact_card_with_the_results_below(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await anna.say(LINE)
    await mila.press("Take")
    await mila.gets("You are responsible")
    await mila.sees("In the CRM")
    await mila.press("Call")
    await mila.gets("How did it go?")
    [card] = [message.contact for message in await mila.messages() if message.contact]
    assert card["phone_number"] == "+79991234567"
    await mila.press("No answer")
    await mila.gets("What was said?")
    await mila.say("will try at 5")
    done = await mila.gets("Call noted: 🔇 No answer")
    assert "#1 · Ivan" in done.text
    await mila.press("History", done)
    history = await mila.gets("🕓")
    assert "Call: 🔇 No answer" in history.text
    assert "Responsible: Mila" in history.text
    await until(lambda: len(product.espocrm.calls()) == 1)
    assert "will try at 5" in str(product.espocrm.calls()[0])
    # the organization speaks Russian, whatever its members do
    assert product.espocrm.calls()[0]["name"] == "Звонок"


async def test_stage_forward_any_stage_and_an_old_button(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    for person in (anna, mila):
        await person.start()
    await anna.say(LINE)
    await mila.press("Take")
    card = await mila.gets("You are responsible")
    await mila.press("➡️ 🟡 Call", card)
    await mila.gets("Stage: 🟡 Call")
    await anna.sees("Now: 🟡 Call")
    await mila.press("🗂 Stage", card)
    picker = await mila.gets("Which stage is next?")
    assert "🟡 Call" not in picker.labels
    await mila.press("🟣 Negotiation", picker)
    moved = await mila.gets("Stage: 🟣 Negotiation")
    assert moved.id == picker.id
    await anna.sees("Now: 🟣 Negotiation")
    await mila.until(lambda all_: any(m.id == card.id and "Negotiation" in m.text for m in all_))


async def test_refusal_always_asks_the_reason(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    for person in (anna, mila):
        await person.start()
    await anna.say(LINE)
    await mila.press("Take")
    card = await mila.gets("You are responsible")
    await mila.press("Stage", card)
    await mila.gets("Which stage is next?")
    await mila.press("🔴 Refused")
    await mila.gets("Why “🔴 Refused”?")
    await mila.press("Cancel")
    await mila.gets("Left as it was")
    await mila.press("Refuse", card)
    await mila.gets("Why “🔴 Refused”?")
    await mila.press("Too expensive")
    done = await mila.gets("Refused: Too expensive")
    assert "Stage: 🔴 Refused" in done.text
    told = await anna.sees("Now: 🔴 Refused")
    assert "Reason: Too expensive" in told.text


async def test_note_is_the_teams_own_and_amount_is_read_as_typed(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await anna.say(LINE)
    await mila.press("Take")
    card = await mila.gets("You are responsible")
    await mila.press("Note", card)
    await mila.gets("Only the team sees it")
    await mila.say("a <difficult> client")
    await mila.gets("Note kept")
    await more(mila, "💰 Amount", card)
    await mila.gets("What amount?")
    await mila.say("never")
    await mila.gets("could not read the amount")
    await mila.say("1 500 000,50")
    await mila.gets("1,500,000.50")
    await anna.press("Open")
    await anna.gets("1,500,000.50")
    await anna.press("History")
    seen = await anna.gets("🕓")
    assert "difficult" not in seen.text
    assert "Amount: RUB" in seen.text
    await mila.press("History", card)
    assert "a <difficult> client" in (await mila.gets("🕓")).text


async def test_sender_adds_corrects_and_then_it_is_too_late(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await anna.say(LINE)
    await anna.gets("🧾")
    await anna.say("/leads")
    await anna.press("#1 Ivan")
    old = await anna.gets("Sent by you")
    await anna.say("/leads")
    await anna.press("#1 Ivan")
    card = await anna.gets("Sent by you")
    await anna.press("Add", card)
    await anna.say("has two children")
    added = await anna.gets("➕ Added.")
    assert "mortgage\nhas two children" in added.text
    await anna.press("Correct", added)
    await anna.gets("What shall we correct?")
    await anna.press("E-mail")
    await anna.say("not an address")
    await anna.gets("does not look like an e-mail")
    await anna.say("Ivan@Example.com")
    await anna.gets("✉️ ivan@example.com")
    await anna.press("Correct")
    await anna.press("INN")
    await anna.say("7707083894")
    await anna.gets("There is a slip in this INN")
    await anna.say("7707083893")
    corrected = await anna.gets("INN 7707083893")
    await mila.sees("ivan@example.com")
    await anna.press("Correct", corrected)
    await anna.gets("What shall we correct?")
    await anna.press("Name")
    await anna.gets("What is the right name?")
    await mila.press("Take")
    await mila.gets("You are responsible")
    await anna.say("Ivan the Great")
    await anna.gets("already with Mila. Send it to the manager instead")
    query = await anna.press("Add", old)
    assert "This lead is already with Mila" in (await anna.answer(query))["text"]


async def test_partner_and_manager_write_to_each_other(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    for person in (anna, mila):
        await person.start()
    await anna.say(LINE)
    await mila.press("Take")
    card = await mila.gets("You are responsible")
    await mila.press("Write", card)
    await mila.gets("What shall I pass on to Anna?")
    await mila.say("Which <bank> does he want?")
    await mila.gets("Sent to Anna")
    asked = await anna.sees("Which <bank> does he want?")
    await anna.press("Reply", asked)
    question = await anna.gets("What shall I pass on to Mila?")
    assert "Which <bank> does he want?" in question.text
    await anna.say("Any")
    await anna.gets("Sent to Mila")
    answer = await mila.sees("Any")
    assert "Anna" in answer.text
    await mila.press("Reply", answer)
    thread = await mila.gets("What shall I pass on to Anna?")
    assert thread.text.index("Which <bank>") < thread.text.index("Any")


async def test_lists_by_tab_stage_and_page(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await anna.say("/leads")
    empty = await anna.gets("You have sent no lead yet")
    assert "➕ New lead" in empty.labels
    services = product.product.services
    sender = await services.members.current(anna.id)
    assert sender is not None
    for number in range(8):
        draft = LeadDraft(name=f"Person {number}", phones=(f"+7999123450{number}",))
        await services.leads.create(sender, draft)
    await anna.say("/leads")
    page = await anna.gets("8 in all. Page 1 of 2.")
    assert page.buttons[0].text == "🔵 #8 Person 7"
    await anna.press("➡️", page)
    second = await anna.gets("Page 2 of 2.")
    await anna.press("#1 Person 0", second)
    await anna.gets("#1 · Person 0")
    await anna.press("📋 List")
    await anna.gets("Page 2 of 2.")
    await mila.say("/leads")
    await mila.gets("8 in all")
    await mila.press("Mine")
    await mila.gets("You have taken no lead yet")
    await mila.press("Free")
    await mila.gets("8 in all")
    await mila.press("#8 Person 7")
    await mila.gets("Nobody has taken it yet")
    await mila.press("Take")
    await mila.gets("You are responsible")
    await mila.press("➡️ 🟡 Call")
    await mila.gets("Stage: 🟡 Call")
    await mila.press("📋 List")
    await mila.gets("7 in all")
    await mila.press("Mine")
    await mila.gets("1 in all")
    await mila.press("🗂 Stage: all")
    await mila.gets("Leads at which stage?")
    await mila.press("🟡 Call")
    await mila.gets("1 in all")


async def test_withdrawn_lead_refuses_the_managers_old_buttons(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    for person in (anna, mila):
        await person.start()
    await anna.say(LINE)
    await anna.gets("🧾")
    await mila.say("/leads")
    await mila.press("#1 Ivan")
    opened = await mila.gets("Nobody has taken it yet")
    await anna.press("Open")
    await anna.press("Withdraw")
    await anna.press("Yes, withdraw")
    await anna.gets("Withdrawn by its sender")
    query = await mila.press("Take", opened)
    assert "was withdrawn by its sender" in (await mila.answer(query))["text"]
    await mila.gets("Withdrawn by its sender")
