"""Bonuses in the chat: a rule, a table of purchases that earns them, a balance explained, spending."""

from datetime import UTC, datetime

from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from storage.leads import customers
from storage.tables import loyalty_rules
from tests.chat.crm_people import owner_of
from tests.chat.tables import text_of
from tests.product import Running

PATIENCE = 20
TABLE = text_of(
    [
        ["Дата", "Сумма", "Телефон", "Описание"],
        ["20.11.2026 12:00", "1.000,50", "8 999 123-45-67", "Стрижка"],
        ["20.11.2026 13:00", "2000", "+7 999 123-45-67", "Окраска"],
        ["вчера", "10", "", ""],
        ["21.11.2026", "сто", "", ""],
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


async def test_a_rule_a_table_a_balance_and_a_payment(product: Running) -> None:
    owner = await owner_of(product)
    await rule_made(owner)
    await earlier(product)
    async with product.product.db.transaction(product.product.organization_id) as s:
        number = await customers.next_number(s)
        now = product.product.services.redemptions.clock()
        await customers.add_customer(s, now, number=number, name="Anna", phones=["+79991234567"])
    await owner.send_document("sales.csv", TABLE.encode())
    seen = await arrives(owner, "2 purchases read well")
    assert "Row 4: time: cannot be read" in seen.text
    await owner.press("Import 2 purchases", seen)
    done = await arrives(owner, "✅ Imported 2, 2 errors")
    await owner.press("Errors", done)
    found = await owner.until(
        lambda messages: any(one.document and one.from_bot for one in messages), PATIENCE
    )
    sent = next(one.document for one in reversed(found) if one.document and one.from_bot)
    table = (await owner.download(sent["file_id"])).decode("utf-8-sig")
    assert "5,amount: cannot be read,21.11.2026,сто" in table

    await owner.say("/customers")
    await owner.press("Anna", await owner.gets("1 in all"))
    await owner.press("🎁 Bonuses", await owner.gets("🤝 #1 · Anna"))
    balance = await owner.gets("Free to spend: 300.05")
    assert "10% of 2,000" in balance.text
    assert "Окраска" in balance.text
    await owner.press("Purchases", balance)
    await owner.press("🎁 Bonuses", await owner.gets("Purchases of #1 · Anna"))
    await owner.press("Spend", await owner.gets("Free to spend: 300.05"))
    await owner.press("200", await owner.gets("How many bonuses does #1 · Anna pay with?"))
    await owner.press("✅ Confirm", await owner.gets("200 bonuses are set aside"))
    await owner.gets("Paid with 200 bonuses")


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
