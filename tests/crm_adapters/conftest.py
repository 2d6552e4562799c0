from collections.abc import AsyncIterator

import pytest

from crm_adapters import build_adapter
from crm_adapters.http import CrmHttp
from sandbox.espocrm.server import EspoSandbox
from sandbox.retailcrm.server import RetailSandbox
from tests.crm_adapters import retail
from tests.crm_adapters.stand_ins import STAND_INS, Side

ALL = [
    pytest.param((provider, variant, make), id=f"{provider} {variant}")
    for provider, variants in STAND_INS.items()
    for variant, make in variants.items()
]


@pytest.fixture(params=ALL)
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    """Every provider's adapter against its stand-in, in each of its variants."""
    provider, variant, make = request.param
    async with make() as crm, CrmHttp(now=crm.now, time_limit=10.0, allow=[crm.address]) as http:
        adapter = build_adapter(provider, crm.settings, {}, http, crm.now)
        yield Side(provider, crm, adapter, http, variant)


@pytest.fixture
async def crm() -> AsyncIterator[EspoSandbox]:
    async with EspoSandbox() as running:
        yield running


@pytest.fixture
async def http(crm: EspoSandbox) -> AsyncIterator[CrmHttp]:
    allow = [crm.url.removeprefix("http://")]
    async with CrmHttp(now=crm.clock.now, time_limit=10.0, allow=allow) as client:
        yield client


@pytest.fixture
async def pair() -> AsyncIterator[retail.Pair]:
    """RetailCRM and an adapter of it."""
    async with RetailSandbox(limits=retail.NO_LIMITS) as crm, retail.client_of(crm) as http:
        yield retail.Pair(crm, http, retail.adapter(crm, http))
