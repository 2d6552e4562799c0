"""Webhook delivery by Telegram's rules, against a receiver that answers what the test says."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from sandbox.telegram import Person, TelegramSandbox
from tests.waiting import until

from .conftest import Api

HOUR = 3600


class Receiver:
    """Answers each delivery with the next prepared answer, then 200; keeps what came and when."""

    def __init__(self, tg: TelegramSandbox) -> None:
        self.answers: deque[tuple[int, dict[str, str], Any]] = deque()
        self.default = 200
        self.seen: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.secrets: list[str | None] = []
        self.url = ""
        self._clock = tg.world.clock
        self._arrived = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        self.seen.append(await request.json())
        self.times.append(self._clock.monotonic())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self._arrived.set()
        status, headers, body = self.answers.popleft() if self.answers else (self.default, {}, None)
        if callable(body):
            body = await body()
        return web.json_response(body, status=status, headers=headers)

    async def count(self, number: int) -> None:
        async with asyncio.timeout(10):
            while len(self.seen) < number:
                self._arrived.clear()
                await self._arrived.wait()

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.seen]

    @property
    def pauses(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)]


@pytest.fixture
async def receiver(tg: TelegramSandbox, api: Api) -> AsyncIterator[Receiver]:
    found = Receiver(tg)
    app = web.Application()
    app.router.add_post("/hook", found.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield found
    await api("deleteWebhook", drop_pending_updates=True)
    await runner.cleanup()


async def info_when(api: Api, ready: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """getWebhookInfo as soon as it fits."""

    async def fitting() -> dict[str, Any] | None:
        info: dict[str, Any] = (await api("getWebhookInfo"))["result"]
        return info if ready(info) else None

    found: dict[str, Any] | None = await until(fitting, pause=0)
    assert found is not None
    return found


async def settled(api: Api) -> dict[str, Any]:
    """getWebhookInfo once nothing is pending."""
    return await info_when(api, lambda info: info["pending_update_count"] == 0)


async def test_secret_header_and_settings(api: Api, anna: Person, receiver: Receiver) -> None:
    await api(
        "setWebhook", url=receiver.url, secret_token="s-1_", max_connections=7, allowed_updates=["message"]
    )
    await receiver.count(1)
    assert receiver.texts == ["/start"]
    assert receiver.secrets == ["s-1_"]
    info = await settled(api)
    assert (info["url"], info["max_connections"], info["allowed_updates"]) == (receiver.url, 7, ["message"])
    bad = await api("setWebhook", url=receiver.url, secret_token="a b")
    assert bad["description"] == "Bad Request: secret token contains unallowed characters"


async def test_resends_at_once_then_with_growing_pauses(
    tg: TelegramSandbox, api: Api, anna: Person, receiver: Receiver
) -> None:
    await tg.speed(2000)
    receiver.answers.extend([(500, {}, None)] * 9)
    await api("setWebhook", url=receiver.url)
    await receiver.count(10)
    info = await settled(api)
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    assert {update["update_id"] for update in receiver.seen} == {receiver.seen[0]["update_id"]}
    at_once, *growing = receiver.pauses
    assert at_once < 2000
    for pause, expected in zip(growing, [2, 4, 8, 16, 32, 60, 60, 60], strict=True):
        assert pause >= expected


async def test_retry_after_is_honoured(
    tg: TelegramSandbox, api: Api, anna: Person, receiver: Receiver
) -> None:
    await tg.speed(10_000)
    receiver.answers.append((503, {"Retry-After": "900"}, None))
    await api("setWebhook", url=receiver.url)
    await receiver.count(2)
    assert receiver.pauses[0] >= 900


async def test_one_chat_waits_for_its_head_and_others_do_not(
    tg: TelegramSandbox, api: Api, anna: Person, receiver: Receiver
) -> None:
    boris = await tg.person("Борис")
    receiver.answers.append((503, {"Retry-After": "3600"}, None))
    await anna.say("второе")
    await api("setWebhook", url=receiver.url)
    await receiver.count(1)
    await boris.say("от Бориса")
    await receiver.count(2)
    assert receiver.texts == ["/start", "от Бориса"]
    await tg.advance(3601)
    await receiver.count(4)
    assert receiver.texts == ["/start", "от Бориса", "/start", "второе"]


async def test_undelivered_for_a_day_is_dropped(
    tg: TelegramSandbox, api: Api, anna: Person, receiver: Receiver
) -> None:
    receiver.answers.append((503, {"Retry-After": "3600"}, None))
    await api("setWebhook", url=receiver.url)
    await receiver.count(1)
    receiver.default = 500
    await tg.advance(24 * HOUR + 1)
    await settled(api)
    receiver.default = 200
    await anna.say("новое")
    await receiver.count(3)
    assert receiver.texts[-1] == "новое"


async def test_410_for_a_day_closes_the_webhook(
    tg: TelegramSandbox, api: Api, anna: Person, receiver: Receiver
) -> None:
    receiver.default = 410
    await tg.speed(1000)
    await api("setWebhook", url=receiver.url)
    await receiver.count(3)
    await tg.advance(23 * HOUR)
    await info_when(api, lambda info: info["url"] == "")
    assert [u["message"]["text"] for u in await tg.pending_updates()] == ["/start"]


async def test_call_in_the_answer(api: Api, anna: Person, receiver: Receiver) -> None:
    receiver.answers.append((200, {}, {"method": "sendMessage", "chat_id": anna.id, "text": "из ответа"}))
    await api("setWebhook", url=receiver.url)
    await anna.sees("из ответа")


async def test_a_bot_down_loses_nothing(
    tg: TelegramSandbox, api: Api, anna: Person, receiver: Receiver
) -> None:
    await api("setWebhook", url="http://127.0.0.1:9/hook")
    info = await info_when(api, lambda info: "last_error_message" in info)
    assert info["last_error_message"] == "Connection refused"
    assert info["pending_update_count"] == 1
    await api("setWebhook", url=receiver.url)
    await receiver.count(1)
    assert receiver.texts == ["/start"]


async def test_drop_pending_updates(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    assert len(await tg.pending_updates()) == 1
    await api("deleteWebhook", drop_pending_updates=True)
    assert await tg.pending_updates() == []


async def test_max_connections_bounds_parallel_deliveries(
    tg: TelegramSandbox, api: Api, receiver: Receiver
) -> None:
    running, most = 0, 0
    release = asyncio.Event()

    async def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await release.wait()
        running -= 1

    receiver.answers.extend([(200, {}, slow)] * 5)
    for number in range(5):
        await (await tg.person(f"П{number}")).say("привет")
    await api("setWebhook", url=receiver.url, max_connections=2)
    await receiver.count(2)
    release.set()
    await receiver.count(5)
    await settled(api)
    assert most == 2
