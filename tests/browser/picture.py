"""The picture of the README: `python -m tests.browser.picture` draws docs/images/chat.png anew.

The first chapters of the acceptance road are walked in Chromium, so the picture shows what there is.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import expect

from bot.demo.command import stage
from tests.browser import test_road as road
from tests.browser.chat_page import PATIENCE, Album, chromium
from tests.chromium import find_chromium

PICTURE = Path("docs/images/chat.png")
SIZE = {"width": 1280, "height": 880}
CHAPTERS = (road.owner_sets_up, road.manager_joins, road.partner_registers, road.partner_sends_a_lead)


async def draw(path: str) -> None:
    """Walk as far as the manager's card, wait until the toasts are gone, and take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        async with (
            chromium(path) as browser,
            stage(road.LANGUAGE, quiet=True, folder=kept / "demo", ports=(0, 0, 0)) as made,
        ):
            walked = await road.open_windows(browser, made, Album(kept))
            await walked.chats.set_viewport_size({"width": SIZE["width"], "height": SIZE["height"]})
            for chapter in CHAPTERS:
                await chapter(walked)
            await expect(walked.chats.get_by_test_id("toast")).to_have_count(0, timeout=PATIENCE)
            await walked.chats.mouse.move(0, 0)
            await walked.chats.screenshot(path=PICTURE, animations="disabled")


def main() -> int:
    path = find_chromium()
    if not path:
        print("no Chromium on this machine", file=sys.stderr)
        return 1
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw(path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
