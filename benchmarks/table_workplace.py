"""Imports and exports put together as the program does it, on a database of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from bot.table_services import table_services
from domain.members import Member
from services.clock import system_clock
from services.delivery.outbox import Outbox
from services.importing.reading import read_table
from services.notices import Notices
from services.organizations import Organizations
from storage import members as member_rows
from storage.db import Database
from storage.signals import LocalSignals

OWNER = 1001


@dataclass
class Tables:
    """The services of tables, and the owner of the one organization."""

    db: Database
    owner: Member
    services: dict[str, Any]

    async def bring_in(self, content: bytes) -> dict[str, int]:
        """From the bytes to the last commit; the rows by what became of them."""
        imports = self.services["imports"]
        table = await asyncio.to_thread(read_table, content)
        one = await imports.receive(self.owner, OWNER, "leads.csv", table)
        del table
        await imports.forecast(self.owner, one.id)
        await imports.start(self.owner, one.id)
        await self.services["import_job"].advance()
        done = await imports.get(self.owner, one.id)
        assert done.state == "done", done.state
        return dict(done.verdicts)


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
        yield Tables(db, owner, table_services(db, clock, signals, outbox, notices))
    finally:
        await db.close()
