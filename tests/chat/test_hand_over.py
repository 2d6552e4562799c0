"""A lead given from its card: assigned, handed over with a word, given back; and who is faster."""

import pytest

from domain.leads import LeadDraft
from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from tests.chat.forging import press_forged
from tests.chat.lead_cards import opened
from tests.chat.sharing import answer_within, as_member, lead_of, rule, run_out, send, started
from tests.chat.taps import english_owner, has, tap
from tests.product import OWNER, Running

pytestmark = pytest.mark.main_road


async def _taken(product: Running, person: Person) -> Message:
    """The opened card of a lead that the person has taken."""
    services = product.product.services
    lead = await send(product, 1)
    await services.pipeline.take(await as_member(product, person), lead.id)
    return await opened(person)


async def test_a_lead_is_handed_over_with_a_word_in_three_taps(product: Running) -> None:
    owner = await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    card = await _taken(product, anna)
    await tap(anna, "lead:assign", card)
    people = await anna.gets("Who shall work on it?")
    assert "Boris (0)" in people.labels
    await anna.press("Boris (0)", people)
    await anna.gets("A word for Boris?")
    await anna.say("She likes tea & <b>cakes</b>")
    await anna.gets("Boris has it now")
    push = await boris.sees("Anna hands this lead over to you")
    assert "She likes tea & <b>cakes</b>" in push.text
    assert (await lead_of(product)).assignee_name == "Boris"
    # the sender reads it in the thread
    await tap(owner, "lead:write", await opened(owner))
    assert "She likes tea" in (await owner.gets("pass on to")).text


async def test_whoever_hands_over_can_undo_it_at_once(product: Running) -> None:
    await english_owner(product)
    adam, anna = await started(product, "Adam", "admin"), await started(product, "Anna")
    await send(product, 1)
    await tap(adam, "lead:assign", await opened(adam))
    await adam.press("Anna (0)", await adam.gets("Who shall work on it?"))
    await adam.press("Skip", await adam.gets("A word for Anna?"))
    done = await adam.gets("Anna has it now")
    await anna.sees("hands this lead over to you")
    await tap(adam, "lead:undo", done)
    await adam.gets("Nobody has taken it yet")
    assert (await lead_of(product)).assignee_id is None


async def test_a_lead_given_back_is_free_for_others_and_they_are_told(product: Running) -> None:
    await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    card = await _taken(product, anna)
    await tap(anna, "lead:assign", card)
    await tap(anna, "lead:free", await anna.gets("Who shall work on it?"))
    await anna.gets("Nobody has taken it yet")
    push = await boris.gets("Nobody has taken it yet")
    assert has(push, "lead:take")
    assert (await lead_of(product)).assignee_id is None


async def test_a_double_take_gives_the_lead_to_one(product: Running) -> None:
    await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    await send(product, 1)
    cards = [await opened(anna), await opened(boris)]
    await tap(anna, "lead:take", cards[0])
    await anna.gets("You are responsible")
    answer = await boris.answer(await press_take(boris, (await lead_of(product)).id.hex, cards[1]))
    assert "already with Anna" in str(answer["text"])


async def press_take(person: Person, lead: str, card: Message) -> str:
    """Press Take on a card, however it looks by now."""
    pressed = await person.act("press", message_id=card.id, data=f"lead:take:{lead}:")
    return str(pressed["query_id"])


async def test_a_lead_taken_while_it_is_handed_over_stays_with_who_took_it(product: Running) -> None:
    await english_owner(product)
    adam = await started(product, "Adam", "admin")
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    lead = await send(product, 1)
    services = product.product.services
    await tap(adam, "lead:assign", await opened(adam))
    people = await adam.gets("Who shall work on it?")
    await adam.press("Anna (0)", people)
    await adam.gets("A word for Anna?")
    await services.pipeline.take(await as_member(product, boris), lead.id)
    await adam.say("please")
    await adam.gets("already with Boris")
    assert (await lead_of(product)).assignee_name == "Boris"
    # and the list of people of before does not give it away either
    data = next(button.data for button in people.buttons if button.text == "Anna (0)")
    answer = await press_forged(product, adam, str(data))
    assert "already with Boris" in str(answer["text"])
    assert "hands this lead" not in "".join(one.text for one in await anna.messages())


async def test_a_manager_cannot_hand_over_what_is_not_theirs(product: Running) -> None:
    await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    await _taken(product, anna)
    lead = await lead_of(product)
    receiver = (await as_member(product, boris)).id
    seen = (await as_member(product, anna)).id.hex[-8:]
    for data in (
        f"lead:give:{lead.id.hex}:{receiver.hex[-12:]}.{seen}", f"lead:free:{lead.id.hex}:{seen}",
        f"lead:assign:{lead.id.hex}:", f"lead:why:{lead.id.hex}:",
    ):  # fmt: skip
        answer = await press_forged(product, boris, data)
        assert "not yours to see" in str(answer["text"]), data
    assert (await lead_of(product)).assignee_name == "Anna"


async def test_forged_receivers_and_leads_of_another_organization_are_refused(product: Running) -> None:
    owner = await english_owner(product)
    anna = await started(product, "Anna")
    lead = await send(product, 1)
    services, boss = product.product.services, await as_member(product, OWNER)
    theirs = await services.belongings.create(boss, "Another")
    other = await services.leads.create(theirs, LeadDraft(name="Other", phones=("+79990009999",)))
    await owner.start()
    anna_id = (await as_member(product, anna)).id
    for data in (
        f"lead:give:{lead.id.hex}:{anna_id.hex[-12:]}.",  # a lead of the other organization
        f"lead:give:{other.id.hex}:{anna_id.hex[-12:]}.",  # a member of the other organization
        f"lead:free:{lead.id.hex}:",
    ):
        answer = await press_forged(product, owner, data)
        assert "not yours to see" in str(answer["text"]), data
    assert (await services.leads.get(theirs, other.id)).assignee_id is None
    await services.belongings.switch(OWNER, boss.organization_id)
    assert (await services.leads.get(boss, lead.id)).assignee_id is None


async def test_a_blocked_bot_gives_the_leads_new_hands_and_tells_once(product: Running) -> None:
    owner = await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    services = product.product.services
    for number in range(3):
        lead = await send(product, number)
        await services.pipeline.take(await as_member(product, anna), lead.id)
    await anna.block()
    told = await owner.sees("Anna has blocked the bot")
    assert "3 open leads need new hands" in told.text
    assert "3 are free" in told.text
    await boris.sees("Anna has blocked the bot")
    assert [(await lead_of(product, number)).assignee_id for number in (1, 2, 3)] == [None] * 3
    messages = [one for one in await owner.messages() if "has blocked the bot" in one.text]
    assert len(messages) == 1


async def test_leads_of_somebody_paused_go_by_the_rules(product: Running) -> None:
    owner = await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    services = product.product.services
    lead = await send(product, 1)
    await services.pipeline.take(await as_member(product, anna), lead.id)
    await rule(product, "All", anna, boris)
    boss = await as_member(product, OWNER)
    _member, moved = await services.standing.suspend(boss, (await as_member(product, anna)).id)
    assert moved == 1
    await owner.sees("Anna is paused")
    await boris.sees("You have got 1 lead", timeout=40)
    assert (await lead_of(product)).assignee_name == "Boris"


async def test_an_unanswered_lead_may_be_taken_from_its_assignee(product: Running) -> None:
    await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    services, boss = product.product.services, await as_member(product, OWNER)
    await answer_within(product, 15)
    lead = await send(product, 1)
    await services.hand_overs.give(boss, lead.id, (await as_member(product, anna)).id)
    card = await opened(anna)
    assert "Answer within 15 min" in card.text
    await run_out(product, lead.id)
    await anna.gets("Not answered yet")
    await run_out(product, lead.id)
    push = await boris.gets("Whoever presses Take gets the lead")
    await tap(boris, "lead:take", push)
    await boris.gets("You are responsible")
    await anna.gets("has taken your lead")
    assert (await lead_of(product)).assignee_name == "Boris"
    assert (await lead_of(product)).escalate_at is None
