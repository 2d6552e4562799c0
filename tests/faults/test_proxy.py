"""The proxy itself: each toxic does what its name says, and stops doing it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.faults.proxy import DOWN, UP, Proxy, proxied


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with proxied(f"127.0.0.1:{port}") as made:
        yield made
    server.close()


async def asked(proxy: Proxy, data: bytes = b"hello") -> tuple[bytes, float]:
    """What comes back, and after how many seconds."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.readexactly(len(data)), 5), time.monotonic() - began
    except asyncio.IncompleteReadError as error:
        return error.partial, time.monotonic() - began
    finally:
        writer.transport.abort()


@pytest.mark.parametrize(
    ("kind", "attributes", "back", "least", "most"),
    [
        ("latency", {"latency": 60}, b"hello", 0.05, 1.0),
        ("bandwidth", {"rate": 100}, b"x" * 10_000, 0.09, 1.0),
        ("slow_close", {"delay": 50}, b"hello", 0.0, 0.5),
        ("timeout", {"timeout": 60}, b"", 0.05, 1.0),
        ("slicer", {"average_size": 1, "delay": 10_000}, b"hello", 0.04, 1.0),
        ("limit_data", {"bytes": 3}, b"hel", 0.0, 0.5),
    ],
)
async def test_a_toxic_does_what_it_says_and_stops(
    proxy: Proxy, kind: str, attributes: dict[str, int], back: bytes, least: float, most: float
) -> None:
    proxy.add(kind, DOWN, 1.0, **attributes)
    found, seconds = await asked(proxy, b"x" * 10_000 if kind == "bandwidth" else b"hello")
    assert found == back
    assert least <= seconds < most
    proxy.reset()
    assert (await asked(proxy))[0] == b"hello"


async def test_a_reset_and_a_server_that_is_down(proxy: Proxy) -> None:
    proxy.add("reset_peer", UP)
    with pytest.raises(ConnectionResetError):
        await asked(proxy)
    proxy.reset()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    await proxy.down()
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.transport.abort()
    with pytest.raises(ConnectionRefusedError):
        await asked(proxy)
    await proxy.up()
    assert (await asked(proxy))[0] == b"hello"
    with pytest.raises(ValueError, match="no toxic"):
        proxy.add("latency", rate=1)
