"""Webhooks in the chat: made by a form, secret shown once, tested, looked at, sent anew, switched off."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from handlers.hooks_out.buttons import HookButton, SendingButton
from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from tests.chat.around import LINE, admin
from tests.chat.forging import press_forged
from tests.chat.tables import card, press
from tests.hooks_out.receiver import Receiver, receiving
from tests.product import Running, running
from tests.waiting import until


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving(lambda: datetime.now(UTC)) as started:
        yield started


@pytest.fixture
async def product(database_url: str, redis_url: str, receiver: Receiver) -> AsyncIterator[Running]:
    async with running(database_url, redis_url, crm=False, allow=(receiver.place,)) as started:
        yield started


async def make(ada: Person, address: str, *events: str) -> Message:
    await ada.say("/hooks")
    await ada.press("➕ New webhook")
    await ada.gets("What is it for?")
    await ada.press("Own program")
    await ada.gets("Where shall I send to?")
    await ada.say(address)
    await ada.gets("Of what shall I tell?")
    for event in events:
        await ada.press(event)
        await ada.gets("Of what shall I tell?")
    await ada.press("✅ Done")
    return await ada.gets("here is the secret")


def secret_in(message: Message) -> str:
    found = re.search(r"whsec_[\w+/=]+", message.text)
    assert found is not None, message.text
    return found[0]


async def arrives(receiver: Receiver, count: int) -> None:
    await until(lambda: len(receiver.got) >= count)


async def test_from_the_form_to_the_message(product: Running, receiver: Receiver) -> None:
    ada = await admin(product)
    shown = await make(ada, f"{receiver.url}/in?key=word", "A new lead", "A lead has got somebody")
    secret = secret_in(shown)
    receiver.secrets.append(secret)
    assert not [one for one in await ada.messages() if "key=word" in one.text]
    await ada.press("🙈 I have it, hide it")
    card = await ada.gets("Nothing was sent yet")
    assert (card.id, secret in card.text) == (shown.id, False)
    assert "A lead has got somebody" in card.text

    await ada.press("🧪 Send a test")
    tested = await ada.gets("It has got there")
    assert "HTTP 200" in tested.text
    assert receiver.got[0].said["type"] == "test"

    anna = await product.member("Anna", "partner", language="en")
    await anna.say(LINE)
    await arrives(receiver, 2)
    got = receiver.got[1]
    assert (got.path, got.said["type"]) == ("/in?key=word", "lead.created")
    assert got.said["data"]["lead"]["phones"] == ["+79991234567"]
    assert all(one.signed for one in receiver.got)
    await ada.press("⬅️ Back")
    await ada.press("lead.created")
    assert "msg_" in (await ada.gets("A new lead")).text

    receiver.always = 410
    await ada.press("🔁 Send it anew")
    await ada.gets("Switched off: the receiver answered")
    receiver.always = 200
    await ada.press("📡 Show it")
    await ada.press("▶️ Switch on", await ada.gets("1 failed"))
    await ada.press("🔁 Send all failed anew")
    await arrives(receiver, 4)
    assert receiver.got[3].headers["webhook-id"] == got.headers["webhook-id"]


async def test_it_is_changed_rotated_paused_and_removed(product: Running, receiver: Receiver) -> None:
    ada = await admin(product)
    first = secret_in(await make(ada, f"{receiver.url}/in", "A new lead"))
    await ada.press("🙈 I have it, hide it")
    await ada.gets("It tells of")
    await ada.press("✏️ Events")
    await ada.gets("Of what shall I tell?")
    await ada.press("A lead was deleted")
    await ada.press("✅ Done: 2")
    assert "A lead was deleted" in (await ada.gets("It tells of")).text
    await ada.press("✏️ Address")
    await ada.gets("Where shall I send to?")
    await ada.say("example")
    await ada.gets("This is no address")
    await ada.say("http://example.com/")
    await ada.gets("must begin with https://")
    await ada.say("https://example.com/other")
    await ada.gets("https://example.com/other")
    await ada.press("🔑 New secret")
    await ada.gets("Make a new secret")
    await ada.press("🔑 Yes, a new secret")
    assert secret_in(await ada.gets("here is the secret")) != first
    await ada.press("🙈 I have it, hide it")
    await ada.gets("signs along until")
    await ada.press("⏸ Pause")
    await ada.gets("what happens meanwhile waits")
    await ada.press("🗑 Remove")
    await ada.gets("Nothing more is sent there")
    await ada.press("🗑 Yes, remove it")
    await ada.gets("There is none yet")


async def test_an_import_tells_of_each_lead(product: Running, receiver: Receiver) -> None:
    ada = await admin(product)
    receiver.secrets.append(secret_in(await make(ada, f"{receiver.url}/in", "A new lead")))
    table = "Name,Phone\nIvan Petrov,+7 916 123-45-67\nAnna Smirnova,+7 916 765-43-21\n"
    await ada.send_document("leads.csv", table.encode())
    await card(ada, "start")
    await press(ada, "start")
    await arrives(receiver, 2)
    told = {one.said["data"]["lead"]["name"] for one in receiver.got if one.signed}
    assert told == {"Ivan Petrov", "Anna Smirnova"}
    assert {one.said["data"]["origin"] for one in receiver.got} == {"import"}


async def test_webhooks_are_the_admins(product: Running, receiver: Receiver) -> None:
    ada = await admin(product)
    await make(ada, f"{receiver.url}/in", "A new lead")
    hooks = product.product.services.hooks_out
    boss = await product.product.services.members.current(ada.id)
    assert boss is not None
    (made,) = await hooks.browse(boss)
    manager = await product.member("Mike", "manager", language="en")
    await manager.say("/menu")
    await manager.gets("Menu")
    assert "📡 Webhooks" not in str(await manager.keyboard())
    await manager.say("/hooks")
    doings = ("new", "show", "events", "address", "test", "pause", "log", "failed", "really_rotate",
              "really_remove")  # fmt: skip
    for do in doings:
        await press_forged(product, manager, HookButton(do=do, hook=made.id).pack())
    await press_forged(product, manager, SendingButton(do="again", sending=made.id).pack())
    assert await hooks.browse(boss) == [made]
    assert receiver.got == []
