"""The chat page in Chromium: what a person clicks and sees, wide and narrow."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from sandbox.telegram import Person, TelegramSandbox

from .conftest import Api

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip
CARD = {
    "inline_keyboard": [
        [{"text": "Взять", "callback_data": "take"}, {"text": "Позже", "callback_data": "later"}]
    ]
}

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        await running.close()


@pytest.fixture
async def page(browser: Browser, tg: TelegramSandbox) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="ru-RU")
    opened = await context.new_page()
    errors: list[str] = []
    foreign: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "request", lambda request: None if request.url.startswith(tg.url) else foreign.append(request.url)
    )
    yield opened
    await context.close()
    assert (errors, foreign) == ([], [])


async def test_chat_updates_live(page: Page, tg: TelegramSandbox, api: Api) -> None:
    anna = await tg.person("Анна", id=501, language="ru")
    await api("setMyCommands", commands=[{"command": "help", "description": "Помощь"}])
    await page.goto(f"{tg.url}/#501")
    await page.get_by_test_id("start-501").click()
    await anna.until(lambda messages: [m.text for m in messages] == ["/start"])
    await page.get_by_test_id("composer-501").fill("Иван <b>8 999</b>")
    await page.get_by_test_id("send-501").click()
    await anna.until(lambda messages: messages[-1].text == "Иван <b>8 999</b>")
    sent = await api(
        "sendMessage", chat_id=501, text="<b>Лид</b> принят", parse_mode="HTML", reply_markup=CARD
    )
    bubble = page.locator(f'[data-testid=message][data-message-id="{sent["result"]["message_id"]}"]')
    await expect(bubble.get_by_test_id("text")).to_have_text("Лид принят")
    await expect(bubble.locator("strong")).to_have_text("Лид")
    await bubble.get_by_role("button", name="Взять").click()
    [update] = await tg.pending_updates("callback_query", wait=5)
    await api("editMessageText", chat_id=501, message_id=sent["result"]["message_id"], text="Лид взят")
    await api("answerCallbackQuery", callback_query_id=update["callback_query"]["id"], text="Ваш!")
    await expect(page.get_by_test_id("toast")).to_have_text("Ваш!")
    await expect(bubble.get_by_test_id("text")).to_have_text("Лид взят")
    await expect(bubble.get_by_test_id("inline-button")).to_have_count(0)
    await api("sendChatAction", chat_id=501, action="typing")
    await expect(page.get_by_test_id("typing")).to_contain_text("печатает")
    await page.get_by_test_id("commands-501").click()
    await page.get_by_test_id("command-item").click()
    await anna.until(lambda messages: messages[-1].text == "/help")
    await api("deleteMessage", chat_id=501, message_id=sent["result"]["message_id"])
    await expect(bubble).to_have_count(0)


async def test_alert_reply_keyboard_and_contact(page: Page, tg: TelegramSandbox, api: Api) -> None:
    anna = await tg.person("Анна", id=502, phone="+79161234567")
    await anna.start()
    await page.goto(f"{tg.url}/#502")
    keys = {"keyboard": [[{"text": "Дать номер", "request_contact": True}]], "one_time_keyboard": True}
    await api("sendMessage", chat_id=502, text="Номер?", reply_markup=keys)
    await page.get_by_test_id("reply-key").click()
    await page.get_by_test_id("dialog-ok").click()
    await expect(page.get_by_test_id("contact")).to_contain_text("+79161234567")
    await expect(page.get_by_test_id("reply-keyboard")).to_be_hidden()
    await api("sendMessage", chat_id=502, text="Лид", reply_markup=CARD)
    await page.get_by_role("button", name="Позже").click()
    [update] = await tg.pending_updates("callback_query", wait=5)
    answer = {"callback_query_id": update["callback_query"]["id"], "text": "Нельзя", "show_alert": True}
    await api("answerCallbackQuery", **answer)
    await expect(page.get_by_test_id("alert")).to_have_text("Нельзя")
    await page.get_by_test_id("alert-ok").click()
    await page.get_by_test_id("more-502").click()
    await page.get_by_test_id("block").click()
    await expect(page.get_by_test_id("start-502")).to_be_visible()
    assert (await api("sendMessage", chat_id=502, text="x"))["error_code"] == 403


async def test_two_chats_side_by_side_and_unread(page: Page, tg: TelegramSandbox, api: Api) -> None:
    people: list[Person] = [
        await tg.person(name, id=number) for number, name in enumerate(["А", "Б", "В"], 601)
    ]
    for person in people:
        await person.start()
    await page.goto(f"{tg.url}/#601,602")
    await expect(page.get_by_test_id("pane-601")).to_be_visible()
    await expect(page.get_by_test_id("pane-602")).to_be_visible()
    await api("sendMessage", chat_id=603, text="вам")
    await expect(page.get_by_test_id("unread-603")).to_have_text("1")
    await page.get_by_test_id("person-603").click()
    await expect(page.get_by_test_id("unread-603")).to_have_count(0)
    await expect(page.get_by_test_id("pane-601")).to_have_count(0)


async def test_files_and_attachments(page: Page, tg: TelegramSandbox, api: Api, anna: Person) -> None:
    await page.goto(f"{tg.url}/#{anna.id}")
    await page.get_by_test_id(f"attach-{anna.id}").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_test_id("attach-document").click()
    await (await chooser.value).set_files({"name": "лиды.csv", "mimeType": "text/csv", "buffer": b"a;b"})
    await expect(page.get_by_test_id("file")).to_contain_text("лиды.csv")
    async with page.expect_download() as download:
        await page.get_by_test_id("file").click()
    assert (await (await download.value).path()).read_bytes() == b"a;b"
    await page.get_by_test_id(f"attach-{anna.id}").click()
    await page.get_by_test_id("attach-sticker").click()
    await expect(page.get_by_test_id("sticker")).to_be_visible()
    kinds = [
        next(k for k in ("document", "sticker") if k in u["message"])
        for u in (await tg.pending_updates())[1:]
    ]
    assert kinds == ["document", "sticker"]


async def test_add_person_language_and_links(page: Page, tg: TelegramSandbox) -> None:
    await page.goto(tg.url)
    await expect(page.get_by_test_id("link")).to_contain_text("CRM")
    await page.get_by_test_id("add-person").click()
    await page.get_by_test_id("field-first_name").fill("Новый партнёр")
    await page.get_by_test_id("dialog-ok").click()
    start = page.locator("[data-testid^=start-]")
    await expect(start).to_have_text("Начать")
    [person] = await tg.people()
    assert person.first_name == "Новый партнёр"
    await page.get_by_test_id("language").click()
    await expect(start).to_have_text("Start")


async def test_narrow_screen(browser: Browser, tg: TelegramSandbox, api: Api, anna: Person) -> None:
    await api("sendMessage", chat_id=anna.id, text="слово" * 60, reply_markup=CARD)
    context = await browser.new_context(viewport={"width": 360, "height": 640}, locale="ru-RU")
    page = await context.new_page()
    await page.goto(tg.url)
    await page.get_by_test_id(f"person-{anna.id}").click()
    await expect(page.get_by_test_id("people")).to_be_hidden()
    await expect(page.get_by_test_id("inline-button")).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.get_by_test_id("back").click()
    await expect(page.get_by_test_id("people")).to_be_visible()
    await context.close()
