"""Part `outbox`: how soon a committed lead is on its way, and what a dead CRM costs the others."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median
from uuid import UUID

from benchmarks import postgres
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, Compared, NotTheSame, compare
from benchmarks.workplace import Workplace, open_workplace, quiet
from crm_adapters.http import CrmHttp
from domain.leads import LeadDraft
from sandbox.espocrm import EspoSandbox
from services.clock import system_clock
from storage.delivery import integrations

SENT = 200
SOON = 0.050
"""Seconds from commit to the first byte at the CRM, as a median."""

OTHERS = 100
MOST_SLOWED = 1.1
CUT = 2.0
"""Seconds after which a call is given up; every round beside the dead CRM ends by waiting for its calls."""


class FirstByte:
    """Passes bytes on to a server, and knows when the first one of each connection's requests came."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen = asyncio.Event()
        self.at = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pass(reader, back, note=True))
            group.create_task(self._pass(there, writer, note=False))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, note: bool) -> None:
        try:
            while data := await source.read(65536):
                if note and not self.seen.is_set():
                    self.at = time.perf_counter()
                    self.seen.set()
                target.write(data)
                await target.drain()
        except ConnectionError:
            pass
        finally:
            target.close()


@asynccontextmanager
async def _working(place: Workplace) -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = asyncio.create_task(place.crm_sync.loop("bench", stop))
    try:
        yield
    finally:
        stop.set()
        place.signals.wake_all()
        await worker


async def _latencies(place: Workplace, first: FirstByte) -> list[float]:
    """Seconds from the commit of a lead to the first byte at the CRM, one lead after the other."""
    found = []
    async with _working(place):
        for number in range(SENT):
            first.seen.clear()
            draft = LeadDraft(name="Ivan Petrov", phones=(f"+7916{number:07d}",))
            await place.leads.create(place.owner, draft, receipt=False)
            committed = time.perf_counter()
            async with asyncio.timeout(30):
                await first.seen.wait()
                while (await place.states()).get("done", 0) <= number:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
            found.append(max(first.at - committed, 0.0))
    return found


async def _soon(url: str) -> list[float]:
    async with EspoSandbox() as crm:
        target = FirstByte(int(crm.url.rpartition(":")[2]))
        server = await asyncio.start_server(target.serve, "127.0.0.1", 0)
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        http = CrmHttp(now=system_clock, time_limit=CUT, allow=[address])
        async with open_workplace(url, http) as place:
            settings = {"url": f"http://{address}", "api_key": crm.api_key}
            await place.integration("espocrm", settings)
            found = await _latencies(place, target)
            if len(crm.leads()) != SENT:
                raise NotTheSame(f"{SENT} were sent, {len(crm.leads())} are there")
        server.close()
        await http.aclose()
    return found


class Neighbours:
    """An organization whose CRM works, beside one whose CRM takes connections and never answers."""

    def __init__(self, place: Workplace, crm: EspoSandbox, good: UUID, dead: UUID) -> None:
        self.place, self.crm, self.good, self.dead = place, crm, good, dead
        self.number = 0

    async def alone(self) -> float:
        return await self._drain(beside_dead=False)

    async def beside_dead(self) -> float:
        return await self._drain(beside_dead=True)

    async def _drain(self, *, beside_dead: bool) -> float:
        """Seconds until every operation of the good CRM is done."""
        place, before = self.place, len(self.crm.leads())
        await place.bare.execute("DELETE FROM operations")
        await place.bare.execute("UPDATE integrations SET failures = 0, parked_until = NULL, last_error = ''")
        first, self.number = self.number + 1, self.number + OTHERS
        await place.fill(OTHERS, first)
        new = f"number BETWEEN {first} AND {self.number}"
        for integration_id in (self.good, self.dead) if beside_dead else (self.good,):
            await place.bare.execute(
                "INSERT INTO operations (id, organization_id, integration_id, kind, record_id, entity_id,"
                " payload, state, due_at, created_at) SELECT uuidv7(), organization_id, $1, 'lead.create',"
                f" id, id, '{{}}', 'pending', now(), now() FROM leads WHERE {new}",
                integration_id,
            )
        left = "SELECT count(*) FROM operations WHERE integration_id = $1 AND state <> 'done'"
        started = time.perf_counter()
        async with _working(place):
            while await place.bare.fetchval(left, self.good):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            took = time.perf_counter() - started
        if len(self.crm.leads()) - before != OTHERS:
            raise NotTheSame(f"{OTHERS} were owed, {len(self.crm.leads()) - before} came")
        return took


async def measure() -> Result:
    """Both measurements, on a database of their own each."""
    quiet()
    with postgres.server() as url:
        soon = await _soon(await postgres.database(url, "soon"))
        slowed = await _slowed(await postgres.database(url, "slowed"))
    waited = median(soon)
    return Result(
        part="outbox",
        title="From a commit to the CRM (`outbox`)",
        about=(
            f"Time from the commit of a lead until the first byte of its request is at the CRM, {SENT} "
            f"leads one after the other; and the time in which {OTHERS} leads reach a CRM that works, alone "
            "and beside one that takes connections and never answers, and is owed as many. One worker; "
            "EspoCRM's stand-in; every lead is there once."
        ),
        columns=("Measured", "median", "ratio"),
        rows=[
            [
                "commit to first byte",
                f"{waited * 1e3:.1f} ms",
                f"{waited / SOON:.2f}x of {SOON * 1e3:.0f} ms",
            ],
            ["alone", f"{slowed.floor:.2f} s", "1.00x"],
            ["beside a dead CRM", f"{slowed.product:.2f} s", f"{slowed.ratio:.2f}x ({slowed.spread})"],
        ],
        goals=[
            Goal("commit to first byte, of 50 ms", waited / SOON, 1.0),
            Goal("slowed by a dead CRM", slowed.ratio, MOST_SLOWED),
        ],
        notes=[
            f"The slowest of {SENT} first bytes took {max(soon) * 1e3:.0f} ms; {ROUNDS} rounds.",
            f"PostgreSQL: {postgres.SAID}; all in one process but the database.",
        ],
    )


async def _slowed(url: str) -> Compared:
    silent = socket.create_server(("127.0.0.1", 0), backlog=512)
    dead_at = f"127.0.0.1:{silent.getsockname()[1]}"
    async with EspoSandbox() as crm:
        http = CrmHttp(now=system_clock, time_limit=CUT, allow=[crm.url.removeprefix("http://"), dead_at])
        async with open_workplace(url, http) as place:
            good = await place.integration("espocrm", {"url": crm.url, "api_key": crm.api_key})
            dead = await place.integration("espocrm", {"url": f"http://{dead_at}", "api_key": "x"})
            async with place.db.transaction(place.organization_id) as session:
                await integrations.only_active(session, good)
                await integrations.change(session, dead, mirrored=True)
            sides = Neighbours(place, crm, good, dead)
            compared = await compare(sides.alone, sides.beside_dead, 1)
        await http.aclose()
    silent.close()
    return compared
