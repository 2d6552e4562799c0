"""The world of the examples: a portal with a lead, a contact and a deal, and a client for it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from string import Template
from typing import Any

import httpx
import pytest

from sandbox.bitrix24.schema import CONTACT, DEAL
from sandbox.bitrix24.server import Bitrix24Sandbox


@dataclass
class World:
    """The stand-in, ids by name, and a client. `token` is the application's."""

    crm: Bitrix24Sandbox
    client: httpx.AsyncClient
    ids: dict[str, Any]
    token: str

    def fill(self, value: Any) -> Any:
        """Put ids for `$names`; a text that is nothing but a name becomes the id itself."""
        if isinstance(value, str):
            whole = self.ids.get(value.removeprefix("$")) if value.startswith("$") else None
            return whole if whole is not None else Template(value).safe_substitute(self.ids)
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        return [self.fill(item) for item in value] if isinstance(value, list) else value

    async def ask(self, method: str, params: Any = None, *, app: bool = False) -> httpx.Response:
        """A call by the inbound webhook, or with the application's token."""
        body = self.fill(params or {})
        if app:
            return await self.client.post(f"{self.crm.url}/rest/{method}", json={**body, "auth": self.token})
        return await self.client.post(f"{self.crm.hook_url}{method}", json=body)

    async def result(self, method: str, params: Any = None, *, app: bool = False) -> Any:
        """The `result` of a call that must succeed."""
        answer = await self.ask(method, params, app=app)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]


@pytest.fixture(scope="session")
async def stand() -> AsyncIterator[tuple[Bitrix24Sandbox, httpx.AsyncClient]]:
    async with Bitrix24Sandbox(speed=0) as crm, httpx.AsyncClient() as client:
        yield crm, client


@pytest.fixture
def world(stand: tuple[Bitrix24Sandbox, httpx.AsyncClient]) -> World:
    crm, client = stand
    crm.reset()
    phones = [
        {"typeId": "PHONE", "valueType": "MOBILE", "value": "8 (916) 123-45-67 доб. 12"},
        {"typeId": "EMAIL", "valueType": "WORK", "value": "Anna@Example.com"},
    ]
    lead = crm.create(title="Первый", name="Анна", fm=phones, originId="lead-1", originatorId="tgcrm")
    contact = crm.create(CONTACT, name="Иван", fm=[{"typeId": "PHONE", "value": "+79161234567"}])
    deal = crm.create(DEAL, title="Сделка", contactId=contact["id"])
    ids = {"lead": lead["id"], "contact": contact["id"], "deal": deal["id"], "phone": lead["fm"][0]["id"]}
    return World(crm, client, ids, crm.tokens()["access_token"])
