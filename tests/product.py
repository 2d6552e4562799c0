"""The whole product in the test's own loop, between a local Telegram and an EspoCRM stand-in."""

import asyncio
import base64
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import httpx
from aiogram import Router

from bot.app import run
from bot.assembly import Product, assemble
from bot.settings import Settings, load_settings
from bot.telegram import conversing
from handlers.routes import routes
from sandbox.espocrm.server import EspoSandbox
from sandbox.telegram.person import Person
from sandbox.telegram.server import TelegramSandbox
from storage.replicas import sending_pace
from tests.reuse import RouterSets

OWNER = 1000
ROUTERS = RouterSets()
TAKEN: ContextVar[list[Router]] = ContextVar("routers of the product that is being started")
SECRET_KEY = base64.b64encode(b"k" * 32).decode()


def _routes() -> list[Router]:
    """The routers that the product under way has taken; new ones for a dispatcher of somebody else."""
    taken = TAKEN.get(None)
    return routes() if taken is None else taken


@dataclass
class Running:
    """What a test talks to: people in Telegram, the CRM, our HTTP doors."""

    telegram: TelegramSandbox
    espocrm: EspoSandbox
    settings: Settings
    http: httpx.AsyncClient
    product: Product
    people: dict[str, Person] = field(default_factory=dict)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _task: "asyncio.Task[None] | None" = None
    _routers: list[Router] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.settings.public_url

    async def owner(self) -> Person:
        """The owner, whose set-up is done."""
        if "owner" not in self.people:
            self.people["owner"] = await self.telegram.person("Ольга", id=OWNER, language="ru")
            async with self.product.db.transaction(system=True) as s:
                from storage.people.members import update_organization

                await update_organization(s, self.product.organization_id, set_up=True)
            await self.people["owner"].start()
            await self.people["owner"].gets()
        return self.people["owner"]

    async def member(self, name: str, role: str, *, language: str = "ru", phone: str | None = None) -> Person:
        """Somebody who has registered by an invite for the role, through the use cases behind the chat."""
        from domain.members import Role

        person = await self.telegram.person(name, language=language)
        members = self.product.services.members
        await self.owner()
        owner = await members.current(OWNER)
        assert owner is not None
        invite = await members.invite(owner, Role(role))
        arrival = await members.arrive(person.id, "", name, language, invite.code)
        agreed = await members.give_consent(arrival.member, "1", "text")
        await members.register(agreed, phone or f"+7916{person.id % 10_000_000:07d}", Role(role))
        return person

    async def restart(self) -> None:
        """Stop the bot as by a crash-free restart and run it again on the same database."""
        await self.stop()
        self.begin()

    def begin(self) -> None:
        """Run the product, which has been stopped or was never run."""
        self._stop, self._routers = asyncio.Event(), ROUTERS.take()
        context = copy_context()
        context.run(TAKEN.set, self._routers)
        self._task = asyncio.create_task(run(self.product, stop=self._stop), context=context)

    async def stop(self) -> None:
        """Raises what the product has failed with."""
        self._stop.set()
        task, self._task = self._task, None
        if task is not None:
            try:
                await task
            finally:
                ROUTERS.give_back(self._routers)


def free_port() -> int:
    """A port below those that the system gives to callers: nobody takes it before it is bound."""
    while True:
        port = random.randrange(12_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


@asynccontextmanager
async def running(
    database_url: str,
    redis_url: str,
    *,
    crm: bool = True,
    speed: float = 200,
    allow: tuple[str, ...] = (),
    through: Callable[[str], Awaitable[str]] | None = None,
    **given: Any,
) -> AsyncIterator[Running]:
    """Start everything; `given` are settings, `allow` more addresses inside that may be called.
    The stand-ins' clocks run `speed` times faster. `through` tells over which address the product reaches
    a stand-in."""
    port = int(given.get("http_port") or free_port())
    async with (
        TelegramSandbox(speed=speed) as telegram,
        EspoSandbox(speed=speed) as espocrm,
        httpx.AsyncClient() as http,
    ):
        ways = [await through(one.url) if through else one.url for one in (telegram, espocrm)]
        values: dict[str, Any] = {
            "bot_token": telegram.token,
            "bot_api_url": ways[0],
            "database_url": database_url,
            "redis_url": redis_url,
            "http_port": port,
            "public_url": f"http://127.0.0.1:{port}",
            "secret_key": SECRET_KEY,
            "admin_ids": (OWNER,),
            "organization_name": "Ромашка",
            "egress_allow": (ways[1].removeprefix("http://"), *allow),
            "retry_delays": "1s,1s,1s,1s,1s",
        }
        if crm:
            values |= {
                "crm_provider": "espocrm",
                "crm_url": ways[1],
                "crm_api_key": espocrm.api_key,
            }
        settings = load_settings(**{**values, **given})
        # where Telegram's seconds are shorter, so are those of our pace
        with patch.object(sending_pace, "CHAT_RATE", speed):
            async with assemble(settings) as product:
                started = Running(telegram, espocrm, settings, http, product)
                conversing.routes = _routes  # type: ignore[attr-defined]
                started.begin()
                try:
                    yield started
                finally:
                    await started.stop()
