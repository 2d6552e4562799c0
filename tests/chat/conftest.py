from collections.abc import AsyncIterator

import pytest

from tests.product import Running, running


@pytest.fixture
async def product(database_url: str, redis_url: str) -> AsyncIterator[Running]:
    """The whole product with an EspoCRM, ready for people."""
    async with running(database_url, redis_url) as started:
        yield started
