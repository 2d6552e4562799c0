"""/stats by role with its picture, and the daily digest in the reader's zone."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.figures import Period
from domain.leads import LeadFilter
from domain.own_settings import last_before
from storage.tables import members
from tests.chat.taps import english_owner, has, tap
from tests.product import OWNER, Running

PNG = b"\x89PNG"


async def test_a_partner_sees_what_became_of_their_leads(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    for number in range(3):
        await anna.say(f"Lead {number} +7 999 123-45-6{number}")
        await anna.sees(f"#{number + 1}")
    await anna.say("/stats")
    shown = await anna.gets("Sent: 3, in work: 3")
    assert (await anna.download(shown.raw["photo"][-1]["file_id"]))[:4] == PNG
    assert not has(shown, "stat:team")
    await tap(anna, "stat:sender:week", shown)
    week = await anna.gets("Period: week")
    assert week.id == shown.id
    await tap(anna, "list:sent", week)
    listed = await anna.gets("3 in all")
    assert listed.id != shown.id


async def test_a_manager_sees_work_and_an_admin_everything(product: Running) -> None:
    owner = await english_owner(product)
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await mila.say("Ivan +7 999 123-45-67")
    await mila.press("Open")
    await mila.gets("Nobody has taken it yet")
    await mila.press("Take")
    await mila.gets("You are responsible")
    services = product.product.services
    member = await services.members.current(mila.id)
    assert member is not None
    stages = await services.pipeline.stages(member)
    [lead] = (await services.leads.browse(member, LeadFilter())).leads
    won = next(stage for stage in stages if stage.kind.value == "qualified")
    await services.pipeline.move(member, lead.id, won.id)
    await mila.say("/stats")
    shown = await mila.gets("Taken: 1")
    assert "Won: 1" in shown.text
    assert "Conversion: 100 %" in shown.text
    await owner.say("/stats")
    shown = await owner.gets("Leads: 1")
    assert "Won: 1" in shown.text
    assert "Active people" in shown.text
    await tap(owner, "stat:worker", shown)
    await owner.gets("My figures")
    boss = await services.members.current(OWNER)
    assert boss is not None
    found = await services.stats.of_team(boss, Period.ALL)
    assert (found.created, found.won, found.qualified, found.days) == (1, 1, 1, 1)
    assert found.people[0].name == "Mila"
    assert [pace.stage for pace in found.pace] == ["new"]


async def test_figures_of_nothing_are_drawn_too(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/stats")
    shown = await owner.gets("Leads: 0")
    assert "conversion: —" in shown.text
    await owner.press("Menu", shown)
    await owner.gets("☰ Menu")


async def _wish(product: Running, telegram_id: int, digest: dict[str, str]) -> None:
    async with product.product.db.transaction(system=True) as s:
        await s.execute(
            members.update().where(members.c.telegram_id == telegram_id).values(settings={"digest": digest})
        )


async def test_the_digest_comes_once_over_several_processes(product: Running) -> None:
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await mila.say("Ivan +7 999 123-45-67")
    await mila.sees("Accepted")
    now = datetime.now(ZoneInfo("Europe/Moscow")) - timedelta(minutes=2)
    await _wish(product, mila.id, {"at": f"{now:%H:%M}", "last": "2026-01-01"})
    services = product.product.services
    owed = await asyncio.gather(*(services.digests.owe_due() for _ in range(4)))
    assert sum(owed) <= 1
    shown = await mila.sees("📰")
    assert "free: 1" in shown.text
    for start in ("agenda:today", "agenda:overdue", "list:mine", "list:unassigned", "me:off"):
        assert has(shown, start), start
    await tap(mila, "list:unassigned", shown)
    await mila.gets("1 in all")
    assert await services.digests.owe_due() == 0


async def test_a_digest_that_is_not_due_or_long_past_does_not_come(product: Running) -> None:
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    services = product.product.services
    later = datetime.now(ZoneInfo("Europe/Moscow")) + timedelta(minutes=30)
    today = last_before(datetime.now(UTC), "Europe/Moscow", later.time().replace(second=0, microsecond=0))
    await _wish(product, mila.id, {"at": f"{later:%H:%M}", "last": today})
    assert await services.digests.owe_due() == 0
    past = datetime.now(ZoneInfo("Europe/Moscow")) - timedelta(hours=13)
    await _wish(product, mila.id, {"at": f"{past:%H:%M}", "last": "2026-01-01"})
    assert await services.digests.owe_due() == 0
    await _wish(product, mila.id, {"at": "nonsense"})
    assert await services.digests.owe_due() == 0
