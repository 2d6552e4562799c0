"""Pushes with a budget: quiet hours, bursts, and who goes first."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from domain.activities import ActivityType
from domain.members import Role
from domain.own_settings import Span
from domain.plans import Subject
from domain.urgency import BURST
from sandbox.telegram.person import Person
from storage.messages import held_notices
from storage.messages.notices import LOW_AT_ONCE, Owed, add_notices, claim_notices
from storage.tables import activities, leads, members, notices
from tests.chat.sharing import answer_within, as_member, run_out, send, started
from tests.chat.taps import english_owner, has, tap
from tests.product import OWNER, Running
from tests.waiting import until


async def _quiet_now(product: Running, person: Person) -> None:
    """Quiet hours from an hour ago for three hours, in the person's zone (UTC)."""
    now = datetime.now(UTC)
    start, end = (now - timedelta(hours=1)).time(), (now + timedelta(hours=2)).time()
    span = Span(start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
    member = await as_member(product, person)
    async with product.product.db.transaction(member.organization_id) as s:
        await s.execute(
            members.update()
            .where(members.c.id == member.id, members.c.organization_id == s.tenant)
            .values(settings={"quiet": span.as_json()}, time_zone="UTC")
        )


async def _held(product: Running, person: Person, count: int) -> None:
    """Wait until so many pushes are held back for the person."""

    async def held() -> bool:
        async with product.product.db.reading(system=True) as s:
            ours = (notices.c.chat_id == person.id, notices.c.state == "held")
            found: int = await s.scalar(sa.select(sa.func.count()).select_from(notices).where(*ours))
        return found == count

    await until(held)


async def test_pushes_of_quiet_hours_come_as_one_list_when_they_are_over(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await _quiet_now(product, anna)
    for number in (1, 2):
        await send(product, number)
    async with product.product.db.transaction(product.product.organization_id) as s:
        gone = {"why": "left", "member": None, "leads": 3, "given": {}}
        await add_notices(s, [Owed(anna.id, "lead.freed", gone)], datetime.now(UTC))
    await _held(product, anna, 3)
    assert not [one for one in await anna.messages() if "New lead" in one.text]
    # hours turned off by the person: all that waited comes
    await product.product.services.own_settings.set_span(await as_member(product, anna), "quiet", "")
    shown = await anna.gets("What has come meanwhile")
    assert "New leads: 2" in shown.text
    assert "Lead 1" in shown.text
    assert "Leads that got new hands: 1 times" in shown.text
    await tap(anna, "lead:open", shown)
    await anna.gets("#1 · Lead 1")


async def test_what_waited_alone_comes_as_it_is(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await _quiet_now(product, anna)
    await send(product, 1)
    await _held(product, anna, 1)
    await product.product.services.own_settings.set_span(await as_member(product, anna), "quiet", "")
    assert has(await anna.gets("New lead"), "lead:take")


async def test_what_is_urgent_goes_through_quiet_hours(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await answer_within(product, 15)
    await _quiet_now(product, anna)
    lead = await send(product, 1)
    await _held(product, anna, 1)
    await run_out(product, lead.id)
    await anna.gets("Nobody has answered in time")
    services, member = product.product.services, await as_member(product, anna)
    coming = datetime.now(UTC) + timedelta(minutes=30)
    await services.pipeline.take(member, lead.id)
    await services.plans.schedule(member, Subject("lead", lead.id), ActivityType.CALL, coming)
    async with product.product.db.transaction(system=True) as s:
        await s.execute(activities.update().values(remind_at=datetime.now(UTC) - timedelta(seconds=1)))
    await services.reminders.run()
    await anna.gets("🔔 📞 Call")
    await _held(product, anna, 1)


async def test_a_new_lead_still_waits_outside_of_working_hours(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    member = await as_member(product, anna)
    now = datetime.now(UTC)
    other_day = (now.weekday() + 3) % 7
    async with product.product.db.transaction(member.organization_id) as s:
        hours = {"from": "00:00", "to": "23:59", "days": [other_day]}
        await s.execute(
            members.update()
            .where(members.c.id == member.id, members.c.organization_id == s.tenant)
            .values(settings={"hours": hours}, time_zone="UTC")
        )
    await send(product, 1)
    await _held(product, anna, 1)
    async with product.product.db.reading(system=True) as s:
        due = await s.scalar(sa.select(notices.c.due_at).where(notices.c.state == "held"))
    assert due.weekday() == other_day


async def test_a_burst_comes_as_one_message(product: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_notices, "MOST_LEADS", 5)
    await english_owner(product)
    anna = await started(product, "Anna")
    for number in range(BURST):
        await send(product, number)
        await anna.sees(f"Lead {number}")
    for number in range(BURST, BURST + 7):
        sent = await send(product, number)
    await _held(product, anna, 7)
    async with product.product.db.transaction(system=True) as s:
        # the last one is gone before the message comes
        await s.execute(leads.update().where(leads.c.id == sent.id).values(deleted_at=datetime.now(UTC)))
        await s.execute(notices.update().where(notices.c.state == "held").values(due_at=datetime.now(UTC)))
    shown = await anna.gets("What has come meanwhile", timeout=20)
    assert "New leads: 6" in shown.text
    assert f"Lead {BURST}" in shown.text
    await anna.press("📋 These leads: 6", shown)
    listed = await anna.gets("📬 of one message")
    assert "6 in all" in listed.text
    opened = [label for label in listed.labels if "#" in label]
    assert opened[0].endswith(f"Lead {BURST + 5}"), opened
    assert len([one for one in await anna.messages() if one.from_bot and "#" in one.text]) == BURST + 1


async def test_interactive_pushes_go_before_bulk_and_are_not_held_up_by_it(product: Running) -> None:
    db, organization_id = product.product.db, product.product.organization_id
    now = datetime.now(UTC)
    later = now + timedelta(hours=1)
    async with db.transaction(organization_id) as s:
        for chat in range(1, 60):
            await add_notices(s, [Owed(chat, "announcement", {})], later)
        await add_notices(s, [Owed(30, "lead.new", {"lead": "x"}), Owed(99, "lead.stage", {})], later)
    async with db.transaction(system=True) as s:
        claimed = await claim_notices(s, later, timedelta(minutes=1), 50)
    assert [(one.chat_id, one.kind) for one in claimed[:2]] == [(30, "lead.new"), (99, "lead.stage")]
    assert len(claimed) == LOW_AT_ONCE + 2
    # one at a time in a chat: the announcement of 30 waits until its lead is out
    assert 30 not in {one.chat_id for one in claimed[2:]}


async def test_an_announcement_waits_for_quiet_hours_and_is_read_whole(product: Running) -> None:
    await english_owner(product)
    anna = await started(product, "Anna")
    await _quiet_now(product, anna)
    services, boss = product.product.services, await as_member(product, OWNER)
    drafted = await services.announcements.draft(boss, [Role.MANAGER], "We move to a new office")
    await services.announcements.send(boss, drafted.announcement.id)
    await send(product, 1)
    await _held(product, anna, 2)
    await services.own_settings.set_span(await as_member(product, anna), "quiet", "")
    await anna.sees("We move to a new office")
    await anna.sees("New lead")
