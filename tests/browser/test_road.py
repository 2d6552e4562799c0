"""The acceptance road in Chromium: real processes, every step a click or a line typed on a page."""

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.demo.command import MANAGER, OWNER, PARTNER, Stage, stage
from bot.demo.walk import label
from locales import translator
from tests.browser.chat_page import NARROW, PATIENCE, WIDE, Album, ChatPane, chromium, window

LANGUAGE = "ru"
SITE_FORM = {
    "name": "Анна Лебедева",
    "phone": "+7 916 555-66-77",
    "email": "anna@example.com",
    "referral_code": "site",
    "utm_source": "vk",
}

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True)
class Road:
    """The stage, the windows that are open on it, and the people at them."""

    stage: Stage
    chats: Page
    crm: Page
    phone: Page
    partner: ChatPane
    manager: ChatPane
    owner: ChatPane
    album: Album

    async def reload_on_phone(self, person: int) -> None:
        """Look at the person's chat on a narrow screen."""
        await self.phone.goto("about:blank")
        await self.phone.goto(f"{self.stage.telegram}/#{person}")
        await expect(self.phone.get_by_test_id(f"pane-{person}")).to_be_visible()
        await expect(self.phone.get_by_test_id("message").last).to_be_visible()

    def lead(self, name: str) -> Locator:
        """The lead's card on the CRM's page."""
        return self.crm.get_by_test_id("lead-card").filter(has_text=name)


@pytest.fixture
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    async with chromium(chromium_path) as running:
        yield running


@pytest.fixture
def album(tmp_path: Path) -> Album:
    folder = Path(os.environ.get("ROAD_SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return Album(folder)


@pytest.fixture
async def road(browser: Browser, tmp_path: Path, album: Album) -> AsyncIterator[Road]:
    """A stage of its own, and the windows on it. No script on any page may fail."""
    async with stage(LANGUAGE, quiet=True, folder=tmp_path / "demo", ports=(0, 0, 0)) as made:
        opened = await open_windows(browser, made, album)
        faults: list[str] = []
        for page in (opened.chats, opened.crm, opened.phone):
            page.on("pageerror", lambda error: faults.append(str(error)))
        yield opened
        assert faults == []


async def open_windows(browser: Browser, made: Stage, album: Album) -> Road:
    """Three chats side by side, the CRM's page, and a telephone."""
    chats, crm, phone = [await window(browser, LANGUAGE, size) for size in (WIDE, WIDE, NARROW)]
    await chats.goto(f"{made.telegram}/#{PARTNER},{MANAGER},{OWNER}")
    await crm.goto(made.espocrm)
    await crm.get_by_test_id(f"lang-{LANGUAGE}").click()
    partner, manager, owner = [ChatPane(chats, person, LANGUAGE) for person in (PARTNER, MANAGER, OWNER)]
    return Road(made, chats, crm, phone, partner, manager, owner, album)


async def test_road(road: Road) -> None:
    await owner_sets_up(road)
    await manager_joins(road)
    await partner_registers(road)
    await partner_sends_a_lead(road)
    await manager_works(road)
    await crm_answers(road)
    await website_brings_a_lead(road)
    await crm_goes_down(road)
    await bot_is_killed(road)
    await everything_once(road)


async def owner_sets_up(road: Road) -> None:
    owner = road.owner
    await owner.start()
    await owner.press("▶️ Set up")
    await owner.reads("🏢 What is your organization called? Partners and managers will see the name.")
    await road.album.take(road.chats, "01-set-up")
    await owner.press("Skip ➡️")
    await owner.reads("🌐 Which language shall I speak with new people whose own I do not know?")
    await owner.press("Skip ➡️")
    await owner.reads("✅ <b>Your organization is set up.</b>")


async def manager_joins(road: Road) -> None:
    owner, manager = road.owner, road.manager
    await owner.press("💼 Manager")
    await owner.reads("🔗 <b>Invite: {role}</b>")
    await owner.passes_link_to(MANAGER)
    await _register(manager)
    await manager.reads("🎉 <b>Welcome, {name}!</b> You are in as {role}.")
    await road.album.take(road.chats, "02-manager-in")


async def _register(chat: ChatPane) -> None:
    await chat.button("✅").click()
    await chat.press("✅ I agree")
    await chat.reads("📱 Your phone number, please.")
    await chat.shares_phone()


async def partner_registers(road: Road) -> None:
    partner, owner = road.partner, road.owner
    await partner.start()
    await _register(partner)
    await partner.reads("🎯 How would you like to work with us? An admin will confirm it.")
    await road.album.take(road.chats, "03-partner-registers")
    await road.reload_on_phone(PARTNER)
    await road.album.take(road.phone, "03-phone")
    await partner.press("🤝 Partner")
    await partner.reads("⏳ <b>Your request is with the admins.</b>")
    await road.album.take(road.chats, "04-request")
    await owner.press("✅ Approve as {role}")
    await partner.reads("🎉 <b>You are in!</b> Your role: {role}.")
    await road.album.take(road.chats, "05-approved")


async def partner_sends_a_lead(road: Road) -> None:
    partner, manager = road.partner, road.manager
    await partner.says("Иван Петров 8 999 123-45-67 ипотека 3 млн")
    await partner.reads("✅ Accepted {at}")
    await manager.press("🙋 Take")
    await manager.reads("👤 You are responsible")
    await partner.reads("☁️ In the CRM: {record}, {at}")
    await partner.reads("Manager Mary")
    await road.album.take(road.chats, "06-taken")
    await road.reload_on_phone(PARTNER)
    await road.album.take(road.phone, "06-phone")
    card = road.lead("Петров")
    await expect(card).to_have_count(1, timeout=PATIENCE)
    await expect(card.get_by_test_id("lead-name")).to_contain_text("Иван Петров")
    await expect(card.get_by_test_id("lead-phone")).to_have_text("+79991234567")
    await expect(card.get_by_test_id("lead-description")).to_contain_text("ипотека")
    await expect(card.get_by_test_id("lead-amount")).to_have_text(re.compile(r"3\s000\s000 RUB"))
    await expect(card.get_by_test_id("field-cLeadNumber")).to_contain_text("1")
    await expect(card.get_by_test_id("field-cExternalId")).to_contain_text("-")
    await expect(card.get_by_test_id("lead-status")).to_have_value("New")
    await road.album.take(road.crm, "06-crm")


async def manager_works(road: Road) -> None:
    manager, card = road.manager, road.lead("Петров")
    await manager.press("☎️ Log a call")
    await manager.press("✅ Spoke with them")
    await road.album.take(road.chats, "07-call-result")
    await manager.press("Skip ➡️")
    await expect(card.get_by_test_id("activity")).to_have_count(1, timeout=PATIENCE)
    await manager.press("➡️ {stage}")
    await expect(card.get_by_test_id("lead-status")).to_have_value("Assigned", timeout=PATIENCE)
    await road.album.take(road.chats, "08-moved")
    await road.album.take(road.crm, "08-crm")
    await road.reload_on_phone(MANAGER)
    await road.album.take(road.phone, "08-phone")


async def crm_answers(road: Road) -> None:
    meeting = translator(LANGUAGE).pgettext("stage", "Meeting")
    await road.lead("Петров").get_by_test_id("lead-status").select_option("In Process")
    await road.partner.sees(meeting)
    await road.manager.sees(meeting)
    await road.album.take(road.chats, "09-stage-from-crm")


async def website_brings_a_lead(road: Road) -> None:
    partner = road.partner
    await road.owner.says("/website")
    address = re.search(r"http://\S+/hooks/website/[\w-]+", await road.owner.sees("/hooks/website/"))
    assert address is not None
    await road.album.take(road.chats, "10-website")
    answer = await road.chats.request.post(address[0], data=SITE_FORM)
    assert answer.ok, await answer.text()
    await expect(road.crm.get_by_test_id("lead-card")).to_have_count(2, timeout=PATIENCE)
    await expect(road.lead("Лебедева").get_by_test_id("field-cUtmSource")).to_contain_text("vk")
    await road.manager.sees("Анна Лебедева")
    await partner.press("➕ One more")
    await partner.is_offered("✖️ Cancel")
    await partner.says("8 916 555 66 77")
    await partner.is_offered("✖️ Stop")
    await road.album.take(road.chats, "11-duplicate")
    await road.reload_on_phone(PARTNER)
    await road.album.take(road.phone, "11-phone")
    await partner.press("✖️ Stop")


async def crm_goes_down(road: Road) -> None:
    partner, crm = road.partner, road.crm
    await crm.get_by_test_id("fault-down-mode").select_option("closed")
    await crm.get_by_test_id("fault-down").check()
    await expect(crm.get_by_test_id("alarm")).to_be_visible()
    await partner.says("Олег Орлов +7 903 111-22-33 кредит 500 000 руб")
    await partner.reads("⚠️ Not in the CRM yet: {reason}. The lead is safe here.")
    await road.album.take(road.chats, "12-crm-is-down")
    await road.album.take(crm, "12-crm")
    await crm.get_by_test_id("heal-all").click()
    await expect(road.lead("Орлов")).to_have_count(1, timeout=PATIENCE)
    await expect(_delivered_receipt(road, "Олег Орлов")).to_be_visible(timeout=PATIENCE)
    await road.album.take(road.chats, "13-crm-is-back")


async def bot_is_killed(road: Road) -> None:
    partner = road.partner
    await partner.says("/menu")
    await partner.press("➕ New lead")
    await partner.says("+7 903 444-55-66")
    await partner.reads("👤 What is the name of the person or of the company?")
    await road.stage.kill_bot()
    await partner.says("Вера Смирнова")
    await road.stage.start_bot(quiet=True)
    await partner.reads("💰 What amount is it about? For example: 3 million")
    await road.album.take(road.chats, "14-goes-on")
    await partner.press("Skip ➡️")
    await partner.reads("📝 What should the manager know?")
    await partner.press("Skip ➡️")
    await expect(road.lead("Смирнова")).to_have_count(1, timeout=PATIENCE)


async def everything_once(road: Road) -> None:
    """Four leads went in, four records stand there, each with its own contact."""
    await road.manager.sees("Вера Смирнова")
    await expect(road.crm.get_by_test_id("lead-card")).to_have_count(4)
    phones = await road.crm.get_by_test_id("lead-phone").all_inner_texts()
    assert sorted(phones) == ["+79031112233", "+79034445566", "+79165556677", "+79991234567"]
    await road.album.take(road.chats, "15-end")
    await _record_opens(road)
    await road.album.take(road.crm, "15-crm")
    await road.reload_on_phone(MANAGER)
    await road.album.take(road.phone, "15-phone")
    await road.phone.goto(road.stage.espocrm)
    await expect(road.phone.get_by_test_id("lead-card")).to_have_count(4)
    await road.album.take(road.phone, "15-crm-phone")


async def _record_opens(road: Road) -> None:
    """The receipt's link leads to the very record."""
    async with road.chats.context.expect_page() as opened:
        await _delivered_receipt(road, "Вера Смирнова").get_by_role("link", name=re.compile("4$")).click()
    record = await opened.value
    shown = record.locator("[data-testid=lead-card].wanted")
    await expect(shown.get_by_test_id("lead-name")).to_contain_text("Вера Смирнова", timeout=PATIENCE)
    await record.close()


def _delivered_receipt(road: Road, name: str) -> Locator:
    """The partner's message which says that the lead is in the CRM."""
    in_the_crm = label(LANGUAGE, "☁️ In the CRM: {record}, {at}")
    return road.partner.from_bot(name).filter(has_text=in_the_crm)
