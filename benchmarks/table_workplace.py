"""Imports and exports put together as the program does it, on a database of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.table_data import sheet_lead
from bot.memory import settle
from bot.wiring.tables import table_services
from domain.importing import RowLead
from domain.lead_query import LeadQuery
from domain.members import Member
from handlers.importing.vocabulary import vocabulary
from services.clock import system_clock
from services.delivery.outbox import Outbox
from services.exporting.exports import Words
from services.importing.reading import read_table
from services.leads.leads import Leads
from services.messages.notices import Notices
from services.people.organizations import Organizations
from storage.db import Database
from storage.importing.imported_leads import Batch, Placed, add_page
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows
from storage.replicas.signals import LocalSignals

OWNER, FILLED = 1001, 5000


@dataclass
class Tables:
    """The services of tables, and the owner of the one organization."""

    db: Database
    owner: Member
    services: dict[str, Any]
    leads: Leads

    async def bring_in(self, file: Path) -> "Brought":
        """From the bytes to the message that says it is done."""
        imports, job = self.services["imports"], self.services["import_job"]
        begun = time.perf_counter()
        one = await imports.receive(
            self.owner, OWNER, "leads.csv", await asyncio.to_thread(read_table, file.read_bytes())
        )
        received = time.perf_counter()
        await imports.forecast(self.owner, one.id)
        await imports.start(self.owner, one.id)
        looked = time.perf_counter()
        committed = Moment(job.finish)
        job.finish = committed
        await job.advance()
        over = time.perf_counter()
        done = await imports.get(self.owner, one.id)
        assert done.state == "done", done.state
        return Brought(
            dict(done.verdicts), received - begun, looked - received, committed.at - begun, over - begun
        )

    async def fill(self, count: int) -> None:
        """Leads of the export, numbered from 1."""
        now = self.leads.clock()
        async with self.db.reading(self.owner.organization_id) as s:
            stage = (await stage_rows.list_stages(s))[0].id
        for start in range(1, count + 1, FILLED):
            numbers = range(start, min(start + FILLED, count + 1))
            placed = [Placed(RowLead(**sheet_lead(number)), stage, None, {}) for number in numbers]
            async with self.db.transaction(self.owner.organization_id) as s:
                await add_page(s, Batch(self.owner.id, self.owner.id, self.owner.id, now), placed)

    async def write_to(self, path: Path, kind: str) -> int:
        """All leads as a file; how many."""
        words = Words(str, str, str, ";")
        return int(await self.services["exports"].write(self.owner, LeadQuery(), kind, path, words, _nothing))


async def _nothing(_done: int, _total: int) -> None:
    return


@dataclass(frozen=True, slots=True)
class Brought:
    """Rows by what became of them; seconds until the file was kept, of the dry run, until the last row was
    committed, and until every lead was found by its words and its author told."""

    counts: dict[str, int]
    received: float
    dry_run: float
    committed: float
    told: float


class Moment:
    """Notes when the job goes over from rows to words: the rows are all committed then."""

    def __init__(self, finish: Callable[[Any], Awaitable[None]]) -> None:
        self._finish, self.at = finish, 0.0

    async def __call__(self, one: Any) -> None:
        self.at = time.perf_counter()
        await self._finish(one)


@asynccontextmanager
async def open_tables(url: str) -> AsyncIterator[Tables]:
    """On the migrated, empty database at `url`."""
    db, signals, clock = Database(url), LocalSignals(), system_clock
    organization = await Organizations(db, clock).ensure_first("B", "en", "RU", "Europe/Moscow", [OWNER])
    async with db.reading(organization) as session:
        owner = await member_rows.member_of(session, OWNER)
    assert owner is not None
    notices, outbox = Notices(db, clock, signals), Outbox(db, clock, signals, (), Random(7))
    try:
        vocabulary()  # a program that serves people has read the words of all languages
        settle()
        yield Tables(
            db, owner, table_services(db, clock, signals, outbox, notices), Leads(db, clock, outbox, notices)
        )
    finally:
        await db.close()
