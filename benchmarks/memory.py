"""Part `memory`: what the processes of an installation take after minutes of everything at once."""

import asyncio
import re
import subprocess
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from uuid import UUID

import httpx

from benchmarks import crowd, postgres
from benchmarks.installation import Installation, redis
from benchmarks.pouring import pace, post
from benchmarks.quick_telegram import QuickTelegram, quick_telegram
from benchmarks.report import Goal, Result
from benchmarks.rounds import NotTheSame
from benchmarks.serving import free_port
from benchmarks.updates import PEOPLE, SECRET, Writers, port_opens
from sandbox.espocrm.server import EspoSandbox
from services.clock import system_clock
from services.entry.second_factor import RESET
from storage.db import Database
from storage.hooks_in import hooks
from storage.messages.notices import Owed, add_notices

ROLES = ("web", "bot", "worker", "scheduler")
WARM_UP, SECONDS, READ_EVERY, READ = 75, 210, 3.0, 5
UPDATES, CHANGES, PUSHES = 20, 4, 10
"""Each second: updates of Telegram, changes at the CRM of which it tells us, pushes owed to people."""

FORM_EVERY = 4
"""Seconds between two forms of the website. Whoever may take leads hears of each, and of what becomes of it;
more than a message a second into one chat waits for its turn, and would not be worked off in the end."""

MOST, PATIENCE = 1.05, 60.0
WAITING = """
SELECT (SELECT count(*) FROM updates WHERE state IN ('pending', 'handled'))
  + (SELECT count(*) FROM notices WHERE state IN ('pending', 'sending'))
  + (SELECT count(*) FROM inbox WHERE state IN ('pending', 'running'))
"""


@dataclass
class Load:
    """Everything that pours in; `done` counts it."""

    port: int
    form: str
    db: Database
    organization: UUID
    crm: EspoSandbox
    done: Counter[str] = field(default_factory=Counter)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _writers: Writers = field(default_factory=Writers)

    async def pour(self, seconds: float) -> None:
        """Everything, for so long. Raises NotTheSame for what is refused."""
        over = time.monotonic() + seconds
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            while time.monotonic() < over:
                second = time.monotonic() + 1
                await asyncio.gather(self._updates(), self._changes(), self._pushes())
                if self.done["updates"] % (UPDATES * FORM_EVERY) == 0:
                    await self._form(http)
                await asyncio.sleep(max(second - time.monotonic(), 0))

    async def _updates(self) -> None:
        bodies = [body.encode() for _, _, body in self._writers.next(UPDATES)]
        requests = [post(self.port, "/telegram/webhook", body, SECRET) for body in bodies]
        answers = await pace(self.port, requests, 2 * UPDATES, 4)
        if {one.status for one in answers} != {200}:
            raise NotTheSame("an update was refused")
        self.done["updates"] += UPDATES

    async def _form(self, http: httpx.AsyncClient) -> None:
        number = next(self._numbers)
        fields = {"name": f"Person {number}", "phone": f"+7916{number:07d}",
                  "email": f"p{number}@example.com", "referral_code": f"c{number % PEOPLE}"}  # fmt: skip
        answer = await http.post(self.form, json=fields, headers={"Idempotency-Key": f"f{number}"})
        if answer.status_code != 200:
            raise NotTheSame(f"a form was answered with {answer.status_code}: {answer.text}")
        self.done["forms"] += 1

    async def _changes(self) -> None:
        records = self.crm.leads()
        for record in records[-CHANGES:]:
            self.crm.change("Lead", record["id"], opportunityAmount=next(self._numbers))
        self.done["webhooks"] += await self.crm.deliver_now()

    async def _pushes(self) -> None:
        first = self.done["pushes"]
        chats = [crowd.FIRST + (first + number) % PEOPLE for number in range(PUSHES)]
        async with self.db.transaction(self.organization) as s:
            await add_notices(s, [Owed(chat, RESET, {}) for chat in chats], system_clock())
        self.done["pushes"] += PUSHES


class Processes:
    """The roles that run, and what each of them takes."""

    def __init__(self, by_role: dict[str, "subprocess.Popen[bytes]"]) -> None:
        self.by_role = by_role

    async def resident(self) -> dict[str, float]:
        """MiB of each role, the median of a few looks: what a collection of garbage is to take away comes and
        goes."""
        seen: dict[str, list[float]] = {role: [] for role in self.by_role}
        for _ in range(READ):
            for role, process in self.by_role.items():
                seen[role].append(_resident(process.pid))
            await asyncio.sleep(READ_EVERY)
        return {role: median(looks) for role, looks in seen.items()}


def _resident(process: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


async def measure() -> Result:
    """One process of each role on PostgreSQL and Redis, with an EspoCRM and a Telegram."""
    if not sys.platform.startswith("linux"):
        raise RuntimeError("the part memory reads /proc")
    with postgres.server() as server_url, redis() as redis_url:
        url, port = await postgres.database(server_url, "memory"), free_port()
        db = Database(url)
        organization, _ = await crowd.organization_of(db)
        await crowd.fill(url, organization, PEOPLE)
        async with quick_telegram() as telegram, EspoSandbox() as crm, AsyncExitStack() as stack:
            house = Installation(url, redis_url, telegram.url, telegram.token, _settings(port, crm))
            roles = {role: stack.enter_context(house.run(role, port)) for role in ROLES}
            await port_opens(port)
            load = Load(port, await _form(db, organization, port), db, organization, crm)
            found = await _looks(Processes(roles), load, url)
        await _verify(url, load, telegram)
        await db.close()
    return _result(*found, load.done)


def _settings(port: int, crm: EspoSandbox) -> dict[str, str]:
    return {
        "BOT_MODE": "webhook",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TELEGRAM_RATE": "1000",
        "EGRESS_ALLOW": f"{crm.url.removeprefix('http://')}",
        "CRM_PROVIDER": "espocrm",
        "CRM_URL": crm.url,
        "CRM_API_KEY": crm.api_key,
    }


async def _form(db: Database, organization: UUID, port: int) -> str:
    async with db.reading(organization) as s:
        (hook,) = await hooks.of_provider(s, "website")
    return f"http://127.0.0.1:{port}/hooks/website/{hook.key}"


async def _looks(processes: Processes, load: Load, url: str) -> tuple[dict[str, float], dict[str, float]]:
    """Memory after the warm-up, and in the end when all that poured in meanwhile is worked off."""
    pouring = asyncio.create_task(load.pour(WARM_UP + SECONDS))
    await asyncio.sleep(WARM_UP)
    warm = await processes.resident()
    await pouring
    connection = await postgres.connect(url)
    async with asyncio.timeout(PATIENCE):
        while await connection.fetchval(WAITING):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await connection.close()
    return warm, await processes.resident()


async def _verify(url: str, load: Load, telegram: QuickTelegram) -> None:
    """Nothing was given up, and none of the four kinds was left out."""
    connection = await postgres.connect(url)
    broken = await connection.fetchval(
        "SELECT (SELECT count(*) FROM updates WHERE state = 'parked') "
        "+ (SELECT count(*) FROM operations WHERE state = 'permanently_failed') "
        "+ (SELECT count(*) FROM inbox WHERE state = 'failed')"
    )
    await connection.close()
    missing = {"updates", "forms", "webhooks", "pushes"} - {kind for kind, many in load.done.items() if many}
    if broken or missing or telegram.heard["sendMessage"] < load.done["pushes"]:
        raise NotTheSame(f"{broken} were given up; missing: {missing or 'nothing'}; {telegram.heard}")


def _result(warm: dict[str, float], end: dict[str, float], done: Counter[str]) -> Result:
    grown = {role: end[role] / warm[role] for role in ROLES}
    return Result(
        part="memory",
        title="Memory after minutes of work (`memory`)",
        about=(
            f"One process of each role on PostgreSQL and Redis. Each second {UPDATES} updates of Telegram "
            f"come, {CHANGES} changes at an EspoCRM, of which it tells by webhook, and {PUSHES} pushes are "
            f"owed to people; every {FORM_EVERY} s a form of a website, which becomes a lead there. Resident "
            f"memory after {WARM_UP} s of this and after {SECONDS} s more, each the median of {READ} looks."
        ),
        columns=("Process", "warm, MiB", "in the end, MiB", "ratio"),
        rows=[[role, f"{warm[role]:.0f}", f"{end[role]:.0f}", f"{grown[role]:.2f}x"] for role in ROLES],
        goals=[Goal(f"{role}, the end over warm", grown[role], MOST) for role in ROLES],
        notes=["Came in: " + ", ".join(f"{many:,} {kind}" for kind, many in sorted(done.items())) + "."],
    )
