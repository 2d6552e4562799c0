"""/away: until when, and what becomes of open leads."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import BadInput
from sandbox.telegram.person import Person
from tests.chat.forging import press_forged
from tests.chat.sharing import as_member, lead_of, rule, send, started
from tests.chat.taps import english_owner, tap
from tests.product import OWNER, Running


async def _with_lead(product: Running, person: Person, number: int = 1) -> None:
    lead = await send(product, number)
    await product.product.services.pipeline.take(await as_member(product, person), lead.id)


async def test_an_absence_gives_no_new_leads_and_ends_by_a_button(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await rule(product, "All", anna)
    await anna.say("/away")
    await anna.press("A week", await anna.gets("I am away until"))
    shown = await anna.gets("You are away until")
    assert (await send(product, 1)).assignee_id is None
    await tap(anna, "away:back", shown)
    await anna.gets("I am away until")
    assert (await send(product, 2)).assignee_name == "Anna"


async def test_open_leads_stay_if_wanted(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await _with_lead(product, anna)
    await anna.say("/away")
    await anna.press("The end of the day", await anna.gets("I am away until"))
    await anna.press("They stay with me", await anna.gets("You have 1 open lead"))
    await anna.gets("You are away until")
    assert (await lead_of(product)).assignee_name == "Anna"


async def test_open_leads_go_to_somebody_in_one_message(product: Running) -> None:
    owner = await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    for number in (1, 2):
        await _with_lead(product, anna, number)
    await anna.say("/away")
    await tap(anna, "away:type", await anna.gets("I am away until"))
    await anna.gets("Until when?")
    await anna.say("whenever")
    await anna.gets()
    await anna.say("in 3 days")
    await anna.press("🤝 Boris", await anna.gets("You have 2 open leads"))
    await anna.gets("2 leads have new hands")
    await boris.sees("You have got 2 leads", timeout=40)
    told = await owner.sees("Anna is away")
    assert "Boris: 2" in told.text
    assert {(await lead_of(product, number)).assignee_name for number in (1, 2)} == {"Boris"}


async def test_open_leads_go_by_the_rules_or_to_the_pool(product: Running) -> None:
    await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    await _with_lead(product, anna)
    made = await rule(product, "Site", anna, boris, source="website")
    await anna.say("/away")
    await anna.press("A week", await anna.gets("I am away until"))
    await tap(anna, "away:leads", await anna.gets("You have 1 open lead"))
    await anna.gets("You are away until")
    services = product.product.services
    member = await as_member(product, anna)
    until = datetime.now(UTC) + timedelta(days=1)
    await services.rules.clear(await as_member(product, OWNER), made, "source")
    _gone, moved = await services.absences.leave(member, until, "pool")
    assert moved == 1
    assert (await lead_of(product)).assignee_name == "Boris"


async def test_bad_moments_and_forged_people_are_refused(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    services, boss = product.product.services, await as_member(product, OWNER)
    await _with_lead(product, anna)
    member = await as_member(product, anna)
    with pytest.raises(BadInput, match="too_far"):
        await services.absences.leave(member, datetime.now(UTC) + timedelta(days=900))
    for data, said in (
        ("away:until:2001010000", ""),
        ("away:until:garbage", ""),
        ("away:leads:3601010000.0123456789ab", "not yours to see"),
        ("away:leads:2001010000.keep", "past"),
    ):
        answer = await press_forged(product, anna, data)
        assert said in str(answer.get("text", "")), data
    theirs = await services.belongings.create(boss, "Another")
    stranger = theirs.id.hex[-12:]
    answer = await press_forged(product, anna, f"away:leads:3601010000.{stranger}")
    assert "not yours to see" in str(answer["text"])
    assert (await as_member(product, anna)).away_until is None
    await services.belongings.switch(OWNER, boss.organization_id)
    assert (await lead_of(product)).assignee_name == "Anna"
