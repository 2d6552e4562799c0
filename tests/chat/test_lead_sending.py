"""Sending a lead: the form, a line of text, a contact card, a forward; duplicates; the receipt."""

import pytest

from tests.product import Running

pytestmark = pytest.mark.main_road

VCARD = (
    "BEGIN:VCARD\nVERSION:3.0\nFN:Petr Ivanov\nORG:Daisy\nTEL:+79991234567\nTEL:+79161234567\n"
    "EMAIL:petr@example.com\nEND:VCARD"
)


async def test_form_asks_the_phone_first_and_the_receipt_follows(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/new")
    await anna.gets("What is the phone")
    await anna.say("8 999 123-45-67")
    await anna.gets("What is the name")
    await anna.say("Ivan <Petrov> & Co")
    await anna.gets("What amount")
    await anna.say("3 000 000")
    await anna.gets("What should the manager know?")
    await anna.press("Skip")
    await anna.gets("🧾 #1 · Ivan <Petrov> & Co")
    receipt = await anna.sees("🧾 #1")
    assert [one.id for one in await anna.messages() if "🧾" in one.text] == [receipt.id]
    await anna.until(lambda all_: any(one.id == receipt.id and "In the CRM" in one.text for one in all_))
    [lead] = product.espocrm.leads()
    assert lead["opportunityAmount"] == 3_000_000
    assert len([one for one in await anna.messages() if "#1" in one.text]) == 1


async def test_wrong_answers_are_explained_and_asked_again(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/new")
    await anna.say("12345")
    await anna.gets("does not look like a phone number")
    await anna.send_sticker()
    await anna.gets("I can only read text here")
    await anna.say("+79991234567")
    await anna.gets("What is the name")
    await anna.say("x" * 101)
    await anna.gets("Too long: 101 characters, at most 100")
    await anna.say("Ivan")
    await anna.say("a lot")
    await anna.gets("could not read the amount")
    await anna.say("1.5 million")
    await anna.gets("What should the manager know?")
    await anna.press("Back")
    await anna.gets("What amount")
    await anna.press("Skip")
    await anna.say("wants <b>soon</b>")
    await anna.gets("🧾 #1 · Ivan")
    await anna.press("Open")
    await anna.gets("wants <b>soon</b>")


async def test_contact_card_answers_the_phone_and_the_name(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/new")
    await anna.gets("What is the phone")
    await anna.send_contact("Petr", "79991234567")
    await anna.gets("What amount")
    await anna.press("Skip")
    await anna.gets("What should the manager know?")
    await anna.press("Skip")
    await anna.gets("🧾 #1 · Petr")


async def test_one_line_makes_a_lead(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("Ivan 8 999 123-45-67 mortgage 3 000 000")
    await anna.gets("🧾 #1 · Ivan")
    await anna.press("Open")
    card = await anna.gets("mortgage")
    assert "+7 999 123-45-67" in card.text
    assert "3,000,000" in card.text


async def test_line_without_a_name_asks_only_for_it(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("8 999 123-45-67")
    await anna.gets("What is the name")
    await anna.say("Ivan")
    await anna.gets("🧾 #1 · Ivan")


async def test_text_without_a_phone_is_answered_kindly(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("hello there")
    await anna.gets("did not find a phone or an e-mail")


async def test_vcard_brings_every_number(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.send_contact("Petr", "+79991234567", vcard=VCARD)
    await anna.gets("🧾 #1 · Petr")
    await anna.press("Open")
    card = await anna.gets("+7 916 123-45-67")
    assert "petr@example.com" in card.text
    assert "Daisy" in card.text


async def test_own_contact_is_no_lead(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.share_contact("+79990000001")
    await anna.gets("This is your own contact")


async def test_forwarded_letter_keeps_its_text_and_origin(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    letter = "Good day!\nPlease call me about a flat: 8 999 123-45-67"
    await anna.forward(letter, from_name="Petr Ivanov")
    asked = await anna.gets("Whose contact is it?")
    assert "Petr Ivanov" in asked.labels
    await anna.press("Petr Ivanov")
    await anna.gets("🧾 #1 · Petr Ivanov")
    await anna.press("Open")
    card = await anna.gets("Please call me about a flat")
    assert "Forwarded from: Petr Ivanov" in card.text
    assert "a forwarded message" in card.text


async def test_forwarded_request_is_named_after_its_writer(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.forward("Позвоните мне 8 903 123-45-67", from_name="Petr Ivanov")
    await anna.gets("🧾 #1 · Petr Ivanov")
    await anna.press("Open")
    await anna.gets("Позвоните мне")
    await anna.forward("Иван Сидоров 8 903 123-45-68 ипотека", from_name="Petr Ivanov")
    await anna.gets("🧾 #2 · Иван Сидоров")
    await anna.forward("Перезвоните: 8 903 123-45-69", from_name="Petr Ivanov")
    asked = await anna.gets("Whose contact is it?")
    assert asked.labels[:2] == ["Перезвоните", "Petr Ivanov"]
    await anna.press("Petr Ivanov", asked)
    await anna.gets("🧾 #3 · Petr Ivanov")


async def test_amounts_as_people_write_them(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    for number, (typed, shown) in enumerate(
        {"3 млн ₽": "3,000,000", "300 т.р.": "300,000", "50 тыс. руб": "50,000", "500к": "500,000"}.items(), 1
    ):
        await anna.say(f"Ivan 8 999 123-45-6{number} mortgage {typed}")
        await anna.gets(f"🧾 #{number} · Ivan")
        await anna.press("Open")
        card = await anna.gets(shown)
        assert "📝 mortgage\n" in card.text


async def test_duplicate_of_a_colleague_can_be_attached_or_asked_about(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    boris = await product.member("Boris", "partner", language="en", phone="+79165550102")
    manager = await product.member("Mila", "manager", language="en")
    await manager.start()
    await anna.say("Ivan 8 999 123-45-67")
    await manager.press("Take")
    await manager.sees("You are responsible")
    await boris.say("/new")
    await boris.say("+7 999 123 45 67")
    verdict = await boris.gets("is already with us")
    assert "Mila" not in verdict.text
    await boris.say("what now?")
    await boris.gets("Please press one of the buttons")
    await boris.press("Attach a comment")
    await boris.gets("What shall I add")
    await boris.say("He also asks about a <garage>")
    await boris.gets("Added.")
    attached = await manager.sees("To #1 · Ivan from Boris")
    assert "<garage>" in attached.text
    await boris.say("Petr 8 999 123-45-67 flat")
    await boris.gets("is already with us")
    await boris.press("Ask the manager")
    await boris.gets("I have asked")
    asked = await manager.sees("asks you to get in touch about #1")
    assert "+7 916 555-01-02" in asked.text
    assert len(product.espocrm.leads()) == 1


async def test_own_duplicate_can_be_stopped(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("Ivan 8 999 123-45-67")
    await anna.gets("🧾 #1")
    await anna.say("Ivan again 8 999 123-45-67")
    await anna.gets("is already your lead #1")
    await anna.press("Stop")
    await anna.gets("Stopped. No lead was sent.")


async def test_opening_the_known_lead_settles_the_draft(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("Ivan 8 999 123-45-67")
    await anna.gets("🧾 #1")
    await anna.say("Ivan again 8 999 123-45-67")
    verdict = await anna.gets("is already your lead #1")
    await anna.press("Open the lead", verdict)
    card = await anna.gets("Sent by you")
    assert card.id == verdict.id
    await anna.press("Withdraw", card)
    await anna.press("Yes, withdraw")
    await anna.gets("Withdrawn by its sender")
    await anna.say("Ivan once more 8 999 123-45-67")
    await anna.gets("🧾 #2 · Ivan")


async def test_withdrawn_lead_is_free_again(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    boris = await product.member("Boris", "partner", language="en")
    await anna.say("Ivan 8 999 123-45-67")
    await anna.gets("🧾 #1")
    await anna.press("Open")
    await anna.press("Withdraw")
    await anna.gets("Withdraw this lead?")
    await anna.press("Yes, withdraw")
    await anna.gets("Withdrawn by its sender")
    await anna.sees("You have withdrawn it")
    await boris.say("Ivan 8 999 123-45-67")
    await boris.gets("🧾 #2")


async def test_receipt_tells_why_it_is_stuck_and_retries(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    product.espocrm.fail("down")
    await anna.say("Ivan 8 999 123-45-67")
    stuck = await anna.sees("Not in the CRM", 30)
    assert "the CRM does not answer" in stuck.text
    assert "🧾 #1" in stuck.text
    product.espocrm.heal()
    await anna.press("Retry now", stuck)
    done = await anna.sees("In the CRM", 30)
    assert done.id == stuck.id
    assert len(product.espocrm.leads()) == 1
