"""A business read whole from its source's stand-in: from the button to the last row."""

import time
from dataclasses import dataclass

from benchmarks import postgres
from benchmarks.rounds import NotTheSame
from crm_adapters.http import CrmHttp
from crm_adapters.pace import LocalLedger, Paces
from sandbox.iiko import IikoSandbox
from sandbox.iiko.orders import item
from services.clock import system_clock
from storage.db import Database
from tests.transactions.shop import Till, open_shop

RECORDS = 1000


@dataclass(frozen=True, slots=True)
class Synced:
    """How long it took and how often the source was asked."""

    seconds: float
    requests: int


async def sync(server_url: str, number: int) -> Synced:
    """One first load of RECORDS orders into a database of its own, bonuses included."""
    db = Database(await postgres.database(server_url, f"synced_{number}"))
    try:
        async with (
            IikoSandbox() as cafe,
            CrmHttp(now=system_clock, allow=[cafe.url.removeprefix("http://")]) as http,
            open_shop(db, system_clock, Till()) as shop,
        ):
            connections = shop.integrations.connections
            connections.http, connections.paces = http, Paces(system_clock, LocalLedger(system_clock))
            await shop.rules.add(shop.owner, "all", {"percent": "5"})
            for order in range(RECORDS):
                cafe.sell(items=[item("Ramen", 100 + order % 900)], phone=f"+7999{order % 300:07d}")
            given = {"url": cafe.url, "api_login": cafe.keys.api_login}
            report, source = await shop.sources.connect(shop.owner, "iiko", given, months=1)
            if source is None:
                raise NotTheSame(f"not connected: {report.problems}")
            asked = len(cafe.requests())
            began = time.perf_counter()
            verdict = await shop.sync.read(shop.organization_id, source, "bench")
            took = time.perf_counter() - began
            made = [len(await shop.rows(table)) for table in ("transactions", "loyalty_entries")]
            if (verdict, made) != ("done", [RECORDS, RECORDS]):
                raise NotTheSame(f"{verdict}, rows and bonuses: {made} of {RECORDS}")
            return Synced(took, len(cafe.requests()) - asked)
    finally:
        await db.close()
