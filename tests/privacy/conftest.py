"""An organization with its API open, and the commands beside it."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.api.office import SECRET_KEY, Office, open_office
from tests.programs import run


@pytest.fixture
async def office(database_url: str, redis_url: str) -> AsyncIterator[Office]:
    """No CRM and no Telegram; nothing runs by itself."""
    async with open_office(database_url, redis_url) as opened:
        yield opened


@dataclass
class Shell:
    """`python -m bot` on the office's database."""

    environment: dict[str, str]

    async def __call__(self, *arguments: str, **given: str) -> tuple[int, str]:
        """The exit code, and all that was said."""
        return await run(list(arguments), {**self.environment, **given})


def environment_of(database_url: str) -> dict[str, str]:
    """That of a command on an office's database."""
    given = {
        "ENV_FILE": "", "DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY, "DEFAULT_LANGUAGE": "en",
    }  # fmt: skip
    return {**os.environ, **given}


@pytest.fixture
def shell(database_url: str) -> Shell:
    return Shell(environment_of(database_url))
