"""The REST API on a real port."""

from collections.abc import AsyncIterator

import pytest

from tests.api.office import Office, open_office


@pytest.fixture
async def office(database_url: str, redis_url: str) -> AsyncIterator[Office]:
    """An organization with an owner, whose API is open; no CRM and no Telegram."""
    async with open_office(database_url, redis_url) as opened:
        yield opened
