"""The page in a real browser: a lead, its status changed by a person, webhooks, faults, both languages."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.espocrm import EspoSandbox
from tests.sandbox_espocrm.receiver import Receiver

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
async def page() -> AsyncIterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: the browser walk is left out")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield await browser.new_page(viewport={"width": 360, "height": 740})
        await browser.close()


async def test_walk(page: Any) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    async with EspoSandbox() as crm, Receiver() as receiver, httpx.AsyncClient() as client:
        api, headers = f"{crm.url}/api/v1", {"X-Api-Key": crm.api_key}
        await page.goto(crm.url)
        await page.get_by_test_id("leads-empty").wait_for()

        hook = {"event": "Lead.update", "url": receiver.url}
        await client.post(f"{api}/Webhook", json=hook, headers=headers)
        lead = {"lastName": "Лапин", "phoneNumber": "+79161234567", "cUtmSource": "vk"}
        await client.post(f"{api}/Lead", json=lead, headers=headers)
        await page.get_by_test_id("lead-status").select_option("In Process")
        await page.get_by_test_id("deliver-now").click()
        await page.get_by_test_id("delivery").wait_for()
        assert [item["status"] for item in receiver.got[0].items] == ["In Process"]
        assert crm.leads()[0]["modifiedById"] == crm.user_id("anna")

        await page.get_by_test_id("lead-edit").click()
        await page.get_by_test_id("lead-first").fill("<b>Пётр</b>")
        await page.get_by_test_id("lead-save").click()
        await page.get_by_test_id("toast").filter(has_text="pattern").wait_for()
        assert await page.get_by_test_id("lead-first").input_value() == "<b>Пётр</b>"
        await page.get_by_test_id("lead-first").fill("Пётр")
        await page.get_by_test_id("lead-save").click()
        await page.get_by_text("Пётр Лапин").wait_for()
        assert await page.get_by_test_id("field-cUtmSource").inner_text() == "cUtmSource\nvk"

        await page.get_by_test_id("fault-storm-times").fill("1")
        await page.get_by_test_id("fault-storm").check()
        await page.get_by_test_id("alarm").wait_for()
        answers = [(await client.get(f"{api}/App/about", headers=headers)).status_code for _ in range(2)]
        assert answers == [429, 200]

        await page.get_by_test_id("lang-en").click()
        await page.get_by_role("heading", name="Faults").wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    assert errors == []
