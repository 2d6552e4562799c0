"""Moving a lead: what a stage asks for, why a lead is lost, other pipelines, and others who are faster."""

from decimal import Decimal
from uuid import UUID

import pytest

from domain.custom_fields import FieldType
from domain.leads import Lead, LeadDraft, StageKind
from domain.members import Member
from domain.pipelines import Pipeline
from sandbox.telegram.person import Person
from tests.chat.lead_cards import add, opened, taken
from tests.product import Running

pytestmark = pytest.mark.main_road


async def owner_of(product: Running) -> Member:
    await product.owner()
    found = await product.product.services.members.current(1000)
    assert found is not None
    return found


async def sales_of(product: Running) -> Pipeline:
    owner = await owner_of(product)
    return (await product.product.services.pipelines_setup.all(owner))[0]


async def require(product: Running, stage_key: str, *fields: str) -> UUID:
    """Let a stage of the default pipeline ask for fields."""
    owner, sales = await owner_of(product), await sales_of(product)
    stage = next(one for one in sales.stages if one.key == stage_key)
    await product.product.services.stages_setup.require(owner, stage.id, fields)
    return stage.id


async def the_lead(product: Running, number: int = 1) -> Lead:
    from domain.leads import LeadFilter

    services = product.product.services
    owner = await owner_of(product)
    return next(
        one for one in (await services.leads.browse(owner, LeadFilter())).leads if one.number == number
    )


async def choose(person: Person, card: object, stage: str) -> None:
    await person.press("🗂 Stage", card)  # type: ignore[arg-type]
    await person.press(stage, await person.gets("Which stage is next?"))


async def test_missing_fields_are_asked_one_at_a_time(product: Running) -> None:
    await require(product, "meeting", "phone", "company", "amount", "email")
    mila, card = await taken(product)
    await choose(mila, card, "🟠 Meeting")
    asked = await mila.gets("What is the company called?")
    assert "“🟠 Meeting” needs this:" in asked.text
    await mila.say("Romashka")
    await mila.gets("💰 What is the amount?")
    await mila.say("never")
    await mila.gets("could not read the amount")
    await mila.say("2 million")
    await mila.gets("What is the e-mail?")
    await mila.say("ivan@example.com")
    done = await mila.gets("Now: 🟠 Meeting")
    assert "Romashka" in done.text
    lead = await the_lead(product)
    assert (lead.stage.key, lead.company, lead.emails) == ("meeting", "Romashka", ("ivan@example.com",))
    assert lead.amount is not None
    assert lead.amount.amount == Decimal(2_000_000)


async def test_what_was_given_is_kept_when_the_dialog_is_left(product: Running) -> None:
    await require(product, "call", "company", "email")
    mila, card = await taken(product)
    await mila.press("➡️ 🟡 Call", card)
    await mila.gets("What is the company called?")
    await mila.say("Romashka")
    await mila.press("Cancel", await mila.gets("What is the e-mail?"))
    await mila.gets("What you gave before is kept")
    lead = await the_lead(product)
    assert (lead.company, lead.stage.key) == ("Romashka", "new")
    await mila.press("➡️ 🟡 Call", await opened(mila))
    asked = await mila.gets("What is the e-mail?")
    assert "Company" not in asked.text


async def test_another_leads_phone_is_refused_in_the_dialog(product: Running) -> None:
    await require(product, "call", "phone")
    await add(product, LeadDraft(name="Petr", phones=("+79997654321",)))
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await add(product, LeadDraft(name="Ivan", emails=("ivan@example.com",)))
    services = product.product.services
    member = await services.members.current(mila.id)
    assert member is not None
    await services.pipeline.take(member, (await the_lead(product, 2)).id)
    await mila.press("➡️ 🟡 Call", await opened(mila, 2))
    await mila.gets("📞 What is the phone?")
    await mila.say("8 999 765 43 21")
    await mila.gets("Another lead has this already")
    await mila.say("8 999 111 22 33")
    await mila.gets("Now: 🟡 Call")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_own_fields_are_asked_by_buttons(product: Running, language: str) -> None:
    services, owner = product.product.services, await owner_of(product)
    field = await services.custom_fields.add(owner, "Bank", FieldType.CHOICE, ["Alfa", "Sber"])
    await require(product, "call", field.path)
    mila, card = await taken(product, language=language)
    [forward] = [one.data for one in card.buttons if one.data and one.data.startswith("lead:advance")]
    await mila.press(forward, card)
    await mila.press("Sber", await mila.gets("Bank"))
    await mila.gets("🟡")
    lead = await the_lead(product)
    assert (lead.stage.key, lead.custom) == ("call", {field.key: "Sber"})


async def test_field_that_was_archived_is_not_asked_any_more(product: Running) -> None:
    services, owner = product.product.services, await owner_of(product)
    field = await services.custom_fields.add(owner, "Bank", FieldType.TEXT)
    await require(product, "call", field.path)
    await services.custom_fields.archive(owner, field.id)
    mila, card = await taken(product)
    await mila.press("➡️ 🟡 Call", card)
    await mila.gets("Stage: 🟡 Call")


async def test_reasons_are_the_pipelines_own_or_in_own_words(product: Running) -> None:
    services, owner, sales = product.product.services, await owner_of(product), await sales_of(product)
    await services.pipelines_setup.add_reason(owner, sales.id, "No collateral", ())
    mila, card = await taken(product)
    await choose(mila, card, "🔴 Refused")
    asked = await mila.gets("Why “🔴 Refused”?")
    assert "Too expensive" in asked.labels
    await mila.press("No collateral", asked)
    done = await mila.gets("Refused: No collateral")
    assert "Stage: 🔴 Refused" in done.text
    await choose(mila, done, "🟡 Call")
    await mila.gets("Stage: 🟡 Call")
    await mila.press("🚫 Refuse")
    await mila.gets("Why “🔴 Refused”?")
    await mila.say("moved to <Mars>")
    await mila.gets("Refused: moved to <Mars>")


async def test_stage_taken_away_under_an_open_picker(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("🗂 Stage", card)
    picker = await mila.gets("Which stage is next?")
    services, owner, sales = product.product.services, await owner_of(product), await sales_of(product)
    await services.stages_setup.remove(owner, sales.stages[2].id)
    query = await mila.press("🟠 Meeting", picker)
    assert "taken this stage away" in (await mila.answer(query))["text"]
    assert (await the_lead(product)).stage.key == "new"


async def test_stage_taken_away_in_the_middle_of_the_dialog(product: Running) -> None:
    stage_id = await require(product, "meeting", "company")
    mila, card = await taken(product)
    await choose(mila, card, "🟠 Meeting")
    await mila.gets("What is the company called?")
    await product.product.services.stages_setup.remove(await owner_of(product), stage_id)
    await mila.say("Romashka")
    told = await mila.gets("taken this stage away")
    assert "⬅️ To the lead" in told.labels
    lead = await the_lead(product)
    assert (lead.stage.key, lead.company) == ("new", "Romashka")


async def test_lead_moved_by_somebody_else_meanwhile(product: Running) -> None:
    mila, card = await taken(product)
    await mila.press("🗂 Stage", card)
    picker = await mila.gets("Which stage is next?")
    services, owner, sales = product.product.services, await owner_of(product), await sales_of(product)
    await services.pipeline.move(owner, (await the_lead(product)).id, sales.stages[3].id)
    query = await mila.press("🟡 Call", picker)
    assert "moved on meanwhile" in (await mila.answer(query))["text"]
    assert (await the_lead(product)).stage.key == "negotiation"


async def test_lead_goes_to_another_pipeline(product: Running) -> None:
    services, owner = product.product.services, await owner_of(product)
    credit = await services.pipelines_setup.add(owner, "credit")
    mila, card = await taken(product)
    assert "Pipeline: Sales" in card.text
    await mila.press("🗂 Stage", card)
    picker = await mila.gets("Which stage is next?")
    assert "🟡 Documents" not in picker.labels
    await mila.press("🔀 Another pipeline", picker)
    await mila.press("Credit brokerage", await mila.gets("To which pipeline?"))
    await mila.press("🟡 Documents", await mila.gets("Stages of “Credit brokerage”"))
    moved = await mila.gets("Stage: 🟡 Documents")
    assert "Pipeline: Credit brokerage" in moved.text
    assert "➡️ 🟠 At the banks" in moved.labels
    assert (await the_lead(product)).stage.pipeline_id == credit.id
    await mila.press("History", moved)
    assert "Pipeline: Sales → Credit brokerage" in (await mila.gets("🕓")).text
    await mila.press("To the lead")
    await mila.press("🚫 Refuse", await mila.gets("Stage: 🟡 Documents"))
    offered = await mila.gets("Which stage is next?")
    assert {"⚫ Banks refused", "🔴 Refused"} <= set(offered.labels)


async def test_move_between_pipelines_can_be_undone(product: Running) -> None:
    services, owner = product.product.services, await owner_of(product)
    await services.pipelines_setup.add(owner, "credit")
    mila, card = await taken(product)
    await mila.press("🗂 Stage", card)
    await mila.press("🔀 Another pipeline", await mila.gets("Which stage is next?"))
    await mila.press("Credit brokerage", await mila.gets("To which pipeline?"))
    await mila.press("🟣 Approved", await mila.gets("Stages of"))
    undone = await mila.press("↩️ Undo", await mila.gets("Stage: 🟣 Approved"))
    await mila.answer(undone)
    assert (await the_lead(product)).stage.key == "new"


async def test_pipeline_is_chosen_in_the_form_but_not_for_a_line(product: Running) -> None:
    services, owner = product.product.services, await owner_of(product)
    credit = await services.pipelines_setup.add(owner, "credit")
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("/new")
    await anna.gets("What is the phone")
    await anna.say("+7 999 123-45-67")
    await anna.gets("What is the name")
    await anna.say("Ivan")
    await anna.press("Credit brokerage", await anna.gets("Which pipeline is it for?"))
    await anna.press("Skip", await anna.gets("What amount"))
    await anna.press("Skip", await anna.gets("What should the manager know"))
    await anna.gets("🧾")
    assert (await the_lead(product)).stage.id == credit.stages[0].id
    await anna.say("Petr +7 999 765-43-21")
    await anna.gets("🧾")
    assert (await the_lead(product, 2)).stage.key == "new"


async def test_one_pipeline_is_not_asked_about(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("/new")
    await anna.gets("What is the phone")
    await anna.say("+7 999 123-45-67")
    await anna.gets("What is the name")
    await anna.say("Ivan")
    await anna.gets("What amount")


async def test_withdrawn_lead_lands_on_its_own_pipelines_failed_stage(product: Running) -> None:
    services, owner = product.product.services, await owner_of(product)
    clinic = await services.pipelines_setup.add(owner, "clinic")
    lead_id = await add(product, LeadDraft(name="Ivan", phones=("+79991234567",), pipeline_id=clinic.id))
    lead = await services.leads.withdraw(owner, lead_id)
    assert lead.stage.pipeline_id == clinic.id
    assert lead.stage.kind is StageKind.FAILED
