"""Purchases in the chat: a source connected by a form, read, watched, mended; a connector of one's own."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.telegram.person import Person
from services.transactions import sources
from tests.chat.crm_people import dialog_of, is_in_chat, owner_of
from tests.product import running
from tests.sources.more_sides import ODataSide

PATIENCE = 20


async def connected(owner: Person, crm: ODataSide) -> None:
    """Connect the base of 1C by the form, with a wrong password first."""
    await owner.say("/integrations")
    await owner.gets("Where purchases come from")
    await owner.press("Connect a source")
    await owner.gets("Where do you keep your sales?")
    await owner.press("1C")
    await owner.gets("How shall I sign in to 1C?")
    await owner.press("OData interface")
    await owner.gets("is published")
    await owner.say(crm.settings["url"])
    await owner.gets("The name of a user of 1C")
    await owner.say(crm.settings["login"])
    await owner.gets("The password of that user")
    wrong = await owner.say("a wrong one")
    await owner.gets("1C: no connection")
    assert not await is_in_chat(owner, wrong.id)
    await owner.press("✏️ Password")
    await owner.gets("The password of that user")
    given = await owner.say(crm.settings["password"])
    assert await owner.gets(f"Connected to 1C - {crm.account}")
    assert not await is_in_chat(owner, given.id)


async def sees(owner: Person, words: str) -> None:
    await owner.until(lambda messages: any(words in message.text for message in messages), PATIENCE)


async def synced(owner: Person, words: str) -> None:
    """Open the card of the only source, and ask for it now."""
    await owner.say("/integrations")
    listed = await owner.gets("Where purchases come from")
    await owner.press("1C · ", listed)
    await owner.press("Sync now")
    await sees(owner, words)


@pytest.fixture(autouse=True)
def young(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first load is of some days: a year of empty months takes its time."""
    monkeypatch.setattr(sources, "_months_ago", lambda now, _months: now - timedelta(days=3))


def to_now(source: ODataSide) -> None:
    """The stand-in's clock shows what ours does, but for a moment."""
    source.later((datetime.now(UTC) - source.now()).total_seconds() - 1)


async def test_a_source_is_connected_read_watched_and_mended(database_url: str, redis_url: str) -> None:
    async with (
        ODataSide() as source,
        running(database_url, redis_url, crm=False, allow=(source.address,)) as product,
    ):
        owner = await owner_of(product)
        to_now(source)
        kept = [source.sell(1800), source.sell(500)]
        await connected(owner, source)
        assert source.settings["password"] not in await dialog_of(product)
        await owner.press("Sync now")
        await owner.until(
            lambda messages: any("Synchronized 2 transactions" in message.text for message in messages),
            PATIENCE,
        )
        to_now(source)
        source.spoil(kept[1])
        source.sell(70)
        await synced(owner, "Synchronized 1 transaction\n")
        await owner.press("To the source")
        card = await owner.gets("🟢 Works")
        await owner.press("1 unreadable", card)
        await owner.gets("1 record waits for you")
        await owner.press(kept[1][:20])
        await owner.gets("amount: cannot be read")
        await repaired(owner)
        await figures(owner)
        await told_of_failures(owner, source)


async def repaired(owner: Person) -> None:
    await owner.press("🔧 Repair")
    await owner.gets("What is it?")
    await owner.press("A purchase")
    await owner.gets("How much?")
    await owner.say("a hundred")
    await owner.gets("I could not read the amount")
    await owner.say("1.500,50")
    await owner.gets("When?")
    await owner.say("04.03.2026 14:30")
    for question in ("The buyer's phone", "What was bought?"):
        asked = await owner.gets(question)
        await owner.press("Skip ➡️", asked)
    await owner.gets("Repaired: it is among the purchases now")


async def figures(owner: Person) -> None:
    """Statistics, the log in pages and as a file, settings and silence."""
    await owner.say("/integrations")
    listed = await owner.gets("Where purchases come from")
    await owner.press("1C · ", listed)
    card = await owner.gets("🟢 Works")
    await owner.press("Statistics", card)
    told = await owner.gets("Transactions in all: 3")
    assert "Success rate over 30 days: 100%" in told.text
    await owner.press("Back", told)
    await owner.press("Log", await owner.gets("🟢 Works"))
    log = await owner.gets("📜 Log of 1C")
    await owner.press("As a file", log)
    file = await owner.until(lambda messages: any(one.document for one in messages), PATIENCE)
    document = next(one.document for one in file if one.document)
    table = await owner.download(document["file_id"])
    assert "unchanged" in io.BytesIO(table).read().decode("utf-8-sig")
    await owner.press("Back", log)
    await owner.press("Settings", await owner.gets("🟢 Works"))
    settings = await owner.gets("Settings of 1C")
    await owner.press("✏️ Time zone", settings)
    await owner.gets("In which time zone")
    await owner.press("Asia/Omsk")
    await owner.gets("✅ Saved.")
    await owner.press("🔕 Alerts", await owner.gets("🟢 Works"))
    await owner.press("🔕 7 days", await owner.gets("After three failures in a row"))
    await owner.press("🔔 Alerts on", await owner.gets("Silent until"))


async def told_of_failures(owner: Person, source: ODataSide) -> None:
    """After three failures an alert with what to do, and the all-clear."""
    source.go_down()
    await synced(owner, "It does not answer as it should")
    await sees(owner, "do not come in")
    alert = next(one for one in reversed(await owner.messages()) if "do not come in" in one.text)
    assert alert.labels[:4] == ["🔄 Retry now", "📜 Log", "⚙️ Settings", "🔕 Mute"]
    source.heal()
    await owner.press("Retry now", alert)
    await sees(owner, "come in again")
