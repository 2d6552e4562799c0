"""Pushes to many people at once while Telegram takes less than we thought."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from bot.telegram.sender import AT_ONCE
from services.entry.second_factor import RESET
from services.messages.notices import LEASE
from services.people.organizations import Organizations
from storage.db import Database, Session
from storage.messages.notices import LOW_AT_ONCE, Owed, add_notices, claim_notices
from storage.tables import notices
from tests.product import running
from tests.waiting import until

PEOPLE, MANY = 18, 2000
READ = """
SELECT sum(pg_stat_get_xact_tuples_returned(oid) + coalesce(pg_stat_get_xact_tuples_fetched(oid), 0))
FROM pg_class WHERE oid = 'notices'::regclass
   OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'notices'::regclass)
"""
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


@pytest.mark.parametrize("leg", ["postgres"], indirect=True)
async def test_what_a_killed_process_had_under_way_is_sent_again_and_counted(
    database_url: str, redis_url: str
) -> None:
    async with running(database_url, redis_url, crm=False, metrics=True) as product:
        person = await product.member("Anna", "partner", language="en")
        await person.start()
        await person.gets()
        made = product.product
        now = made.services.notices.clock()
        async with made.db.transaction(made.organization_id) as s:
            await add_notices(s, [Owed(person.id, RESET, {}), Owed(person.id, RESET, {})], now)
            ours = notices.c.organization_id == s.tenant
            first = await s.scalar(sa.select(notices.c.id).where(ours).order_by(notices.c.id).limit(1))
            # as it is left by a process that is gone
            await s.execute(
                notices.update()
                .where(notices.c.id == first, ours)
                .values(state="sending", lease_until=now - LEASE, attempts=1)
            )
        made.signals.wake("notices")

        async def both() -> bool:
            return sum(TEXT in one.text for one in await person.messages()) == 2

        await until(both, seconds=20)
        assert made.figures is not None
        page = (await made.figures()).decode()
        assert 'voronka_possible_doubles_total{what="notice"} 1.0' in page


@pytest.mark.parametrize("leg", ["postgres"], indirect=True)
async def test_thousands_owed_at_once_are_claimed_before_the_planner_knows_of_them(db: Database) -> None:
    now = datetime.now(UTC)
    organization = await Organizations(db, lambda: now).ensure_first("B", "en", "RU", "Europe/Moscow", [1])
    async with db.transaction(organization) as s:
        await add_notices(s, [Owed(chat, "announcement", {}) for chat in range(1, MANY + 1)], now)
    async with db.transaction(system=True) as s:
        before = await _read_rows(s)
        claimed = await claim_notices(s, now, LEASE, AT_ONCE)
        read = await _read_rows(s) - before
    assert len(claimed) == LOW_AT_ONCE
    assert read < 15 * MANY


async def _read_rows(s: Session) -> int:
    """Rows of notices, and entries of its indexes, that this transaction has read so far."""
    read: int = await s.scalar(sa.text(READ))
    return read
