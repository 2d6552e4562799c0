"""The acceptance road, walked through the front doors: chat, website form and the CRM's own page.

Labels are looked up in the catalogues by their msgids, so the walk reads the same screens a person does.
"""

import asyncio
import html
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from babel.messages.pofile import read_po

from bot.demo.command import MANAGER, OWNER, PARTNER, Stage
from locales import FOLDER, translator
from sandbox.telegram.control import Control
from sandbox.telegram.person import Person

STRANGER = 1004
SURE = 40.0
"""Seconds that anything on the road may take before the walk gives up."""


class Lost(Exception):
    """The road is broken here."""


def label(language: str, begins: str) -> str:
    """A text as it stands on the screen: without its markup, up to its first placeholder.

    `begins` is its msgid, or the msgid's beginning where no other begins so. Raises Lost for an unknown one.
    """
    texts = _texts(language)
    found = [begins] if begins in texts else [msgid for msgid in texts if msgid.startswith(begins)]
    if len(found) != 1:
        raise Lost(f"{len(found)} texts begin with {begins!r}.")
    return html.unescape(re.sub(r"<[^>]+>", "", texts[found[0]])).split("{")[0].strip()


@cache
def _texts(language: str) -> dict[str, str]:
    with (FOLDER / f"{language}.po").open("rb") as source:
        catalog = read_po(source, locale=language)
    return {one.id: str(one.string) for one in catalog if isinstance(one.id, str) and not one.context}


@dataclass(slots=True)
class Walk:
    """The people on the stage, what they know, and the transcript."""

    stage: Stage
    control: Control
    http: httpx.AsyncClient

    def label(self, msgid: str) -> str:
        return label(self.stage.language, msgid)

    def tell(self, line: str) -> None:
        print(f"  {line}", flush=True)  # noqa: T201

    async def person(self, identity: int) -> Person:
        for person in await self.control.people():
            if person.id == identity:
                return person
        raise Lost(f"Person {identity} is not on the stage.")

    async def press(self, person: Person, msgid: str) -> None:
        await self.press_labelled(person, self.label(msgid))

    async def press_labelled(self, person: Person, label: str) -> None:
        await person.press(label, timeout=SURE)
        self.tell(f"{person.first_name} presses [{label}]")

    async def says(self, person: Person, text: str) -> None:
        await person.say(text)
        self.tell(f"{person.first_name}: {text}")

    async def reads(self, person: Person, msgid: str) -> str:
        """Wait for a message with the text, and put its first line into the transcript."""
        message = await person.sees(self.label(msgid), timeout=SURE)
        self.tell(f"  -> {person.first_name} reads: {message.text.splitlines()[0]}")
        return message.text

    async def records(self, entity: str) -> list[dict[str, Any]]:
        answer = await self.http.get(f"{self.stage.espocrm}/sandbox/records/{entity}")
        found = answer.json()
        rows: list[dict[str, Any]] = found["list"] if isinstance(found, dict) else found
        return rows

    async def until(self, what: str, ready: Callable[[], Awaitable[bool]]) -> None:
        """Wait for something outside the chat."""
        for _ in range(int(SURE * 10)):
            if await ready():
                self.tell(f"  -> {what}")
                return
            await asyncio.sleep(0.1)
        raise Lost(f"It never happened: {what}")


async def settle_in(stage: Stage) -> None:
    """Set the organization up and let the manager join by invite, all through the chat."""
    async with _walking(stage) as walk:
        await _open_the_house(walk)


async def walk(stage: Stage) -> int:
    """Walk the whole road; 0 when it holds, 1 with the place where it broke."""
    async with _walking(stage) as made:
        try:
            for step in ROAD:
                made.tell(f"\n== {(step.__doc__ or '').splitlines()[0]}")
                await step(made)
        except (Lost, AssertionError) as broken:
            made.tell(f"\nBROKEN: {broken}")
            return 1
        made.tell("\nThe road holds.")
        return 0


class _walking:
    def __init__(self, stage: Stage) -> None:
        self._walk = Walk(stage, Control(stage.telegram), httpx.AsyncClient(trust_env=False))

    async def __aenter__(self) -> Walk:
        return self._walk

    async def __aexit__(self, *_error: object) -> None:
        await self._walk.control.close()
        await self._walk.http.aclose()


async def _open_the_house(walk: Walk) -> None:
    """The owner sets the organization up and invites a manager, who joins without approval."""
    owner, manager = await walk.person(OWNER), await walk.person(MANAGER)
    await owner.start()
    await walk.press(owner, "▶️ Set up")
    await walk.reads(owner, "🏢 What is your organization called? Partners and managers will see the name.")
    await walk.press(owner, "Skip ➡️")
    await walk.reads(owner, "🌐 Which language shall I speak with new people whose own I do not know?")
    await walk.press(owner, "Skip ➡️")
    await walk.reads(owner, "✅ <b>Your organization is set up.</b>")
    await walk.press(owner, "💼 Manager")
    link = await walk.reads(owner, "🔗 <b>Invite: {role}</b>")
    code = re.search(r"start=(\S+)", link)
    if code is None:
        raise Lost("The invite shows no link.")
    await manager.start(code[1])
    await _register(walk, manager)
    await walk.reads(manager, "🎉 <b>Welcome, {name}!</b> You are in as {role}.")


async def _register(walk: Walk, person: Person) -> None:
    await walk.press_labelled(person, "✅")
    await walk.press(person, "✅ I agree")
    await person.gets(walk.label("📱 Your phone number, please."))
    await person.share_contact()
    walk.tell(f"{person.first_name} shares their phone")


async def _stranger_registers(walk: Walk) -> None:
    """A stranger registers as a partner; the admin approves."""
    partner, owner = await walk.person(PARTNER), await walk.person(OWNER)
    await partner.start()
    await _register(walk, partner)
    await walk.press(partner, "🤝 Partner")
    await walk.reads(partner, "⏳ <b>Your request is with the admins.</b>")
    await walk.press(owner, "✅ Approve as {role}")
    await walk.reads(partner, "🎉 <b>You are in!</b> Your role: {role}.")


async def _partner_sends(walk: Walk) -> None:
    """The partner sends a lead in one line; the manager gets the push and takes it."""
    partner, manager = await walk.person(PARTNER), await walk.person(MANAGER)
    await walk.says(partner, "Ivan Petrov 8 999 123-45-67 mortgage 3 mln")
    await walk.reads(partner, "✅ Accepted {at}")
    await walk.press(manager, "🙋 Take")

    async def arrived() -> bool:
        found = await walk.records("Lead")
        return [lead["lastName"] for lead in found if lead.get("cExternalId")] == ["Petrov"]

    await walk.until("EspoCRM holds the lead, once", arrived)
    await walk.reads(partner, "☁️ In the CRM: {record}, {at}")


async def _manager_works(walk: Walk) -> None:
    """The manager logs a call and moves the stage: EspoCRM shows both."""
    manager = await walk.person(MANAGER)
    await walk.press(manager, "☎️ Log a call")
    await walk.press(manager, "✅ Spoke with them")
    await walk.press(manager, "Skip ➡️")

    async def called() -> bool:
        return len(await walk.records("Call")) == 1

    await walk.until("EspoCRM holds the call", called)
    await walk.press(manager, "➡️ {stage}")

    async def moved() -> bool:
        return [lead["status"] for lead in await walk.records("Lead")] == ["Assigned"]

    await walk.until("EspoCRM shows the new status", moved)


async def _crm_answers(walk: Walk) -> None:
    """A status changed in EspoCRM reaches manager and partner."""
    lead = (await walk.records("Lead"))[0]
    url = f"{walk.stage.espocrm}/sandbox/records/Lead/{lead['id']}"
    await walk.http.post(url, json={"status": "In Process", "user": "anna"})
    meeting = translator(walk.stage.language).pgettext("stage", "Meeting")
    for identity in (PARTNER, MANAGER):
        person = await walk.person(identity)
        message = await person.sees(meeting, timeout=SURE)
        walk.tell(f"  -> {person.first_name} reads: {message.text.splitlines()[0]}")


async def _website_form(walk: Walk) -> None:
    """The website form brings a second lead; the same phone again gets the duplicate verdict."""
    owner, partner = await walk.person(OWNER), await walk.person(PARTNER)
    await walk.says(owner, "/website")
    text = (await owner.gets("/hooks/website/", timeout=SURE)).text
    address = re.search(r"http://\S+/hooks/website/[\w-]+", text)
    if address is None:
        raise Lost("The address of the website form is not shown.")
    form = {
        "name": "Anna Lebedeva",
        "phone": "+7 916 555-66-77",
        "email": "anna@example.com",
        "referral_code": "site",
        "utm_source": "vk",
    }
    answer = await walk.http.post(address[0], json=form)
    if answer.status_code >= 300:
        raise Lost(f"The form was answered {answer.status_code}.")

    async def two() -> bool:
        return len(await walk.records("Lead")) == 2

    await walk.until("EspoCRM holds two leads", two)
    await walk.press(partner, "➕ One more")
    await walk.says(partner, "8 916 555 66 77")
    await partner.gets("+7 916 555-66-77", timeout=SURE)
    await walk.press(partner, "✖️ Stop")


async def _crm_goes_down(walk: Walk) -> None:
    """EspoCRM is down: a third lead is accepted at once, and delivered after it returns, once."""
    partner = await walk.person(PARTNER)
    faults = f"{walk.stage.espocrm}/sandbox/faults"
    await walk.http.post(faults, json={"kind": "down", "mode": "closed"})
    await walk.says(partner, "Oleg Orlov +7 903 111-22-33 loan 500 000 rub")
    await walk.reads(partner, "⚠️ Not in the CRM yet: {reason}. The lead is safe here.")
    await walk.http.delete(f"{faults}/down")

    async def delivered() -> bool:
        found = await walk.records("Lead")
        return len(found) == 3 and sum(lead["lastName"] == "Orlov" for lead in found) == 1

    await walk.until("EspoCRM is back and holds the third lead, once", delivered)


async def _bot_is_killed(walk: Walk) -> None:
    """The bot is killed in the middle of a form, and goes on with it."""
    partner = await walk.person(PARTNER)
    await walk.says(partner, "/menu")
    await walk.press(partner, "➕ New lead")
    await walk.says(partner, "+7 903 444-55-66")
    await partner.gets(walk.label("👤 What is the name of the person or of the company?"), timeout=SURE)
    await walk.stage.kill_bot()
    walk.tell("kill -9")
    await partner.say("Vera Smirnova")
    await walk.stage.start_bot(quiet=True)
    walk.tell("the bot is started again")
    await walk.reads(partner, "💰 What amount is it about? For example: 3 million")
    await walk.press(partner, "Skip ➡️")
    await walk.reads(partner, "📝 What should the manager know?")
    await walk.press(partner, "Skip ➡️")

    async def four() -> bool:
        return [lead["lastName"] for lead in await walk.records("Lead")].count("Smirnova") == 1

    await walk.until("EspoCRM holds the lead of the interrupted form, once", four)


ROAD: tuple[Callable[[Walk], Awaitable[None]], ...] = (
    _open_the_house,
    _stranger_registers,
    _partner_sends,
    _manager_works,
    _crm_answers,
    _website_form,
    _crm_goes_down,
    _bot_is_killed,
)
