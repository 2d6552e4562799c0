"""Whole processes of the product killed at random moments, and everything they had accepted counted.

Three kinds of events pour in: website forms, webhooks of the CRM, and lines in the chat that make a lead
each. A form and a webhook are accepted when they are answered with 200, and are sent again until they are;
what is written in the chat waits at Telegram until it is accepted.
"""

import asyncio
import time
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import sqlalchemy as sa

from bot.assembly import Product, assemble
from bot.settings import load_settings
from domain.members import Member, Role
from sandbox.espocrm.delivery import signatures
from sandbox.espocrm.server import EspoSandbox
from sandbox.espocrm.webhooks import php_json
from sandbox.telegram.limits import Limits
from sandbox.telegram.person import Person
from sandbox.telegram.server import TelegramSandbox
from storage.tables import inbox, operations, updates
from tests.soak.kill_account import KillAccount, take_account
from tests.soak.kill_setting import OWNER, Memory, Plan, environment_of, memory_of, settings_of
from tests.soak.processes import Processes
from tests.waiting import until

FIRST_PARTNER = 2000
ROLES = ("web", "bot", "worker", "scheduler")
BEFORE = ("web", "bot", "worker", "all")
"""Who is killed, in turns; `all` is one process with every role in place of those."""

PATIENCE = 90.0
"""Seconds without any progress after which a run is given up."""

AT_ONCE = 8
REDIS_AWAY = 0.7
"""Seconds that Redis is gone, where it is to be lost."""


@dataclass(frozen=True)
class KillOutcome:
    """`killed` names the processes that were killed, `under_way` counts what of the three kinds was sent and
    not yet worked off at the moments of the kills."""

    plan: Plan
    account: KillAccount
    killed: tuple[str, ...]
    under_way: int
    seconds: float


async def kills(plan: Plan, folder: Path, database_url: str, redis_url: str, port: int) -> KillOutcome:
    """Run the plan. Raises TimeoutError when nothing moves for PATIENCE seconds."""
    began = time.monotonic()
    async with (
        memory_of(redis_url, plan.lose_redis) as (memory, behind),
        TelegramSandbox(limits=Limits(on=False)) as telegram,
        EspoSandbox() as crm,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as http,
    ):
        environment = environment_of(database_url, behind, port, telegram, crm)
        async with Processes(folder, environment) as processes:
            settings = load_settings(**settings_of(environment))
            async with assemble(settings) as product:
                run = Run(plan, product, processes, telegram, crm, http, memory)
                await run.settle_in()
                await run.all_waves()
                await run.drained()
                account = await take_account(product.db, crm, run.sent)
    return KillOutcome(plan, account, tuple(run.killed), run.under_way, time.monotonic() - began)


@dataclass
class Sent:
    """What was accepted, in the words of the senders."""

    forms: set[str]
    hooks: dict[str, int]
    """A record of the CRM -> the last amount that was told of it."""

    told: int
    chats: set[str]


class Run:
    """One run under way."""

    def __init__(
        self, plan: Plan, product: Product, processes: Processes, telegram: TelegramSandbox,
        crm: EspoSandbox, http: aiohttp.ClientSession, memory: Memory,
    ) -> None:  # fmt: skip
        self.plan, self.product, self.processes = plan, product, processes
        self.telegram, self.crm, self.http, self.memory = telegram, crm, http, memory
        self.random = Random(plan.seed)
        self._form_number = count().__next__
        self.sent = Sent(set(), {}, 0, set())
        self.killed: list[str] = []
        self.under_way = 0
        self._accepted = 0
        self._writers: list[Person] = []
        self._url = product.settings.public_url

    async def settle_in(self) -> None:
        """Start the processes; records that the CRM's webhooks tell of, partners in the chat."""
        await asyncio.gather(*(self.processes.start(role) for role in ROLES))
        services = self.product.services
        while (owner := await services.members.current(OWNER)) is None:
            await services.members.arrive(OWNER, "", "Olga", "en", "")
        self.owner: Member = owner
        async with self.product.db.transaction(self.owner.organization_id) as s:
            key = await services.website_form.ensure_hook(s, self.owner.organization_id)
        self._form = f"{self._url}/hooks/website/{key}"
        await self._forms([f"base-{number}" for number in range(self.plan.records)])
        await asyncio.gather(*(self._person(number) for number in range(self.plan.people)))
        await self.drained()
        await until(lambda: any(one["event"] == "Lead.update" for one in self.crm.hooks()), seconds=20)
        (self._hook,) = [one for one in self.crm.hooks() if one["event"] == "Lead.update"]
        self._records = [record["id"] for record in self.crm.leads()]

    async def _person(self, number: int) -> None:
        """A partner in the chat."""
        services, telegram_id = self.product.services, FIRST_PARTNER + number
        person = await self.telegram.person(f"Mila {number}", id=telegram_id, language="en")
        invite = await services.members.invite(self.owner, Role.PARTNER)
        arrival = await services.members.arrive(telegram_id, "", f"Mila {number}", "en", invite.code)
        agreed = await services.members.give_consent(arrival.member, "1", "text")
        await services.members.register(agreed, f"+7926{number:07d}", Role.PARTNER)
        await person.start()
        self._writers.append(person)

    async def all_waves(self) -> None:
        """A wave of events a kill, the kill somewhere in it."""
        for number in range(self.plan.kills):
            victim = BEFORE[number % len(BEFORE)] if number < len(BEFORE) else self._victim(number)
            await self.processes.be_one(victim == "all", ROLES)
            # what the stand-in has seen fills the memory
            self.crm.state.requests.clear()
            begun = self._accepted
            moment = begun + round(self.random.uniform(0.1, 0.7) * self.plan.events)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._wave(number))
                group.create_task(self._kill(victim, moment))

    def _victim(self, number: int) -> str:
        return "all" if number % 4 in (0, 3) else self.random.choice(ROLES[:3])

    async def _wave(self, number: int) -> None:
        plan, first = self.plan, number * self.plan.chats
        names = [f"form-{number}-{one}" for one in range(plan.forms)]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forms(names))
            group.create_task(self._changes(number))
            for place, person in enumerate(self._writers):
                numbers = range(first + place, first + plan.chats, plan.people)
                group.create_task(self._writes(person, numbers))

    async def _forms(self, names: list[str]) -> None:
        async def send(name: str) -> None:
            phone = f"+7916{self._form_number():07d}"
            fields = {"name": name, "phone": phone, "email": f"{name}@example.com",
                      "referral_code": "soak"}  # fmt: skip
            request = {"json": fields, "headers": {"Idempotency-Key": name}}
            await self._until_accepted(self._form, **request)
            self.sent.forms.add(phone)

        await _at_once(send(name) for name in names)

    async def _changes(self, wave: int) -> None:
        async def tell(number: int) -> None:
            # amounts only grow: a value that stands twice in a history was followed twice
            amount, record = wave * self.plan.hooks + number + 1, self._records[number % len(self._records)]
            self.crm.change("Lead", record, opportunityAmount=amount)
            self.crm.state.events.clear()
            body = php_json([{"id": record, "opportunityAmount": amount}])
            headers = {"Content-Type": "application/json"}
            headers |= signatures(self._hook["id"], self._hook["secretKey"], body)
            await self._until_accepted(self._hook["url"], data=body, headers=headers)
            self.sent.hooks[record] = max(amount, self.sent.hooks.get(record, 0))
            self.sent.told += 1

        await _at_once(tell(number) for number in range(self.plan.hooks))

    async def _until_accepted(self, url: str, **request: Any) -> None:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self.http.post(url, **request) as answer:
                    if answer.status == 200:
                        self._accepted += 1
                        return
            await asyncio.sleep(0.05)

    async def _writes(self, person: Person, numbers: range) -> None:
        for number in numbers:
            phone = f"+7917{number:07d}"
            await person.say(f"Ivan {phone} mortgage 3 million")
            self.sent.chats.add(phone)
            self._accepted += 1
            await asyncio.sleep(self.random.uniform(0.0, 0.2))

    async def _kill(self, victim: str, moment: int) -> None:
        while self._accepted < moment:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        if self.plan.lose_redis:
            await self.memory.lose()
        await self.processes.kill(victim)
        self.killed.append(victim)
        self.under_way += await self._owed()
        await self.processes.start(victim)
        if self.plan.lose_redis:
            await asyncio.sleep(REDIS_AWAY)
            await self.memory.find()

    async def drained(self) -> None:
        """Wait until nothing is owed any more, or nothing moves."""
        owed, since = -1, time.monotonic()
        while (left := await self._owed()) > 0:
            if left != owed:
                owed, since = left, time.monotonic()
            if time.monotonic() - since > PATIENCE:
                raise TimeoutError(f"{left} do not move")
            await asyncio.sleep(0.1)

    async def _owed(self) -> int:
        """Deliveries, updates and operations that are not worked off."""
        waiting = {inbox: ("pending", "running"), updates: ("pending", "handled"),
                   operations: ("pending", "running")}  # fmt: skip
        counts = [
            sa.select(sa.func.count()).select_from(table).where(table.c.state.in_(states)).scalar_subquery()
            for table, states in waiting.items()
        ]
        async with self.product.db.reading(system=True) as s:
            row = await s.first(sa.select(*counts))
        assert row is not None
        return int(sum(row)) + len(self.telegram.world.api.updates)


async def _at_once(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All of it, AT_ONCE at a time, in its order."""
    waiting = iter(list(work))

    async def hand() -> None:
        for one in waiting:
            await one

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(hand())
