"""Planning through the chat: from the card, by words, in one line; what may be done with it; bad input."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from sandbox.telegram.person import Person
from storage.tables import activities, leads
from tests.chat.forging import press_forged
from tests.product import Running

LINE = "Ivan 8 999 123-45-67 mortgage 3 000 000"
ZONE = ZoneInfo("Europe/Moscow")


async def taken(product: Running, name: str = "Mila") -> Person:
    """A manager with lead #1, whose card is the newest message."""
    mila = await product.member(name, "manager", language="en")
    await mila.start()
    await mila.say(LINE)
    await mila.gets("Ivan")
    await mila.say("/leads")
    await mila.press("#1 Ivan")
    await mila.press("Take", await mila.gets("Nobody has taken it yet"))
    await mila.gets("You are responsible")
    return mila


async def rows(product: Running) -> list[sa.Row]:
    async with product.product.db.reading(system=True) as s:
        return await s.rows(sa.select(activities).order_by(activities.c.created_at))


async def lead_id(product: Running) -> UUID:
    async with product.product.db.reading(system=True) as s:
        return (await s.rows(sa.select(leads.c.id)))[0].id


def tomorrow(hour: int, minute: int = 0) -> datetime:
    day = datetime.now(ZONE).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


async def test_three_taps_plan_a_call(product: Running) -> None:
    mila = await taken(product)
    await mila.press("🗓 Plan")
    await mila.gets("What is to be done?")
    await mila.press("➕ 📞 Call")
    await mila.gets("When?")
    await mila.press("Tomorrow 10:00")
    card = await mila.gets("Planned.")
    assert "Lead #1 · Ivan" in card.text
    assert "10:00" in card.text
    [row] = await rows(product)
    assert (row.type, row.scheduled_at, row.remind_at) == ("call", tomorrow(10), tomorrow(10))
    await mila.press("📄 To the lead", card)
    assert "You are responsible" in (await mila.gets("🗓 Call")).text


async def test_a_moment_by_calendar_and_hours(product: Running) -> None:
    mila = await taken(product)
    await mila.press("🗓 Plan")
    await mila.press("➕ 🤝 Meeting")
    await mila.press("📅 Another day", await mila.gets("When?"))
    month = await mila.gets("📅")
    await mila.press("➡️", month)
    await mila.until(lambda all_: any(m.id == month.id and "⬅️" in m.labels for m in all_))
    await mila.press("15", month)
    await mila.gets("At what time?")
    await mila.press("14:30")
    await mila.gets("Planned.")
    [row] = await rows(product)
    here = row.scheduled_at.astimezone(ZONE)
    assert (here.day, here.hour, here.minute) == (15, 14, 30)
    assert row.scheduled_at - row.remind_at == timedelta(minutes=15)


async def test_words_for_a_moment_in_russian_and_the_rest_is_what_it_is_about(product: Running) -> None:
    mila = await taken(product)
    await mila.press("🗓 Plan")
    await mila.press("➕ 📌 Task")
    await mila.gets("When?")
    await mila.say("завтра в 15 отправить договор")
    card = await mila.gets("Planned.")
    assert "отправить договор" in card.text
    [row] = await rows(product)
    assert (row.type, row.title, row.scheduled_at) == ("task", "отправить договор", tomorrow(15))


async def test_the_kind_follows_the_words_and_one_press_makes_it_the_other(product: Running) -> None:
    mila = await taken(product)
    await mila.press("🗓 Plan")
    await mila.press("➕ 📞 Call")
    await mila.gets("When?")
    await mila.say("remind me tomorrow at 15 to send the offer")
    card = await mila.gets("Planned as your words say: 📌 Task.")
    [row] = await rows(product)
    assert (row.type, row.title, row.scheduled_at) == ("task", "to send the offer", tomorrow(15))
    await mila.press("🔁 Make it: 📞 Call", card)
    await mila.gets("✅ Planned.")
    first, second = await rows(product)
    assert (first.type, first.result) == ("task", "cancelled")
    assert (second.type, second.title, second.scheduled_at) == ("call", "to send the offer", tomorrow(15))
    assert second.remind_at == tomorrow(15)
    await mila.press("🕒 Move")
    await mila.gets("When?")
    await mila.say("remind me tomorrow at 16")
    await mila.gets("Moved.")
    assert [(one.type, one.scheduled_at) for one in await rows(product)][1] == ("call", tomorrow(16))
    await mila.say("/leads")
    await mila.press("#1 Ivan")
    await mila.press("🗓 Plan", await mila.gets("You are responsible"))
    await mila.press("➕ ✉️ E-mail")
    await mila.press("Tomorrow 10:00", await mila.gets("When?"))
    await mila.gets("✉️ E-mail")
    assert [(one.type, one.scheduled_at) for one in await rows(product)][2] == ("email", tomorrow(10))


async def test_what_cannot_be_read_what_is_past_and_what_is_unclear(product: Running) -> None:
    mila = await taken(product)
    await mila.press("🗓 Plan")
    await mila.press("➕ 📞 Call")
    await mila.gets("When?")
    await mila.say("when the cows come home")
    await mila.gets("I could not read the time")
    await mila.say("yesterday at 15")
    past = await mila.gets("That moment is past")
    assert any("15:00" in label for label in past.labels)
    await mila.say("31.02 at 10")
    await mila.gets("There is no such day")
    await mila.say("in 90 years")
    await mila.gets("too far ahead")
    await mila.say("tomorrow at 3")
    asked = await mila.gets("Which one do you mean?")
    assert [label[-5:] for label in asked.labels[:2]] == ["03:00", "15:00"]
    assert not await rows(product)
    await mila.press("15:00", asked)
    await mila.gets("Planned.")
    [row] = await rows(product)
    assert row.scheduled_at == tomorrow(15)


async def test_one_line_asks_once_and_plans_for_the_open_lead(product: Running) -> None:
    mila = await taken(product)
    await mila.say("позвонить завтра в 15 про ставку")
    asked = await mila.gets("Shall I plan it?")
    assert "#1 · Ivan" in asked.text
    assert "про ставку" in asked.text
    assert not await rows(product)
    await mila.press("15:00", asked)
    await mila.gets("Planned.")
    [row] = await rows(product)
    assert (row.type, row.title, row.scheduled_at) == ("call", "про ставку", tomorrow(15))
    await mila.say("meet tomorrow 11:00")
    await mila.press("Cancel", await mila.gets("Shall I plan it?"))
    await mila.gets("What is to be done?")
    assert len(await rows(product)) == 1


async def test_a_button_from_yesterday_says_that_its_moment_is_past(product: Running) -> None:
    mila = await taken(product)
    stamp = (datetime.now(ZONE) - timedelta(days=1)).strftime("%Y%m%d") + "1000"
    answer = await press_forged(product, mila, f"plan:at:l:{(await lead_id(product)).hex}:c.{stamp}")
    assert "past" in str(answer["text"])
    await mila.gets("When?")
    assert not await rows(product)
    for broken in ("c.2026", "x.99999999", "c"):
        await press_forged(product, mila, f"plan:at:l:{(await lead_id(product)).hex}:{broken}")
    assert not await rows(product)


async def test_done_with_a_result_comment_reopened_and_not_twice(product: Running) -> None:
    mila = await taken(product)
    await mila.press("🗓 Plan")
    await mila.press("➕ 📞 Call")
    await mila.press("Tomorrow 10:00")
    card = await mila.gets("Planned.")
    await mila.press("✅ Done", card)
    await mila.press("No answer", await mila.gets("How did it go?"))
    done = await mila.gets("What is next?")
    assert "🔇 No answer" in done.text
    await mila.press("💬 Comment", done)
    await mila.gets("What was said")
    await mila.say("busy until noon")
    await mila.gets("busy until noon")
    await mila.press("↩️ Open again")
    reopened = await mila.gets("10:00")
    [row] = await rows(product)
    assert (row.completed_at, row.result) == (None, "")
    plan = row.id.hex
    assert "When" not in reopened.text
    again = await press_forged(product, mila, f"act:reopen:{plan}:")
    assert "open again already" in str(again["text"])


async def test_words_length_reminder_move_and_calling_off(product: Running) -> None:
    mila = await taken(product)
    await mila.press("🗓 Plan")
    await mila.press("➕ 🤝 Meeting")
    await mila.press("Tomorrow 15:00")
    await mila.press("✏️ Words", await mila.gets("Planned."))
    await mila.gets("What is it about?")
    await mila.say("office, floor 3")
    await mila.press("⏱ How long", await mila.gets("Kept."))
    await mila.press("2 hr", await mila.gets("How long will it take?"))
    await mila.press("🔔 Reminder", await mila.gets("2 hr"))
    await mila.press("1 h before", await mila.gets("When shall I remind?"))
    card = await mila.gets("I remind")
    [row] = await rows(product)
    assert (row.title, row.duration, row.remind_at) == ("office, floor 3", 7200, tomorrow(14))
    await mila.press("🕒 Move", card)
    await mila.gets("When?")
    await mila.say("in 3 days at 12")
    moved = await mila.gets("Moved.")
    [row] = await rows(product)
    assert row.scheduled_at == tomorrow(12) + timedelta(days=2)
    await mila.press("🗑 Call off", moved)
    await mila.press("Yes, call it off", await mila.gets("Call it off?"))
    await mila.gets("Called off")
    [row] = await rows(product)
    assert row.result == "cancelled"


async def test_somebody_elses_activity_is_not_changed(product: Running) -> None:
    mila = await taken(product)
    oleg = await product.member("Oleg", "manager", language="en")
    await oleg.start()
    await mila.press("🗓 Plan")
    await mila.press("➕ 📞 Call")
    await mila.press("Tomorrow 10:00")
    await mila.gets("Planned.")
    [row] = await rows(product)
    for do in ("done", "really", "show", "due_done", "reopen"):
        answer = await press_forged(product, oleg, f"act:{do}:{row.id.hex}:")
        assert "no longer here" in str(answer["text"])
    [row] = await rows(product)
    assert row.completed_at is None


async def test_an_admin_hands_an_activity_on_and_the_other_is_told(product: Running) -> None:
    owner = await product.owner()
    mila = await taken(product)
    await mila.press("🗓 Plan")
    await mila.press("➕ 📞 Call")
    await mila.press("Tomorrow 10:00")
    await mila.gets("Planned.")
    oleg = await product.member("Oleg", "manager", language="en")
    await oleg.start()
    [row] = await rows(product)
    await press_forged(product, owner, f"act:whom:{row.id.hex}:")
    await owner.press("Oleg", await owner.gets("Ivan"))
    assert "From Ольга to you" in (await oleg.sees("to you")).text
    assert (await rows(product))[0].assignee_id != row.assignee_id
