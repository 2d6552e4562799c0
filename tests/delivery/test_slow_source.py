"""A source of deliveries that takes long."""

import asyncio

from services.delivery.inbox import LEASE
from storage.hooks_in.inbox import InboxRow
from tests.delivery.doors import Doors
from tests.delivery.test_road_in import delivered, stage_of
from tests.waiting import until


class Held:
    """A hook of our own whose deliveries take as long as the test says."""

    def __init__(self) -> None:
        self.begun, self.free = asyncio.Event(), asyncio.Event()

    async def work_off(self, row: InboxRow) -> None:
        self.begun.set()
        await self.free.wait()


async def test_it_holds_nobody_elses_deliveries(doors: Doors) -> None:
    house, slow, stop = doors.house, Held(), asyncio.Event()
    lead_id, external_id = await delivered(doors)
    form = await house.form.kept.hook(await doors.form_key(), "website")
    await house.form.kept.keep(form, b"{}")
    house.clock.advance(LEASE.total_seconds() + 1)
    house.inbox.own = {"website": slow}
    working = asyncio.create_task(house.inbox.loop(stop))
    await slow.begun.wait()
    house.crm.set_status(external_id, "In Process")
    await house.crm.deliver_now()

    async def has_moved() -> bool:
        return await stage_of(house, lead_id) == "meeting"

    await until(has_moved)
    slow.free.set()
    stop.set()
    await working
