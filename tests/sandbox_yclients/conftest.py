"""A chain without a limit on requests, and somebody who asks it as YCLIENTS wants to be asked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.yclients import YclientsSandbox
from sandbox.yclients.api import ACCEPT
from sandbox.yclients.state import Limits


@dataclass
class Chain:
    """The stand-in, a client, and both tokens in its header."""

    crm: YclientsSandbox
    client: httpx.AsyncClient

    async def ask(self, request: str, body: Any = None, user: bool = True, **headers: str) -> httpx.Response:
        """`request` is a method and a path after /api/v1/."""
        method, _, path = request.partition(" ")
        keys = self.crm.keys
        shown = f"Bearer {keys.partner_token}" + (f", User {keys.user_token}" if user else "")
        sent = {"Accept": ACCEPT, "Authorization": shown, **headers}
        return await self.client.request(method, f"{self.crm.url}/api/v1/{path}", headers=sent, json=body)


@pytest.fixture
async def chain() -> AsyncIterator[Chain]:
    async with YclientsSandbox(limits=Limits(100_000, 100_000)) as crm, httpx.AsyncClient() as client:
        yield Chain(crm, client)
