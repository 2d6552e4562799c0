"""Pushes to many people at once while Telegram takes less than we thought."""

import pytest

from bot.telegram.sender import AT_ONCE
from services.entry.second_factor import RESET
from storage.messages.notices import Owed, add_notices
from storage.tables import notices
from tests.product import running
from tests.waiting import until

PEOPLE = 18
TEXT = "has turned your second factor off"


@pytest.mark.parametrize("leg", ["postgres"], indirect=True)
async def test_a_flood_loses_and_doubles_nothing(database_url: str, redis_url: str) -> None:
    async with running(database_url, redis_url, crm=False, speed=1, telegram_rate=200) as product:
        people = [await product.member(f"Person {n}", "partner", language="en") for n in range(PEOPLE)]
        for person in people:
            await person.start()
        for person in people:
            await person.until(lambda messages: any(one.from_bot for one in messages))
        await product.telegram.limits(overall_rate=8, overall_burst=8)
        product_of = product.product
        async with product_of.db.transaction(product_of.organization_id) as s:
            owed = [Owed(person.id, RESET, {}) for person in people]
            await add_notices(s, owed, product_of.services.notices.clock())
        product_of.signals.wake("notices")

        async def all_out() -> bool:
            async with product_of.db.reading(system=True) as s:
                rows = await s.rows(notices.select().where(notices.c.kind == RESET))
            return {row.state for row in rows} == {"sent"}

        await until(all_out, seconds=30, pause=0.05)
        calls = await product.telegram.calls("sendMessage")
        assert AT_ONCE > PEOPLE
        assert any(TEXT in str(call["params"]) and call["status"] == 429 for call in calls)
        for person in people:
            assert sum(TEXT in one.text for one in await person.messages()) == 1
