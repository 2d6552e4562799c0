"""Nine everyday jobs done by hand: how many taps and typed words each of them takes.

The table in docs/taps.md is made by this test: with WRITE_TAPS=1 in the environment it is written anew,
without it is compared.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.telegram.person import Person
from tests.chat.hand import Hand
from tests.chat.tables import text_of
from tests.chat.taps import english_owner
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


@dataclass
class Day:
    """The people of the jobs; leads stay as the job before has left them."""

    product: Running
    partner: Person
    manager: Person
    colleague: Person

    @property
    def hand(self) -> Hand:
        return Hand(self.manager)


Job = Callable[[Day], Awaitable[Hand]]


async def send_a_lead(day: Day) -> Hand:
    hand = Hand(day.partner)
    await hand.type("Ivan 8 999 123-45-67 mortgage 3 million")
    await day.partner.sees("Accepted")
    return hand


async def take(day: Day) -> Hand:
    hand = day.hand
    await day.manager.sees("Ivan")
    await hand.tap("🙋 Take")
    await day.manager.gets("You are responsible")
    return hand


async def log_a_call(day: Day) -> Hand:
    hand = day.hand
    await hand.tap("☎️ Log a call", await day.manager.gets("You are responsible"))
    await day.manager.gets("How did the call go?")
    await hand.tap("Spoke with them")
    await day.manager.gets("What was said?")
    await hand.tap("Skip")
    await day.manager.sees("Call noted")
    return hand


async def move_stage(day: Day) -> Hand:
    hand = day.hand
    await hand.tap("➡️ 🟡 Call")
    await day.manager.sees("Stage: 🟡 Call")
    return hand


async def set_a_reminder(day: Day) -> Hand:
    hand = day.hand
    await hand.tap("🗓 Plan")
    await day.manager.gets("What is to be done?")
    await hand.tap("➕ 📌 Task")
    await day.manager.gets("When?")
    await hand.tap("Tomorrow 10:00")
    assert "🔔 I remind" in (await day.manager.gets("Planned.")).text
    return hand


async def find_by_phone(day: Day) -> Hand:
    hand = day.hand
    await day.manager.say("/menu")
    menu = await day.manager.gets("☰ Menu")
    await hand.tap("🔎 Find", menu)
    await day.manager.gets("🔎")
    await hand.type("4567")
    await day.manager.gets("1 found.")
    await hand.tap("#1 Ivan")
    await day.manager.gets("#1 · Ivan")
    return hand


async def hand_over(day: Day) -> Hand:
    hand = day.hand
    await hand.tap("🤝 Hand over")
    await day.manager.gets("Who shall work on it?")
    await hand.tap("Oleg")
    await day.manager.gets("A word for Oleg?")
    await hand.tap("Skip")
    await day.manager.gets("Oleg has it now")
    return hand


async def bring_a_table(day: Day) -> Hand:
    hand = day.hand
    await hand.drop("leads.csv", text_of([["Name", "Phone"], ["Petr", "+79997654321"]]).encode())
    await day.manager.sees("leads.csv")
    await hand.tap("Import 1 lead")
    await day.manager.sees("The import is done")
    return hand


async def take_a_list_away(day: Day) -> Hand:
    hand = day.hand
    await day.manager.say("/leads")
    page = await day.manager.gets("📋")
    await hand.tap("📤 Export", page)
    await day.manager.gets("📤")
    await hand.tap("XLSX")
    await day.manager.until(lambda all_: any(one.document and one.from_bot for one in all_), 20)
    return hand


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


async def test_every_everyday_job_takes_at_most_three_taps(product: Running) -> None:
    await english_owner(product)
    people = [
        await product.member(name, role, language="en")
        for name, role in (("Anna", "partner"), ("Mila", "manager"), ("Oleg", "manager"))
    ]
    for person in people:
        await person.start()
        await person.gets()
    day = Day(product, *people)
    done = [(name, prompt, await job(day)) for name, prompt, job in JOBS]
    table = HEAD + "".join(
        f"| {name} | {prompt} | {hand.taps} | {hand.words} | {' '.join(hand.steps)} |\n"
        for name, prompt, hand in done
    )
    if os.environ.get("WRITE_TAPS"):
        TABLE.write_text(table + TAIL)
    assert [(name, hand.taps) for name, _prompt, hand in done if hand.taps > MOST] == []
    assert TABLE.read_text() == table + TAIL
