"""Rules in the chat: made by buttons, tried, deleted in use; and whom they give leads to."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from domain.errors import TooLate
from domain.sharing import Share
from storage.messages import held_notices
from storage.tables import leads, members
from tests.chat.forging import press_forged
from tests.chat.sharing import as_member, lead_of, rule, send, started
from tests.chat.tables import card, press, text_of
from tests.chat.taps import english_owner, tap
from tests.product import OWNER, Running


async def test_a_rule_is_made_by_buttons_and_gives_leads_in_turn(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "manager", language="en")
    boris = await product.member("Boris", "manager", language="en")
    await anna.start()
    await boris.start()
    await owner.say("/rules")
    assert "none yet" in (await owner.gets("Rules: who gets new leads")).text
    await tap(owner, "ruls:new")
    await owner.gets("What shall the rule be called?")
    await owner.say("Mortgage")
    await owner.press("▫️ Anna", await owner.gets("Tick them"))
    await owner.press("▫️ Boris", await owner.gets("Tick them"))
    await owner.press("Done", await owner.gets("Tick them"))
    shown = await owner.gets("The rule is made")
    assert "⚠️" not in shown.text
    assert "• Anna — 1 share" in shown.text
    await send(product, 1)
    await anna.gets("A lead for you")
    card = await anna.gets("You are responsible")
    await tap(anna, "lead:why", card)
    why = await anna.gets("By the rule “Mortgage”")
    assert "turn 1 of 2" in why.text
    await send(product, 2)
    await boris.gets("A lead for you")
    assert (await lead_of(product, 2)).assignee_name == "Boris"


async def test_leads_of_the_website_are_shared_and_those_of_the_chat_only_if_wanted(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "manager", language="en")
    await anna.start()
    await rule(product, "All", anna)
    await owner.say("/rules")
    await tap(owner, "ruls:chat_off", await owner.gets("Rules: who"))
    await owner.gets("Rules: who gets new leads")
    assert (await send(product, 1)).assignee_id is None
    await anna.gets("New lead")
    await owner.say("/website")
    found = re.search(r"/hooks/website/(\S+)", (await owner.gets("/hooks/website/")).text)
    assert found is not None
    url = f"{product.url}/hooks/website/{found[1]}"
    form = {"name": "Site", "phone": "+79990001122", "email": "s@example.com", "referral_code": "x"}
    answer = await product.http.post(url, json=form)
    assert answer.status_code < 300, answer.text
    await anna.gets("A lead for you")
    assert (await lead_of(product, 2)).assignee_name == "Anna"


async def test_a_hundred_leads_at_once_are_shared_out_exactly_by_the_weights(product: Running) -> None:
    await english_owner(product)
    people = [await started(product, name) for name in ("Anna", "Boris", "Vera")]
    await rule(product, "All", *people, weights=(3, 1, 1))

    async def worker(start: int) -> None:
        for number in range(start, 100, 2):
            await send(product, number)

    await asyncio.gather(worker(0), worker(1))
    assert await _shares(product) == {"Anna": 60, "Boris": 20, "Vera": 20}


async def _shares(product: Running) -> dict[str, int]:
    async with product.product.db.reading(system=True) as s:
        rows = await s.rows(
            sa.select(members.c.name, sa.func.count().label("leads"))
            .join(leads, leads.c.assignee_id == members.c.id)
            .group_by(members.c.name)
        )
    return {row.name: row.leads for row in rows}


async def test_the_absent_the_paused_and_the_capped_are_passed_over(product: Running) -> None:
    await english_owner(product)
    anna = await product.member("Anna", "manager", language="en")
    boris = await started(product, "Boris")
    vera = await started(product, "Vera")
    services, owner = product.product.services, await as_member(product, OWNER)
    made = await rule(product, "All", anna, boris, vera)
    member = await as_member(product, boris)
    await services.absences.leave(member, datetime.now(UTC) + timedelta(days=1))
    await services.standing.suspend(owner, (await as_member(product, vera)).id)
    await services.rules.set_share(owner, made, Share((await as_member(product, anna)).id, 1, cap=2))
    await anna.start()
    sent = [await send(product, number) for number in range(3)]
    assert [lead.assignee_name for lead in sent] == ["Anna", "Anna", ""]
    skipped = {one["name"]: one["why"] for one in sent[0].assigned_by["skipped"]}
    assert skipped == {"Boris": "away", "Vera": "suspended"}
    assert {one["name"]: one["why"] for one in sent[2].assigned_by["skipped"]}["Anna"] == "cap"
    # nobody is left: everybody who may take it is alerted
    await anna.gets("New lead")


async def test_a_cap_reached_in_the_middle_of_two_workers_holds(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await rule(product, "All", anna, cap=5)
    await asyncio.gather(*(send(product, number) for number in range(8)))
    assert await _shares(product) == {"Anna": 5}


async def test_a_rule_that_matches_nobody_is_told_and_marked(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/rules")
    await tap(owner, "ruls:new")
    await owner.gets("What shall the rule be called?")
    await owner.say("Empty")
    await owner.press("Skip", await owner.gets("Tick them"))
    told = await owner.gets("The rule is made")
    assert "matches nobody" in told.text
    assert "•  —" not in told.text
    await tap(owner, "menu:rules", told)
    shown = await owner.gets("Rules: who gets new leads")
    assert "1. ⚠️ Empty" in shown.labels
    assert (await send(product, 1)).assignee_id is None


async def test_a_rule_behind_one_for_all_leads_is_marked(product: Running) -> None:
    owner = await english_owner(product)
    anna = await started(product, "Anna")
    await rule(product, "All", anna)
    second = await rule(product, "Site", anna, source="website")
    await owner.say("/rules")
    shown = await owner.gets("Rules: who gets new leads")
    assert "2. ⚠️ Site" in shown.labels
    await tap(owner, f"rul:show:{second.hex}", shown)
    await tap(owner, f"rul:up:{second.hex}", await owner.gets("never asked"))
    assert "⚠️" not in (await owner.gets("⚖️ Site")).text


async def test_conditions_weights_and_hours_are_set_by_buttons(product: Running) -> None:
    owner = await english_owner(product)
    anna = await started(product, "Anna")
    made = (await rule(product, "Site", anna)).hex
    await owner.say("/rules")
    await tap(owner, f"rul:show:{made}")
    await tap(owner, f"rul:asks:{made}", await owner.gets("⚖️ Site"))
    await tap(owner, f"rul:ask:{made}:source", await owner.gets("for which leads?"))
    await owner.press("the website", await owner.gets("which ones?"))
    await owner.press("For which leads", await owner.gets("which ones?"))
    assert "Source: the website" in (await owner.gets("for which leads?")).text
    await tap(owner, f"rul:ask:{made}:region")
    await tap(owner, f"rul:type:{made}:region", await owner.gets("which ones?"))
    await owner.gets("Type it")
    await owner.say("Tver")
    await owner.press("For which leads", await owner.gets("which ones?"))
    assert "Region: Tver" in (await owner.gets("for which leads?")).text
    await tap(owner, f"rul:show:{made}")
    await tap(owner, f"rul:people:{made}", await owner.gets("⚖️ Site"))
    await owner.press("✅ Anna", await owner.gets("who gets leads?"))
    await owner.press("➕ 2", await owner.gets("in “Site”"))
    await owner.press("5", await owner.gets("2 shares"))
    await owner.gets("2 shares, at most 5 a day")
    await tap(owner, f"rul:people:{made}")
    await tap(owner, f"rul:show:{made}", await owner.gets("who gets leads?"))
    await tap(owner, f"rul:hours:{made}", await owner.gets("⚖️ Site"))
    await tap(owner, f"rul:set_hours:{made}", await owner.gets("when is it asked?"))
    await owner.gets("From when to when")
    await owner.say("5")
    await owner.gets("could not read the hours")
    await owner.say("9-18")
    shown = await owner.gets("when is it asked?")
    assert "09:00–18:00, Mo, Tu" in shown.text
    seen = (await product.product.services.rules.all(await as_member(product, OWNER)))[0].rule
    assert seen.shares[0].weight == 2
    assert seen.shares[0].cap == 5


async def test_a_sample_shows_who_would_get_it_and_moves_no_turn(product: Running) -> None:
    owner = await english_owner(product)
    anna = await started(product, "Anna")
    boris = await started(product, "Boris")
    await rule(product, "Site", anna, source="website")
    await rule(product, "Rest", boris, anna)
    for _twice in range(2):
        await owner.say("/rules")
        await tap(owner, "ruls:try", await owner.gets("Rules: who"))
        await owner.press("the website", await owner.gets("sample"))
        shown = await owner.gets("A lead now")
        assert "Anna" in shown.text
        assert "turn 1 of 1" in shown.text
        await tap(owner, "ruls:try", shown)
        await owner.press("Skip", await owner.gets("sample"))
        assert "“Rest”, turn 1 of 2" in (await owner.gets("A lead now")).text


async def test_a_rule_deleted_in_use_says_so_and_leads_stay(product: Running) -> None:
    owner = await english_owner(product)
    adam = await product.member("Adam", "admin", language="en")
    anna = await started(product, "Anna")
    made = await rule(product, "Site", anna)
    await adam.start()
    await adam.say("/rules")
    await tap(adam, f"rul:show:{made.hex}")
    await adam.gets("⚖️ Site")
    lead = await send(product, 1)
    await owner.say("/rules")
    await tap(owner, f"rul:show:{made.hex}")
    await tap(owner, f"rul:drop:{made.hex}", await owner.gets("⚖️ Site"))
    await tap(owner, f"rul:really_drop:{made.hex}", await owner.gets("Delete the rule"))
    await owner.gets("The rule is deleted")
    answer = await adam.answer(await tap(adam, f"rul:off:{made.hex}"))
    assert "not there any more" in str(answer["text"])
    await adam.gets("Rules: who gets new leads")
    assert (await lead_of(product, 1)).assignee_id == lead.assignee_id
    assert (await send(product, 2)).assignee_id is None


async def test_a_deletion_while_leads_come_in_breaks_none_of_them(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    made = await rule(product, "All", anna)
    services, owner = product.product.services, await as_member(product, OWNER)

    async def drop() -> None:
        await services.rules.drop(owner, made)

    await asyncio.gather(*(send(product, number) for number in range(3)), drop())
    assert (await lead_of(product, 3)).number == 3
    with pytest.raises(TooLate, match="rule_gone"):
        await services.rules.drop(owner, made)


async def test_forged_buttons_of_another_organization_change_nothing(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "manager", language="en")
    made = await rule(product, "Ours", anna)
    await anna.start()
    await anna.gets("Anna")
    answer = await press_forged(product, anna, f"rul:really_drop:{made.hex}:")
    assert "does not allow" in str(answer["text"])
    services, boss = product.product.services, await as_member(product, OWNER)
    await services.belongings.create(boss, "Another")
    await owner.start()
    for data in (f"rul:really_drop:{made.hex}:", f"rul:off:{made.hex}:", f"rul:weight:{made.hex}:abc.2"):
        answer = await press_forged(product, owner, data)
        assert "not there any more" in str(answer["text"]), data
    await services.belongings.switch(OWNER, boss.organization_id)
    seen = await services.rules.get(boss, made)
    assert seen.rule.enabled


async def test_rows_of_an_import_are_shared_out_and_everybody_is_told_once(
    product: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Anna's are more than a push keeps by their ids
    monkeypatch.setattr(held_notices, "MOST_LEADS", 20)
    owner = await english_owner(product)
    anna, boris = await started(product, "Anna"), await started(product, "Boris")
    services, boss = product.product.services, await as_member(product, OWNER)
    [road] = await services.pipeline.pipelines(boss)
    await rule(product, "All", anna, boris, weights=(3, 1), pipeline=str(road.id))
    table = [("Name", "Phone"), *((f"Row {number}", f"+7916000{number:04d}") for number in range(40))]
    await owner.send_document("leads.csv", text_of(table).encode())
    await card(owner, "start")
    await press(owner, "whom")
    shown = await owner.gets("No answer time runs: leads of a file have waited already")
    assert "by the rules" in "".join(shown.labels)
    await press(owner, "start")
    await owner.gets("The import is done", timeout=20)
    assert await _shares(product) == {"Anna": 30, "Boris": 10}
    told = await anna.sees("You have got 30 leads", timeout=40)
    await anna.press("📋 These leads: 30", told)
    assert "30 in all" in (await anna.gets("📬 of one message")).text
    await boris.press("📋 These leads: 10", await boris.sees("You have got 10 leads", timeout=40))
    assert "10 in all" in (await boris.gets("📬 of one message")).text
    assert not [one for one in await anna.messages() if "New lead" in one.text]
