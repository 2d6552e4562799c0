"""An organization with the API open, and somebody who receives its webhooks."""

from collections.abc import AsyncIterator

import pytest

from tests.api.office import open_office
from tests.clock import MovableClock
from tests.hooks_out.receiver import receiving
from tests.hooks_out.sends import Sends


@pytest.fixture
async def sends(database_url: str, redis_url: str, clock: MovableClock) -> AsyncIterator[Sends]:
    async with receiving(clock) as receiver:
        place = receiver.place
        async with open_office(database_url, redis_url, egress_allow=(place,)) as office:
            receiver.now = office.clock
            yield Sends(office, receiver)
