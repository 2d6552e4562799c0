"""Who of ours is who in the CRM, and what the hourly walk does at its edges."""

import asyncio
from datetime import timedelta

import pytest

from domain.answer_times import OPEN_TO_ALL, AnswerTime
from domain.errors import NotAllowed, NotFound
from services.two_ways import reconcile
from services.two_ways.people import mark_of
from storage.people import members as member_rows
from storage.pipelines import answer_times
from storage.tables import pipelines
from tests.delivery.doors import Doors
from tests.delivery.sides import Sides, sides_of


@pytest.fixture
async def sides(doors: Doors) -> Sides:
    """A house that EspoCRM tells of changes."""
    return sides_of(doors.house)


async def known_as(sides: Sides, **values: object) -> str:
    """Our manager becomes somebody of the CRM; returns the user's id there."""
    house = sides.house
    async with house.db.transaction(house.organization_id) as session:
        await member_rows.update_member(session, house.manager.id, **values)
    people = await sides.people.people(house.owner, anew=True)
    found = next(one for one in people.persons if one.member.id == house.manager.id)
    return found.user.id if found.user is not None else ""


async def anna(sides: Sides) -> tuple[str, str]:
    """(id, name) of a user of the CRM."""
    people = await sides.people.people(sides.house.owner)
    user = next(one for one in people.users if one.name)
    return user.id, user.name


async def test_people_are_matched_by_name_whatever_its_order(sides: Sides) -> None:
    user_id, name = await anna(sides)
    turned = " ".join(reversed(name.split())).upper()
    assert await known_as(sides, name=turned) == user_id


async def test_a_matched_persons_lead_is_theirs_in_the_crm(sides: Sides) -> None:
    house = sides.house
    user_id, name = await anna(sides)
    await known_as(sides, name=name)
    lead_id = await sides.sent()
    await house.pipeline.take(house.manager, lead_id)
    await house.work()
    assert sides.record()["assignedUserId"] == user_id


async def test_a_lead_given_to_somebody_there_is_theirs_here(sides: Sides) -> None:
    house = sides.house
    user_id, name = await anna(sides)
    await known_as(sides, name=name)
    lead_id = await sides.sent()
    sides.change_there(assignedUserId=user_id)
    await sides.told()
    lead = await sides.lead(lead_id)
    assert (lead.assignee_id, lead.taken_at is not None) == (house.manager.id, True)
    (entry,) = await sides.history(lead_id, "assignee")
    assert (entry.new, entry.origin) == (name, "crm:espocrm")
    assert await house.told("lead.followed") == 2, "the sender and the new assignee"
    assert await house.work() == 0


async def test_new_hands_from_there_have_the_whole_time_to_answer(sides: Sides) -> None:
    house = sides.house
    user_id, name = await anna(sides)
    await known_as(sides, name=name)
    lead_id = await sides.sent()
    async with house.db.transaction(house.organization_id) as session:
        settings = {"answer": AnswerTime(15).as_json()}
        ours = pipelines.c.organization_id == session.tenant
        await session.execute(pipelines.update().where(ours).values(settings=settings))
        await answer_times.set_clock(session, lead_id, None, OPEN_TO_ALL)
    sides.change_there(assignedUserId=user_id)
    await sides.told()
    lead = await sides.lead(lead_id)
    assert (lead.assignee_id, lead.escalations) == (house.manager.id, 0)
    assert lead.escalate_at == house.clock() + timedelta(minutes=15)


async def test_somebody_unknown_there_changes_nothing_here(sides: Sides) -> None:
    user_id, _name = await anna(sides)
    lead_id = await sides.sent()
    sides.change_there(assignedUserId=user_id, accountName="АО Дуб")
    await sides.told()
    lead = await sides.lead(lead_id)
    assert (lead.assignee_id, lead.company) == (None, "АО Дуб")
    assert await sides.open_conflicts() == []
    await sides.house.pipeline.take(sides.house.manager, lead_id)
    await sides.house.work()
    assert sides.record()["assignedUserId"] == user_id, "ours means nobody there: theirs stays"


async def test_one_user_is_one_person(sides: Sides) -> None:
    house = sides.house
    users = (await sides.people.people(house.owner)).users
    await sides.people.choose(house.owner, house.manager.id, mark_of(users[0]))
    people = await sides.people.choose(house.owner, house.owner.id, mark_of(users[0]))
    matched = {one.member.id: one.user.id for one in people.persons if one.user is not None}
    assert matched == {house.owner.id: users[0].id}
    people = await sides.people.choose(house.owner, house.owner.id, "")
    assert [one for one in people.persons if one.user is not None] == []
    with pytest.raises(NotFound):
        await sides.people.choose(house.owner, house.owner.id, "nosuch")
    with pytest.raises(NotAllowed):
        await sides.people.people(house.manager)


async def test_a_walk_gets_past_many_changes_of_one_moment(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "PAGE", 2)
    ids = [await sides.house.send(f"Лид {number}", f"+7916123456{number}") for number in range(6)]
    await sides.house.work()
    sides.tick()
    for record in sides.house.crm.leads():
        sides.house.crm.change("Lead", record["id"], accountName="АО Дуб")
    assert await sides.reconcile.run() == 6
    assert {(await sides.lead(one)).company for one in ids} == {"АО Дуб"}


async def test_a_walk_that_was_cut_short_goes_on(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "MOST", 2)
    ids = [await sides.house.send(f"Лид {number}", f"+7916123456{number}") for number in range(5)]
    await sides.house.work()
    for record in sides.house.crm.leads():
        sides.tick(1)
        sides.house.crm.change("Lead", record["id"], accountName="АО Дуб")
    assert [await sides.reconcile.run() for _ in range(4)] == [2, 2, 1, 0]
    assert {(await sides.lead(one)).company for one in ids} == {"АО Дуб"}


async def test_of_two_schedulers_one_walks(sides: Sides) -> None:
    lead_id = await sides.sent()
    sides.change_there(accountName="АО Дуб")
    assert sum(await asyncio.gather(sides.reconcile.run(), sides.reconcile.run())) == 1
    assert len(await sides.history(lead_id, "company")) == 1


@pytest.mark.parametrize("hours", [-5, 5])
async def test_the_crms_clock_may_differ(sides: Sides, hours: int) -> None:
    lead_id = await sides.sent()
    ahead = sides.house.crm.clock if hours > 0 else sides.house.clock
    ahead.advance(abs(hours) * 3600)
    for company in ("АО Дуб", "АО Вяз"):
        sides.change_there(accountName=company)
        await sides.reconcile.run()
        sides.house.clock.advance(3600)
        sides.house.crm.clock.advance(3600)
        assert (await sides.lead(lead_id)).company == company


async def test_a_crm_that_is_down_is_walked_later(sides: Sides) -> None:
    lead_id = await sides.sent()
    sides.change_there(accountName="АО Дуб")
    sides.house.down()
    assert await sides.reconcile.run() == 0
    sides.house.crm.heal()
    sides.house.clock.advance(3600)
    assert await sides.reconcile.run() == 1
    assert (await sides.lead(lead_id)).company == "АО Дуб"
