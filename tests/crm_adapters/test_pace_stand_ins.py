"""Crowds of calls at once against stand-ins that keep the real limits, on clocks that run faster."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from crm_adapters import build_adapter
from crm_adapters.http import CrmHttp
from crm_adapters.pace import Paces
from domain.errors import CrmRateLimited
from sandbox.amocrm.server import AmoSandbox
from sandbox.bitrix24.server import Bitrix24Sandbox
from sandbox.retailcrm.server import RetailSandbox
from tests.crm_adapters.stand_ins import lead

HANDS = 8


def paced(crm: Any, http: CrmHttp, paces: Paces, provider: str, **settings: str) -> Any:
    return build_adapter(provider, {"url": crm.url, **settings}, {}, http, crm.clock.now, None, paces)


def client(crm: Any) -> CrmHttp:
    return CrmHttp(now=crm.clock.now, time_limit=10.0, allow=[crm.url.removeprefix("http://")])


def paces_of(crm: Any) -> Paces:
    return Paces(crm.clock.now, sleep=crm.clock.sleep)


async def everything(crm: Any, calls: list[Callable[[], Awaitable[Any]]]) -> int:
    """Make all calls with a few hands, as the outbox does: who must wait comes back at the moment told."""
    parked = 0

    async def hand() -> None:
        nonlocal parked
        while calls:
            call = calls.pop(0)
            try:
                await call()
            except CrmRateLimited as error:
                parked += 1
                calls.append(call)
                await crm.clock.sleep_until(error.retry_at)

    await asyncio.gather(*(hand() for _ in range(HANDS)))
    return parked


def refusals(crm: Any, *statuses: int) -> int:
    return sum(one.status in statuses for one in crm.requests())


def sends(adapter: Any, number: int) -> Callable[[], Awaitable[Any]]:
    phone = f"+7916000{number:04}"
    one = lead(our_id=f"01936b1e-0000-7000-8000-{number:012}", phones=(phone,), emails=())

    async def send() -> None:
        if not await adapter.find_lead(one):
            await adapter.create_lead(one)

    return send


async def test_a_backlog_of_sixty_leads_never_hears_429_from_amocrm() -> None:
    async with AmoSandbox(speed=8) as crm, client(crm) as http:
        adapter = paced(crm, http, paces_of(crm), "amocrm", api_key=crm.token)
        await everything(crm, [sends(adapter, number) for number in range(60)])
        assert len(crm.leads()) == 60
        assert refusals(crm, 429, 403) == 0


async def test_forty_leads_at_once_raise_no_storm_at_retailcrm() -> None:
    async with RetailSandbox(speed=6) as crm, client(crm) as http:
        adapter = paced(crm, http, paces_of(crm), "retailcrm", api_key=crm.api_key)
        await everything(crm, [sends(adapter, number) for number in range(40)])
        assert len(crm.records("orders")) == 40
        assert refusals(crm, 503, 429) == 0


async def test_bitrix24_is_never_asked_beyond_its_bucket_by_two_integrations() -> None:
    async with Bitrix24Sandbox(speed=2) as portal, client(portal) as http:
        paces = paces_of(portal)
        hook = paced(portal, http, paces, "bitrix24", api_key=portal.hook_url)
        keys = {"client_id": portal.keys.client_id, "client_secret": portal.keys.client_secret}
        app = paced(portal, http, paces, "bitrix24", oauth_url=portal.url, **keys, **portal.tokens())
        start = portal.clock.now()
        parked = await everything(portal, [hook.stages, app.stages] * 35)
        took = (portal.clock.now() - start).total_seconds()
        assert refusals(portal, 503) == 0
        # 48 at once and then two a second; those sent off meanwhile never reached the portal
        assert took >= 10.5
        assert len(portal.requests()) == 70
        assert parked <= 40


async def test_an_answer_of_the_crm_itself_holds_everybody_at_that_account() -> None:
    async with AmoSandbox(speed=0) as crm, AmoSandbox(speed=0) as elsewhere:
        allow = [one.url.removeprefix("http://") for one in (crm, elsewhere)]
        async with CrmHttp(now=crm.clock.now, allow=allow) as http:
            paces = paces_of(crm)
            adapters = [paced(crm, http, paces, "amocrm", api_key=crm.token) for _ in range(2)]
            crm.fail("storm", status=429, retry_after=30)
            for adapter in adapters:
                with pytest.raises(CrmRateLimited) as caught:
                    await adapter.users()
                assert caught.value.retry_at - crm.clock.now() == timedelta(seconds=30)
            assert len(crm.requests()) == 1
            assert await paced(elsewhere, http, paces, "amocrm", api_key=elsewhere.token).users()
            crm.heal()
            crm.clock.advance(30)
            assert await adapters[1].users()


@pytest.fixture
async def slow_portal() -> Any:
    """A call for the stages runs a minute; the clock stands still."""
    async with Bitrix24Sandbox(speed=0) as portal:
        portal.state.operating.costs["crm.status.list"] = 60
        yield portal


async def test_running_time_is_never_used_up_to_the_end(slow_portal: Bitrix24Sandbox) -> None:
    portal = slow_portal
    async with client(portal) as http:
        adapter = paced(portal, http, paces_of(portal), "bitrix24", api_key=portal.hook_url)
        done, told = 0, []
        for _ in range(120):
            try:
                await adapter.stages()
                done += 1
            except CrmRateLimited as error:
                told.append(error)
            portal.clock.advance(15)
        assert refusals(portal, 429) == 0
        # 480 seconds in ten minutes, over thirty minutes; the last minute of each is left alone
        assert 3 * 7 <= done <= 3 * 8 + 1
        assert told
        assert not any(error.of_account for error in told)
        assert await adapter.users()


async def test_requests_under_way_count_before_they_are_answered(slow_portal: Bitrix24Sandbox) -> None:
    portal = slow_portal
    async with client(portal) as http:
        adapter = paced(portal, http, paces_of(portal), "bitrix24", api_key=portal.hook_url)
        for _ in range(4):
            await adapter.stages()
        results = await asyncio.gather(*(adapter.stages() for _ in range(8)), return_exceptions=True)
        assert sum(isinstance(result, CrmRateLimited) for result in results) == 5
        assert len(portal.requests()) == 7
