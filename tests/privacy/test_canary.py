"""One walk through all doors with the same name, phone, e-mail, token and secret in every input: none of them
is in any line of the log, in any answer that refuses, or in the figures."""

import asyncio
import io
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from bot.watching.logs import set_up_logs
from domain.hooks_in import HookKind
from domain.members import Member
from storage.messages import mails
from tests.chat.smtp import Smtp, smtp
from tests.hooks_out.receiver import Receiver, receiving
from tests.logs import plain_logs
from tests.product import OWNER, SECRET_KEY, Running, running
from tests.waiting import until

NAME, PHONE, EMAIL = "Канарейкин", "+79161112233", "kanareykin@canary.example"
TOKEN, SECRET = "vk_" + "Kanareyka0" * 4 + "abc", "s3cr3t-kanareyka-0042"
COMPANY, INN = "ООО Желтопёрые", "7707083893"
LINE = f"{NAME} Иван {PHONE} {EMAIL} {COMPANY} {SECRET}"
CANARIES = (
    NAME,
    "9161112233",
    "916 111-22-33",
    EMAIL,
    "kanareykin%40",
    TOKEN,
    SECRET,
    "Желтопёрые",
    INN,
    SECRET_KEY,
)
JSON, ID = {"Content-Type": "application/json"}, {"X-Request-ID": f"!{SECRET}"}
EVERYTHING = {"name": NAME, "phone": PHONE, "email": EMAIL, "company": COMPANY, "note": LINE, "x": SECRET}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged at any level, as JSON."""
    root, hook, stream = logging.getLogger(), sys.excepthook, io.StringIO()
    before = (root.handlers[:], root.level)
    set_up_logs("DEBUG", "json", (SECRET_KEY,), stream)
    yield stream
    root.handlers[:], root.level = before
    sys.excepthook = hook
    logging.captureWarnings(False)
    plain_logs()


@dataclass
class Outside:
    """Who is told of leads, refuses, and repeats in the refusal what it was told."""

    letters: Smtp
    receiver: Receiver


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    async with smtp() as letters, receiving(lambda: datetime.now(UTC)) as receiver:
        letters.unknown.add(EMAIL)
        receiver.always, receiver.quotes = 500, True
        yield Outside(letters, receiver)


@pytest.fixture
async def product(
    log: io.StringIO, outside: Outside, database_url: str, redis_url: str
) -> AsyncIterator[Running]:
    url, place = f"smtp://127.0.0.1:{outside.letters.port}", outside.receiver.place
    async with running(
        database_url, redis_url, metrics=True, smtp_url=url, smtp_from="us@romashka.example", allow=(place,)
    ) as started:
        yield started


async def tell(product: Running, owner: Member, outside: Outside) -> None:
    """Let those outside be told of what is to come."""
    services, now = product.product.services, datetime.now(UTC)
    await services.hooks_out.make(owner, "Quoting", f"{outside.receiver.url}/in", ["lead.created"])
    letter = {"to": EMAIL, "subject": NAME, "text": LINE, "sender_name": NAME, "reply_to": EMAIL}
    async with product.product.db.transaction(owner.organization_id) as s:
        await mails.owe(s, owner.telegram_id, None, letter, now)


async def chat(product: Running) -> None:
    ada = await product.member("Ada", "admin", language="en")
    for line in (LINE, f"/find {NAME}", f"/audit {PHONE}", "/privacy", f"/start inv_{SECRET}",
                 f"/nothing {LINE}", f"{NAME} {PHONE} {'9' * 20} млн", "x" * 4000 + LINE):  # fmt: skip
        await ada.say(line)
    await ada.send_contact(
        NAME, PHONE, vcard=f"BEGIN:VCARD\nFN:{NAME}\nTEL:{PHONE}\nEMAIL:{EMAIL}\nEND:VCARD"
    )
    await ada.send_document(f"{NAME}.csv", f"Имя;Телефон\n{NAME};{PHONE}\n;кривой {LINE}\n".encode())
    await ada.inline(f"{NAME} {PHONE}")
    await ada.say("/menu")
    await ada.gets("☰")


async def website(product: Running, owner: Member) -> list[httpx.Response]:
    http, services = product.http, product.product.services
    answers = []
    for kind, path in ((HookKind.WEBSITE, "website"), (HookKind.OTHER, "other")):
        inlet = await services.inlets.make(owner, kind, "hook")
        url = f"{product.url}/hooks/{path}/{inlet.key}"
        answers += [
            await http.post(url, data=EVERYTHING),
            await http.post(url, json={**EVERYTHING, "phone": LINE, "inn": INN + "1"}),
            await http.post(url, content=LINE.encode(), headers={"Content-Type": "application/json"}),
            await http.post(
                url, json=EVERYTHING, headers={"X-Webhook-Secret": SECRET, "Origin": f"https://{SECRET}"}
            ),
        ]
    answers.append(await http.post(f"{product.url}/hooks/website/{SECRET}", data=EVERYTHING))
    answers.append(await http.post(f"{product.url}/api/leads/webhook", json=EVERYTHING,
                                   headers={"X-Webhook-Secret": SECRET}))  # fmt: skip
    answers.append(await http.get(f"{product.url}/r/{SECRET}/telegram"))
    answers.append(await http.post(f"{product.url}/webhooks/espocrm/{SECRET}", content=LINE.encode()))
    answers.append(await http.post(f"{product.url}/telegram/webhook", json={"message": {"text": LINE}}))
    return answers


async def api(product: Running, owner: Member) -> list[httpx.Response]:
    key, _ = await product.product.services.api_keys.make(owner, "k", ["leads:write"], 0, owner.id)
    good, bad = {"Authorization": f"Bearer {key}"}, {"Authorization": f"Bearer {TOKEN}"}
    http, leads = product.http, f"{product.url}/api/leads"
    return [
        await http.post(leads, json={"name": NAME, "phones": [PHONE], "emails": [EMAIL]}, headers=good),
        await http.post(leads, json={"name": NAME, "phones": [LINE], "inn": INN + "0"}, headers=good),
        await http.post(leads, json={LINE: LINE}, headers=good),
        await http.post(leads, content=f'{{"name": "{NAME}'.encode(), headers={**good, **JSON}),
        await http.get(leads, params={"search": NAME, "page": LINE}, headers=good),
        await http.get(f"{leads}/{PHONE}", headers=good),
        await http.post(leads, json={"name": NAME, "phones": [PHONE]}, headers=bad),
        await http.get(f"{product.url}/api/{SECRET}", headers=bad),
        await http.post(f"{product.url}/oauth/token", data={"grant_type": "client_credentials",
                        "client_id": EMAIL, "client_secret": SECRET}),
        await http.post(f"{product.url}/api/privacy/look", json={"person": LINE}, headers=good),
        await http.get(f"{product.url}/oauth/bitrix24", params={"state": SECRET, "code": TOKEN}),
        await http.post(leads, content=b"\xff" + LINE.encode(), headers={**good, **ID}),
    ]  # fmt: skip


@pytest.mark.parametrize("leg", ["postgres"], indirect=True)
async def test_nothing_of_it_is_said(product: Running, outside: Outside, log: io.StringIO) -> None:
    await product.owner()
    owner = await product.product.services.members.current(OWNER)
    assert owner is not None
    await tell(product, owner, outside)
    product.espocrm.fail("down", times=3, mode="500")
    await chat(product)
    answers = await website(product, owner) + await api(product, owner)
    await until(lambda: outside.receiver.got and outside.letters.tried)
    await asyncio.sleep(0.5)
    refused = [one for one in answers if one.status_code >= 400]
    assert len(refused) >= 10
    said = {
        f"{one.request.method} {one.request.url.path[:30]} {one.status_code}": one.text for one in refused
    }
    figures = await product.http.get(f"{product.url}/metrics")
    told = {**said, "metrics": figures.text, "log": log.getvalue()}
    assert len(log.getvalue().splitlines()) > 40
    assert leaks(told) == {}


def leaks(told: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for where, text in told.items():
        lines = [
            line for line in text.splitlines() if any(one.casefold() in line.casefold() for one in CANARIES)
        ]
        if lines:
            found[where] = lines[:5]
    return found
