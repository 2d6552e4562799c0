"""Groups and topics: bound to pipelines, leads taken there, messages merged, groups lost and moved."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.leads import LeadDraft, LeadFilter
from domain.members import Member
from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from storage.people import teams
from tests.chat.taps import english_owner, has, tap
from tests.product import OWNER, Running


async def bound(product: Running, *members: Person, is_forum: bool = False) -> tuple[Person, int]:
    """The owner, and a group of theirs that gets the leads of all pipelines."""
    owner = await english_owner(product)
    await _organization_speaks_english(product)
    group = await product.telegram.group("Sales", owner, *members, is_forum=is_forum)
    await owner.sees("An admin can bind", chat=group)
    return owner, group


async def _organization_speaks_english(product: Running) -> None:
    boss = await product.product.services.members.current(OWNER)
    assert boss is not None
    await product.product.services.organizations.set_language(boss, "en")


async def test_a_lead_is_taken_in_the_group_and_its_message_follows(product: Running) -> None:
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    owner, group = await bound(product, mila)
    await owner.say("/team", chat=group)
    await owner.sees("New leads of", chat=group)
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("Ivan +7 999 123-45-67 mortgage")
    shown = await mila.sees("🔔", chat=group)
    assert "Ivan" in shown.text
    assert "123-45-67" not in shown.text
    answer = await mila.answer(await tap(mila, "team:take", chat=group))
    assert "#1 is yours" in answer["text"]
    taken = await mila.sees("Taken by Mila", chat=group)
    assert taken.id == shown.id
    assert not has(taken, "team:take")


async def test_a_strangers_tap_is_answered_kindly_and_takes_nothing(product: Running) -> None:
    stranger = await product.telegram.person("Stranger", language="en")
    partner = await product.member("Paul", "partner", language="en")
    owner, group = await bound(product, stranger, partner)
    await stranger.say("/team", chat=group)
    await stranger.sees("An admin of an organization", chat=group)
    await owner.say("/team", chat=group)
    await owner.sees("New leads of", chat=group)
    await partner.start()
    await partner.say("Ivan +7 999 123-45-67")
    shown = await owner.sees("🔔", chat=group)
    for person in (stranger, partner):
        answer = await person.answer(await tap(person, "team:take", chat=group))
        assert answer["show_alert"]
        assert "managers" in answer["text"] or "role" in answer["text"]
    assert has((await owner.messages(group))[-1], "team:take")
    assert (await owner.messages(group))[-1].id == shown.id


async def test_the_slower_of_two_taps_is_told_who_was_faster(product: Running) -> None:
    mila, oleg = [await product.member(name, "manager", language="en") for name in ("Mila", "Oleg")]
    owner, group = await bound(product, mila, oleg)
    await owner.say("/team", chat=group)
    await owner.sees("New leads of", chat=group)
    await owner.say("Ivan +7 999 123-45-67")
    shown = await mila.sees("🔔", chat=group)
    [button] = [one.data for one in shown.buttons]
    queries = await asyncio.gather(*(person.press(str(button), shown, chat=group) for person in (mila, oleg)))
    answers = [await mila.answer(queries[0]), await oleg.answer(queries[1])]
    texts = sorted(answer["text"] for answer in answers)
    assert texts[0].startswith("#1 is yours")
    assert texts[1].startswith("This lead is already with")


async def test_a_topic_gets_its_leads_and_the_group_does_not(product: Running) -> None:
    owner, group = await bound(product, is_forum=True)
    topic = await product.telegram.topic(group, "Mortgage")
    await owner.say("/team", chat=group, topic=topic)
    await owner.sees("New leads of", chat=group)
    await owner.say("Ivan +7 999 123-45-67")
    shown = await owner.sees("🔔", chat=group)
    assert shown.raw["message_thread_id"] == topic
    await owner.say("/team")
    await owner.press("Sales", await owner.gets("Teams"))
    await tap(owner, "team:digest")
    await owner.gets("Daily digest: 08:00")
    await tap(owner, "team:drop")
    await tap(owner, "team:really_drop")
    await owner.gets("No group gets leads yet")


async def test_many_leads_at_once_come_merged_within_the_groups_limit(product: Running) -> None:
    owner, group = await bound(product)
    await owner.say("/team", chat=group)
    await owner.sees("New leads of", chat=group)
    services = product.product.services
    boss = await services.members.current(OWNER)
    assert boss is not None
    for number in range(30):
        draft = LeadDraft(name=f"Lead {number}", phones=(f"+7999000{number:04d}",))
        await services.leads.create(boss, draft)

    def all_there(messages: list[Message]) -> bool:
        text = " ".join(str(one) for one in messages)
        return all(f"Lead {number}" in text for number in range(30))

    shown = await owner.until(all_there, 30, chat=group)
    alerts = [one for one in shown if has(one, "team:take")]
    assert len(alerts) < 20
    merged = max(alerts, key=lambda one: len(one.buttons))
    assert len(merged.buttons) > 1
    await owner.press(str(merged.buttons[1].data), merged, chat=group)

    def one_taken(messages: list[Message]) -> bool:
        return any("Taken by" in str(one) for one in messages)

    after = await owner.until(one_taken, chat=group)
    [edited] = [one for one in after if one.id == merged.id]
    assert len(edited.buttons) == len(merged.buttons) - 1


async def test_a_group_that_puts_the_bot_out_is_unbound_and_admins_told(product: Running) -> None:
    owner, group = await bound(product)
    await owner.say("/team", chat=group)
    await owner.sees("New leads of", chat=group)
    await product.telegram.remove_bot(group)
    await owner.sees("gets no leads any more")
    await owner.say("Ivan +7 999 123-45-67")
    await owner.sees("Accepted")
    await owner.say("/team")
    await owner.gets("No group gets leads yet")


async def test_a_group_that_becomes_a_supergroup_keeps_its_leads(product: Running) -> None:
    owner, group = await bound(product)
    await owner.say("/team", chat=group)
    await owner.sees("New leads of", chat=group)
    new = await product.telegram.migrate(group)
    await owner.sees("into a supergroup")
    await owner.say("Ivan +7 999 123-45-67")
    await owner.sees("🔔", chat=new)


async def test_what_is_said_in_a_group_is_nobodys_answer(product: Running) -> None:
    owner, group = await bound(product)
    await owner.say("Ivan +7 999 123-45-67", chat=group)
    await owner.say("/leads", chat=group)
    await owner.say("/team", chat=group)
    await owner.sees("New leads of", chat=group)
    assert len([one for one in await owner.messages(group) if one.from_bot]) == 2
    found = await product.product.services.leads.browse(await _boss(product), LeadFilter())
    assert found.total == 0


async def _boss(product: Running) -> Member:
    boss = await product.product.services.members.current(OWNER)
    assert boss is not None
    return boss


async def test_the_digest_of_a_team_comes_once_with_free_leads(product: Running) -> None:
    owner, group = await bound(product)
    await owner.say("/team", chat=group)
    await owner.sees("New leads of", chat=group)
    await owner.say("Ivan +7 999 123-45-67")
    await owner.sees("🔔", chat=group)
    services = product.product.services
    boss = await _boss(product)
    [team] = await services.teams.browse(boss)
    # midnight was today's or lies far back: either way the digest of the newest day is owed once
    async with product.product.db.transaction(boss.organization_id) as s:
        now = datetime.now(ZoneInfo("Europe/Moscow")) - timedelta(minutes=1)
        digest = {"at": f"{now:%H:%M}", "last": "2000-01-01"}
        await teams.keep_settings(s, team.id, {"digest": digest})
    owed = await asyncio.gather(*(services.digests.owe_due() for _ in range(3)))
    assert sum(owed) <= 1
    shown = await owner.sees("📰", chat=group)
    assert has(shown, "team:take")
    assert await services.digests.owe_due() == 0
