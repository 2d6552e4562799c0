"""What was deleted is in no count and no list: board, agenda, reminders, figures, digest."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from domain.activities import ActivityType, CallResult
from domain.figures import Period
from domain.leads import LeadDraft
from domain.members import Member
from domain.plans import Subject
from sandbox.telegram.person import Person
from storage.tables import activities, leads, members
from tests.chat.lead_cards import add, taken
from tests.product import OWNER, Running

STAYS = LeadDraft(name="Ivan", phones=("+79991234567",))
GOES = LeadDraft(name="Petr", phones=("+79997654321",))


async def two(product: Running) -> tuple[Person, Member, list[UUID]]:
    """A manager with two leads of theirs."""
    mila, _card = await taken(product, draft=STAYS)
    services = product.product.services
    member = await services.members.current(mila.id)
    assert member is not None
    await add(product, GOES)
    async with product.product.db.reading(system=True) as s:
        ids = [row.id for row in await s.rows(sa.select(leads.c.id).order_by(leads.c.number))]
    await services.pipeline.take(member, ids[1])
    return mila, member, ids


async def planned(product: Running, member: Member, lead_ids: list[UUID]) -> None:
    """A call for each, an hour ago by now."""
    services = product.product.services
    for lead_id in lead_ids:
        at = datetime.now(UTC) + timedelta(hours=1)
        await services.plans.schedule(member, Subject("lead", lead_id), ActivityType.CALL, at)
    past = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    async with product.product.db.transaction(system=True) as s:
        await s.execute(activities.update().values(scheduled_at=past, remind_at=past))


async def test_the_board_counts_and_lists_what_stands(product: Running) -> None:
    mila, member, ids = await two(product)
    await product.product.services.lead_care.delete(member, ids[1])
    await mila.say("/pipeline")
    board = await mila.gets("📊")
    new = next(one for one in board.labels if "New" in one)
    assert "1" in new
    await mila.press(new, board)
    page = await mila.gets("1 lead")
    assert [one for one in page.labels if "#1 " in one]
    assert not [one for one in page.labels if "#2 " in one]


async def test_the_agenda_and_its_reminders_forget_it(product: Running) -> None:
    mila, member, ids = await two(product)
    await planned(product, member, ids)
    services = product.product.services
    await services.lead_care.delete(member, ids[1])
    await mila.say("/overdue")
    page = await mila.gets("❗ Overdue")
    assert "Ivan" in page.text
    assert "Petr" not in page.text
    await services.reminders.run()
    await mila.sees("🔔 📞 Call")
    assert not [one for one in await mila.messages() if "🔔" in one.text and "Petr" in one.text]


async def test_a_reminder_on_its_way_is_not_sent_for_it(product: Running) -> None:
    _mila, member, ids = await two(product)
    await planned(product, member, ids[1:])
    services = product.product.services
    async with product.product.db.reading(system=True) as s:
        plan_id = await s.scalar(sa.select(activities.c.id).where(activities.c.lead_id == ids[1]))
    assert await services.plans.for_notice(member.organization_id, plan_id) is not None
    await services.lead_care.delete(member, ids[1])
    assert await services.plans.for_notice(member.organization_id, plan_id) is None


async def test_leads_without_a_next_step_are_those_that_stand(product: Running) -> None:
    mila, member, ids = await two(product)
    await product.product.services.lead_care.delete(member, ids[1])
    await mila.say("/today")
    await mila.press("No next step 1", await mila.gets("Leads without a next step: 1"))
    page = await mila.gets("Choose one and plan")
    assert [one for one in page.labels if "Petr" in one] == []


async def test_figures_leave_it_and_its_activities_out(product: Running) -> None:
    _mila, member, ids = await two(product)
    await planned(product, member, ids)
    services = product.product.services
    for lead_id in ids:
        await services.activities.log_call(member, lead_id, CallResult.REACHED)
    owner = await services.members.current(OWNER)
    assert owner is not None
    before = await services.stats.of_worker(member, Period.ALL)
    assert (before.open, before.overdue, before.taken, before.calls) == (2, 2, 2, 2)
    await services.lead_care.delete(member, ids[1])
    mine = await services.stats.of_worker(member, Period.ALL)
    assert (mine.open, mine.overdue, mine.taken, mine.calls) == (1, 1, 1, 1)
    sent = await services.stats.of_sender(owner, Period.ALL)
    assert (sent.sent, sent.in_work, sum(bar.sent for bar in sent.months)) == (1, 1, 1)
    team = await services.stats.of_team(owner, Period.ALL)
    assert (team.created, team.planned, team.free) == (1, 1, 0)
    assert sum(bar.count for bar in team.funnel) == 1
    assert [(person.name, person.taken) for person in team.people] == [("Mila", 1)]


async def test_the_digest_counts_as_the_lists_behind_its_buttons(product: Running) -> None:
    mila, member, ids = await two(product)
    await planned(product, member, ids)
    services = product.product.services
    await add(product, LeadDraft(name="Oleg", phones=("+79990000003",)))
    async with product.product.db.reading(system=True) as s:
        third = await s.scalar(sa.select(leads.c.id).where(leads.c.number == 3))
    await services.pipeline.take(member, third)
    await services.lead_care.delete(member, ids[1])
    now = datetime.now(ZoneInfo("Europe/Moscow")) - timedelta(minutes=2)
    wish = {"digest": {"at": f"{now:%H:%M}", "last": "2026-01-01"}}
    async with product.product.db.transaction(system=True) as s:
        await s.execute(members.update().where(members.c.telegram_id == mila.id).values(settings=wish))
    await services.digests.owe_due()
    shown = await mila.sees("📰")
    assert "overdue: 1" in shown.text
    assert "Open with you: 2, without a next step: 1" in shown.text
    await mila.press("❓ No next step: 1", shown)
    page = await mila.gets("Leads without a next step: 1")
    assert [one for one in page.labels if one.startswith("#")] == ["#3 Oleg"]
