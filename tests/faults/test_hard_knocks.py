"""Hard knocks: PostgreSQL restarted under load, its pool used up, Redis emptied and gone, a full disk, a
clock that steps, and a Telegram that refuses for a while."""

import asyncio
from functools import partial
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from redis import Redis
from sqlalchemy import make_url

from storage.db import Database
from storage.tables import leads
from tests.clock import MovableClock
from tests.databases import OTHERS, PostgresDatabases
from tests.delivery.house import House, open_house
from tests.faults.test_between import name_of
from tests.product import Running, running
from tests.waiting import until


class Website:
    """Sends forms, each again under its key until it is taken, and counts the leads that came of them."""

    def __init__(self, product: Running) -> None:
        self.product, self.taken, self.refused = product, set[str](), 0

    async def find(self) -> "Website":
        own = self.product.product
        async with own.db.transaction(own.organization_id) as s:
            key = await own.services.website_form.ensure_hook(s, own.organization_id)
        self.address = f"{self.product.url}/hooks/website/{key}"
        return self

    async def submit(self, number: int) -> None:
        name = f"form {number}"
        await until(lambda: self.is_taken(name, number), seconds=30, pause=0.1)
        self.taken.add(name)

    async def is_taken(self, name: str, number: int) -> bool:
        fields = {
            "name": name,
            "phone": f"+7916{number:07d}",
            "email": f"{number}@example.com",
            "referral_code": "site",
        }
        answer = await self.product.http.post(
            self.address, json=fields, headers={"Idempotency-Key": name}, timeout=30
        )
        assert answer.status_code in (200, 503), answer.text
        self.refused += answer.status_code == 503
        return answer.status_code == 200

    async def is_whole(self) -> bool:
        """Every lead once, here and in the CRM."""
        async with self.product.product.db.reading(system=True) as s:
            ours = sorted((await s.execute(sa.select(leads.c.name))).scalars())
        return ours == sorted(name_of(one) for one in self.product.espocrm.leads()) == sorted(self.taken)


def still_runs(product: Running) -> bool:
    return product._task is not None and not product._task.done()


async def test_a_restart_of_postgres_under_load_and_redis_emptied_and_gone(
    postgres_databases: PostgresDatabases, valkey_url: str, tmp_path: Path
) -> None:
    url = await postgres_databases.migrated(tmp_path)
    given = make_url(url)
    async with running(url, valkey_url, retry_delays="1s," * 20) as product:
        owner, website = await product.owner(), await Website(product).find()
        admin = await asyncpg.connect(user="postgres", host=given.query["host"], database="postgres")
        try:
            sending = [asyncio.create_task(website.submit(number)) for number in range(30)]
            for number in range(5):
                await owner.say(f"/start restart-{number}")
                await asyncio.sleep(0.1)
                # what a restart is to its clients
                await admin.execute(OTHERS, given.database)
                with Redis.from_url(valkey_url) as redis:
                    redis.flushall()
                    redis.client_kill_filter(_type="normal", skipme=True)
                    redis.client_kill_filter(_type="pubsub", skipme=True)
            await asyncio.gather(*sending)
        finally:
            await admin.close()
        assert still_runs(product)
        await owner.gets("")
        await until(website.is_whole, seconds=40)


async def test_a_pool_that_is_used_up_makes_wait_and_then_refuses(
    postgres_databases: PostgresDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database(await postgres_databases.migrated(tmp_path), pool_size=1)
    pool = db.engine.pool
    pool._max_overflow, pool._timeout = 0, 0.3  # type: ignore[attr-defined]

    async def ask(seconds: float) -> bool:
        try:
            async with db.reading(system=True) as s:
                await s.execute(sa.text(f"SELECT pg_sleep({seconds})"))
        except sa.exc.TimeoutError:
            return False
        return True

    try:
        assert all(await asyncio.gather(*(ask(0.005) for _ in range(20)))), "each waits for its turn"
        held = asyncio.create_task(ask(0.8))
        await asyncio.sleep(0.05)
        assert not any(await asyncio.gather(*(ask(0) for _ in range(20)))), "nobody waits for ever"
        assert await held
        assert all(await asyncio.gather(*(ask(0) for _ in range(20)))), "and then it goes on"
    finally:
        await db.close()


async def test_a_full_disk_is_not_now_and_goes_on_by_itself(tmp_path: Path, sqlite_databases: object) -> None:
    url = await sqlite_databases.migrated(tmp_path)  # type: ignore[attr-defined]
    async with running(url, "", operation_lease="3s", crm_timeout=1.0) as product:
        owner, website = await product.owner(), await Website(product).find()
        await website.submit(1)
        await until(website.is_whole)
        full = 0

        @sa.event.listens_for(product.product.db.engine.sync_engine, "begin")
        def limited(connection: sa.Connection) -> None:
            cursor = connection.connection.cursor()
            cursor.execute(f"PRAGMA max_page_count={full or 2**30}")
            cursor.close()

        async with product.product.db.reading(system=True) as s:
            full = int(await s.scalar(sa.text("PRAGMA page_count")))
        number = 2
        # what is free within the pages that are there is filled first
        while await website.is_taken(f"form {number}", number):
            website.taken.add(f"form {number}")
            number += 1
            assert number < 2000
        assert website.refused == 1
        await owner.say("/start while-full")
        await asyncio.sleep(0.5)
        assert still_runs(product)
        assert (await product.http.get(f"{product.url}/health/live")).status_code == 200
        full = 0
        await website.submit(number)
        await owner.gets("", timeout=30)
        assert still_runs(product)
        await until(website.is_whole, seconds=40)


async def test_a_clock_that_steps_back_and_forth_doubles_nothing(db: Database, clock: MovableClock) -> None:
    async with open_house(db, clock) as house:
        await house.connect()
        await _step(house)


async def _step(house: House) -> None:
    await house.send("Анна", "+79160000001")
    house.down()
    await house.work()
    house.clock.advance(-3600)
    await house.send("Олег", "+79160000002")
    await house.work()
    house.crm.heal()
    for step in (7200, -1800, 600, 86_400, -600, 3600):
        house.clock.advance(step)
        await house.work()
    assert sorted(map(name_of, house.crm.leads())) == ["Анна", "Олег"]
    assert {row.state for row in await house.rows("operations")} == {"done"}


async def test_a_telegram_that_refuses_for_a_while_gets_every_message_once(
    postgres_databases: PostgresDatabases, valkey_url: str, tmp_path: Path
) -> None:
    url = await postgres_databases.migrated(tmp_path)
    async with running(url, valkey_url) as product:
        owner, telegram = await product.owner(), product.telegram

        async def greeted(times: int) -> bool:
            """Each of our links that nobody knows is answered by a word on it and a menu, in two messages."""
            calls = await telegram.calls("sendMessage")
            return sum(bool(call["ok"]) for call in calls) == 1 + 2 * times

        faults: tuple[dict[str, int], ...] = (
            {},
            {"status": 429, "retry_after": 1, "count": 4},
            {"status": 502, "count": 3},
            {},
        )
        for times, fault in enumerate(faults, 1):
            if fault:
                await telegram.fail("sendMessage", description="Not now", **fault)
            await owner.say(f"/start unknown-{times}")
            await until(partial(greeted, times), seconds=40)
        assert still_runs(product)
        refused = [call for call in await telegram.calls("sendMessage") if not call["ok"]]
        assert len(refused) == 7
