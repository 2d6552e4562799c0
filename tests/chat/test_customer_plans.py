"""What is planned for a customer: from its card, by words, in one line, ended, reminded of, guessed at."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from domain.leads import LeadDraft
from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from storage.tables import activities, customers
from tests.chat.forging import press_forged
from tests.chat.lead_cards import taken
from tests.product import Running

DRAFT = LeadDraft(name="Ivan", company="Romashka", phones=("+79991234567",))


async def customer(product: Running) -> tuple[Person, Message]:
    """A manager with the opened card of their customer."""
    mila, card = await taken(product, draft=DRAFT)
    await mila.press("More", card)
    await mila.press("Make a customer")
    return mila, await mila.gets("🤝 #1 · Ivan")


async def rows(product: Running) -> list[Any]:
    async with product.product.db.reading(system=True) as s:
        return await s.rows(sa.select(activities).order_by(activities.c.created_at))


async def test_something_is_planned_from_the_card_and_shown_there(product: Running) -> None:
    mila, made = await customer(product)
    await mila.press("🗓 Plan", made)
    await mila.press("➕ 🤝 Meeting", await mila.gets("What is to be done?"))
    await mila.press("Tomorrow 15:00")
    planned = await mila.gets("Planned.")
    assert "Customer #1 · Ivan" in planned.text
    [row] = await rows(product)
    assert (row.type, row.lead_id) == ("meeting", None)
    await mila.press("🤝 To the customer", planned)
    card = await mila.gets("Customer since")
    assert "🗓 Meeting: Tomorrow" in card.text
    await mila.press("🗓 Plan", card)
    listed = await mila.gets("What is to be done?")
    assert "✏️ Meeting" in listed.labels
    await mila.say("/week")
    assert "15:00 🤝 Ivan" in (await mila.gets("next seven days")).text


async def test_it_is_moved_by_words_ended_and_what_is_next_is_asked(product: Running) -> None:
    mila, made = await customer(product)
    await mila.press("🗓 Plan", made)
    await mila.press("➕ 📞 Call", await mila.gets("What is to be done?"))
    await mila.press("Tomorrow 10:00")
    await mila.press("🕒 Move", await mila.gets("Planned."))
    await mila.gets("When?")
    await mila.say("tomorrow at 15")
    await mila.press("✅ Done", await mila.gets("Moved."))
    await mila.press("Spoke with them", await mila.gets("How did it go?"))
    ended = await mila.gets("What is next?")
    await mila.press("📞 Call tomorrow 10:00", ended)
    await mila.gets("Planned.")
    first, second = await rows(product)
    assert (first.result, second.completed_at) == ("reached", None)
    assert first.customer_id == second.customer_id is not None


async def test_one_line_plans_for_the_customer_that_is_open(product: Running) -> None:
    mila, _made = await customer(product)
    await mila.say("call tomorrow at 15 about the rate")
    asked = await mila.gets("Shall I plan it?")
    assert "#1 · Ivan" in asked.text
    await mila.press("15:00", asked)
    await mila.gets("Planned.")
    [row] = await rows(product)
    assert row.customer_id is not None
    assert row.title == "about the rate"


async def test_a_reminder_leads_to_the_customer(product: Running) -> None:
    mila, _made = await customer(product)
    await mila.say("call tomorrow at 15")
    await mila.press("15:00", await mila.gets("Shall I plan it?"))
    await mila.gets("Planned.")
    soon = datetime.now(UTC).replace(microsecond=0)
    async with product.product.db.transaction(system=True) as s:
        await s.execute(activities.update().values(scheduled_at=soon, remind_at=soon))
    await product.product.services.reminders.run()
    due = await mila.sees("🔔 📞 Call")
    await mila.press("🤝 To the customer", due)
    await mila.gets("Customer since")


async def test_nobody_plans_for_a_customer_they_may_not_see(product: Running) -> None:
    await customer(product)
    oleg = await product.member("Oleg", "manager", language="en")
    await oleg.start()
    await oleg.gets()
    async with product.product.db.reading(system=True) as s:
        of = (await s.scalar(sa.select(customers.c.id))).hex
    for data in (f"plan:types:c:{of}:", f"plan:when:c:{of}:c", f"plan:in:c:{of}:c.60"):
        answer = await press_forged(product, oleg, data)
        assert "not yours to see" in str(answer.get("text")), data
    assert await rows(product) == []
