"""The agenda, reminders, leads without a next step, the calendar, and what the CRM gets of plans."""

import asyncio
from datetime import UTC, datetime, timedelta

import icalendar
import sqlalchemy as sa

from sandbox.telegram.person import Person
from storage.tables import activities, members, notices
from tests.chat.forging import press_forged
from tests.chat.test_planning import rows, taken
from tests.product import Running
from tests.waiting import until


async def planned(product: Running, kind: str = "➕ 📞 Call", name: str = "Mila") -> Person:
    """A manager who has planned something for tomorrow, 10:00."""
    mila = await taken(product, name)
    await mila.press("🗓 Plan")
    await mila.press(kind)
    await mila.press("Tomorrow 10:00")
    await mila.gets("Planned.")
    return mila


async def change(product: Running, **values: object) -> None:
    async with product.product.db.transaction(system=True) as s:
        await s.execute(activities.update().values(**values))


async def now_due(product: Running) -> None:
    soon = datetime.now(UTC).replace(microsecond=0)
    await change(product, scheduled_at=soon, remind_at=soon)
    await product.product.services.reminders.run()


async def test_agenda_by_day_opens_the_activity_and_leads_back(product: Running) -> None:
    mila = await planned(product)
    await mila.say("/week")
    week = await mila.gets("next seven days")
    assert "10:00 📞 Ivan" in week.text
    await mila.press("10:00 📞 Ivan", week)
    card = await mila.gets("Lead #1 · Ivan")
    await mila.press("⬅️ Back", card)
    await mila.gets("next seven days")
    await mila.say("/today")
    assert "Nothing is planned for today" in (await mila.gets("Today")).text
    await change(product, scheduled_at=datetime.now(UTC) - timedelta(hours=3))
    await mila.say("/overdue")
    overdue = await mila.gets("❗ Overdue")
    assert "Ivan" in overdue.text
    await mila.press("📞 Ivan", overdue)
    assert "overdue" in (await mila.gets("Lead #1")).text


async def test_agenda_is_paged_and_everybody_has_their_own(product: Running) -> None:
    mila = await planned(product)
    for hour in range(11, 20):
        await mila.say(f"call tomorrow at {hour}:00")
        await mila.press(f"{hour}:00", await mila.gets("Shall I plan it?"))
        await mila.gets("Planned.")
    await mila.say("/week")
    first = await mila.gets("next seven days")
    assert "19:00 📞" not in first.text
    await mila.press("➡️", first)
    await mila.until(lambda all_: any(m.id == first.id and "19:00 📞" in m.text for m in all_))
    oleg = await product.member("Oleg", "manager", language="en")
    await oleg.start()
    await oleg.say("/week")
    await oleg.gets("Nothing is planned for these days")


async def test_a_sender_has_no_agenda(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    for command in ("/today", "/week", "/overdue"):
        await anna.say(command)
        await anna.gets("Your role does not allow this")


async def test_reminder_comes_once_and_done_is_one_press(product: Running) -> None:
    mila = await planned(product)
    soon = datetime.now(UTC).replace(microsecond=0)
    await change(product, scheduled_at=soon, remind_at=soon)
    reminders = product.product.services.reminders
    await asyncio.gather(*(reminders.run() for _ in range(4)))
    due = await mila.sees("🔔 📞 Call")
    async with product.product.db.reading(system=True) as s:
        owed = await s.rows(sa.select(notices.c.id).where(notices.c.kind == "plan.due"))
    assert len(owed) == 1
    await mila.press("✅ Done", due)
    ended = await mila.gets("Spoke with them")
    assert ended.id == due.id
    assert "What is next?" in ended.text


async def test_not_reached_is_kept_and_a_next_call_is_one_press_away(product: Running) -> None:
    mila = await planned(product)
    await now_due(product)
    await mila.press("🔇 Not reached", await mila.sees("🔔 📞 Call"))
    await mila.press("📞 Call tomorrow 10:00", await mila.gets("What is next?"))
    await mila.gets("Planned.")
    first, second = await rows(product)
    assert (first.result, second.result, second.completed_at) == ("no_answer", "", None)


async def test_putting_off_edits_the_reminder_and_reminds_again(product: Running) -> None:
    mila = await planned(product)
    await now_due(product)
    due = await mila.sees("🔔 📞 Call")
    await mila.press("⏰ +1 h", due)
    later = await mila.gets("Put off.")
    assert later.id == due.id
    [row] = await rows(product)
    assert timedelta(minutes=58) < row.scheduled_at - datetime.now(UTC) <= timedelta(hours=1)
    assert row.remind_at == row.scheduled_at
    await now_due(product)
    again = await mila.sees("🔔 📞 Call")
    assert again.id != due.id
    await mila.press("🌅 Tomorrow", again)
    await mila.gets("Put off.")
    [row] = await rows(product)
    assert timedelta(hours=22) < row.scheduled_at - datetime.now(UTC) <= timedelta(hours=25)


async def test_an_old_reminder_says_how_it_stands(product: Running) -> None:
    mila = await planned(product)
    await now_due(product)
    await mila.sees("🔔 📞 Call")
    [row] = await rows(product)
    await product.product.services.plans.cancel(
        await product.product.services.members.current(mila.id), row.id
    )  # type: ignore[arg-type]
    for do in ("due_done", "due_missed", "due_in", "due_day"):
        answer = await press_forged(product, mila, f"act:{do}:{row.id.hex}:60")
        assert "ended already" in str(answer["text"])


async def test_a_lead_without_a_next_step_is_asked_for_and_listed(product: Running) -> None:
    mila = await taken(product)
    await mila.say("/leads")
    await mila.press("#1 Ivan")
    await mila.press("☎️ Log a call", await mila.gets("No next step yet"))
    await mila.press("Spoke with them")
    await mila.gets("What was said?")
    await mila.press("Skip")
    await mila.gets("What is next with")
    await mila.say("/overdue")
    await mila.press("No next step 1", await mila.gets("Leads without a next step: 1"))
    await mila.press("#1 Ivan", await mila.gets("Choose one and plan"))
    await mila.press("➕ 📌 Task", await mila.gets("What is to be done?"))
    await mila.press("Tomorrow 15:00")
    await mila.gets("Planned.")
    await mila.say("/overdue")
    assert "without a next step" not in (await mila.gets("Nothing is overdue")).text


async def test_calendar_is_made_renewed_taken_back_and_cheap(product: Running) -> None:
    mila = await planned(product, "➕ 🤝 Meeting")
    await mila.say("/today")
    await mila.press("📲 In my calendar")
    await mila.press("🔑 Make the address", await mila.gets("I make a secret address"))
    shown = await mila.gets("/calendar/")
    address = next(word for word in shown.text.split() if "/calendar/" in word)
    fetched = await product.http.get(address)
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    [event] = icalendar.Calendar.from_ical(fetched.text).walk("VEVENT")
    [row] = await rows(product)
    assert event.decoded("dtstart") == row.scheduled_at
    assert "Ivan" in event["summary"]
    assert "123-45-67" not in fetched.text
    assert "1234567" not in fetched.text
    known = {"If-None-Match": fetched.headers["etag"]}
    assert (await product.http.get(address, headers=known)).status_code == 304
    since = {"If-Modified-Since": fetched.headers["last-modified"]}
    assert (await product.http.get(address, headers=since)).status_code == 304
    await change(product, title="office")
    assert (await product.http.get(address, headers=known)).status_code == 200
    assert (await product.http.get(address, headers=since)).status_code == 200
    await mila.press("🔁 A new address", shown)
    await mila.press("🔁 Yes, a new one", await mila.gets("Make a new address?"))
    renewed = await mila.gets("/calendar/")
    assert (await product.http.get(address)).status_code == 404
    newer = next(word for word in renewed.text.split() if "/calendar/" in word)
    assert (await product.http.get(newer)).status_code == 200
    await mila.press("🗑 Take it back", renewed)
    await mila.gets("I make a secret address")
    assert (await product.http.get(newer)).status_code == 404
    async with product.product.db.reading(system=True) as s:
        assert not [row for row in await s.rows(sa.select(members.c.calendar_key)) if row.calendar_key]


async def test_a_meeting_as_a_calendar_file(product: Running) -> None:
    mila = await planned(product, "➕ 🤝 Meeting")
    await mila.press("📅 Calendar file")
    found = await mila.until(lambda all_: any(m.raw.get("document") for m in all_))
    [document] = [m.raw["document"] for m in found if m.raw.get("document")]
    assert document["file_name"] == "meeting-1.ics"
    content = await mila.download(document["file_id"])
    [event] = icalendar.Calendar.from_ical(content).walk("VEVENT")
    [row] = await rows(product)
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (
        row.scheduled_at, row.scheduled_at + timedelta(hours=1),
    )  # fmt: skip


async def test_the_crm_gets_the_plan_as_a_task_then_the_call_that_was_made(product: Running) -> None:
    mila = await planned(product)

    [task] = await until(lambda: list(product.espocrm.records("Task")))
    [row] = await rows(product)
    assert task["dateEnd"] == row.scheduled_at.strftime("%Y-%m-%d %H:%M:%S")
    await mila.press("✅ Done")
    await mila.press("No answer", await mila.gets("How did it go?"))
    await mila.gets("No answer")
    [call] = await until(lambda: list(product.espocrm.records("Call")))
    assert call["status"] == "Not Held"
    await until_task(product, status="Completed")


async def until_task(product: Running, **expected: object) -> None:
    """The one task in the CRM gets these values."""

    def there() -> bool:
        [task] = product.espocrm.records("Task")
        return {name: task[name] for name in expected} == expected

    await until(there)


async def test_what_becomes_of_a_plan_is_written_to_its_one_task(product: Running) -> None:
    mila = await planned(product, "➕ 📌 Task")
    await until(lambda: list(product.espocrm.records("Task")))
    await mila.press("🕒 Move")
    await mila.press("Tomorrow 15:00", await mila.gets("When?"))
    moved = await mila.gets("Moved.")
    [row] = await rows(product)
    await until_task(product, dateEnd=row.scheduled_at.strftime("%Y-%m-%d %H:%M:%S"), status="Not Started")
    await mila.press("✏️ Words", moved)
    await mila.gets("What is it about?")
    await mila.say("send the contract")
    named = await mila.gets("Kept.")
    await until(lambda: "send the contract" in str(product.espocrm.records("Task")))
    await mila.press("✅ Done", named)
    ended = await mila.until(lambda all_: any("↩️ Open again" in one.labels for one in all_))
    await until_task(product, status="Completed")
    await mila.press("↩️ Open again", next(one for one in ended if "↩️ Open again" in one.labels))
    await until_task(product, status="Not Started")
    again = next(one for one in await mila.messages() if "🗑 Call off" in one.labels)
    await mila.press("🗑 Call off", again)
    await mila.press("🗑 Yes, call it off", await mila.gets("Call it off?"))
    await until_task(product, status="Canceled")
    assert not [note for note in product.espocrm.notes() if "Moved" in str(note)]


async def test_a_task_deleted_in_the_crm_leaves_a_note_instead(product: Running) -> None:
    mila = await planned(product, "➕ 📌 Task")
    [task] = await until(lambda: list(product.espocrm.records("Task")))
    product.espocrm.delete("Task", str(task["id"]))
    before = len(list(product.espocrm.notes()))
    await mila.press("🕒 Move")
    await mila.press("Tomorrow 15:00", await mila.gets("When?"))
    await mila.gets("Moved.")
    await until(lambda: len(list(product.espocrm.notes())) > before)
    assert len(product.espocrm.leads()) == 1
