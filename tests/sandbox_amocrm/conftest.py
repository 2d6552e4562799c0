"""The world of the exchanges: an account with a person, her lead, a company, a task and a note."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.amocrm import AmoSandbox, seed

PHONE = {"field_code": "PHONE", "values": [{"enum_code": "MOB", "value": "+79161234567"}]}
EMAIL = {"field_code": "EMAIL", "values": [{"enum_code": "WORK", "value": "anna@example.com"}]}


@dataclass
class World:
    """The stand-in, the ids by name, and a client with the administrator's token."""

    crm: AmoSandbox
    ids: dict[str, int]
    client: httpx.AsyncClient

    def fill(self, value: Any) -> Any:
        """Put ids for `$names`: a number where the name stands alone, a text inside of one."""
        if isinstance(value, str):
            if value.startswith("$") and value[1:] in self.ids:
                return self.ids[value[1:]]
            for name, number in self.ids.items():
                value = value.replace(f"${name}", str(number))
            return value
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        return [self.fill(item) for item in value] if isinstance(value, list) else value

    async def ask(self, request: str, body: Any = None, token: str | None = None) -> httpx.Response:
        """`GET leads/$lead?with=contacts` and the like, under api/v4."""
        method, _, path = request.partition(" ")
        sent = {} if body is None else {"json": self.fill(body)}
        shown = self.crm.token if token is None else token
        headers = {"Authorization": f"Bearer {shown}"} if shown else {}
        url = f"{self.crm.url}/api/v4/{self.fill(path)}"
        return await self.client.request(method, url, headers=headers, **sent)


@pytest.fixture(scope="session")
async def stand() -> AsyncIterator[tuple[AmoSandbox, httpx.AsyncClient]]:
    async with AmoSandbox(per_second=0) as crm, httpx.AsyncClient() as client:
        yield crm, client


@pytest.fixture
def world(stand: tuple[AmoSandbox, httpx.AsyncClient]) -> World:
    crm, client = stand
    crm.reset()
    state = crm.state
    anna = crm.create(
        "contacts", first_name="Анна", last_name="Кузнецова", custom_fields_values=[PHONE, EMAIL]
    )
    company = crm.create("companies", name="ООО Лён")
    channel = state.field("leads", "Канал")
    assert channel is not None
    lead = crm.create(
        "leads",
        name="Telegram @anna_k",
        price=15000,
        status_id=43001,
        pipeline_id=seed.PIPELINE_ID,
        responsible_user_id=8001,
        tags_to_add=[{"name": "telegram"}],
        custom_fields_values=[
            {"field_id": channel["id"], "values": [{"enum_id": channel["enums"][0]["id"]}]},
            {"field_code": "VORONKA_ID", "values": [{"value": "tg-55501"}]},
        ],
        _embedded={"contacts": [{"id": anna["id"], "is_main": True}]},
    )
    ours = state.field("leads", "VORONKA_ID")
    assert ours is not None
    ids = {"lead": lead["id"], "anna": anna["id"], "company": company["id"], "channel": channel["id"],
           "bot": channel["enums"][0]["id"], "ours": ours["id"], "tag": lead["tags"][0]}  # fmt: skip
    return World(crm, ids, client)
