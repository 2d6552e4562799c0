"""Keys that are used up by being renewed: once for all workers, kept before they are used."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from crm_adapters.credentials import Refresh
from crm_adapters.http import CrmHttp
from domain.crm import ConnectionReport
from domain.errors import CrmAccessLost, CrmRateLimited, CrmUnavailable
from sandbox.amocrm.server import AmoSandbox
from sandbox.bitrix24.server import Bitrix24Sandbox
from services.connections.adapters import Connections
from services.connections.renewal import GRANT_LOST, LASTS, Renewal
from services.people.organizations import Organizations
from storage.db import Database
from storage.delivery import integrations
from storage.delivery.integrations import Integration
from storage.ids import new_id
from storage.secrets import Vault
from storage.tables import metadata
from tests.crm_adapters.amo import oauth_settings

VAULT = Vault(base64.b64encode(bytes(32)).decode())


class Killed(BaseException):
    """The process ends here: nothing after it is done."""


@dataclass
class Office:
    """An organization with one integration, and any number of workers who have it."""

    crm: Any
    database_url: str
    http: CrmHttp
    stack: AsyncExitStack
    db: Database
    organization_id: UUID
    integration_id: UUID
    held: Mapping[str, str]

    async def connect(self, provider: str, settings: Mapping[str, str]) -> None:
        connections = Connections(self.db, VAULT, self.http, self.crm.clock.now)
        async with self.db.transaction(self.organization_id) as session:
            report = ConnectionReport("", "")
            self.integration_id = await connections.keep(session, provider, settings, None, report)
        self.held = settings

    def worker(self) -> Connections:
        """Another process: a pool of connections and a memory of its own."""
        db = Database(self.database_url)
        self.stack.push_async_callback(db.close)
        return Connections(db, VAULT, self.http, self.crm.clock.now)

    async def adapter(self, worker: Connections) -> Any:
        return (await worker.connected(self.integration_id)).adapter

    async def row(self) -> Integration:
        async with self.db.reading(system=True) as session:
            row = await integrations.find(session, self.integration_id)
        assert row is not None
        return row

    async def kept(self) -> dict[str, str]:
        return VAULT.open((await self.row()).credentials, f"integrations:{self.integration_id}")

    async def marked(self) -> bool:
        table = metadata.tables["integrations"]
        async with self.db.reading(system=True) as session:
            return "renewing" in await session.scalar(sa.select(table.c.settings))

    async def renew(self, refresh: Refresh) -> Mapping[str, str]:
        """As an adapter that was built from the first settings."""

        async def at_once(seconds: float) -> None:
            await asyncio.sleep(0)

        renewal = Renewal(self.db, VAULT, self.crm.clock.now, at_once)
        return await renewal.of(await self.row())(self.held, refresh)


@pytest.fixture
async def amo_office(db: Database, database_url: str) -> AsyncIterator[Office]:
    """amoCRM by OAuth, with a code that has not been exchanged yet; the clock stands still."""
    async with AsyncExitStack() as stack:
        crm = await stack.enter_async_context(AmoSandbox(speed=0, per_second=0))
        async for office in _opened(crm, db, database_url, stack):
            await office.connect("amocrm", {"url": crm.url, **oauth_settings(crm)})
            yield office


async def _opened(crm: Any, db: Database, url: str, stack: AsyncExitStack) -> AsyncIterator[Office]:
    http = CrmHttp(now=crm.clock.now, time_limit=5.0, allow=[crm.url.removeprefix("http://")])
    await stack.enter_async_context(http)
    organization_id = await Organizations(db, crm.clock.now).ensure_first(
        "Дом", "ru", "RU", "Europe/Moscow", [1]
    )
    yield Office(crm, url, http, stack, db, organization_id, new_id(), {})


def used(crm: AmoSandbox) -> int:
    """How many pairs of tokens were given out for a code or a refresh token."""
    grants = (*crm.state.codes.values(), *crm.state.refresh_tokens.values())
    return sum(grant.used for grant in grants)


async def test_a_code_is_exchanged_once_by_two_workers_and_emptied(amo_office: Office) -> None:
    adapters = [await amo_office.adapter(amo_office.worker()) for _ in range(2)]
    await asyncio.gather(*(adapter.users() for adapter in adapters for _ in range(5)))
    assert used(amo_office.crm) == 1
    kept = await amo_office.kept()
    assert "auth_code" not in kept
    assert kept["access_token"] in amo_office.crm.state.tokens
    assert kept["refresh_token"] in amo_office.crm.state.refresh_tokens
    assert kept["expires_at"]
    assert kept["client_secret"] == amo_office.crm.keys.client_secret
    assert not await amo_office.marked()
    row = await amo_office.row()
    assert all(kept[name] not in str(row) for name in ("access_token", "refresh_token"))


async def test_an_expired_token_is_refreshed_once_and_a_third_worker_finds_the_new_one(
    amo_office: Office,
) -> None:
    workers = [amo_office.worker() for _ in range(2)]
    for worker in workers:
        await (await amo_office.adapter(worker)).users()
    adapters = [await amo_office.adapter(worker) for worker in workers]
    amo_office.crm.expire_access()
    await asyncio.gather(*(adapter.users() for adapter in adapters for _ in range(5)))
    assert used(amo_office.crm) == 2
    await (await amo_office.adapter(amo_office.worker())).users()
    assert used(amo_office.crm) == 2


async def test_bitrix24s_tokens_are_refreshed_once(db: Database, database_url: str) -> None:
    async with AsyncExitStack() as stack:
        crm = await stack.enter_async_context(Bitrix24Sandbox(speed=0))
        async for office in _opened(crm, db, database_url, stack):
            keys = {"client_id": crm.keys.client_id, "client_secret": crm.keys.client_secret}
            given = {"url": crm.url, "oauth_url": crm.url, **keys, **crm.tokens()}
            await office.connect("bitrix24", given)
            adapters = [await office.adapter(office.worker()) for _ in range(2)]
            crm.expire_tokens()
            refreshed = len(crm.state.apps[0].access)
            await asyncio.gather(*(adapter.users() for adapter in adapters for _ in range(3)))
            assert len(crm.state.apps[0].access) == refreshed + 1
            kept = await office.kept()
            assert kept["refresh_token"] != given["refresh_token"]


async def test_a_worker_that_dies_before_it_keeps_the_pair_costs_the_grant_and_says_so(
    amo_office: Office,
) -> None:
    adapter = await amo_office.adapter(amo_office.worker())

    async def used_up_and_killed(held: Mapping[str, str]) -> Mapping[str, str]:
        amo_office.crm.state.codes[held["auth_code"]].used = True
        raise Killed

    with pytest.raises(Killed):
        await amo_office.renew(used_up_and_killed)
    assert await amo_office.marked()

    async def never(held: Mapping[str, str]) -> Mapping[str, str]:
        raise AssertionError("somebody else is at it")

    start = amo_office.crm.clock.now()
    with pytest.raises(CrmRateLimited) as busy:
        await amo_office.renew(never)
    assert busy.value.retry_at == start + LASTS
    amo_office.crm.clock.advance(LASTS.total_seconds())
    with pytest.raises(CrmAccessLost) as lost:
        await adapter.users()
    assert lost.value.reason == GRANT_LOST
    assert not await amo_office.marked()


async def test_a_worker_that_dies_before_it_asked_costs_only_time(amo_office: Office) -> None:
    async def killed(held: Mapping[str, str]) -> Mapping[str, str]:
        raise Killed

    with pytest.raises(Killed):
        await amo_office.renew(killed)
    amo_office.crm.clock.advance(LASTS.total_seconds())
    assert await (await amo_office.adapter(amo_office.worker())).users()


async def test_a_lost_answer_is_an_outage_first_and_then_a_dead_grant(amo_office: Office) -> None:
    amo_office.crm.fail("drop_after_commit", times=1)
    adapter = await amo_office.adapter(amo_office.worker())
    with pytest.raises(CrmUnavailable):
        await adapter.users()
    assert not await amo_office.marked()
    with pytest.raises(CrmAccessLost) as lost:
        await adapter.users()
    assert lost.value.reason == GRANT_LOST


async def test_a_revoked_grant_is_given_up_and_works_again_with_a_new_code(amo_office: Office) -> None:
    worker = amo_office.worker()
    await (await amo_office.adapter(worker)).users()
    amo_office.crm.fail("key_revoked")
    with pytest.raises(CrmAccessLost) as lost:
        await (await amo_office.adapter(worker)).users()
    assert lost.value.reason == GRANT_LOST
    amo_office.crm.heal()
    settings = {"url": amo_office.crm.url, **oauth_settings(amo_office.crm)}
    async with amo_office.db.transaction(amo_office.organization_id) as session:
        report = ConnectionReport("", "")
        await worker.keep(session, "amocrm", settings, await amo_office.row(), report)
    assert await (await amo_office.adapter(worker)).users()


async def test_whoever_is_cancelled_takes_no_tokens_along(amo_office: Office) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slowly(held: Mapping[str, str]) -> Mapping[str, str]:
        asked.set()
        await answer.wait()
        return {"access_token": "a2", "refresh_token": "r2", "auth_code": ""}

    waiting = asyncio.create_task(amo_office.renew(slowly))
    await asked.wait()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
    answer.set()
    # the next one to ask waits for what the first has begun
    async with asyncio.timeout(5):
        assert (await amo_office.renew(slowly))["access_token"] == "a2"
    assert (await amo_office.kept())["refresh_token"] == "r2"


async def test_keys_that_an_admin_gives_meanwhile_win(amo_office: Office) -> None:
    worker = amo_office.worker()
    new = {"url": amo_office.crm.url, **oauth_settings(amo_office.crm)}

    async def slowly(held: Mapping[str, str]) -> Mapping[str, str]:
        async with amo_office.db.transaction(amo_office.organization_id) as session:
            await worker.keep(session, "amocrm", new, await amo_office.row(), ConnectionReport("", ""))
        return {"access_token": "stale", "refresh_token": "stale"}

    await amo_office.renew(slowly)
    assert (await amo_office.kept())["auth_code"] == new["auth_code"]
    assert await (await amo_office.adapter(worker)).users()


async def test_a_token_far_from_its_end_is_left_alone(amo_office: Office) -> None:
    adapter = await amo_office.adapter(amo_office.worker())
    await adapter.users()
    amo_office.crm.clock.advance(timedelta(hours=23, minutes=50).total_seconds())
    await adapter.users()
    assert used(amo_office.crm) == 1
    amo_office.crm.clock.advance(timedelta(minutes=6).total_seconds())
    await adapter.users()
    assert used(amo_office.crm) == 2
