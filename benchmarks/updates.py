"""Part `updates`: updates of Telegram taken in and worked off by one, two and four processes, and how soon a
person has the answer among a million leads."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from statistics import quantiles

import asyncpg

from benchmarks import crowd, postgres
from benchmarks.installation import Installation, redis
from benchmarks.lead_data import OWNER, load
from benchmarks.offline import text_update
from benchmarks.pouring import pace, post, pour
from benchmarks.quick_telegram import QuickTelegram, quick_telegram
from benchmarks.report import Goal, Result
from benchmarks.rounds import NotTheSame
from benchmarks.serving import free_port
from benchmarks.table_data import table
from benchmarks.table_workplace import open_tables
from services.importing.reading import read_table

LEADS, ROWS = 1_000_000, 50_000
PROCESSES = (1, 2, 4)
UPDATES, PEOPLE, AT_ONCE = 3_000, 500, 64
PER_SECOND, SECONDS = 50, 30
SOON, SLOWED = 0.025, 2.0
PATIENCE, STARTS = 90.0, 8.0
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "bench"}
STEPS = ("/new", "+7 916 123-45-67", "Ivan Petrov", "3 000 000", "/cancel")

BACKLOG = """
INSERT INTO updates (update_id, lane, body, received_at, lease_until) SELECT *, now(), now()
FROM unnest($1::bigint[], $2::bigint[], $3::text[])
"""
UNFINISHED = "SELECT count(*) FROM updates WHERE state IN ('pending', 'handled')"


@dataclass(frozen=True, slots=True)
class Rates:
    """Updates a second."""

    taken_in: float
    worked_off: float


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds from the moment at which an update was due at our door to its message at Telegram."""

    due: float
    seconds: float


class Writers:
    """People who walk through the form of a lead, each at their own next step."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._steps = dict.fromkeys(crowd.ids(PEOPLE), 0)

    def next(self, many: int) -> list[tuple[int, int, str]]:
        """(update id, person, JSON) of so many updates, of one person after the other."""
        made = []
        people = list(self._steps)
        for number in range(many):
            person = people[number % len(people)]
            step, update_id = self._steps[person], next(self._numbers)
            self._steps[person] = (step + 1) % len(STEPS)
            made.append((update_id, person, json.dumps(text_update(update_id, person, STEPS[step]))))
        return made


class House:
    """The installation, and what writes to it."""

    def __init__(self, place: Installation, telegram: QuickTelegram, bare: asyncpg.Connection) -> None:
        self.place, self.telegram, self.bare = place, telegram, bare
        self.writers = Writers()

    @asynccontextmanager
    async def web(self, processes: int) -> AsyncIterator[list[int]]:
        """So many web processes; their ports."""
        ports = [free_port() for _ in range(processes)]
        async with AsyncExitStack() as stack:
            for port in ports:
                stack.enter_context(self.place.run("web", port))
            for port in ports:
                await port_opens(port)
            yield ports

    @asynccontextmanager
    async def bots(self, processes: int) -> AsyncIterator[None]:
        """So many bots, all of them ready."""
        self.telegram.forget()
        async with AsyncExitStack() as stack:
            for _ in range(processes):
                stack.enter_context(self.place.run("bot"))
            async with asyncio.timeout(PATIENCE):
                while self.telegram.heard["setWebhook"] < processes:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            yield

    def requests(self, many: int, ports: Sequence[int]) -> list[list[bytes]]:
        """Updates as Telegram sends them, in turn to each of the ports."""
        shares: list[list[bytes]] = [[] for _ in ports]
        for number, (_, _, body) in enumerate(self.writers.next(many)):
            place = number % len(ports)
            shares[place].append(post(ports[place], "/telegram/webhook", body.encode(), SECRET))
        return shares

    async def rates(self, processes: int) -> Rates:
        """Both kinds of processes, one after the other; the bots find what was taken in, and more."""
        async with self.web(processes) as ports:
            shares = self.requests(UPDATES, ports)
            began = time.perf_counter()
            found = await asyncio.gather(
                *(pour(port, share, AT_ONCE // processes) for port, share in zip(ports, shares, strict=True))
            )
            taking = time.perf_counter() - began
        if {status for _, statuses in found for status in statuses} != {200}:
            raise NotTheSame("an update was refused")
        return Rates(UPDATES / taking, UPDATES / await self._work_off(processes))

    async def _work_off(self, processes: int) -> float:
        """Seconds in which the bots do UPDATES that are there at once, when all before are done."""
        async with self.bots(processes):
            await self.done()
            made = self.writers.next(UPDATES)
            began = time.perf_counter()
            await self.bare.execute(BACKLOG, *(list(column) for column in zip(*made, strict=True)))
            await self.done()
            return time.perf_counter() - began

    async def done(self) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while await self.bare.fetchval(UNFINISHED):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def answers(self, port: int, seconds: int) -> list[Waited]:
        """PER_SECOND updates a second; each of somebody whose last one was seconds ago."""
        waited: list[Waited] = []
        for _ in range(seconds * PER_SECOND // PEOPLE):
            made = self.writers.next(PEOPLE)
            self.telegram.forget()
            requests = [post(port, "/telegram/webhook", body.encode(), SECRET) for _, _, body in made]
            taken = await pace(port, requests, PER_SECOND, AT_ONCE)
            await self.done()
            sent = self.telegram.first_sent
            if {one.status for one in taken} != {200} or not set(crowd.ids(PEOPLE)) <= set(sent):
                raise NotTheSame(f"{len(sent)} people of {PEOPLE} were answered")
            waited += [
                Waited(one.due, sent[person] - one.due)
                for one, (_, person, _) in zip(taken, made, strict=True)
            ]
        return waited


async def port_opens(port: int) -> None:
    """Returns when somebody listens. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


@asynccontextmanager
async def house(server_url: str, redis_url: str, leads: int) -> AsyncIterator[House]:
    """A database with so many leads and PEOPLE who write, no process yet."""
    url = await postgres.database(server_url, "updates")
    loaded = await load(url, leads)
    await crowd.organization_of(loaded.db)
    await crowd.fill(url, loaded.partner.organization_id, PEOPLE)
    await loaded.db.close()
    bare = await postgres.connect(url)
    async with quick_telegram() as telegram:
        more = {"BOT_MODE": "webhook", "PUBLIC_URL": "https://bot.example", "TELEGRAM_RATE": "1000"}
        yield House(Installation(url, redis_url, telegram.url, telegram.token, more), telegram, bare)
    await bare.close()


async def measure() -> Result:
    """Rates first, then the answers' times alone and beside an import."""
    with postgres.server() as server_url, redis() as redis_url:
        async with house(server_url, redis_url, LEADS) as at:
            rates = {processes: await at.rates(processes) for processes in PROCESSES}
            async with at.web(1) as ports, at.bots(1):
                await at.answers(ports[0], SECONDS // 3)
                alone = await at.answers(ports[0], SECONDS)
                beside = await _beside_import(at, ports[0])
    return _result(rates, _p95(alone), _p95(beside))


async def _beside_import(at: House, port: int) -> list[Waited]:
    """What was due while the scheduler brought a file in."""
    async with open_tables(at.place.database_url) as tables:
        imports = tables.services["imports"]
        sheet = await asyncio.to_thread(read_table, table(ROWS))
        one = await imports.receive(tables.owner, OWNER, "leads.csv", sheet)
        await imports.forecast(tables.owner, one.id)
        with at.place.run("scheduler"):
            await asyncio.sleep(STARTS)
            await imports.start(tables.owner, one.id)
            began = time.perf_counter()
            answering = asyncio.create_task(at.answers(port, SECONDS))
            while (await imports.get(tables.owner, one.id)).state == "running":  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            over = time.perf_counter()
            found = [waited for waited in await answering if began <= waited.due <= over]
        done = await imports.get(tables.owner, one.id)
    if done.state != "done" or len(found) < PER_SECOND:
        raise NotTheSame(f"the import is {done.state}, {len(found)} updates came meanwhile")
    return found


def _p95(waited: Sequence[Waited]) -> float:
    return quantiles([one.seconds for one in waited], n=20, method="inclusive")[-1]


def _result(rates: dict[int, Rates], alone: float, beside: float) -> Result:
    one = rates[1]
    rows = [
        [f"{processes}", f"{found.taken_in:.0f}", f"{found.taken_in / one.taken_in:.2f}x",
         f"{found.worked_off:.0f}", f"{found.worked_off / one.worked_off:.2f}x"]
        for processes, found in rates.items()
    ]  # fmt: skip
    return Result(
        part="updates",
        title="Updates by several processes, and how soon they are answered (`updates`)",
        about=(
            f"Telegram's webhook on PostgreSQL and Redis with {LEADS:,} leads. {UPDATES:,} updates of "
            f"{PEOPLE} people, steps of the form of a lead: taken in by web processes over {AT_ONCE} "
            "connections, and as many worked off by bots that find them in the journal at once, until the "
            "last is answered at a Telegram that takes no time. Then one process of each role and "
            f"{PER_SECOND} updates a second: from the moment at which an update is due at our door until "
            f"its message is at Telegram, alone and while the scheduler brings in a file of {ROWS:,} leads."
        ),
        columns=("Processes", "taken in a second", "of one", "worked off a second", "of one"),
        rows=rows,
        goals=[
            Goal(f"95th percentile to sendMessage over {SOON * 1e3:.0f} ms", alone / SOON, 1.0),
            Goal("the same during an import, over that alone", beside / alone, SLOWED),
        ],
        notes=[
            f"95th percentile alone {alone * 1e3:.1f} ms, during the import {beside * 1e3:.1f} ms.",
            "The processes, the database, Redis and what sends the updates share the machine's cores: more "
            "processes than cores can only show that they do not hinder each other.",
            f"PostgreSQL: {postgres.SAID}.",
        ],
    )
