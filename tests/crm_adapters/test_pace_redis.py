"""The pace of all processes together, over a real server of Redis's protocol."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from crm_adapters.base import Pace
from crm_adapters.pace import Lane, LocalLedger
from services.clock import system_clock
from storage.replicas.pace import RedisLedger

FAST = Pace(burst=4, per_second=40, at_once=50)
DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture
async def url(valkey_url: str) -> str:
    async with Redis.from_url(valkey_url) as client:
        await client.flushall()
    return valkey_url


def ledger_of(url: str) -> RedisLedger:
    return RedisLedger(url, LocalLedger(system_clock))


def lane_of(ledger: RedisLedger, pace: Pace = FAST) -> Lane:
    return Lane("crm:host", pace, ledger, system_clock, asyncio.sleep)


async def test_two_processes_keep_one_pace_and_both_get_on(url: str) -> None:
    ledgers = [ledger_of(url) for _ in range(2)]
    lanes, left = [lane_of(ledger) for ledger in ledgers], []

    async def work(number: int) -> None:
        for _ in range(15):
            async with lanes[number].slot():
                left.append((time.monotonic(), number))

    await asyncio.gather(work(0), work(1))
    took = left[-1][0] - left[0][0]
    assert (len(left) - FAST.burst) / FAST.per_second * 0.95 <= took < 2
    assert {number for _, number in left[:15]} == {0, 1}
    for ledger in ledgers:
        await ledger.close()


async def test_together_they_have_no_more_under_way_than_one_alone(url: str) -> None:
    ledgers = [ledger_of(url) for _ in range(2)]
    lanes = [lane_of(ledger, Pace(burst=100, per_second=float("inf"), at_once=2)) for ledger in ledgers]
    under_way = most = 0

    async def one(lane: Lane) -> None:
        nonlocal under_way, most
        async with lane.slot():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.005)
            under_way -= 1

    await asyncio.gather(*(one(lane) for lane in lanes for _ in range(4)))
    assert most == 2
    for ledger in ledgers:
        await ledger.close()


async def test_a_pause_that_one_was_asked_for_holds_the_other(url: str) -> None:
    one, other = ledger_of(url), ledger_of(url)
    await one.hold("crm:host", 30)
    await other.hold("crm:host", 1)
    assert 29 < await other.take("crm:host", 4, 40, 50, "t") <= 30
    assert await other.take("crm:elsewhere", 4, 40, 50, "t") == 0
    await one.close()
    await other.close()


async def test_only_a_process_that_lives_keeps_its_place(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.replicas.pace.TICKET_LIVES", 0.15)
    killed, alive = ledger_of(url), ledger_of(url)
    assert await alive.take("crm:host", 9, 900, 2, "long call") == 0
    assert await killed.take("crm:host", 9, 900, 2, "its own") == 0
    assert await alive.take("crm:host", 9, 900, 2, "t") > 0
    await killed.close()
    await asyncio.sleep(0.25)
    assert await alive.take("crm:host", 9, 900, 2, "t") == 0
    assert await alive.take("crm:host", 9, 900, 2, "too many") > 0
    await alive.close()


async def test_what_redis_was_not_there_to_take_back_is_free_in_time(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.replicas.pace.TICKET_LIVES", 0.1)
    async with relay(url) as port:
        one, other = ledger_of(f"redis://127.0.0.1:{port}/0"), ledger_of(url)
        assert await one.take("crm:host", 9, 900, 1, "answered meanwhile") == 0
    await one.give_back("crm:host", "answered meanwhile")
    assert await other.take("crm:host", 9, 900, 1, "t") > 0
    await asyncio.sleep(0.12)
    assert await other.take("crm:host", 9, 900, 1, "t") == 0
    await one.close()
    await other.close()


async def test_without_redis_everybody_counts_alone_at_once_and_it_is_said_once() -> None:
    ledger = ledger_of(DEAD)
    lane, start = lane_of(ledger, Pace(burst=2, per_second=100, at_once=5)), time.monotonic()
    with capture_logs() as logs:
        for _ in range(12):
            async with lane.slot():
                pass
    assert 0.09 < time.monotonic() - start < 1
    assert [line["event"] for line in logs] == ["pace.redis_lost"]
    await ledger.close()


@asynccontextmanager
async def relay(url: str, port: int = 0) -> AsyncIterator[int]:
    """Redis on a port of its own, which can be taken away."""
    path = url.removeprefix("unix://").partition("?")[0]
    open_writers: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(path)
        open_writers.extend((writer, back))
        with suppress(ConnectionError):
            await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    yield server.sockets[0].getsockname()[1]
    for writer in open_writers:
        writer.transport.abort()
    server.close()


async def test_redis_may_go_and_come_back(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.replicas.pace.AGAIN_AFTER", 0.01)
    async with relay(url) as port:
        ledger, other = ledger_of(f"redis://127.0.0.1:{port}/0"), ledger_of(url)
        assert await ledger.take("crm:host", 2, 0.1, 5, "t") == 0
    with capture_logs() as logs:
        assert await ledger.take("crm:host", 2, 0.1, 5, "t") == 0
        assert await ledger.take("crm:host", 2, 0.1, 5, "t") > 0
        async with relay(url, port):
            await asyncio.sleep(0.02)
            assert await ledger.take("crm:host", 2, 0.1, 5, "t") == 0
            assert await other.take("crm:host", 2, 0.1, 5, "t") > 0
    assert [line["event"] for line in logs] == ["pace.redis_lost", "pace.redis_found"]
    await ledger.close()
    await other.close()
