"""Messages that show a lead follow it; those that show something else by now are left alone."""

from tests.chat.lead_cards import opened
from tests.product import Running

LINE = "Ivan 8 999 123-45-67 mortgage"


async def test_opened_card_follows_the_lead_and_keeps_its_ways(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await anna.say(LINE)
    receipt = await anna.gets("🧾 #1")
    await anna.press("Open", receipt)
    opened = await anna.gets("Nobody has taken it yet")
    assert opened.id != receipt.id
    await mila.press("Take")
    taken = await anna.sees("Taken by Mila")
    assert taken.id == opened.id
    assert "☰ Menu" in taken.labels
    follows = await anna.sees("Mila works on it")
    assert follows.id == receipt.id


async def test_both_the_pushed_and_the_opened_card_follow(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila, oleg = [await product.member(name, "manager", language="en") for name in ("Mila", "Oleg")]
    for person in (mila, oleg):
        await person.start()
    await anna.say(LINE)
    pushed = await oleg.sees("New lead")
    card = await opened(oleg)
    assert "Nobody has taken it yet" in card.text
    await mila.press("Take")
    await oleg.until(
        lambda seen: {one.id for one in seen if "Taken by Mila" in one.text} == {pushed.id, card.id}
    )


async def test_screen_that_took_the_cards_place_stays(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await anna.say(LINE)
    receipt = await anna.gets("🧾 #1")
    await anna.press("Open", receipt)
    card = await anna.gets("Nobody has taken it yet")
    await anna.press("Menu", card)
    menu = await anna.gets("you are here as partner")
    assert menu.id == card.id
    await mila.press("Take")
    await anna.sees("Mila works on it")
    await mila.press("➡️ 🟡 Call")
    await anna.sees("Now: 🟡 Call")
    [still] = [one for one in await anna.messages() if one.id == card.id]
    assert "you are here as partner" in still.text


async def test_receipt_is_one_message_after_a_restart_too(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await anna.say(LINE)
    receipt = await anna.gets("🧾 #1")
    await mila.sees("New lead")
    await product.restart()
    await mila.press("Take")
    follows = await anna.sees("Mila works on it")
    assert follows.id == receipt.id
    assert len([one for one in await anna.messages() if "🧾" in one.text]) == 1


async def test_button_says_who_will_read_it_and_the_history_calls_it_a_message(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await anna.say(LINE)
    await anna.press("Open")
    card = await anna.gets("Nobody has taken it yet")
    assert "💬 Write to the managers" in card.labels
    await mila.press("Take")
    taken = await anna.sees("Taken by Mila")
    assert "💬 Write to Mila" in taken.labels
    await anna.press("Write to Mila", taken)
    await anna.gets("What shall I pass on to Mila")
    await anna.say("Call after six")
    await anna.gets("Sent to Mila")
    await mila.sees("Call after six")
    pushed = await mila.sees("You are responsible")
    assert "💬 Write to Anna" in pushed.labels
    await mila.press("📝 Note", pushed)
    await mila.say("between us")
    noted = await mila.gets("Note kept")
    await mila.press("History", noted)
    history = await mila.gets("🕓")
    assert "Message: Call after six" in history.text
    assert "Team note: between us" in history.text
    await anna.press("To the lead")
    await anna.press("History")
    seen = await anna.gets("🕓")
    assert "Message: Call after six" in seen.text
    assert "between us" not in seen.text
