"""Where kills happen: the plan, the settings of the processes, and a Redis that can be taken away."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from redis.asyncio import Redis

from sandbox.espocrm.server import EspoSandbox
from sandbox.telegram.server import TelegramSandbox
from tests.faults.proxy import Proxy

OWNER = 1000
SECRET_KEY = base64.b64encode(b"k" * 32).decode()


@dataclass(frozen=True)
class Plan:
    """Before each kill so many events pour in. `records` is how many records the CRM's webhooks tell of,
    `people` how many write in the chat. With `lose_redis` it is emptied and away at every kill."""

    kills: int = 5
    forms: int = 15
    hooks: int = 175
    chats: int = 10
    records: int = 15
    people: int = 5
    seed: int = 1
    lose_redis: bool = False

    @classmethod
    def of(cls, events: int, **given: Any) -> Self:
        """Few of the events make leads, of which an organization makes one at a time."""
        forms, chats = events // 8, events // 10
        hooks = events - forms - chats
        return cls(forms=forms, hooks=hooks, chats=chats, people=max(chats // 5, 1), **given)

    @property
    def events(self) -> int:
        return self.forms + self.hooks + self.chats


@dataclass(frozen=True)
class Memory:
    """Redis, and the road to it."""

    redis: Redis
    road: Proxy

    async def lose(self) -> None:
        await self.road.down()
        await self.redis.flushall()

    async def find(self) -> None:
        await self.road.up()


@asynccontextmanager
async def memory_of(redis_url: str, lose: bool) -> AsyncIterator[tuple[Memory, str]]:
    """Redis and its address, which is a proxy's where it is to be taken away."""
    road = Proxy(redis_url.removeprefix("unix://").split("?")[0])
    await road.up()
    try:
        async with Redis.from_url(redis_url) as redis:
            yield Memory(redis, road), f"redis://127.0.0.1:{road.port}/0" if lose else redis_url
    finally:
        await road.down()


def environment_of(
    database_url: str, redis_url: str, port: int, telegram: TelegramSandbox, crm: EspoSandbox
) -> dict[str, str]:
    return {
        "ENV_FILE": "",
        "BOT_TOKEN": telegram.token,
        "BOT_API_URL": telegram.url,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "HTTP_PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "API_RATE": "1000000",
        "SECRET_KEY": SECRET_KEY,
        "ADMIN_IDS": str(OWNER),
        "EGRESS_ALLOW": crm.url.removeprefix("http://"),
        "CRM_PROVIDER": "espocrm",
        "CRM_URL": crm.url,
        "CRM_API_KEY": crm.api_key,
        "CRM_TIMEOUT": "2",
        "OPERATION_LEASE": "3s",
        "RETRY_DELAYS": ",".join(["1s"] * 12),
        "LOG_LEVEL": "WARNING",
    }


def settings_of(environment: dict[str, str]) -> dict[str, Any]:
    given = {name.lower(): value for name, value in environment.items() if name != "ENV_FILE"}
    return {**given, "admin_ids": (OWNER,), "redis_url": ""}
