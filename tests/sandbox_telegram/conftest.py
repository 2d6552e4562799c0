"""One stand-in for the whole folder, reset before each test, and a raw way to call its Bot API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from sandbox.telegram import Person, TelegramSandbox

Api = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(scope="session")
async def sandbox() -> AsyncIterator[TelegramSandbox]:
    async with TelegramSandbox(links=[{"title": "CRM", "url": "http://127.0.0.1:1/"}]) as running:
        yield running


@pytest.fixture
async def tg(sandbox: TelegramSandbox) -> TelegramSandbox:
    await sandbox.reset()
    await sandbox.limits(on=False)
    return sandbox


@pytest.fixture
def api(tg: TelegramSandbox) -> Api:
    """Call a method with JSON parameters; answers the whole body."""

    async def call(method: str, *, token: str = tg.token, **params: Any) -> dict[str, Any]:
        url = f"{tg.url}/bot{token}/{method}"
        async with aiohttp.ClientSession() as session, session.post(url, json=params) as response:
            body: dict[str, Any] = await response.json()
            assert response.status == (200 if body["ok"] else body["error_code"])
            return body

    return call


@pytest.fixture
async def anna(tg: TelegramSandbox) -> Person:
    """A person who has started the bot."""
    person = await tg.person("Анна", language="ru", phone="+79161234567")
    await person.start()
    return person
