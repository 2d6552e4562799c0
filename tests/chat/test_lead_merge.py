"""Two leads that are one: side by side, merged, undone."""

from domain.leads import LeadDraft
from storage.planning.activities import list_activities
from tests.chat.lead_cards import add, lead_row, opened, taken
from tests.product import Running
from tests.waiting import until

FIRST = LeadDraft(name="Ivan", company="Romashka", phones=("+79991234567",), note="wants a mortgage")
SECOND = LeadDraft(name="Ivan Petrov", emails=("ivan@example.com",), inn="7707083893", note="called")


async def test_side_by_side_choice_then_everything_is_on_one_lead_and_undo_parts_them(
    product: Running,
) -> None:
    mila, card = await taken(product, draft=FIRST)
    await add(product, SECOND)
    services = product.product.services
    owner = await services.members.current(1000)
    assert owner is not None
    second = (await lead_row(product, 2)).id
    await services.activities.add_note(owner, second, "he called at noon")
    await mila.press("More", card)
    await mila.press("🔀 Merge")
    await mila.gets("none with the same contacts")
    await mila.press("Type its number")
    await mila.say("#2")
    asked = await mila.gets("becomes part of")
    assert "Romashka" not in asked.text
    await mila.press("⬅️ Name", asked)
    asked = await mila.gets("taken: Ivan Petrov")
    await mila.press("Merge them", asked)
    merged = await mila.gets("Merged.")
    for part in ("Ivan Petrov", "Romashka", "ivan@example.com", "7707083893", "wants a mortgage", "called"):
        assert part in merged.text
    first = await lead_row(product)
    async with product.product.db.reading(product.product.organization_id) as s:
        kept = await list_activities(s, first.id, 10, shared_only=False)
    assert [one.text for one in kept] == ["he called at noon"]
    gone = await lead_row(product, 2)
    assert gone.deleted_at is not None
    await mila.press("↩️ Undo", merged)
    await mila.gets("#1 · Ivan\n")
    parted = await lead_row(product, 2)
    assert parted.deleted_at is None
    assert parted.stage_id == (await lead_row(product)).stage_id
    async with product.product.db.reading(product.product.organization_id) as s:
        back = await list_activities(s, parted.id, 10, shared_only=False)
    assert "he called at noon" in [one.text for one in back]


async def test_the_crm_hears_of_the_one_that_goes(product: Running) -> None:
    mila, card = await taken(product, draft=FIRST)
    await add(product, SECOND)
    await until(lambda: len(product.espocrm.leads()) == 2)
    await opened(mila, 2)
    await mila.sees("In the CRM")
    await mila.press("More", card)
    await mila.press("🔀 Merge")
    await mila.press("Type its number")
    await mila.say("2")
    await mila.gets("becomes part of")
    await mila.press("Merge them")
    await mila.gets("Merged.")

    def told(_all: object) -> bool:
        closed = [one for one in product.espocrm.leads() if one["status"] in ("Dead", "Recycled")]
        notes = [str(note) for note in product.espocrm.notes()]
        return len(closed) == 1 and any("1 " in note and "Voronka" in note for note in notes)

    await mila.until(told)


async def test_the_old_card_of_the_merged_lead_leads_to_the_other(product: Running) -> None:
    mila, card = await taken(product, draft=FIRST)
    await add(product, SECOND)
    second = await opened(mila, 2)
    await mila.press("More", card)
    await mila.press("🔀 Merge")
    await mila.press("Type its number")
    await mila.say("2")
    await mila.gets("becomes part of")
    await mila.press("Merge them")
    await mila.gets("Merged.")
    await mila.until(lambda all_: any(one.id == second.id and "part of lead #1" in one.text for one in all_))
    [now] = [one for one in await mila.messages() if one.id == second.id]
    await mila.press("Open #1", now)
    await mila.gets("#1 · Ivan")


async def test_leads_with_the_same_contact_are_offered(product: Running) -> None:
    mila, card = await taken(product, draft=FIRST)
    await add(product, SECOND)
    async with product.product.db.transaction(product.product.organization_id) as s:
        from storage.leads.leads import add_contact_points

        second = (await lead_row(product, 2)).id
        await add_contact_points(s, second, [("phone", "+79991234567", "+79991234567")])
    await mila.press("More", card)
    await mila.press("🔀 Merge")
    offered = await mila.gets("These have the same contacts")
    await mila.press("#2 Ivan Petrov", offered)
    asked = await mila.gets("becomes part of")
    await mila.press("Swap", asked)
    swapped = await mila.gets("#1 · Ivan becomes part of #2 · Ivan Petrov")
    await mila.press("Stop", swapped)
    await mila.gets("Left as it was")


async def test_bad_numbers_are_answered_kindly(product: Running) -> None:
    mila, card = await taken(product, draft=FIRST)
    await mila.press("More", card)
    await mila.press("🔀 Merge")
    await mila.press("Type its number")
    await mila.say("two")
    await mila.gets("Please type the lead's number")
    await mila.say("1")
    await mila.gets("This is the same lead")
    await mila.say("99")
    await mila.gets("no longer here")


async def test_buttons_of_a_merge_that_is_over_say_so(product: Running) -> None:
    mila, card = await taken(product, draft=FIRST)
    await add(product, SECOND)
    await mila.press("More", card)
    await mila.press("🔀 Merge")
    await mila.press("Type its number")
    await mila.say("2")
    asked = await mila.gets("becomes part of")
    await mila.say("/cancel")
    await mila.say("/menu")
    await mila.gets("Menu")
    query = await mila.press("Merge them", asked)
    assert "decided already" in (await mila.answer(query))["text"]
    assert (await lead_row(product, 2)).deleted_at is None
