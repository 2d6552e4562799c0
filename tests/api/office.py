"""An organization whose API is open on a real port: people registered by the use cases, keys made by them."""

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web

from bot.assembly import Product, assemble
from bot.settings import load_settings
from domain.api_keys import SCOPES
from domain.members import Member, Role
from tests.clock import MovableClock
from web.app import build_runner

OWNER = 1000
SECRET_KEY = base64.b64encode(b"k" * 32).decode()


@dataclass
class Office:
    """`http` speaks for the owner."""

    product: Product
    url: str
    http: httpx.AsyncClient
    clock: MovableClock
    owner: Member
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    async def hire(self, name: str, role: str, number: int) -> Member:
        """Somebody who has joined by an invite."""
        members = self.product.services.members
        invite = await members.invite(self.owner, Role(role))
        arrival = await members.arrive(number, "", name, "ru", invite.code)
        agreed = await members.give_consent(arrival.member, "1", "text")
        return await members.register(agreed, f"+7916{number:07d}", Role(role))

    async def key(self, of: Member, scopes: Sequence[str] = SCOPES, days: int = 0) -> str:
        key, _ = await self.product.services.api_keys.make(self.owner, "test", scopes, days, of.id)
        return key

    async def client(self, of: Member, scopes: Sequence[str] = SCOPES, **headers: str) -> httpx.AsyncClient:
        """A client that speaks for somebody."""
        return self.speaks(await self.key(of, scopes), **headers)

    def speaks(self, key: str, **headers: str) -> httpx.AsyncClient:
        shown = {"Authorization": f"Bearer {key}"} if key else {}
        made = httpx.AsyncClient(base_url=self.url, headers={**shown, **headers}, trust_env=False)
        self.clients.append(made)
        return made

    async def lead(self, **given: Any) -> dict[str, Any]:
        """A lead that the owner has made."""
        number = len(self.clients) + self.owner.telegram_id
        fields = {"name": "Иван", "phones": ["+79161234567"], **given}
        made = await self.http.post("/api/leads", json=fields)
        assert made.status_code == 201, (number, made.text)
        answer: dict[str, Any] = made.json()
        return answer


@asynccontextmanager
async def open_office(database_url: str, redis_url: str = "", **given: Any) -> AsyncIterator[Office]:
    """`given` are settings."""
    clock = MovableClock()
    settings = load_settings(
        bot_token="1:a", database_url=database_url, redis_url=redis_url, secret_key=SECRET_KEY,
        admin_ids=(OWNER,), organization_name="Ромашка", **given,
    )  # fmt: skip
    async with assemble(settings, clock) as product:
        members = product.services.members
        await members.arrive(OWNER, "", "Ольга", "ru", "")
        runner = build_runner(product.doors)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            owner = await members.current(OWNER)
            assert owner is not None
            async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
                office = Office(product, url, http, clock, owner)
                http.headers["Authorization"] = f"Bearer {await office.key(owner)}"
                yield office
                for client in office.clients:
                    await client.aclose()
        finally:
            await runner.cleanup()
