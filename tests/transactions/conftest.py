from collections.abc import AsyncIterator

import pytest

from crm_adapters import PROVIDERS
from storage.db import Database
from tests.clock import MovableClock
from tests.transactions.shop import PROVIDER_NAME, TILL, TILLS, Shop, Till, open_shop


@pytest.fixture
async def shop(db: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    """A shop whose till stands there, not connected yet."""
    monkeypatch.setitem(PROVIDERS, PROVIDER_NAME, TILL)
    TILLS.clear()
    async with open_shop(db, clock, Till()) as opened:
        yield opened
