"""An account without a limit on requests, and somebody who asks it as RetailCRM wants to be asked."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.retailcrm import RetailSandbox
from sandbox.retailcrm.state import Limits


@dataclass
class Account:
    """The stand-in, a key, and a client."""

    crm: RetailSandbox
    key: str
    client: httpx.AsyncClient

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """`path` is relative to /api/v5/, or to the account with a slash in front."""
        return await self.client.get(self._url(path), headers={"X-API-KEY": self.key}, **more)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Each field a JSON text, plain texts as they are."""
        form = {n: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for n, v in fields.items()}
        return await self.client.post(self._url(path), headers={"X-API-KEY": self.key}, data=form)

    def _url(self, path: str) -> str:
        return self.crm.url + path if path.startswith("/") else f"{self.crm.url}/api/v5/{path}"


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    async with RetailSandbox(limits=Limits(100_000, 100_000)) as crm, httpx.AsyncClient() as client:
        yield Account(crm, crm.api_key, client)
