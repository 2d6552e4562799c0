"""A soak: leads pour in while answers of the CRM are lost and workers are killed; then all is counted."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

import httpx
import sqlalchemy as sa

from domain.leads import LeadDraft
from domain.members import Member
from services.clock import system_clock
from services.delivery.outbox import Outbox
from services.hooks_in.visitors import Visitors
from services.hooks_in.website_form import WebsiteForm
from services.leads.activities import Activities
from services.leads.leads import Leads
from services.leads.pipeline import Pipeline
from services.messages.notices import Notices
from storage.db import Database
from storage.delivery import integrations
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows
from storage.replicas.signals import LocalSignals, RedisSignals, Signals
from storage.tables import operations, organizations
from tests.delivery.house import unused_files
from tests.product import OWNER
from tests.soak.account import Account, take_account
from tests.soak.stage import Stage, open_stage

PATIENCE = 120.0
"""Seconds without any progress after which a run is given up."""

FORMS_AT_ONCE = 4


@dataclass(frozen=True)
class Plan:
    """How much of what. Of the leads, `forms` come over HTTP from the website, the others from the chat's use
    cases; every one is moved a stage on, and every `noted`-th one gets two notes."""

    leads: int
    forms: int
    kills: int
    workers: int = 2
    noted: int = 4
    share: float = 0.05
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """`caught` counts operations that were under way in a worker at the moment of its kill."""

    plan: Plan
    account: Account
    caught: int
    kills: int
    seconds: float


async def soak(plan: Plan, folder: Path, database_url: str, redis_url: str) -> Outcome:
    """Run the plan. Raises TimeoutError when nothing moves for PATIENCE seconds."""
    started = time.monotonic()
    signals: Signals = RedisSignals(redis_url) if redis_url else LocalSignals()
    db = Database(database_url)
    try:
        async with open_stage(folder, database_url, redis_url) as stage, _client() as client:
            await asyncio.gather(*(stage.start_worker() for _ in range(plan.workers)))
            fault = {"kind": "drop_after_commit", "share": plan.share}
            (await client.post(f"{stage.crm_url}/sandbox/faults", json=fault)).raise_for_status()
            run = Run(plan, stage, db, signals, client)
            await run.settle_in()
            async with asyncio.TaskGroup() as group:
                group.create_task(run.send_all())
                group.create_task(run.kill_all())
            await run.drained()
            account = await take_account(db, client, stage.crm_url)
            return Outcome(plan, account, run.caught, run.killed, time.monotonic() - started)
    finally:
        await signals.close()
        await db.close()


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, timeout=20)


class Run:
    """One soak under way."""

    def __init__(
        self, plan: Plan, stage: Stage, db: Database, signals: Signals, client: httpx.AsyncClient
    ) -> None:
        self.plan, self.stage, self.db, self.client = plan, stage, db, client
        self.random = Random(plan.seed)
        notices = Notices(db, system_clock, signals)
        outbox = Outbox(db, system_clock, signals, (), self.random)
        self.leads = Leads(db, system_clock, outbox, notices)
        self.pipeline = Pipeline(db, system_clock, outbox, notices)
        self.activities = Activities(db, system_clock, outbox, notices)
        visitors = Visitors(system_clock, self.leads, outbox, notices)
        self.form = WebsiteForm(db, system_clock, visitors, unused_files(db, system_clock))
        self.organization: UUID | None = None
        self.caught = self.killed = 0
        self.sent = False

    async def settle_in(self) -> None:
        """Wait until a worker has made the first organization with its CRM; open the doors if need be."""
        while self.organization is None:
            await asyncio.sleep(0.1)
            async with self.db.reading(system=True) as session:
                self.organization = await session.scalar(sa.select(organizations.c.id))
        async with self.db.reading(self.organization) as session:
            owner = await member_rows.member_of(session, OWNER)
            self.stages = {one.key: one.id for one in await stage_rows.list_stages(session)}
        assert owner is not None
        self.owner: Member = owner
        while not await self._has_crm():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        if self.plan.forms:
            await self.stage.start_web()

    async def _has_crm(self) -> bool:
        assert self.organization is not None
        async with self.db.reading(self.organization) as session:
            return await integrations.active(session) is not None

    async def send_all(self) -> None:
        """Every lead with its stage and its notes, those of the website beside the others."""
        chat = range(self.plan.leads - self.plan.forms)
        gate = asyncio.Semaphore(FORMS_AT_ONCE)
        key = await self.form.key(self.owner) if self.plan.forms else ""
        async with asyncio.TaskGroup() as group:
            for number in range(self.plan.leads - self.plan.forms, self.plan.leads):
                group.create_task(self._send_form(gate, key, number))
            for number in chat:
                draft = LeadDraft(name=f"Lead {number}", phones=(_phone(number),))
                lead = await self.leads.create(self.owner, draft)
                await self._work_on(lead.id, number)
        self.sent = True

    async def _send_form(self, gate: asyncio.Semaphore, key: str, number: int) -> None:
        fields = {
            "name": f"Lead {number}",
            "phone": _phone(number),
            "email": f"lead{number}@example.com",
            "referral_code": "soak",
        }
        headers = {"Idempotency-Key": f"form-{number}"}
        async with gate:
            url = f"{self.stage.web_url}/hooks/website/{key}"
            (await self.client.post(url, json=fields, headers=headers)).raise_for_status()

    async def _work_on(self, lead_id: UUID, number: int) -> None:
        noted = number % self.plan.noted == 0
        if noted:
            await self.activities.add_note(self.owner, lead_id, "1")
        await self.pipeline.move(self.owner, lead_id, self.stages["call"])
        if noted:
            await self.activities.add_note(self.owner, lead_id, "2")
            await self.pipeline.move(self.owner, lead_id, self.stages["meeting"])

    async def kill_all(self) -> None:
        """Kill a worker whenever another random share of the work is done; another takes its place."""
        chat = self.plan.leads - self.plan.forms
        total = 2 * chat + 3 * -(-chat // self.plan.noted) + self.plan.forms
        for share in sorted(self.random.uniform(0.05, 0.9) for _ in range(self.plan.kills)):
            while await self._count("done") < share * total:  # noqa: ASYNC110
                await asyncio.sleep(self.random.uniform(0.02, 0.1))
            process = await self.stage.kill_worker(self.random.randrange(len(self.stage.workers)))
            self.caught += await self._leased_by(process)
            self.killed += 1
            await self.stage.start_worker()

    async def drained(self) -> None:
        """Wait until nothing is owed any more, or nothing moves."""
        owed, since = -1, time.monotonic()
        while (left := await self._count("pending", "running")) > 0:
            if left != owed:
                owed, since = left, time.monotonic()
            if time.monotonic() - since > PATIENCE:
                raise TimeoutError(f"{left} operations do not move")
            await asyncio.sleep(0.2)

    async def _count(self, *states: str) -> int:
        statement = sa.select(sa.func.count()).where(operations.c.state.in_(states))
        async with self.db.reading(system=True) as session:
            return int(await session.scalar(statement))

    async def _leased_by(self, process: int) -> int:
        mine = operations.c.lease_owner.like(f"%:{process}:%")
        statement = sa.select(sa.func.count()).where(operations.c.state == "running", mine)
        async with self.db.reading(system=True) as session:
            return int(await session.scalar(statement))


def _phone(number: int) -> str:
    return f"+7916{number:07d}"
