from collections.abc import AsyncIterator

import pytest

from storage.db import Database
from tests.clock import MovableClock
from tests.delivery.doors import Doors, open_doors
from tests.delivery.house import House, open_house


@pytest.fixture
async def house(db: Database, clock: MovableClock) -> AsyncIterator[House]:
    """A house whose leads go to an EspoCRM."""
    async with open_house(db, clock) as opened:
        await opened.connect()
        yield opened


@pytest.fixture
async def house_alone(db: Database, clock: MovableClock) -> AsyncIterator[House]:
    """A house without a CRM."""
    async with open_house(db, clock) as opened:
        yield opened


@pytest.fixture
async def doors(house_alone: House) -> AsyncIterator[Doors]:
    """A house with its side server, which EspoCRM calls."""
    async with open_doors(house_alone) as opened:
        await house_alone.connect()
        yield opened
