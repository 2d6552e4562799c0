"""The product behind a fault proxy on one of its roads: it stays up, loses and doubles nothing that it took,
and goes on by itself when the road is well again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from storage.migrations import upgrade
from storage.tables import leads
from tests.databases import PostgresDatabases
from tests.faults.proxy import UP, Proxy
from tests.product import Running, running
from tests.waiting import until

Spoil = Callable[[Proxy], object]

TOXICS: Mapping[str, Spoil] = {
    "latency": lambda road: road.add("latency", latency=40, jitter=20),
    "bandwidth": lambda road: road.add("bandwidth", rate=60),
    "slicer": lambda road: road.add("slicer", average_size=40, delay=50),
    "slow_close": lambda road: road.add("slow_close", delay=100),
    "limit_data": lambda road: road.add("limit_data", bytes=700),
    "timeout": lambda road: road.add("timeout", timeout=150),
    "answers reset": lambda road: road.add("reset_peer"),
    "requests reset": lambda road: road.add("reset_peer", UP),
}
WITH_IT, AFTERWARDS = 0.4, 30.0
"""Seconds that the fault lasts at least, and that everything may take to be well again."""


@dataclass
class Roads:
    """One proxy a road."""

    proxies: dict[str, Proxy] = field(default_factory=dict)

    async def open(self, name: str, upstream: str) -> str:
        """The host:port of the road."""
        self.proxies[name] = Proxy(upstream)
        await self.proxies[name].up()
        return f"127.0.0.1:{self.proxies[name].port}"

    async def to_stand_in(self, url: str) -> str:
        name = "crm" if "telegram" in self.proxies else "telegram"
        return f"http://{await self.open(name, url.removeprefix('http://'))}"


@asynccontextmanager
async def between(database_url: str, redis_url: str, number: int) -> AsyncIterator[tuple[Running, Roads]]:
    """The product with a proxy on each road, and the Redis database of this number."""
    roads, given = Roads(), make_url(database_url)
    database = await roads.open("database", f"{given.query['host']}/.s.PGSQL.5432")
    host, port = database.split(":")
    behind = given.set(query={}, host=host, port=int(port)).render_as_string(hide_password=False)
    redis = await roads.open("redis", redis_url.removeprefix("unix://").split("?")[0])
    try:
        async with running(
            behind, f"redis://{redis}/{number}", through=roads.to_stand_in, crm_timeout=1.0,
            operation_lease="3s", retry_delays="1s," * 30,
        ) as product:  # fmt: skip
            yield product, roads
    finally:
        for proxy in roads.proxies.values():
            await proxy.down()


class Senders:
    """A website and a person in the chat, who send while a road is spoilt."""

    def __init__(self, product: Running, form: str) -> None:
        self.product, self.form = product, form
        self.taken: list[str] = []
        self.number = 0

    async def submit(self, name: str) -> None:
        """A form, sent again under its key until it is taken."""
        self.number += 1
        fields = {
            "name": name,
            "phone": f"+7916{self.number:07d}",
            "email": f"{self.number}@example.com",
            "referral_code": "site",
        }
        await until(lambda: self._is_taken(name, fields), seconds=AFTERWARDS, pause=0.1)
        self.taken.append(name)

    async def _is_taken(self, name: str, fields: Mapping[str, str]) -> bool:
        answer = await self.product.http.post(
            self.form, json=fields, headers={"Idempotency-Key": name}, timeout=AFTERWARDS
        )
        assert answer.status_code in (200, 503), answer.text
        return answer.status_code == 200

    async def once_everywhere(self) -> bool:
        async with self.product.product.db.reading(system=True) as s:
            ours = sorted((await s.execute(sa.select(leads.c.name))).scalars())
        theirs = sorted(name_of(one) for one in self.product.espocrm.leads())
        return ours == theirs == sorted(self.taken)


def name_of(record: Mapping[str, object]) -> str:
    return f"{record.get('firstName') or ''} {record.get('lastName') or ''}".strip()


@pytest.mark.parametrize("roads", [("database", "redis"), ("telegram", "crm")], ids="-".join)
async def test_a_spoilt_road_loses_and_doubles_nothing(
    postgres_databases: PostgresDatabases, valkey_url: str, tmp_path: Path, roads: Sequence[str]
) -> None:
    """A product for each road: they wait most of the time, and do so together."""
    urls = [await postgres_databases.bare(tmp_path) for _ in roads]
    for url in urls:
        await upgrade(url)
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(between(url, valkey_url, number))
            for number, url in enumerate(urls)
        ]
        for product, _ in opened:
            await until(partial(_polls, product), seconds=AFTERWARDS)
            await product.owner()
        async with asyncio.TaskGroup() as group:
            for road, (product, own) in zip(roads, opened, strict=True):
                group.create_task(_walk(product, own.proxies[road]), name=road)


def _polls(product: Running) -> bool:
    return product.telegram.world.api.updates.polling


async def _walk(product: Running, proxy: Proxy) -> None:
    owner, services = await product.owner(), product.product.services
    async with product.product.db.transaction(product.product.organization_id) as s:
        key = await services.website_form.ensure_hook(s, product.product.organization_id)
    senders = Senders(product, f"{product.url}/hooks/website/{key}")
    await senders.submit("before")
    for name, spoil in {**TOXICS, "down": None}.items():
        if spoil is None:
            await proxy.down()
        else:
            spoil(proxy)
        sending = asyncio.create_task(senders.submit(name))
        await owner.say(f"/start {name.replace(' ', '-')}")
        await asyncio.sleep(WITH_IT)
        proxy.reset()
        await proxy.up()
        await sending
        await owner.gets("", timeout=AFTERWARDS)
        assert product._task is not None
        assert not product._task.done(), f"{name} ended the product"
    await until(senders.once_everywhere, seconds=AFTERWARDS)
