"""Many leads at once: picked, given, moved, tagged, deleted, with a count, a bar and Undo."""

import pytest

from domain.bulk import AT_ONCE, Order
from domain.errors import BadInput, NotAllowed, TooLate
from domain.lead_query import LeadQuery
from domain.leads import Lead, LeadDraft
from domain.members import Member
from sandbox.telegram.person import Person
from storage.leads import lead_tags
from tests.product import Running


async def member_of(product: Running, person: Person) -> Member:
    member = await product.product.services.members.current(person.id)
    assert member is not None
    return member


async def admin(product: Running, language: str = "en") -> tuple[Person, Member]:
    person = await product.member("Ada", "admin", language=language)
    await person.start()
    return person, await member_of(product, person)


async def send(product: Running, member: Member, count: int, first: int = 0) -> list[Lead]:
    leads = product.product.services.leads
    return [
        await leads.create(
            member, LeadDraft(name=f"Person {number}", phones=(f"+7916{number:07d}",)), receipt=False
        )
        for number in range(first, first + count)
    ]


async def now(product: Running, member: Member, lead: Lead) -> Lead:
    return await product.product.services.leads.get(member, lead.id)


async def test_picked_leads_are_given_to_somebody_and_taken_back(product: Running) -> None:
    ada, member = await admin(product)
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    leads = await send(product, member, 8)
    await ada.say("/leads")
    await ada.press("☑️ Select")
    await ada.gets("Tap the leads")
    await ada.press("#8 Person 7")
    await ada.gets("1 lead is picked.")
    await ada.press("#8 Person 7")
    await ada.gets("Tap the leads")
    await ada.press("This page")
    await ada.gets("6 leads are picked.")
    await ada.press("➡️")
    await ada.press("#1 Person 0")
    await ada.gets("7 leads are picked.")
    await ada.press("👤 Assign")
    await ada.press("Mila")
    asked = await ada.gets("Give 7 leads to Mila?")
    assert "✅ Yes, 7 leads" in asked.labels
    await ada.press("✅ Yes, 7 leads")
    done = await ada.gets("7 leads are changed")
    await mila.sees("Ada has given you 7 leads")
    assert (await now(product, member, leads[0])).assignee_name == "Mila"
    assert (await now(product, member, leads[1])).assignee_id is None
    await ada.press("↩️ Undo", done)
    await ada.gets("7 leads are as they were")
    assert (await now(product, member, leads[0])).assignee_id is None


async def test_second_tap_on_yes_does_nothing(product: Running) -> None:
    ada, member = await admin(product)
    await send(product, member, 2)
    await ada.say("/leads")
    await ada.press("☑️ Select")
    await ada.press("All 2")
    await ada.press("🗑 Delete")
    asked = await ada.gets("Delete 2 leads?")
    first = await ada.press("✅ Yes, 2 leads", asked)
    await ada.gets("2 leads are changed")
    bulk = product.product.services.bulk
    with pytest.raises(TooLate, match="nothing_picked"):
        await bulk.start(member, Order("delete"))
    assert first
    await ada.say("/leads")
    await ada.gets("No leads yet")


async def test_failed_stage_asks_one_reason_for_all(product: Running) -> None:
    ada, member = await admin(product, "ru")
    leads = await send(product, member, 3)
    await ada.say("/leads")
    await ada.press("pick:start:0.:0:")
    await ada.press("pick:every:0.:0:")
    services = product.product.services
    await ada.until(lambda all_: any("pick:none:0.:0:" in [b.data for b in m.buttons] for m in all_))
    stages = await services.pipeline.stages(member)
    failed = next(one for one in stages if one.kind == "failed")
    await services.bulk.confirm(member, Order("stage", str(failed.id)))
    with pytest.raises(BadInput, match="required"):
        await services.bulk.start(member, Order("stage", str(failed.id)))
    run = await services.bulk.start(member, Order("stage", str(failed.id), "Дорого"))
    assert (run.done, run.state) == (3, "done")
    assert (await now(product, member, leads[2])).stage.id == failed.id
    entries = await services.leads.history(member, leads[2].id)
    assert ("reason", "Дорого") in [(one.field, one.new) for one in entries]


async def test_failed_stage_in_chat(product: Running) -> None:
    ada, member = await admin(product)
    [lead] = await send(product, member, 1)
    await ada.say("/leads")
    await ada.press("☑️ Select")
    await ada.press("All 1")
    await ada.press("🗂 Stage")
    await ada.press("🔴 Refused")
    await ada.gets("One reason for all of them")
    await ada.press("Too expensive")
    await ada.gets("Reason: Too expensive")
    await ada.press("✅ Yes, 1 lead")
    await ada.gets("1 lead is changed")
    assert (await now(product, member, lead)).stage.kind == "failed"


async def test_tag_and_untag(product: Running) -> None:
    ada, member = await admin(product)
    leads = await send(product, member, 2)
    for word, label, tags in (("#Hot, ipoteka", "🏷 Tag", ("hot ipoteka",)), ("hot ipoteka", "🏷 Untag", ())):
        await ada.say("/leads")
        await ada.press("☑️ Select")
        await ada.press("All 2")
        await ada.press(label)
        await ada.gets("Which tag?")
        await ada.say(word)
        await ada.gets("#hot ipoteka")
        await ada.press("✅ Yes, 2 leads")
        await ada.gets("2 leads are changed")
        async with product.product.db.reading(member.organization_id) as s:
            assert await lead_tags.tags_of(s, leads[0].id) == tags


async def test_what_changes_meanwhile_and_what_is_not_theirs_is_left_alone(product: Running) -> None:
    _ada, boss = await admin(product)
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    member = await member_of(product, mila)
    leads = await send(product, boss, 3)
    services = product.product.services
    await services.pipeline.take(member, leads[0].id)
    await services.pipeline.take(member, leads[1].id)
    stage = (await services.pipeline.stages(member))[1]
    await mila.say("/leads")
    shown = await mila.gets("Leads: all")
    await mila.press("☑️ Select", shown)
    await mila.press("All 3", shown)
    await mila.gets("3 leads are picked")
    await mila.press("🗂 Stage", shown)
    await mila.gets("To which stage?")
    await mila.press("🟡 Call", shown)
    await mila.gets("Move 3 leads to 🟡 Call?")
    await services.leads.change(boss, leads[1].id, {"name": "Somebody Else"})
    await mila.press("✅ Yes, 3 leads", shown)
    done = await mila.gets("1 lead is changed")
    assert "changed meanwhile: 1" in done.text
    assert "not yours to change: 1" in done.text
    assert (await now(product, boss, leads[0])).stage.id == stage.id
    assert (await now(product, boss, leads[1])).stage.id != stage.id


async def test_many_go_in_the_background_with_a_bar_and_can_be_stopped_and_undone(product: Running) -> None:
    ada, member = await admin(product)
    leads = await send(product, member, AT_ONCE + 10)
    await ada.say("/leads")
    shown = await ada.gets("60 in all")
    await ada.press("☑️ Select", shown)
    await ada.press(f"All {len(leads)}", shown)
    await ada.gets("60 leads are picked")
    await ada.press("👤 Assign", shown)
    asked = await ada.gets("Who shall be responsible?")
    assert "Ada" in asked.labels
    await ada.press("Ada", shown)
    await ada.press(f"✅ Yes, {len(leads)} leads", shown)
    done = await ada.gets(f"{len(leads)} leads are changed", timeout=30)
    assert (await now(product, member, leads[0])).assignee_id == member.id
    await ada.press("↩️ Undo", done)
    await ada.gets(f"{len(leads)} leads are as they were", timeout=30)
    assert (await now(product, member, leads[-1])).assignee_id is None
    query = await ada.press("📋 List")
    assert query


async def test_stopped_run_keeps_what_is_done(product: Running) -> None:
    _ada, member = await admin(product)
    await send(product, member, AT_ONCE + 1)
    services = product.product.services
    await services.picking.pick_all(member, LeadQuery())
    await services.bulk.confirm(member, Order("tag", "hot"))
    run = await services.bulk.start(member, Order("tag", "hot"))
    assert run.state == "running"
    stopped = await services.bulk.cancel(member, run.id)
    assert stopped.state == "cancelled"
    await services.bulk.advance()
    assert (await services.bulk.get(member, run.id)).state == "cancelled"


async def test_partner_has_no_bulk_and_guessed_ids_find_nothing(product: Running) -> None:
    _ada, member = await admin(product)
    [lead] = await send(product, member, 1)
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/leads")
    assert "☑️ Select" not in (await anna.gets("Leads")).labels
    services = product.product.services
    partner = await member_of(product, anna)
    for call in (services.picking.pick(partner, [lead.number], True),
                 services.bulk.start(partner, Order("delete"))):  # fmt: skip
        with pytest.raises(NotAllowed):
            await call
    mila = await member_of(product, await product.member("Mila", "manager", language="en"))
    await services.pipeline.take(await member_of(product, await product.owner()), lead.id)
    await services.picking.pick(mila, [lead.number, 999_999], True)
    await services.bulk.confirm(mila, Order("delete"))
    run = await services.bulk.start(mila, Order("delete"))
    assert run.done == 0
    # one is not visible to her, the other number is nobody's
    assert run.skipped == {"gone": 1, "changed": 1}
