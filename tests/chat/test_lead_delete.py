"""Deleting a lead softly: out of lists and the duplicate check, back by undo or by an admin."""

from datetime import UTC, datetime, timedelta

from domain.leads import LeadDraft
from storage.tables import leads
from tests.chat.lead_cards import add, later, lead_row, taken
from tests.product import Running


async def test_a_deleted_lead_leaves_lists_and_the_duplicate_check_and_comes_back(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("More", card)
    await mila.press("🗑 Delete")
    await mila.gets("Delete this lead?")
    await mila.press("Yes, delete")
    gone = await mila.gets("🗑 Deleted")
    assert "Bring it back" not in " ".join(gone.labels)
    await mila.say("/leads")
    await mila.gets("No leads yet")
    await add(product, LeadDraft(name="Petr", phones=("+79991234567",)))
    query = await mila.press("🔄 Refresh", card) if "🔄 Refresh" in gone.labels else None
    assert query is None
    await mila.press("↩️ Undo", gone)
    await mila.gets("You are responsible")
    assert (await lead_row(product)).deleted_at is None


async def test_an_old_button_of_a_deleted_lead_says_so(product: Running) -> None:
    mila, card = await taken(product)
    oleg = await product.member("Oleg", "admin", language="en")
    await oleg.start()
    await oleg.say("/leads")
    await oleg.press("#1")
    seen = await oleg.gets("Taken by Mila")
    await oleg.press("More", seen)
    await oleg.press("🗑 Delete")
    await oleg.press("Yes, delete")
    await oleg.gets("🗑 Deleted")
    await mila.until(lambda all_: any(one.id == card.id and "Deleted" in one.text for one in all_))
    await mila.say("/leads")
    await mila.gets("No leads yet")


async def test_an_admin_brings_it_back_from_the_list_of_deleted(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("More", card)
    await mila.press("🗑 Delete")
    await mila.press("Yes, delete")
    await mila.gets("🗑 Deleted")
    await later(product)
    oleg = await product.member("Oleg", "admin", language="en")
    await oleg.start()
    await oleg.say("/deleted")
    page = await oleg.gets("1 lead can be brought back")
    await oleg.press("#1", page)
    seen = await oleg.gets("🗑 Deleted")
    await oleg.press("Bring it back", seen)
    await oleg.gets("Taken by Mila")
    await oleg.say("/deleted")
    await oleg.gets("None in the last 30 days")


async def test_after_thirty_days_it_cannot_be_brought_back(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("More", card)
    await mila.press("🗑 Delete")
    await mila.press("Yes, delete")
    await mila.gets("🗑 Deleted")
    oleg = await product.member("Oleg", "admin", language="en")
    await oleg.start()
    await oleg.say("/deleted")
    page = await oleg.gets("1 lead can be brought back")
    await oleg.press("#1", page)
    seen = await oleg.gets("🗑 Deleted")
    async with product.product.db.transaction(system=True) as s:
        await s.execute(leads.update().values(deleted_at=datetime.now(UTC) - timedelta(days=31)))
    query = await oleg.press("Bring it back", seen)
    assert "more than 30 days ago" in (await oleg.answer(query))["text"]


async def test_only_who_works_on_a_lead_deletes_it_and_only_admins_see_the_deleted(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("/deleted")
    await anna.gets("Your role does not allow this")
    await anna.say("Ivan 8 999 123-45-67 mortgage")
    await anna.press("Open")
    card = await anna.gets("Sent by you")
    assert not any("More" in label for label in card.labels)
