from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.sharing import new_leads
from tests.product import Running, running


@pytest.fixture
async def product(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    """The whole product with an EspoCRM, ready for people. What gathers for 20 s gathers for 3."""
    monkeypatch.setattr(new_leads, "TOLD_AFTER", timedelta(seconds=3))
    async with running(database_url, redis_url) as started:
        yield started
