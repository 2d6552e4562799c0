"""Two replicas of every role as processes of their own, on PostgreSQL and Redis, behind a load balancer."""

import asyncio
import os
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import pytest
from redis import Redis

from bot.assembly import assemble
from bot.only_one import LEASE
from bot.settings import load_settings
from sandbox.espocrm.server import EspoSandbox
from sandbox.telegram.person import Person
from sandbox.telegram.server import TelegramSandbox
from storage.replicas import locks, processes
from storage.tables import leads, updates
from tests import programs
from tests.databases import PostgresDatabases
from tests.product import OWNER, SECRET_KEY, Running, free_port
from tests.waiting import until

ROLES = ("web", "bot", "worker", "scheduler")
EACH = 10


class Balancer:
    """Leads connections to the ports in turn, past those where nobody listens."""

    def __init__(self, ports: list[int]) -> None:
        self._ports, self._count = cycle(ports), len(ports)

    async def meets(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(self._count):
            try:
                up = await asyncio.open_connection("127.0.0.1", next(self._ports))
            except OSError:
                continue
            await asyncio.gather(self._pour(reader, up[1]), self._pour(up[0], writer))
            return
        writer.close()

    async def _pour(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()


@dataclass
class Town:
    """All that runs. `running` are the people and stand-ins, and a product that serves nobody."""

    running: Running
    environment: dict[str, str]
    folder: Path
    stack: ExitStack
    programs: dict[str, BaseProcess] = field(default_factory=dict)

    def start(self, name: str, role: str, **more: str) -> None:
        said = self.folder / f"{name}.log"
        given = {**self.environment, **more}
        self.programs[name] = self.stack.enter_context(programs.started(["run", role], given, said))

    async def end(self, name: str, how: signal.Signals) -> None:
        process = self.programs.pop(name)
        assert process.pid is not None
        os.kill(process.pid, how)
        await asyncio.to_thread(process.join, 20)
        assert process.exitcode == (0 if how is signal.SIGTERM else -how)

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    async def alive(self) -> Counter[str]:
        db, clock = self.running.product.db, self.running.product.services.health.clock
        async with db.reading(system=True) as s:
            found = await processes.every(s, clock() - LEASE)
        return Counter(" ".join(one.roles) for one in found)

    async def on_duty(self) -> str:
        """The name of the scheduler that works."""
        async with self.running.product.db.reading(system=True) as s:
            holder = await locks.holder_of(s, "scheduler")
        pids = {str(process.pid): name for name, process in self.programs.items()}
        return pids.get(holder.split(":")[1] if holder else "", "")


@asynccontextmanager
async def settled(database_url: str, redis_url: str, folder: Path) -> AsyncIterator[Town]:
    ports = [free_port(), free_port()]
    async with (
        TelegramSandbox(speed=200) as telegram,
        EspoSandbox(speed=200) as espocrm,
        httpx.AsyncClient() as http,
        await asyncio.start_server(Balancer(ports).meets, "127.0.0.1", 0) as balancer,
    ):
        public = f"http://127.0.0.1:{balancer.sockets[0].getsockname()[1]}"
        given = {
            "BOT_TOKEN": telegram.token,
            "BOT_API_URL": telegram.url,
            "BOT_MODE": "webhook",
            "TELEGRAM_SECRET": "s" * 32,
            "PUBLIC_URL": public,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": SECRET_KEY,
            "ADMIN_IDS": str(OWNER),
            "ORGANIZATION_NAME": "Daisy",
            "CRM_PROVIDER": "espocrm",
            "CRM_URL": espocrm.url,
            "CRM_API_KEY": espocrm.api_key,
            "EGRESS_ALLOW": espocrm.url.removeprefix("http://"),
            "RETRY_DELAYS": "1s,1s,1s",
        }
        settings = load_settings(**{name.lower(): value for name, value in given.items()})
        async with assemble(settings) as product:
            running = Running(telegram, espocrm, settings, http, product)
            with ExitStack() as stack:
                town = Town(running, {**os.environ, **given, "ENV_FILE": ""}, folder, stack)
                for role in ROLES:
                    for n in (0, 1):
                        town.start(f"{role} {n}", role, HTTP_PORT=str(ports[n]))
                yield town
                # together: one after the other they would take their time
                for process in town.programs.values():
                    process.terminate()


@pytest.fixture
async def town(postgres_databases: PostgresDatabases, valkey_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    with Redis.from_url(valkey_url) as client:
        client.flushall()
    url = await postgres_databases.migrated(tmp_path)
    async with settled(url, valkey_url, tmp_path) as made:

        async def all_there() -> bool:
            return await made.alive() == dict.fromkeys(ROLES, 2)

        await until(all_there, seconds=40, pause=0.1)
        yield made


async def test_two_of_each_walk_the_road_and_replace_one_another(town: Town) -> None:
    anna = await walks_the_road(town)
    await the_second_scheduler_takes_over(town)
    await bots_are_replaced_one_by_one(town, anna)


async def walks_the_road(town: Town) -> Person:
    """A lead goes to the CRM, and what is done there comes back."""
    crm = town.running.espocrm
    anna = await town.running.member("Anna", "partner", language="en")
    boris = await town.running.member("Boris", "manager", language="en")
    await boris.start()
    await anna.say("Ivan 8 999 123-45-67 mortgage 3 000 000")
    await anna.gets("🧾 #1 · Ivan")
    await boris.sees("Ivan", 20)
    await boris.press("Take")
    await anna.sees("In the CRM", 20)
    [lead] = crm.leads()
    crm.set_status(lead["id"], "In Process")
    await crm.deliver_now()
    await anna.sees("Now: 🟠 Meeting", 20)
    return anna


async def the_second_scheduler_takes_over(town: Town) -> None:
    first = await town.on_duty()
    second = f"scheduler {1 - int(first[-1])}"
    assert "scheduler.waiting" in town.said(second)
    await town.end(first, signal.SIGKILL)

    async def taken_over() -> bool:
        return await town.on_duty() == second

    await until(taken_over, seconds=LEASE.total_seconds(), pause=0.1)


async def bots_are_replaced_one_by_one(town: Town, anna: Person) -> None:
    """Nothing is lost, and nothing is answered twice, while people write."""
    people = [
        anna,
        *[await town.running.member(name, "partner", language="en") for name in ("Clara", "Dora")],
    ]

    async def writes(person: Person, number: int) -> None:
        for n in range(EACH):
            await person.say(f"Lead {'ABCDEFGHIJ'[n]} +7999{number}{n:02d}0000")
            await asyncio.sleep(0.4)

    async def replaced() -> None:
        for name in ("bot 0", "bot 1"):
            await town.end(name, signal.SIGTERM)
            town.start(f"{name} again", "bot")

    await asyncio.gather(replaced(), *(writes(person, n) for n, person in enumerate(people, 2)))
    for person in people:
        await person.until(lambda messages: len(receipts(messages)) >= EACH, 30)

    async def quiet() -> bool:
        async with town.running.product.db.reading(system=True) as s:
            return {row.state for row in await s.rows(updates.select())} == {"done"}

    await until(quiet, seconds=30, pause=0.1)
    for person in people:
        found = receipts(await person.messages())
        assert len(found) == len(set(found)) == EACH + (person is anna), found
    async with town.running.product.db.reading(system=True) as s:
        assert len(await s.rows(leads.select())) == 1 + EACH * len(people)


def receipts(messages: object) -> list[str]:
    """The number on each receipt in the chat."""
    return [told[1] for one in messages if (told := re.match(r"🧾 #(\d+)", one.text))]  # type: ignore[attr-defined]
