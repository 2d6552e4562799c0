"""The doors of our own hooks on a real port, with the use cases behind them."""

from collections.abc import AsyncIterator

import pytest

from tests.api.office import Office, open_office
from tests.product import Running, running


@pytest.fixture
async def office(database_url: str, redis_url: str) -> AsyncIterator[Office]:
    async with open_office(database_url, redis_url) as opened:
        yield opened


@pytest.fixture
async def product(database_url: str, redis_url: str) -> AsyncIterator[Running]:
    """The whole product with an EspoCRM, ready for people."""
    async with running(database_url, redis_url) as started:
        yield started
