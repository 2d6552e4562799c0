"""Ways to a stage other than moving the lead: qualifying, merging, many at once. They ask for the same."""

from domain.bulk import Order
from domain.custom_fields import FieldType
from domain.lead_query import LeadQuery
from domain.leads import LeadDraft
from sandbox.telegram.person import Person
from storage.leads.lead_history import last_value
from tests.chat.lead_cards import add, lead_row, opened, taken
from tests.chat.test_stage_move import owner_of, require, sales_of, the_lead
from tests.product import Running

FIRST = LeadDraft(name="Ivan", phones=("+79991234567",))
SECOND = LeadDraft(name="Petr", emails=("petr@example.com",))


async def merging(product: Running, mila: Person, number: int = 2) -> None:
    """Lead #1 beside another one, with the other's stage chosen."""
    await mila.press("More", await opened(mila))
    await mila.press("🔀 Merge", await mila.gets("What else"))
    await mila.press("Type its number", await mila.gets("Which lead"))
    await mila.gets("number of the other lead")
    await mila.say(f"#{number}")
    await mila.press("⬅️ Stage", await mila.gets("becomes part of"))


async def test_qualifying_asks_for_what_the_stage_needs(product: Running) -> None:
    await require(product, "qualified", "company", "inn")
    mila, card = await taken(product, draft=FIRST)
    await mila.press("More", card)
    await mila.press("Make a customer", await mila.gets("What else"))
    asked = await mila.gets("🏢 What is the company called?")
    assert "“🟢 Qualified” needs this:" in asked.text
    assert (await the_lead(product)).customer_id is None
    await mila.say("Romashka")
    await mila.gets("INN")
    await mila.say("7707083890")
    await mila.gets("slip in this INN")
    await mila.say("7707083893")
    made = await mila.gets("🤝 #1 · Ivan")
    assert "Romashka" in made.text
    lead = await the_lead(product)
    assert (lead.stage.key, lead.inn) == ("qualified", "7707083893")


async def test_leaving_the_questions_makes_no_customer(product: Running) -> None:
    await require(product, "qualified", "company")
    mila, card = await taken(product, draft=FIRST)
    await mila.press("More", card)
    await mila.press("Make a customer", await mila.gets("What else"))
    await mila.press("Cancel", await mila.gets("🏢 What is the company called?"))
    await mila.gets("Left as it was")
    lead = await the_lead(product)
    assert (lead.customer_id, lead.stage.key) == (None, "new")


async def test_a_merge_does_not_take_a_stage_over_without_what_it_needs(product: Running) -> None:
    mila, _card = await taken(product, draft=FIRST)
    await add(product, SECOND)
    services, owner = product.product.services, await owner_of(product)
    stages = (await sales_of(product)).stages
    meeting = next(one for one in stages if one.key == "meeting")
    await services.pipeline.move(owner, (await the_lead(product, 2)).id, meeting.id)
    await require(product, "meeting", "company")
    await merging(product, mila)
    side = await mila.gets("taken: Meeting")
    query = await mila.press("Merge them", side)
    assert "asks for more about the lead" in str((await mila.answer(query))["text"])
    second = await lead_row(product, 2)
    assert second.deleted_at is None
    await services.leads.change(owner, second.id, {"company": "Romashka"})
    await mila.press("Merge them", side)
    await mila.gets("Merged.")
    lead = await the_lead(product)
    assert (lead.stage.key, lead.company) == ("meeting", "Romashka")


async def test_a_merge_into_a_lost_stage_keeps_or_asks_why(product: Running) -> None:
    mila, _card = await taken(product, draft=FIRST)
    await add(product, SECOND)
    services, owner = product.product.services, await owner_of(product)
    refused = next(one for one in (await sales_of(product)).stages if one.key == "refused")
    second = await the_lead(product, 2)
    async with product.product.db.transaction(product.product.organization_id) as s:
        await services.pipeline.move_by_crm(s, second.id, refused.id, "crm")
    await merging(product, mila)
    await mila.press("Merge them", await mila.gets("taken: Refused"))
    asked = await mila.gets("Choose or type the reason")
    assert (await lead_row(product, 2)).deleted_at is None
    assert "Too expensive" in asked.labels
    await mila.say("went elsewhere")
    await mila.gets("Merged.")
    lead = await the_lead(product)
    assert lead.stage.key == "refused"
    entries = await services.leads.history(owner, lead.id)
    assert ("reason", "went elsewhere") in [(one.field, one.new) for one in entries]


async def test_the_lead_that_goes_is_closed_with_a_reason_where_its_stage_lets_it(product: Running) -> None:
    mila, _card = await taken(product, draft=FIRST)
    for draft in (SECOND, LeadDraft(name="Oleg", emails=("oleg@example.com",))):
        await add(product, draft)
    services, owner = product.product.services, await owner_of(product)
    first, second, third = [await the_lead(product, number) for number in (1, 2, 3)]
    await services.merging.merge(owner, first.id, second.id, {})
    async with product.product.db.reading(product.product.organization_id) as s:
        assert "Voronka" in await last_value(s, second.id, "reason")
    await require(product, "refused", "company")
    await services.merging.merge(owner, first.id, third.id, {})
    assert (await lead_row(product, 3)).stage_id == third.stage.id
    assert (await lead_row(product, 3)).deleted_at is not None
    await mila.gets()


async def test_many_at_once_leave_those_that_lack_own_fields_and_forget_archived_ones(
    product: Running,
) -> None:
    services, owner = product.product.services, await owner_of(product)
    bank = await services.custom_fields.add(owner, "Bank", FieldType.TEXT)
    rate = await services.custom_fields.add(owner, "Rate", FieldType.TEXT)
    stage = await require(product, "call", bank.path, rate.path)
    await services.custom_fields.archive(owner, rate.id)
    first = await add(product, FIRST)
    second = await add(product, SECOND)
    await services.custom_fields.set_value(owner, first, bank.key, "Alfa")
    await services.picking.pick_all(owner, LeadQuery())
    order = Order("stage", str(stage))
    await services.bulk.confirm(owner, order)
    run = await services.bulk.start(owner, order)
    assert (run.done, dict(run.skipped)) == (1, {"fields": 1})
    stages = [(await services.leads.get(owner, one)).stage.key for one in (first, second)]
    assert stages == ["call", "new"]
