"""Three ways to work off a queue in PostgreSQL; each drains jobs that do nothing and counts them."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Protocol, cast
from uuid import UUID

import asyncpg
import procrastinate
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.types import QueueExecutionMode
from sqlalchemy import make_url

from benchmarks import postgres
from benchmarks.rounds import NotTheSame
from benchmarks.workplace import Workplace
from crm_adapters import PROVIDERS
from crm_adapters.base import Connection, Manifest, Provider
from domain.crm import CrmLead, Match, RemoteLead, RemoteRef

PROVIDER = "idle"
UNFINISHED = "SELECT EXISTS (SELECT FROM operations WHERE state <> 'done')"


class Queue(Protocol):
    name: str

    async def drain(self, count: int) -> float:
        """Put `count` jobs into the queue, then work them off; seconds of the latter.

        Raises NotTheSame unless each was carried out once and stands as done.
        """
        ...


class IdleCrm:
    """A CRM that takes everything at once and does nothing."""

    def __init__(self, connection: Connection) -> None:
        self.updates = 0

    async def find_lead(self, lead: CrmLead) -> Sequence[Match]:
        return ()

    async def read_lead(self, external_id: str) -> RemoteLead:
        return RemoteLead(RemoteRef(external_id), "", "")

    async def create_lead(self, lead: CrmLead) -> RemoteRef:
        self.updates += 1
        return RemoteRef(f"n{lead.our_id}")

    async def update_lead(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        self.updates += 1
        return RemoteRef(external_id)

    def stage_status(self, key: str, kind: str) -> str:
        return kind


def _provider() -> Provider:
    return Provider(
        manifest=Manifest(PROVIDER, "Idle", ()),
        build=IdleCrm,
        default_mapping={},
        verify=lambda headers, body, external_id, secret: None,
        parse=lambda event, body: (),
        check_settings=lambda settings: None,
    )


class Ours:
    """The outbox: an update of a linked lead each, with everything that belongs to it but a CRM."""

    name = "Voronka"

    def __init__(self, place: Workplace, integration_id: UUID, adapter: IdleCrm) -> None:
        self.place, self.integration_id, self.adapter = place, integration_id, adapter

    @classmethod
    async def open(cls, place: Workplace, count: int) -> "Ours":
        cast(dict[str, Provider], PROVIDERS)[PROVIDER] = _provider()
        integration_id = await place.integration(PROVIDER, {})
        await place.fill(count)
        await place.link(integration_id)
        await place.bare.execute("VACUUM ANALYZE")
        return cls(place, integration_id, await place.integrations.adapter(integration_id))

    async def drain(self, count: int) -> float:
        bare = self.place.bare
        await bare.execute("DELETE FROM operations")
        await bare.execute("UPDATE links SET sent_hash = 'earlier'")
        await bare.execute("VACUUM ANALYZE operations, links")
        await self.place.owe(self.integration_id, "lead.update")
        self.adapter.updates = 0
        stop = asyncio.Event()
        started = time.perf_counter()
        worker = asyncio.create_task(self.place.crm_sync.loop("bench", stop))
        while self.adapter.updates < count and not worker.done():  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        while not worker.done() and await bare.fetchval(UNFINISHED):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        stop.set()
        self.place.signals.wake_all()
        await worker
        seconds = time.perf_counter() - started
        states = await self.place.states()
        if states != {"done": count} or self.adapter.updates != count:
            raise NotTheSame(f"{self.name}: {states}, {self.adapter.updates} calls")
        sent = await bare.fetchval("SELECT count(*) FROM links WHERE sent_hash <> 'earlier'")
        if sent != count:
            raise NotTheSame(f"{self.name}: {sent} links were brought up to date")
        return seconds


class PgQueuerQueue:
    """PgQueuer with a no-op entrypoint and asyncpg; batches as large as suit it."""

    name = "PgQueuer"
    batch = 100

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    @classmethod
    async def open(cls, url: str) -> "PgQueuerQueue":
        connection = await postgres.connect(url)
        await PgQueuer(AsyncpgDriver(connection)).qm.queries.install()
        return cls(connection)

    async def drain(self, count: int) -> float:
        await self.connection.execute("TRUNCATE pgqueuer, pgqueuer_log")
        queue, carried = PgQueuer(AsyncpgDriver(self.connection)), 0

        @queue.entrypoint("nothing")  # type: ignore[untyped-decorator,unused-ignore]
        async def nothing(job: Any) -> None:
            nonlocal carried
            carried += 1

        payloads: list[bytes | None] = [None] * count
        await queue.qm.queries.enqueue(["nothing"] * count, payloads, [0] * count)
        await self.connection.execute("VACUUM ANALYZE pgqueuer")
        started = time.perf_counter()
        await queue.qm.run(batch_size=self.batch, mode=QueueExecutionMode.drain)
        seconds = time.perf_counter() - started
        left = await self.connection.fetchval("SELECT count(*) FROM pgqueuer")
        done = await self.connection.fetchval("SELECT count(*) FROM pgqueuer_log WHERE status = 'successful'")
        if (carried, left, done) != (count, 0, count):
            raise NotTheSame(f"{self.name}: {carried} carried out, {left} left, {done} logged")
        return seconds


class ProcrastinateQueue:
    """procrastinate with a no-op task and psycopg; as many jobs at once as suit it."""

    name = "procrastinate"
    at_once = 20

    def __init__(self, app: procrastinate.App, connection: asyncpg.Connection) -> None:
        self.app, self.connection, self.carried = app, connection, 0
        self.task = app.task(name="nothing")(self.nothing)

    @classmethod
    async def open(cls, url: str) -> "ProcrastinateQueue":
        parts = make_url(url)
        where = f"host={parts.query['host']} user={postgres.SUPERUSER} dbname={parts.database}"
        connector = procrastinate.PsycopgConnector(conninfo=where, min_size=4, max_size=20)
        app = procrastinate.App(connector=connector)
        await app.open_async()
        await app.schema_manager.apply_schema_async()
        return cls(app, await postgres.connect(url))

    async def nothing(self) -> None:
        self.carried += 1

    async def drain(self, count: int) -> float:
        await self.connection.execute("TRUNCATE procrastinate_jobs CASCADE")
        self.carried = 0
        await self.task.batch_defer_async(*({} for _ in range(count)))
        await self.connection.execute("VACUUM ANALYZE procrastinate_jobs")
        started = time.perf_counter()
        await self.app.run_worker_async(
            wait=False, concurrency=self.at_once, install_signal_handlers=False, listen_notify=False
        )
        seconds = time.perf_counter() - started
        done = await self.connection.fetchval(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"
        )
        if (self.carried, done) != (count, count):
            raise NotTheSame(f"{self.name}: {self.carried} carried out, {done} done")
        return seconds

    async def close(self) -> None:
        await self.app.close_async()
        await self.connection.close()
