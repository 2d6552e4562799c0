"""Part `bitrix`: thousands of leads into a Bitrix24 with its real limits, beside fast-bitrix24."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

import sqlalchemy as sa
from fast_bitrix24 import BitrixAsync

from benchmarks import postgres
from benchmarks.queues import UNFINISHED
from benchmarks.report import Goal, Result
from benchmarks.rounds import NotTheSame
from benchmarks.workplace import Workplace, open_workplace, quiet
from crm_adapters.bitrix24.mapping import DEFAULT_MAPPING, for_entity, lead_to
from crm_adapters.http import CrmHttp
from crm_adapters.pace import Paces
from domain.crm import CrmLead
from sandbox.bitrix24 import Bitrix24Sandbox
from sandbox.bitrix24.limits import Bucket
from services.clock import system_clock
from storage.delivery import crm_leads
from storage.tables import leads

LEADS = 5_000
A_REQUEST = 50
TIMES = 2
SHARE = 0.95
"""Of what the portal takes, at least."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one side took: seconds, requests by method, and how many were refused after the first second."""

    seconds: float
    requests: Counter[str]
    refused_early: int
    refused: int

    @property
    def sent(self) -> int:
        return self.requests.total()

    @property
    def ceiling(self) -> float:
        """Seconds in which the portal takes so many requests."""
        return least_seconds(self.sent)


def least_seconds(requests: int) -> float:
    """A bucket of 50 that drains 2 a second: the first 50 go at once."""
    bucket = Bucket()
    return max(requests - bucket.burst, 0) / bucket.drain


def _run(crm: Bitrix24Sandbox, seconds: float) -> Run:
    seen = crm.requests()
    start = datetime.fromisoformat(seen[0].at)
    refused = [datetime.fromisoformat(one.at) - start for one in seen if one.status in (429, 503)]
    late = sum(after > timedelta(seconds=1) for after in refused)
    return Run(seconds, Counter(one.method for one in seen), len(refused) - late, late)


async def theirs(given: Sequence[CrmLead]) -> Run:
    """The library's own way: one call with the list of all. Unless it is told to send one request after the
    other, all that wait for the bucket leave at once, are refused, and in the end it gives up."""
    mapping = for_entity(DEFAULT_MAPPING, "lead")
    items = [{"entityTypeId": 1, "fields": lead_to(lead, mapping, "lead")} for lead in given]
    async with Bitrix24Sandbox() as crm:
        bitrix = BitrixAsync(crm.hook_url, verbose=False)
        started = time.perf_counter()
        with bitrix.slow(1):
            await bitrix.call("crm.item.add", items)
        seconds = time.perf_counter() - started
        _check(crm, given)
        return _run(crm, seconds)


async def ours(url: str) -> tuple[Run, Sequence[CrmLead]]:
    """Leads that are committed and owed; a worker begins, and ends when all of them are done."""
    async with Bitrix24Sandbox() as crm:
        http = CrmHttp(now=system_clock, allow=[crm.url.removeprefix("http://")])
        async with open_workplace(url, http, paces=Paces(system_clock)) as place:
            integration_id = await place.integration("bitrix24", {"url": crm.hook_url, **_key(crm)})
            await place.fill(LEADS)
            await place.owe(integration_id, "lead.create")
            stop = asyncio.Event()
            started = time.perf_counter()
            worker = asyncio.create_task(place.crm_sync.loop("bench", stop))
            while await place.bare.fetchval(UNFINISHED):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            seconds = time.perf_counter() - started
            stop.set()
            place.signals.wake_all()
            await worker
            given = await _leads(place, integration_id)
        await http.aclose()
        _check(crm, given)
        return _run(crm, seconds), given


def _key(crm: Bitrix24Sandbox) -> dict[str, str]:
    user, code = crm.hook_url.rstrip("/").split("/")[-2:]
    return {"url": crm.url, "api_key": f"{user}/{code}"}


async def _leads(place: Workplace, integration_id: UUID) -> Sequence[CrmLead]:
    async with place.db.reading(place.organization_id) as session:
        ids = [
            row.id
            for row in await session.rows(
                sa.select(leads.c.id).where(leads.c.organization_id == place.organization_id)
            )
        ]
        found = await crm_leads.crm_leads(session, integration_id, ids)
    return [found[one] for one in ids]


def _check(crm: Bitrix24Sandbox, given: Sequence[CrmLead]) -> None:
    """Every lead is there once."""
    names = Counter(str(record.get("title") or record.get("name")) for record in crm.records("lead"))
    if names.total() != len(given) or set(names.values()) != {1}:
        raise NotTheSame(f"{len(given)} were to come, {names.total()} are there, {len(names)} different ones")


async def measure() -> Result:
    """Each side in turn, with a portal of its own each time."""
    quiet()
    pairs: list[tuple[Run, Run]] = []
    with postgres.server() as url:
        for number in range(TIMES):
            mine, given = await ours(await postgres.database(url, f"bitrix{number}"))
            pairs.append((mine, await theirs(given)))
    return _result(pairs)


def _result(pairs: Sequence[tuple[Run, Run]]) -> Result:
    ratio = median(mine.seconds / other.seconds for mine, other in pairs)
    share = median(mine.ceiling / mine.seconds for mine, _ in pairs)
    alone = least_seconds(LEADS // A_REQUEST)
    of_creates = median(alone / mine.seconds for mine, _ in pairs)
    late = sum(mine.refused for mine, _ in pairs)
    rows = [
        [
            name,
            f"{median(one.seconds for one in runs):.1f}",
            f"{median(one.sent for one in runs):.0f}",
            f"{max(one.refused_early for one in runs)} / {max(one.refused for one in runs)}",
            f"{median(one.ceiling / one.seconds for one in runs):.0%}",
        ]
        for name, runs in zip(("Voronka's outbox", "fast-bitrix24"), zip(*pairs, strict=True), strict=True)
    ]
    return Result(
        part="bitrix",
        title="5,000 leads into Bitrix24 (`bitrix`)",
        about=(
            f"{LEADS:,} leads to a stand-in that keeps Bitrix24's real limits in real time: a bucket of 50 "
            "requests that drains 2 a second, 50 commands a batch. The outbox looks for every lead first (by "
            "our id and by phone), commits the intent, creates, and keeps link and end of each operation in "
            "PostgreSQL; fast-bitrix24 creates the same bodies and keeps nothing. Every lead is there once "
            "on both sides. The ceiling is the time in which the portal takes as many requests as were sent; "
            f"{TIMES} rounds."
        ),
        columns=("Sender", "seconds", "requests", "refused: first second / later", "of the ceiling"),
        rows=rows,
        goals=[
            Goal("our time over fast-bitrix24's", ratio, 1.0),
            Goal("the ceiling's speed over ours", 1 / share, 1 / SHARE),
            Goal("QUERY_LIMIT_EXCEEDED after the first second", late, 0),
        ],
        notes=[
            f"Creates alone are {LEADS // A_REQUEST} requests, {alone:.0f} s at the least: of that ceiling, "
            f"which leaves no room for a search, it is {of_creates:.0%}."
        ],
    )
