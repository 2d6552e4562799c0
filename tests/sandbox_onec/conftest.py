"""A base, its user, and somebody who asks it as 1C wants to be asked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sandbox.onec import OneCSandbox

START = datetime(2026, 3, 4, 9, 30, 45, tzinfo=UTC)


@dataclass
class Base:
    """The stand-in and a client that signs in with its user; Cyrillic logins are UTF-8."""

    crm: OneCSandbox
    client: httpx.AsyncClient

    @property
    def user(self) -> httpx.BasicAuth:
        return httpx.BasicAuth(self.crm.keys.login, self.crm.keys.password)

    async def ask(self, path: str = "", method: str = "GET", **more: Any) -> httpx.Response:
        """`path` is relative to odata/standard.odata/; JSON unless `params` are given whole."""
        params = more.pop("params", {})
        return await self.client.request(
            method,
            f"{self.crm.url}/odata/standard.odata/{path}",
            params={"$format": "json", **params},
            auth=self.user,
            **more,
        )


@pytest.fixture
async def base() -> AsyncIterator[Base]:
    async with OneCSandbox(speed=0, start=START) as crm, httpx.AsyncClient() as client:
        yield Base(crm, client)
