from collections.abc import AsyncIterator

import pytest

from crm_adapters import build_adapter
from crm_adapters.http import CrmHttp
from tests.sources.every import SOURCES
from tests.sources.sides import Side

ALL = [
    pytest.param((provider, make), id=f"{provider} {variant}")
    for provider, variants in SOURCES.items()
    for variant, make in variants.items()
]


@pytest.fixture(params=ALL)
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    """Every source's adapter against its stand-in, in each of its variants."""
    provider, make = request.param
    async with make() as source, CrmHttp(now=source.now, time_limit=10.0, allow=[source.address]) as http:
        adapter = build_adapter(provider, source.settings, source.mapping, http, source.now)
        yield Side(provider, source, adapter, http)
