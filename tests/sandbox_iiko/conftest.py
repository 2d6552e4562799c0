"""Restaurants, and somebody who asks them as iiko wants to be asked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sandbox.iiko import IikoSandbox


@dataclass
class Chain:
    """The stand-in, a client, and the token in force."""

    crm: IikoSandbox
    client: httpx.AsyncClient
    token: str = ""

    async def login(self) -> str:
        answer = await self.ask("access_token", {"apiLogin": self.crm.keys.api_login})
        self.token = answer.json()["token"]
        return self.token

    async def ask(self, path: str, body: Any = None, root: str = "1/") -> httpx.Response:
        """A POST after /api/1/."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.client.post(f"{self.crm.url}/api/{root}{path}", headers=headers, json=body or {})


@pytest.fixture
async def chain() -> AsyncIterator[Chain]:
    start = datetime(2026, 3, 4, 12, tzinfo=UTC)
    async with IikoSandbox(speed=0, start=start) as crm, httpx.AsyncClient() as client:
        found = Chain(crm, client)
        await found.login()
        yield found
