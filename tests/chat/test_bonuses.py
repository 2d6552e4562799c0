"""Bonuses in the chat: a rule, a table of purchases that earns them, a balance explained, spending."""

from datetime import UTC, datetime

import pytest

from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from services.transactions import table_failing
from storage.importing import imports
from storage.leads import customers
from storage.tables import loyalty_rules
from tests.chat.crm_people import owner_of
from tests.chat.tables import text_of
from tests.product import OWNER, Running, running
from tests.sources.sides import IikoSide

PATIENCE = 20
TABLE = text_of(
    [
        ["Дата", "Сумма", "Телефон", "Описание"],
        ["20.11.2026 12:00", "1.000,50", "8 999 123-45-67", "Стрижка"],
        ["20.11.2026 13:00", "2000", "+7 999 123-45-67", "Окраска"],
        ["вчера", "10", "", ""],
        ["21.11.2026", "сто", "", ""],
        ["21.11.2026", "5", "+7 (???) 12", "Шампунь"],
    ]
)


async def arrives(person: Person, words: str) -> Message:
    """The message of the bot that comes to say so."""
    found = await person.until(
        lambda messages: any(words in one.text and one.from_bot for one in messages), PATIENCE
    )
    return next(one for one in reversed(found) if words in one.text and one.from_bot)


async def rule_made(owner: Person) -> None:
    await owner.say("/loyalty")
    await owner.press("New rule", await owner.gets("No rule holds now"))
    await owner.press("10%", await owner.gets("How many percent"))
    await owner.gets("More for bigger purchases")
    await owner.say("1000000=12")
    for question, answer in (
        ("What must reach the sum", "All that somebody has bought"),
        ("At most how many bonuses", "♾ No limit"),
        ("From what sum on", "From any"),
        ("Items that earn nothing", "Skip ➡️"),
        ("Groups of items", "Skip ➡️"),
        ("medical visits", "No"),
        ("How long do bonuses live", "180 days"),
        ("From when on", "▶️ Now"),
        ("Until when", "♾ Without an end"),
    ):
        await owner.press(answer, await owner.gets(question))
    await owner.press("Bonuses", await owner.gets("What shall the rule be called"))
    made = await owner.gets("is made")
    assert "10% of each purchase" in made.text
    assert "bought in all: 12%" in made.text
    assert "bonuses live 180 days" in made.text


async def test_a_rule_a_table_a_balance_and_a_payment(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_failing, "MOST_FAILURES", 1)
    async with (
        IikoSide() as cafe,
        running(database_url, redis_url, crm=False, allow=(cafe.address,)) as product,
    ):
        await paid_with_bonuses(await owner_of(product), product, cafe)


async def paid_with_bonuses(owner: Person, product: Running, cafe: IikoSide) -> None:
    await rule_made(owner)
    await earlier(product)
    async with product.product.db.transaction(product.product.organization_id) as s:
        number = await customers.next_number(s)
        now = product.product.services.redemptions.clock()
        await customers.add_customer(s, now, number=number, name="Anna", phones=["+79991234567"])
    await owner.send_document("sales.csv", TABLE.encode())
    seen = await arrives(owner, "3 purchases read well")
    assert "Row 4: time: cannot be read" in seen.text
    assert "1 phone cannot be read: its purchase comes in without a buyer" in seen.text
    await owner.press("🏷 Another system", seen)
    await owner.gets("Where does this table come from?")
    await owner.say("Till in Omsk")
    seen = await arrives(owner, "Comes from: Till in Omsk")
    body = await changed_body(product, b"no archive")
    await owner.press("Import 3 purchases", seen)
    failed = await arrives(owner, "sales.csv has not come in")
    await changed_body(product, body)
    await owner.press("🔄 Retry", failed)
    done = await arrives(owner, "✅ Imported 3, 2 errors")
    await owner.press("Errors", done)
    found = await owner.until(
        lambda messages: any(one.document and one.from_bot for one in messages), PATIENCE
    )
    sent = next(one.document for one in reversed(found) if one.document and one.from_bot)
    table = (await owner.download(sent["file_id"])).decode("utf-8-sig")
    assert "5,amount: cannot be read,21.11.2026,сто" in table
    assert "6,phone: cannot be read; it came in without a buyer,21.11.2026,5" in table

    await owner.say("/customers")
    await owner.press("Anna", await owner.gets("1 in all"))
    await owner.press("🎁 Bonuses", await owner.gets("🤝 #1 · Anna"))
    balance = await owner.gets("Free to spend: 300.05")
    assert "10% of 2,000" in balance.text
    assert "Окраска" in balance.text
    await owner.press("Purchases", balance)
    await owner.press("🎁 Bonuses", await owner.gets("Purchases of #1 · Anna"))
    balance = await owner.gets("Free to spend: 300.05")
    guest = await known_in_the_cafe(product, cafe)
    await owner.press("Spend", balance)
    await owner.press("200", await owner.gets("How many bonuses does #1 · Anna pay with?"))
    await owner.press("take off in iiko · Кафе Юг", await owner.gets("200 bonuses are set aside"))
    await owner.gets("Paid with 200 bonuses")
    assert await product.product.services.bonus_telling.run() == 1
    assert cafe.crm.bonuses(guest) == 50


async def changed_body(product: Running, body: bytes) -> bytes:
    """What the newest table holds is this from now on; returns what it was."""
    async with product.product.db.transaction(product.product.organization_id) as s:
        (row,) = await imports.newest(s, 1)
        was = await imports.body(s, row.id)
        await imports.change(s, row.id, datetime.now(UTC), body=body)
    return was


async def known_in_the_cafe(product: Running, cafe: IikoSide) -> str:
    """The restaurant is connected, and knows the guest with 250 bonuses."""
    owner = await product.product.services.members.current(OWNER)
    assert owner is not None
    sources = product.product.services.transaction_sources
    _report, source = await sources.connect(owner, "iiko", cafe.settings, months=0)
    assert source is not None
    return cafe.crm.guest("+79991234567", "Anna", bonus=250)


async def earlier(product: Running) -> None:
    """The rule holds since before the purchases of the table."""
    async with product.product.db.transaction(product.product.organization_id) as s:
        own = loyalty_rules.c.organization_id == s.tenant
        since = datetime(2026, 11, 1, tzinfo=UTC)
        await s.execute(loyalty_rules.update().where(own).values(starts_at=since))


async def test_the_person_sees_their_own_once_telegram_vouches_for_the_phone(product: Running) -> None:
    partner = await product.member("Boris", "partner", language="en")
    await partner.say("/bonus")
    await partner.gets("press “Share my phone” below")
    await partner.send_contact("Somebody", "+79990000000")
    await partner.gets("somebody else's contact")
    await partner.share_contact("+79991112233")
    await partner.gets("Your phone: +7 999 111-22-33")
    await partner.gets("Free to spend: 0")
    await partner.say("/bonus")
    await partner.gets("Your bonuses")
