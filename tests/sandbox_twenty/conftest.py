"""A workspace without a limit on requests, and somebody who asks it with a key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.twenty import TwentySandbox
from sandbox.twenty.limits import no_limits


@dataclass
class Workspace:
    """The stand-in, and a client with its key."""

    crm: TwentySandbox
    client: httpx.AsyncClient

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """`path` is relative to /rest/, or to the workspace with a slash in front."""
        url = self.crm.url + path if path.startswith("/") else f"{self.crm.url}/rest/{path}"
        headers = {"Authorization": f"Bearer {self.crm.api_key}"}
        return await self.client.request(method, url, headers=headers, json=body, **more)

    async def made(self, plural: str, **body: Any) -> dict[str, Any]:
        """A new record, as the answer shows it."""
        (record,) = (await self.ask("POST", plural, body)).json()["data"].values()
        return dict(record)


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with TwentySandbox(limits=no_limits()) as crm, httpx.AsyncClient() as client:
        yield Workspace(crm, client)
