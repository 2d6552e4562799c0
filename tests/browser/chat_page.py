"""A person at the chat page: finds buttons and texts by the catalogue's msgids, and clicks."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.demo.walk import label

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--force-color-profile=srgb")  # fmt: skip
LOCALES = {"ru": "ru-RU", "en": "en-GB"}
ZONE = "Europe/Moscow"
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 360, "height": 740}
PATIENCE = 20_000
"""Milliseconds that anything on the page may take."""


@asynccontextmanager
async def chromium(path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


async def window(browser: Browser, language: str, size: dict[str, int]) -> Page:
    """A window of this size, for a person who speaks the language.

    Each page has a context, and so a window, to itself: a tab behind another is drawn once a second.
    """
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale=LOCALES[language],
        timezone_id=ZONE,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    return await context.new_page()


@dataclass(frozen=True, slots=True)
class ChatPane:
    """One person's chat on the page, open beside the others."""

    page: Page
    person: int
    language: str

    @property
    def pane(self) -> Locator:
        return self.page.get_by_test_id(f"pane-{self.person}")

    async def start(self) -> None:
        """The big button that stands in a chat before its first message."""
        await self.pane.get_by_test_id(f"start-{self.person}").click()

    async def passes_link_to(self, other: int) -> None:
        """Share the newest link to the bot with another person, who follows it at once."""
        await self.press("📤 Share")
        await self.page.get_by_test_id("field-person").select_option(str(other))
        await self.page.get_by_test_id("dialog-ok").click()

    async def press(self, msgid: str) -> None:
        """Press the newest inline button whose label begins with the text."""
        await self.button(label(self.language, msgid)).click()

    async def is_offered(self, msgid: str) -> None:
        """Wait until there is such a button."""
        await expect(self.button(label(self.language, msgid))).to_be_visible(timeout=PATIENCE)

    def button(self, text: str) -> Locator:
        """The newest inline button whose label begins with these very words."""
        begins = re.compile("^" + re.escape(text))
        return self.pane.get_by_test_id("inline-button").filter(has_text=begins).last

    async def says(self, text: str) -> None:
        await self.pane.get_by_test_id(f"composer-{self.person}").fill(text)
        await self.pane.get_by_test_id(f"send-{self.person}").click()

    async def shares_phone(self) -> None:
        """The keyboard's key that asks for the phone, and Telegram's question whether to give it."""
        await self.pane.get_by_test_id("reply-key").first.click()
        await self.page.get_by_test_id("dialog-ok").click()

    async def reads(self, msgid: str) -> str:
        """The newest message of the bot with the text, waited for."""
        return await self.sees(label(self.language, msgid))

    async def sees(self, text: str) -> str:
        """Like `reads`, for words that are in no catalogue."""
        found = self.from_bot(text).last
        await expect(found).to_be_visible(timeout=PATIENCE)
        return await found.inner_text()

    def from_bot(self, text: str) -> Locator:
        """The bot's messages that hold the text now."""
        messages = self.pane.locator("[data-testid=message][data-from=bot]")
        return messages.get_by_test_id("text").filter(has_text=text)


@dataclass(frozen=True, slots=True)
class Album:
    """Screenshots of the road, in the order of its chapters."""

    folder: Path

    async def take(self, page: Page, name: str) -> None:
        """What the window shows now; nothing may stick out of it sideways."""
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.screenshot(path=self.folder / f"{name}.png")
