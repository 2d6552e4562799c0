"""Pipelines and their stages, set up by an admin in the chat."""

import pytest

from domain.leads import LeadDraft, StageKind
from domain.pipelines import MOST_PIPELINES, MOST_REASONS, MOST_STAGES, Pipeline
from handlers.buttons import PipelineButton, StageButton
from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from tests.chat.forging import press_forged
from tests.chat.lead_cards import add
from tests.product import Running


async def admin(product: Running, language: str = "en") -> Person:
    ada = await product.member("Ada", "admin", language=language)
    await ada.start()
    await ada.say("/pipelines")
    await ada.gets("⭐")
    return ada


async def pipelines(product: Running) -> tuple[Pipeline, ...]:
    services = product.product.services
    owner = await services.members.current(1000)
    assert owner is not None
    return await services.pipelines_setup.all(owner)


async def stage_open(ada: Person, name: str) -> Message:
    """The screen of a stage of the default pipeline."""
    await ada.say("/pipelines")
    await ada.press("⭐ Sales", await ada.gets("Pipelines"))
    await ada.press(name, await ada.gets("Press a stage"))
    return await ada.gets("stand")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_preset_is_one_tap_and_its_names_are_translated(product: Running, language: str) -> None:
    ada = await admin(product, language)
    await ada.press("ppln:")
    await ada.gets("➕")
    await ada.press("ppln:credit")
    await ada.gets("✅")
    sales, credit = await pipelines(product)
    assert (credit.name, credit.preset, len(credit.stages)) == ("", "credit", 7)
    assert [one.kind for one in credit.stages].count(StageKind.FAILED) == 2
    assert sales.position < credit.position


async def test_second_of_a_preset_asks_for_a_name_and_refuses_a_taken_one(product: Running) -> None:
    ada = await admin(product)
    await ada.press("ppln:")
    await ada.press("ppln:sales", await ada.gets("For what?"))
    await ada.gets("What shall the new pipeline be called?")
    await ada.say("sALES")
    await ada.gets("There is a pipeline “sALES” already")
    await ada.say("x" * 61)
    await ada.gets("Too long")
    await ada.say("Wholesale")
    await ada.gets("The pipeline is ready")
    assert [one.name for one in await pipelines(product)] == ["", "Wholesale"]


async def test_empty_pipeline_has_a_stage_of_each_kind(product: Running) -> None:
    ada = await admin(product)
    await ada.press("ppln:")
    await ada.press("ppln:empty", await ada.gets("For what?"))
    await ada.say("Partners")
    await ada.gets("The pipeline is ready")
    made = (await pipelines(product))[-1]
    assert {one.kind for one in made.stages} == set(StageKind)


async def test_pipeline_renamed_ordered_made_default_given_a_head(product: Running) -> None:
    mila = await product.member("Mila", "manager", language="en")
    ada = await admin(product)
    await ada.press("ppln:")
    await ada.press("ppln:clinic", await ada.gets("For what?"))
    made = await ada.gets("The pipeline is ready")
    await ada.press("✏️ Rename", made)
    await ada.gets("What shall “Clinic” be called?")
    await ada.say("Dentists")
    screen = await ada.gets("Renamed")
    await ada.press("Make it the default", screen)
    screen = await ada.gets("⭐ The default")
    await ada.press("⬇️", screen)
    screen = await ada.gets("Head: —")
    assert "⭐ Make it the default" in screen.labels
    await ada.press("👤 Head", screen)
    await ada.press("Mila", await ada.gets("Who is the head"))
    await ada.gets("Head: Mila")
    sales, clinic = await pipelines(product)
    assert (sales.preset, clinic.name) == ("sales", "Dentists")
    member = await product.product.services.members.current(mila.id)
    assert member is not None
    assert clinic.head_id == member.id


async def test_stage_added_renamed_coloured_moved_and_marked(product: Running) -> None:
    ada = await admin(product)
    await ada.press("⭐ Sales")
    await ada.press("➕ Stage", await ada.gets("Press a stage"))
    await ada.gets("what shall the new stage be called?")
    await ada.say("mEETing")
    await ada.press("On the way", await ada.gets("What does it mean"))
    await ada.gets("There is a stage “mEETing” here already")
    await ada.say("Contract")
    listed = await ada.gets("The stage is there")
    assert "5. ⚪ Contract" in listed.text
    await ada.press("⚪ Contract", listed)
    screen = await ada.gets("0 leads stand here")
    await ada.press("🎨 Colour", screen)
    await ada.press("💎", await ada.gets("Which colour"))
    screen = await ada.gets("💎 Contract")
    await ada.press("⬆️", screen)
    await ada.press("⬆️", await ada.gets("Number 4 of 7"))
    await ada.press("🏷 Meaning", await ada.gets("Number 3 of 7"))
    await ada.press("🏁 Success", await ada.gets("What does it mean"))
    screen = await ada.gets("🏁 Success")
    await ada.press("✏️ Rename", screen)
    await ada.gets("What shall the stage “💎 Contract” be called?")
    await ada.say("Signed")
    listed = await ada.gets("It is called “💎 Signed” now")
    assert "3. 💎 Signed 🏁" in listed.text
    [sales] = await pipelines(product)
    assert [one.position for one in sales.stages] == list(range(7))


async def test_names_that_differ_in_yo_alone_are_the_same(product: Running) -> None:
    ada = await admin(product)
    await ada.press("⭐ Sales")
    again = "There is a stage “РАСЧЕТ” here already"
    for name, answer in (("Расчёт", "The stage is there"), ("РАСЧЕТ", again)):
        await ada.press("➕ Stage", await ada.sees("Press a stage"))
        await ada.gets("what shall the new stage be called?")
        await ada.say(name)
        await ada.press("On the way", await ada.gets("What does it mean"))
        await ada.gets(answer)


async def test_renamed_stage_keeps_its_name_in_every_language(product: Running) -> None:
    ada = await admin(product)
    await stage_open(ada, "🟡 Call")
    await ada.press("✏️ Rename")
    await ada.say("Qualification")
    await ada.gets("It is called")
    [sales] = await pipelines(product)
    assert [(one.key, one.name) for one in sales.stages][:2] == [("new", ""), (None, "Qualification")]


async def test_stage_says_its_status_in_the_connected_crm(product: Running) -> None:
    ada = await admin(product)
    screen = await stage_open(ada, "🟢 Qualified")
    assert "In EspoCRM it is “Converted”" in screen.text


async def test_one_stage_of_each_kind_is_kept(product: Running) -> None:
    ada = await admin(product)
    screen = await stage_open(ada, "🔴 Refused")
    await ada.press("🏷 Meaning", screen)
    query = await ada.press("🚶 On the way", await ada.gets("What does it mean"))
    assert "needs a stage on the way" in (await ada.answer(query))["text"]
    await stage_open(ada, "🔴 Refused")
    await ada.press("🗑 Remove")
    query = await ada.press("Yes, remove", await ada.gets("Remove the stage"))
    assert "needs a stage on the way" in (await ada.answer(query))["text"]
    [sales] = await pipelines(product)
    assert len(sales.stages) == 6


async def test_stage_in_use_is_removed_after_its_leads_went_elsewhere(product: Running) -> None:
    for number in range(3):
        await add(product, LeadDraft(name=f"Ivan {number}", phones=(f"+7999123450{number}",)))
    ada = await admin(product)
    screen = await stage_open(ada, "🔵 New")
    assert "3 leads stand here" in screen.text
    await ada.press("🗑 Remove", screen)
    refused = await ada.gets("3 leads stand on “🔵 New”")
    assert "🔴 Refused" not in refused.labels
    await ada.press("🟡 Call", refused)
    moved = await ada.gets("3 leads went to “🟡 Call”")
    await ada.press("Yes, remove", moved)
    await ada.gets("“🔵 New” is removed")
    [sales] = await pipelines(product)
    assert sales.stages[0].key == "call"
    await ada.say("Petr +7 999 765-43-21")
    await ada.gets("🧾")
    await ada.say("/pipeline")
    assert "🟡 Call\n▰▰▰▰▰▰▰▰ 4" in (await ada.gets("📊 Sales")).text


async def test_removing_races_with_a_lead_that_comes(product: Running) -> None:
    ada = await admin(product)
    screen = await stage_open(ada, "🔵 New")
    await ada.press("🗑 Remove", screen)
    confirm = await ada.gets("Remove the stage “🔵 New”?")
    await add(product, LeadDraft(name="Ivan", phones=("+79991234567",)))
    query = await ada.press("Yes, remove", confirm)
    assert "There are leads on this stage" in (await ada.answer(query))["text"]


async def test_pipeline_is_archived_after_its_open_leads_went_elsewhere(product: Running) -> None:
    ada = await admin(product)
    await ada.press("ppln:")
    await ada.press("ppln:salon", await ada.gets("For what?"))
    made = await ada.gets("The pipeline is ready")
    salon = (await pipelines(product))[-1]
    await add(product, LeadDraft(name="Ivan", phones=("+79991234567",), pipeline_id=salon.id))
    await ada.press("🗄 Archive", made)
    refused = await ada.gets("1 open lead is in “Salon”")
    await ada.press("🔀 To “Sales”", refused)
    confirm = await ada.gets("Archive “Salon”?")
    await ada.press("Yes, archive", confirm)
    listed = await ada.gets("“Salon” is archived")
    await ada.press("🗄 Salon", listed)
    await ada.press("Take it back into use", await ada.gets("Archived: no lead comes here"))
    await ada.gets("Press a stage")
    assert [one.archived for one in await pipelines(product)] == [False, False]


async def test_only_pipeline_cannot_be_archived(product: Running) -> None:
    ada = await admin(product)
    [sales] = await pipelines(product)
    answer = await press_forged(product, ada, PipelineButton(do="really_archive", id=sales.id).pack())
    assert "the only pipeline" in str(answer["text"])
    assert len(await pipelines(product)) == 1


async def test_lost_reasons_are_edited(product: Running) -> None:
    ada = await admin(product)
    await ada.press("⭐ Sales")
    await ada.press("💬 Lost reasons", await ada.gets("Press a stage"))
    screen = await ada.gets("1. Too expensive")
    await ada.press("➕ Reason", screen)
    await ada.gets("Word the reason")
    await ada.say("too EXPENSIVE")
    await ada.gets("There is such a reason already")
    await ada.say("No collateral")
    screen = await ada.gets("8. No collateral")
    await ada.press("No collateral", screen)
    await ada.press("⬆️", await ada.gets("No collateral"))
    screen = await ada.gets("7. No collateral")
    await ada.press("Too expensive", screen)
    await ada.press("Take it off", await ada.gets("Too expensive"))
    screen = await ada.gets("1. Chose somebody else")
    assert "Too expensive" not in screen.text
    await ada.press("The usual ones", screen)
    screen = await ada.gets("1. Too expensive")
    assert "No collateral" not in screen.text


async def test_limits_are_said(product: Running) -> None:
    ada = await admin(product)
    services = product.product.services
    owner = await services.members.current(1000)
    assert owner is not None
    [sales] = await pipelines(product)
    for number in range(MOST_STAGES - len(sales.stages)):
        await services.stages_setup.add(owner, sales.id, f"Stage {number}")
    for number in range(MOST_REASONS - len(sales.reasons)):
        await services.pipelines_setup.add_reason(owner, sales.id, f"Reason {number}", ())
    for number in range(MOST_PIPELINES - 1):
        await services.pipelines_setup.add(owner, "empty", f"Pipeline {number}")
    await ada.say("/stages")
    listed = await ada.gets("Pipelines")
    await ada.press("⭐ Sales", listed)
    await ada.press("➕ Stage", await ada.gets("Press a stage"))
    await ada.say("One more")
    await ada.press("On the way", await ada.gets("What does it mean"))
    await ada.gets("has 20 stages at most")
    await ada.press("Cancel")
    await ada.gets("Left as it was")
    await ada.say("/pipelines")
    await ada.press("ppln:", await ada.gets("Pipelines"))
    query = await ada.press("ppln:clinic", await ada.gets("For what?"))
    assert "12 pipelines at most" in (await ada.answer(query))["text"]


async def test_those_who_may_not_are_told_so(product: Running) -> None:
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await mila.say("/pipelines")
    await mila.gets("Your role does not allow this")
    [sales] = await pipelines(product)
    answer = await press_forged(product, mila, StageButton(do="really_remove", id=sales.stages[0].id).pack())
    assert "Your role does not allow this" in str(answer["text"])
    assert len((await pipelines(product))[0].stages) == 6


async def test_guessed_ids_find_nothing(product: Running) -> None:
    ada = await admin(product)
    organization = product.product.organization_id
    for data in (
        StageButton(do="show", id=organization).pack(),
        StageButton(do="really_remove", id=organization).pack(),
        PipelineButton(do="show", id=organization).pack(),
        PipelineButton(do="reason", id=organization, extra="99").pack(),
    ):
        answer = await press_forged(product, ada, data)
        assert "no longer here" in str(answer["text"])
        assert await ada.gets("Pipelines")
