"""Connectors of one's own in the chat: made from a sample, changed while live, looked after, removed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from aiohttp import web

from domain.members import Member
from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from services.transactions import sources
from storage.tables import transactions
from tests.chat.crm_people import dialog_of, owner_of
from tests.product import OWNER, Running, free_port, running


@pytest.fixture(autouse=True)
def young(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first load is of some days: a year of empty months takes its time."""
    monkeypatch.setattr(sources, "_months_ago", lambda now, _months: now - timedelta(days=3))


async def as_xml(_request: web.Request) -> web.Response:
    """Orders without a phone: of two the card is told."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    orders = "".join(
        f"<Order id='x{number}'><date>{at}</date><Money><whole>{number}00,50</whole></Money><card>C-7</card>"
        f"<buyer>8 999 123-45-6{number}</buyer></Order>"
        for number in range(1, 4)
    )
    body = f"<?xml version='1.0' encoding='windows-1251'?><Answer><Orders>{orders}</Orders></Answer>"
    return web.Response(body=body.encode("cp1251"), content_type="application/xml")


@asynccontextmanager
async def shop() -> AsyncIterator[str]:
    """A shop's own list of orders behind a token, and as XML without one, at an address that is returned."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    orders = [
        {"uid": f"n{number}", "created_at": at, "sums": {"whole": f"{number}00.50"}, "who": "8 999 123-45-67"}
        for number in range(1, 4)
    ]

    async def tell(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer good-token":
            return web.json_response({}, status=401)
        return web.json_response({"data": {"orders": orders}})

    app = web.Application()
    app.router.add_get("/api/orders", tell)
    app.router.add_get("/xml/orders", as_xml)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", free_port())
    await site.start()
    try:
        yield str(site.name)
    finally:
        await runner.cleanup()


async def test_a_connector_of_ones_own(database_url: str, redis_url: str) -> None:
    async with (
        shop() as url,
        running(database_url, redis_url, crm=False, allow=(url.removeprefix("http://"),)) as product,
    ):
        owner = await owner_of(product)
        await owner.say("/integrations")
        await owner.press("Connect a source", await owner.gets("Where purchases come from"))
        await owner.press("Another system", await owner.gets("Where do you keep your sales?"))
        await owner.press("Token (Bearer)", await owner.gets("How shall I sign in"))
        await owner.gets("answers with purchases in JSON or XML")
        await owner.say("http://127.0.0.1:1/api/orders")
        await owner.gets("The key or token")
        await owner.say("good-token")
        await owner.press("✏️ Address", await owner.gets("inside a private network"))
        await owner.gets("answers with purchases in JSON or XML")
        await owner.say(f"{url}/api/orders")
        seen = await owner.gets("JSON, records at $.data.orders[*]")
        assert "Tell me where this is in a record: Amount" in seen.text
        await owner.press("✏️ Amount", seen)
        await owner.press("sums.whole", await owner.gets("Choose where it is in a record"))
        read = await owner.gets("So the first records read")
        assert "+7 999 123-45-67" not in read.text
        await owner.press("✏️ Phone", read)
        await owner.press("✏️ Type it", await owner.gets("Choose where it is in a record"))
        await owner.gets("Where is it in a record?")
        await owner.say("{{ who")
        await owner.gets("This cannot be followed: fields.phone")
        await owner.say("{{ who | replace('-', ' ') | trim }}")
        read = await owner.gets("+7 999 123-45-67")
        await owner.press("🧪 Sandbox", read)
        tried = await owner.gets("3 purchases read well")
        await owner.press("🟢 Go live", tried)
        await owner.gets("is live")
        assert "good-token" not in await dialog_of(product)
        await comes(product, 3)


async def member_of(product: Running) -> Member:
    member = await product.product.services.members.current(OWNER)
    assert member is not None
    return member


async def comes(product: Running, count: int, phone: str = "") -> None:
    """So many purchases are here, each with a phone that begins so."""
    found: list[str] = []
    for _ in range(200):
        async with product.product.db.reading(system=True) as s:
            found = [row.phone for row in await s.rows(sa.select(transactions.c.phone))]
        if len(found) == count and all(one.startswith(phone) for one in found):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the orders never came: {found}")


async def made_of_xml(owner: Person, url: str) -> None:
    """Connect it without a sign-in, give the amount's place, go live."""
    await owner.say("/integrations")
    await owner.press("Connect a source", await owner.gets("Where purchases come from"))
    await owner.press("Another system", await owner.gets("Where do you keep your sales?"))
    await owner.press("Address alone", await owner.gets("How shall I sign in"))
    await owner.gets("answers with purchases in JSON or XML")
    await owner.say(f"{url}/xml/orders")
    seen = await owner.gets("XML, records at ./Orders/Order")
    assert "Tell me where this is in a record: Amount" in seen.text
    await owner.press("✏️ Amount", seen)
    await owner.press("✏️ Type it", await owner.gets("Choose where it is in a record"))
    await owner.gets("Where is it in a record?")
    await owner.say("./Money/whole")
    await owner.press("🟢 Go live", await owner.gets("So the first records read"))


async def test_a_connector_over_xml_is_changed_while_live_looked_after_and_removed(
    database_url: str, redis_url: str
) -> None:
    async with (
        shop() as url,
        running(database_url, redis_url, crm=False, allow=(url.removeprefix("http://"),)) as product,
    ):
        owner = await owner_of(product)
        await made_of_xml(owner, url)
        live = await owner.gets("is live")
        await comes(product, 3)
        await owner.press("To the source", live)
        await owner.press("👤 Whose card", await settings_of(owner))
        await owner.gets("Which card, or number of a buyer, is it?")
        await owner.say("C-7")
        await owner.gets("And whose is it?")
        await owner.say("8 (905) 111-22-33")
        named = await owner.gets("3 purchases have found their buyer")
        await comes(product, 3, "+7905")
        await owner.press("To the source", named)

        await owner.press("🔧 Where the values are", await settings_of(owner))
        await owner.press("✏️ Phone", await owner.gets("So the first records read"))
        await owner.press("buyer", await owner.gets("Choose where it is in a record"))
        await owner.press("🧪 Sandbox", await owner.gets("+7 999 123-45-61"))
        tried = await owner.gets("3 purchases read well")
        await comes(product, 3, "+7905")
        await owner.press("🟢 Go live", tried)
        live = await owner.gets("is live")
        await comes(product, 3, "+7999")
        await owner.press("To the source", live)

        await owner.press("🗓 Keep the log", await settings_of(owner))
        await owner.press("90 days", await owner.gets("are removed after 30 days"))
        kept = await owner.gets("are removed after 90 days")
        await owner.press("Back", kept)
        await owner.press("🗑 Remove", await settings_of(owner))
        await owner.press("Yes, remove it", await owner.gets("bonuses stay"))
        gone = await owner.gets("What was bought there stays")
        await owner.press("All sources", gone)
        await owner.gets("Nothing is connected yet")
        await comes(product, 3, "+7999")
        assert not await product.product.services.integrations.every(await member_of(product))


async def settings_of(owner: Person) -> Message:
    """From the card of a source."""
    await owner.press("⚙️ Settings", await owner.gets("🧾 Custom · "))
    return await owner.gets("Settings of Custom")
