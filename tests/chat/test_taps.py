"""Nine everyday jobs done by hand: how many taps and typed words each of them takes.

The table in docs/taps.md is made by this test: with WRITE_TAPS=1 in the environment it is written anew,
without it is compared.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.telegram.person import Person
from storage.tables import activities
from tests.chat.hand import Hand
from tests.chat.said import said, speaking
from tests.chat.tables import text_of
from tests.chat.taps import english_owner, tap
from tests.product import Running

TABLE = Path(__file__).parents[2] / "docs" / "taps.md"
MOST = 3
HEAD = """# Taps

How much work the everyday jobs are, counted by a test that does them through the chat page's stand-in \
(`tests/chat/test_taps.py`). A tap is one press on a button; what prompts a job is the message that a person \
has before them anyway. No job takes more than three taps after that message; the test fails when one does, \
or when this table does not tell what it counted.

| job | what prompts it | taps | typed words | how |
|---|---|---|---|---|
"""
TAIL = """
To write the table anew after a change of the screens: `WRITE_TAPS=1 .venv/bin/python -m pytest \
tests/chat/test_taps.py -k sqlite`.
"""


LINES = {
    "en": "Ivan 8 999 123-45-67 mortgage 3 million",
    "ru": "Иван 8 999 123-45-67 ипотека 3 млн",
}
HEADS = {"en": ["Name", "Phone"], "ru": ["Имя", "Телефон"]}


@dataclass
class Day:
    """The people of the jobs; leads stay as the job before has left them."""

    product: Running
    partner: Person
    manager: Person
    colleague: Person

    @property
    def lead(self) -> str:
        """The name of the lead that is sent."""
        return LINES[speaking.get()].split()[0]

    @property
    def hand(self) -> Hand:
        return Hand(self.manager)


Job = Callable[[Day], Awaitable[Hand]]


async def send_a_lead(day: Day) -> Hand:
    hand = Hand(day.partner)
    await hand.type(LINES[speaking.get()])
    await day.partner.sees(said("✅ Accepted {at}"))
    return hand


async def take(day: Day) -> Hand:
    hand = day.hand
    await day.manager.sees(day.lead)
    await hand.tap(said("🙋 Take"))
    await day.manager.gets(said("👤 You are responsible"))
    return hand


async def log_a_call(day: Day) -> Hand:
    hand = day.hand
    await hand.tap(said("☎️ Log a call"), await day.manager.gets(said("👤 You are responsible")))
    await day.manager.gets(said("☎️ How did the call go?"))
    await hand.tap(said("✅ Spoke with them"))
    await day.manager.gets(said("📝 What was said? A few words, or Skip."))
    await hand.tap(said("Skip ➡️"))
    await day.manager.sees(said("☎️ Call noted: {result}"))
    return hand


async def move_stage(day: Day) -> Hand:
    hand = day.hand
    call = "🟡 " + said("Call", context="stage")
    await hand.tap(f"➡️ {call}")
    await day.manager.sees(said("Stage: {stage}", stage=call))
    return hand


async def set_a_reminder(day: Day) -> Hand:
    hand = day.hand
    await hand.tap(said("🗓 Plan"))
    await day.manager.gets(said("🗓 <b>{title}</b>\nWhat is to be done?"))
    await hand.tap(f"➕ 📌 {said('Task')}")
    await day.manager.gets(said("When? Press, or write it: <i>tomorrow at 15</i>, <i>in 2 hours</i>, "
                                "<i>Fri 10:30</i>"))  # fmt: skip
    await hand.tap(said("Tomorrow 10:00"))
    assert said("🔔 I remind: {at}") in (await day.manager.gets(said("✅ Planned."))).text
    return hand


async def find_by_phone(day: Day) -> Hand:
    hand = day.hand
    await day.manager.say("/menu")
    menu = await day.manager.gets(said("☰ Menu"))
    await hand.tap(said("🔎 Find"), menu)
    await day.manager.gets("🔎")
    await hand.type("4567")
    await day.manager.gets(said("{count} found.", count=1))
    await hand.tap(f"#1 {day.lead}")
    await day.manager.gets(f"#1 · {day.lead}")
    return hand


async def hand_over(day: Day) -> Hand:
    hand = day.hand
    await hand.tap(said("🤝 Hand over"))
    await day.manager.gets(said("👤 Who shall work on it? In brackets: open leads in hand."))
    await hand.tap("Oleg")
    await day.manager.gets(
        said(
            "🤝 A word for {name}? It stands in the lead's thread, where its sender reads it, too.",
            name="Oleg",
        )
    )
    await hand.tap(said("Skip ➡️"))
    await day.manager.gets(said("🤝 {name} has it now.", name="Oleg"))
    return hand


async def bring_a_table(day: Day) -> Hand:
    hand = day.hand
    table = text_of([HEADS[speaking.get()], ["Petr", "+79997654321"]])
    await hand.drop("leads.csv", table.encode())
    await day.manager.sees("leads.csv")
    await hand.tap(said("▶️ Import {count} lead", 1))
    await day.manager.sees(said("✅ <b>The import is done.</b>"))
    return hand


async def take_a_list_away(day: Day) -> Hand:
    hand = day.hand
    await day.manager.say("/leads")
    page = await day.manager.gets("📋")
    await hand.tap(said("📤 Export"), page)
    await day.manager.gets("📤")
    await hand.tap("XLSX")
    await day.manager.until(lambda all_: any(one.document and one.from_bot for one in all_), 20)
    return hand


async def be_reminded(day: Day) -> None:
    """The task's moment has come; it is done."""
    soon = datetime.now(UTC)
    async with day.product.product.db.transaction(system=True) as s:
        await s.execute(
            activities.update()
            .where(activities.c.scheduled_at.is_not(None))
            .values(scheduled_at=soon, remind_at=soon)
        )
    await day.product.product.services.reminders.run()
    due = await day.manager.sees(f"🔔 📌 {said('Task')}")
    await day.manager.press(said("✅ Done"), due)
    assert said("✅ Done") in (await day.manager.gets(f"📌 {said('Task')}")).text


async def take_all_at_once(day: Day) -> None:
    """Everything on a list gets somebody, and loses them again."""
    await day.manager.say("/leads")
    await day.manager.press(said("☑️ Select"))
    await tap(day.manager, "pick:every")
    await day.manager.press(said("👤 Assign"), await day.manager.gets(said("{count} lead is picked.", 1)))
    await day.manager.press(said("🙋 Take the free ones"))
    await day.manager.press(said("✅ Yes, {count} lead", 1))
    done = await day.manager.gets(said("✅ {count} lead is changed.", 1))
    await tap(day.manager, "run:undo", done)
    await day.manager.gets(said("↩️ {count} lead is as it was.", 1))


JOBS: tuple[tuple[str, str, Job], ...] = (
    ("Send a lead", "the menu, or nothing at all", send_a_lead),
    ("Take a lead", "the push that a lead has come", take),
    ("Log a call", "the lead's card", log_a_call),
    ("Move to the next stage", "the lead's card", move_stage),
    ("Set a reminder", "the lead's card", set_a_reminder),
    ("Find by phone", "the menu", find_by_phone),
    ("Hand over", "the lead's card", hand_over),
    ("Import a table", "the table, dropped into the chat", bring_a_table),
    ("Export a list", "the list", take_a_list_away),
)


@pytest.mark.parametrize("language", LINES)
async def test_every_everyday_job_takes_at_most_three_taps(product: Running, language: str) -> None:
    speaking.set(language)
    await english_owner(product)
    people = [
        await product.member(name, role, language=language)
        for name, role in (("Anna", "partner"), ("Mila", "manager"), ("Oleg", "manager"))
    ]
    for person in people:
        await person.start()
        await person.gets()
    day = Day(product, *people)
    done = [(name, prompt, await job(day)) for name, prompt, job in JOBS]
    assert [(name, hand.taps) for name, _prompt, hand in done if hand.taps > MOST] == []
    await be_reminded(day)
    await take_all_at_once(day)
    if language == "en":
        compare(done)


def compare(done: Sequence[tuple[str, str, Hand]]) -> None:
    """The table tells what was counted."""
    table = HEAD + "".join(
        f"| {name} | {prompt} | {hand.taps} | {hand.words} | {' '.join(hand.steps)} |\n"
        for name, prompt, hand in done
    )
    if os.environ.get("WRITE_TAPS"):
        TABLE.write_text(table + TAIL)
    assert TABLE.read_text() == table + TAIL
