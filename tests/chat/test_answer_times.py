"""The clock of a lead: shown, stopped by the first action, and escalated step by step."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.assembly import assemble
from domain.activities import ActivityType, CallResult
from domain.leads import Lead
from domain.members import Member
from domain.plans import Subject
from services.clock import system_clock
from storage.tables import lead_history, leads
from tests.chat.forging import press_forged
from tests.chat.lead_cards import opened
from tests.chat.sharing import answer_within, as_member, lead_of, run_out, send, started
from tests.chat.taps import english_owner, tap
from tests.product import OWNER, Running


async def test_the_answer_time_of_a_pipeline_is_set_by_buttons(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/pipelines")
    await tap(owner, "ppl:show", await owner.gets("Pipelines"))
    await tap(owner, "ans:show", await owner.gets("Answer time: off"))
    await owner.press("15 min", await owner.gets("Time to the first call"))
    await tap(owner, "ans:hours_on", await owner.gets("day and night"))
    shown = await owner.gets("09:00–18:00")
    await tap(owner, "ans:type", shown)
    await owner.gets("Within how many minutes?")
    for wrong in ("0", "-5", "20000", "soon"):
        await owner.say(wrong)
        await owner.gets("a number of minutes" if wrong != "0" else "Time to the first call")
        if wrong == "0":
            await tap(owner, "ans:type")
            await owner.gets("Within how many minutes?")
    await owner.say("90")
    await owner.gets("1 h 30 min")


async def _acts(name: str) -> Callable[[Running, Member, Lead], Awaitable[object]]:
    async def call(product: Running, member: Member, lead: Lead) -> object:
        return await product.product.services.activities.log_call(member, lead.id, CallResult.NO_ANSWER)

    async def note(product: Running, member: Member, lead: Lead) -> object:
        return await product.product.services.activities.add_note(member, lead.id, "noted")

    async def stage(product: Running, member: Member, lead: Lead) -> object:
        return await product.product.services.pipeline.advance(member, lead.id, lead.stage.id)

    async def plan(product: Running, member: Member, lead: Lead) -> object:
        plans = product.product.services.plans
        coming = system_clock() + timedelta(hours=1)
        made = await plans.schedule(member, Subject("lead", lead.id), ActivityType.TASK, coming)
        assert (await lead_of(product)).escalate_at is not None
        return await plans.complete(member, made.id, "done")

    return {"call": call, "note": note, "stage": stage, "plan": plan}[name]


@pytest.mark.parametrize("name", ["call", "note", "stage", "plan"])
async def test_the_first_action_stops_the_clock(product: Running, name: str) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await answer_within(product, 15)
    sent = await send(product, 1)
    assert sent.escalate_at is not None
    services, boss = product.product.services, await as_member(product, OWNER)
    member = await as_member(product, anna)
    given = await services.hand_overs.give(boss, sent.id, member.id)
    assert given.escalate_at is not None
    await (await _acts(name))(product, member, given)
    assert (await lead_of(product)).escalate_at is None
    assert "Answer within" not in (await opened(anna)).text


async def test_each_step_is_done_once_over_replicas_and_kept_in_the_history(product: Running) -> None:
    await english_owner(product)
    vera, anna = await started(product, "Vera"), await started(product, "Anna")
    boris = await started(product, "Boris")
    road = await answer_within(product, 15)
    services, boss = product.product.services, await as_member(product, OWNER)
    await services.pipelines_setup.set_head(boss, road, (await as_member(product, vera)).id)
    lead = await send(product, 1)
    await services.hand_overs.give(boss, lead.id, (await as_member(product, anna)).id)
    for person in (vera, boris):
        await person.gets("Taken by Anna")
    async with assemble(product.settings) as replica:
        for text, person in (("Not answered yet", anna), ("Anna has not answered in time", vera)):
            await _past(product)
            done = await asyncio.gather(services.escalation.run(), replica.services.escalation.run())
            assert sorted(done) == [0, 1]
            await person.gets(text)
        await _past(product)
        done = await asyncio.gather(services.escalation.run(), replica.services.escalation.run())
        assert sorted(done) == [0, 1]
    push = await boris.gets("Nobody has answered in time")
    assert "anybody may take it" in push.text
    assert (await lead_of(product)).escalate_at is None
    async with product.product.db.reading(system=True) as s:
        query = sa.select(lead_history.c.new).where(lead_history.c.field == "late")
        steps = [row.new for row in await s.rows(query.order_by(lead_history.c.at))]
    assert steps == ["assignee", "head", "all"]
    assert await services.escalation.run() == 0
    await tap(anna, "lead:history", await opened(anna))
    assert "everybody may take it now" in (await anna.gets("Not answered in time")).text


async def _past(product: Running) -> None:
    async with product.product.db.transaction(system=True) as s:
        await s.execute(
            leads.update().where(leads.c.escalate_at.is_not(None)).values(escalate_at=leads.c.created_at)
        )


async def test_new_hands_by_an_undo_have_the_whole_time(product: Running) -> None:
    await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    await answer_within(product, 15)
    lead = await send(product, 1)
    services, boss = product.product.services, await as_member(product, OWNER)
    await services.hand_overs.give(boss, lead.id, (await as_member(product, anna)).id)
    member = await as_member(product, boris)
    given = await services.hand_overs.give(boss, lead.id, member.id, seen=(await as_member(product, anna)).id)
    await services.activities.add_note(member, given.id, "noted")
    assert (await lead_of(product)).escalate_at is None
    [change] = [await services.changes.newest(boss, lead.id)]
    assert change is not None
    await services.changes.undo(boss, change)
    again = await lead_of(product)
    assert again.assignee_name == "Anna"
    assert again.escalate_at is not None
    assert "Answer within" in (await opened(anna)).text


async def test_a_lead_that_is_up_for_all_is_in_every_managers_lists(product: Running) -> None:
    await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    await answer_within(product, 15)
    services, boss = product.product.services, await as_member(product, OWNER)
    lead = await send(product, 1)
    await services.hand_overs.give(boss, lead.id, (await as_member(product, anna)).id)
    await boris.say("/find Lead")
    await boris.gets("Nothing found")
    for _step in range(2):
        await run_out(product, lead.id)
    await boris.gets("Nobody has answered in time")
    await boris.say("/find Lead")
    await boris.gets("1 found.")
    await boris.say("/leads")
    page = await boris.gets("Leads: all")
    await tap(boris, "list:unassigned", page)
    assert "#1 " in (await boris.gets("Leads: free")).labels[0]
    await boris.say("/pipeline")
    await boris.press("Free", await boris.gets("In all: 1"))
    assert "In all: 1" in (await boris.gets("Free · All the time")).text
    # whoever takes it has it alone again
    await tap(boris, "lead:take")
    await boris.gets("You are responsible")
    assert [(one.assignee_name, one.is_up_for_all) for one in [await lead_of(product)]] == [("Boris", False)]
    await anna.say("/find Lead")
    await anna.gets("Nothing found")


async def test_a_lead_that_is_closed_meanwhile_is_escalated_to_nobody(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await answer_within(product, 15)
    lead = await send(product, 1)
    services, boss = product.product.services, await as_member(product, OWNER)
    await services.leads.withdraw(boss, lead.id)
    await run_out(product, lead.id)
    assert (await lead_of(product)).escalate_at is None
    assert not [one for one in await anna.messages() if "in time" in one.text]


async def test_a_free_lead_goes_to_everybody_at_once_where_there_is_no_head(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await answer_within(product, 15)
    lead = await send(product, 1)
    await anna.sees("Answer within")
    await run_out(product, lead.id)
    await anna.gets("Nobody has answered in time")
    await tap(anna, "lead:take")
    await anna.gets("You are responsible")
    assert (await lead_of(product)).escalations == 0


async def test_the_clock_of_another_organizations_pipeline_cannot_be_set(product: Running) -> None:
    owner = await english_owner(product)
    road = await answer_within(product, 15)
    services, boss = product.product.services, await as_member(product, OWNER)
    await services.belongings.create(boss, "Another")
    await owner.start()
    answer = await press_forged(product, owner, f"ans:set:{road.hex}:5")
    assert "not yours to see" in str(answer["text"])
    await services.belongings.switch(OWNER, boss.organization_id)
    answer_time = (await services.pipelines_setup.get(boss, road)).answer
    assert answer_time is not None
    assert answer_time.minutes == 15
