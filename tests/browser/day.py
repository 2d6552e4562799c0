"""The pictures of docs/day-of-a-manager.md: `python -m tests.browser.day` draws docs/pictures/*.png anew.

The demo with its working day is started, and what the day tells is done in Chromium on a manager's telephone.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, expect

from bot.demo.command import AGENCY, COLLEAGUE, MANAGER, Stage, stage
from bot.demo.stories import STORIES
from sandbox.telegram.control import Control
from tests.browser.chat_page import LOCALES, PATIENCE, ZONE, ChatPane, chromium
from tests.chromium import find_chromium

FOLDER = Path("docs/pictures")
LANGUAGE = "en"
PHONE = {"width": 400, "height": 1200}
HEADER, COMPOSER, MARGIN = 52, 54, 4
"""Pixels: what is above and below the messages, and what is kept around them."""

SCALE = 1
WALL = "#b9d3b4"
"""One colour behind the messages: a gradient makes a picture twice as large."""

LINE = "Sofia Denisova +7 903 517-42-01 mortgage, asks for a call"
AMOUNT = "6.2 million"
TABLE = """Name;Phone;E-mail;Amount;Comment
Boris Nazarov;8 903 518-10-01;nazarov@example.com;2 400 000;Talked at our stand
Alina Kovaleva;8 903 518-10-02;;850 000;Wants a call on Monday
Nikita Dorofeev;8 903 518-10-03;dorofeev@example.com;;
Zueva Studio;8 903 517-40-20;;2 100 000;Seen at the fair again
Marina;12345;;300 000;The number is smudged
"""


@dataclass(frozen=True, slots=True)
class Day:
    """The running demo, and the telephone that looks at it."""

    stage: Stage
    control: Control
    page: Page

    async def look_at(self, person: int) -> ChatPane:
        """The person's chat on the telephone."""
        await self.page.goto("about:blank")
        await self.page.goto(f"{self.stage.telegram}/#{person}")
        pane = ChatPane(self.page, person, LANGUAGE)
        await expect(pane.pane.get_by_test_id("message").last).to_be_visible()
        await pane.pane.evaluate("(pane, wall) => { pane.style.background = wall }", WALL)
        return pane

    async def keep(self, name: str, last: Locator, first: Locator | None = None) -> None:
        """The picture of the messages from `first` (without it: the last alone) to `last`."""
        await expect(last).to_be_visible(timeout=PATIENCE)
        await expect(self.page.get_by_test_id("toast")).to_have_count(0, timeout=PATIENCE)
        await last.evaluate("message => message.scrollIntoView({block: 'center'})")
        await self.page.mouse.move(0, 0)
        top, bottom = await (first or last).bounding_box(), await last.bounding_box()
        assert top is not None
        assert bottom is not None
        begins = max(top["y"] - MARGIN, HEADER)
        ends = min(bottom["y"] + bottom["height"] + MARGIN, PHONE["height"] - COMPOSER)
        await self.page.screenshot(
            path=FOLDER / f"{name}.png",
            animations="disabled",
            clip={"x": 0, "y": begins, "width": PHONE["width"], "height": ends - begins},
        )


def message(chat: ChatPane, text: str) -> Locator:
    """The bot's newest message with the text, with its buttons."""
    found = chat.pane.locator("[data-testid=message][data-from=bot]")
    return found.filter(has=chat.page.get_by_test_id("text").filter(has_text=text)).last


async def digest(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    await day.keep("01-digest", message(chat, "📰"))


async def push(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    people = {person.id: person for person in await day.control.people()}
    await people[AGENCY].say(LINE)
    await expect(chat.button("🙋 Take")).to_be_visible(timeout=PATIENCE)
    await expect(message(chat, "Sofia Denisova")).to_contain_text("In the CRM: record", timeout=PATIENCE)
    await day.keep("02-push", message(chat, "Sofia Denisova"))


async def call(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    await chat.button("🙋 Take").click()
    await chat.button("☎️ Log a call").click()
    await chat.button("✅ Spoke with them").click()
    await chat.button("Skip ➡️").click()
    asked = message(chat, "What is next with #25")
    await day.keep("03-call", asked, message(chat, "Stage: 🔵 New"))


async def stage_question(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    await chat.button("🗂 Stage").click()
    await chat.button("🟣 Negotiation").click()
    await day.keep("04-stage", message(chat, "Negotiation"))
    await chat.says(AMOUNT)
    await expect(message(chat, "Stage: 🟣 Negotiation")).to_be_visible(timeout=PATIENCE)


async def hand_over(day: Day) -> None:
    chat = await day.look_at(COLLEAGUE)
    await day.keep("12-hand-over", message(chat, "hands this lead over to you"))


async def today(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    await chat.says("/today")
    await day.keep("05-today", message(chat, "Leads without a next step"))


async def reminder(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    await day.keep("06-reminder", message(chat, "🔔 📞 Call · What do the banks say?"))


async def board(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    await chat.says("/pipeline")
    await day.keep("07-board", message(chat, "In all:"))


async def find(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    await chat.says("/find zotva")
    await chat.button("🟠 #2").click()
    await day.keep("08-find", message(chat, "Zotov and Sons"))


async def bulk(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    await chat.says("/leads")
    await chat.sees("Leads: all")
    await chat.button("Mine").click()
    await chat.sees("Leads: mine")
    await chat.button("☑️ Select").click()
    await chat.button("This page").click()
    await expect(message(chat, "Pick leads")).to_contain_text("6", timeout=PATIENCE)
    await day.keep("09-bulk", message(chat, "Pick leads"))


async def table(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    people = {person.id: person for person in await day.control.people()}
    await people[MANAGER].send_document("fair.csv", TABLE.encode())
    await day.keep("10-import", message(chat, "fair.csv · 5 rows"))


async def figures(day: Day) -> None:
    chat = await day.look_at(MANAGER)
    await chat.says("/stats")
    shown = message(chat, "Conversion:")
    await expect(shown.locator("img").first).to_be_visible(timeout=PATIENCE)
    await day.keep("11-figures", shown)


CHAPTERS: tuple[Callable[[Day], Awaitable[None]], ...] = (
    digest, push, call, stage_question, hand_over, today, reminder, board, find, bulk, table, figures,
)  # fmt: skip


async def telephone(browser: Browser) -> Page:
    context = await browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        device_scale_factor=SCALE,
        locale=LOCALES[LANGUAGE],
        timezone_id=ZONE,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    return await context.new_page()


async def everything_delivered(made: Stage, page: Page) -> None:
    """Wait until the CRM holds the day's leads and the reminders have come."""
    for _ in range(int(PATIENCE / 100)):
        answer = await page.request.get(f"{made.espocrm}/sandbox/records/Lead")
        found = await answer.json()
        if len(found["list"] if isinstance(found, dict) else found) == len(STORIES):
            break
        await asyncio.sleep(0.5)


async def draw(path: str, wanted: list[str]) -> None:
    """Walk the day; only the chapters that are `wanted`, or all of them."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            chromium(path) as browser,
            stage(LANGUAGE, quiet=True, folder=Path(folder) / "demo", ports=(0, 0, 0), day=True) as made,
            Control(made.telegram) as control,
        ):
            page = await telephone(browser)
            await everything_delivered(made, page)
            for chapter in CHAPTERS:
                if not wanted or chapter.__name__ in wanted:
                    await chapter(Day(made, control, page))


def main() -> int:
    path = find_chromium()
    if not path:
        print("no Chromium on this machine", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw(path, sys.argv[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
