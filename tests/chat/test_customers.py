"""A lead becomes a customer; customers are listed, found, corrected."""

import asyncio

import sqlalchemy as sa

from domain.leads import LeadDraft
from storage.ids import new_id
from storage.tables import contacts, customers
from tests.chat.lead_cards import lead_row, taken
from tests.product import Running

DRAFT = LeadDraft(name="Ivan", company="Romashka", phones=("+79991234567",), emails=("ivan@example.com",))


async def test_qualifying_copies_contacts_moves_the_lead_and_links_both_ways(product: Running) -> None:
    mila, card = await taken(product, draft=DRAFT)
    lead = await lead_row(product)
    async with product.product.db.transaction(product.product.organization_id) as s:
        await s.execute(
            contacts.insert().values(
                id=new_id(),
                organization_id=s.tenant,
                lead_id=lead.id,
                name="Olga Boss",
                created_at=lead.created_at,
            )
        )
    await mila.press("More", card)
    await mila.press("Make a customer")
    made = await mila.gets("🤝 #1 · Ivan")
    for part in ("Romashka", "+7 999 123-45-67", "ivan@example.com", "Olga Boss", "Mila"):
        assert part in made.text
    await mila.press("Its lead #1", made)
    back = await mila.gets("Customer #1")
    assert "🟢 Qualified" in back.text
    await mila.press("More", back)
    more = await mila.gets("What else")
    assert "🤝 Make a customer" not in more.labels
    await mila.press("🤝 Customer", more)
    await mila.gets("🤝 #1 · Ivan")


async def test_a_double_tap_makes_one_customer(product: Running) -> None:
    mila, card = await taken(product, draft=DRAFT)
    await mila.press("More", card)
    more = await mila.gets("What else")
    await asyncio.gather(mila.press("Make a customer", more), mila.press("Make a customer", more))
    await mila.gets("🤝 #1 · Ivan")
    await mila.say("/customers")
    await mila.gets("1 in all")
    async with product.product.db.reading(system=True) as s:
        assert await s.scalar(sa.select(sa.func.count()).select_from(customers)) == 1


async def test_undo_takes_the_customer_back_and_qualifying_again_revives_it(product: Running) -> None:
    mila, card = await taken(product, draft=DRAFT)
    await mila.press("More", card)
    await mila.press("Make a customer")
    made = await mila.gets("🤝 #1 · Ivan")
    await mila.press("Its lead #1", made)
    back = await mila.gets("Customer #1")
    await mila.press("↩️ Undo", back)
    await mila.gets("Stage: 🔵 New")
    await mila.say("/customers")
    await mila.gets("No customers yet")
    await mila.press("More", back)
    await mila.press("Make a customer")
    await mila.gets("🤝 #1 · Ivan")


async def test_customers_are_found_by_name_phone_and_number(product: Running) -> None:
    mila, card = await taken(product, draft=DRAFT)
    await mila.press("More", card)
    await mila.press("Make a customer")
    await mila.gets("🤝 #1 · Ivan")
    for words in ("ромаш", "ROMASH", "8 (999) 123-45-67", "4567", "1", "ivan@"):
        await mila.say("/customers")
        page = await mila.gets("🤝 Customers")
        await mila.press("🔎 Find", page)
        await mila.gets("Whom shall I find?")
        await mila.say(words)
        await mila.gets("Nobody found" if words == "ромаш" else "1 in all")
    await mila.press("Show all")
    shown = await mila.gets("1 in all")
    assert "“" not in shown.text


async def test_a_customer_is_corrected_and_a_slip_is_explained(product: Running) -> None:
    mila, card = await taken(product, draft=DRAFT)
    await mila.press("More", card)
    await mila.press("Make a customer")
    made = await mila.gets("🤝 #1 · Ivan")
    await mila.press("Edit", made)
    await mila.press("INN")
    await mila.say("7707083890")
    await mila.gets("slip in this INN")
    await mila.say("7707083893")
    done = await mila.gets("INN 7707083893")
    await mila.press("Edit", done)
    await mila.press("Company")
    await mila.press("Leave it empty")
    emptied = await mila.gets("Corrected.")
    assert "Romashka" not in emptied.text


async def test_another_manager_sees_no_customer_that_is_not_theirs(product: Running) -> None:
    mila, card = await taken(product, draft=DRAFT)
    await mila.press("More", card)
    await mila.press("Make a customer")
    await mila.gets("🤝 #1 · Ivan")
    oleg = await product.member("Oleg", "manager", language="en")
    await oleg.start()
    await oleg.say("/customers")
    await oleg.gets("No customers yet")
    services = product.product.services
    member = await services.members.current(oleg.id)
    assert member is not None
    async with product.product.db.reading(system=True) as s:
        customer_id = await s.scalar(sa.select(customers.c.id))
    from domain.errors import NotFound

    try:
        await services.customers.get(member, customer_id)
    except NotFound:
        return
    raise AssertionError("a stranger's customer was shown")
