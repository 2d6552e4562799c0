"""A TCP proxy that spoils what passes it. Toxics have toxiproxy's names, attributes and meaning.

| type | attributes | what it does |
|---|---|---|
| latency | latency, jitter (ms) | holds data back |
| bandwidth | rate (KB/s) | lets so much through a second |
| slow_close | delay (ms) | holds back the end of a connection |
| timeout | timeout (ms) | lets nothing through and closes after so long; 0: never closes |
| reset_peer | timeout (ms) | closes with RST after so long |
| slicer | average_size (bytes), delay (µs) | sends in small pieces |
| limit_data | bytes | closes after so much |

`down()` is toxiproxy's "enabled": false: connections end, and new ones are refused.
"""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

CHUNK = 64 * 1024
DOWN, UP = "downstream", "upstream"
"""From the server to the client, and from the client to the server."""

KNOWN: dict[str, dict[str, int]] = {
    "latency": {"latency": 0, "jitter": 0},
    "bandwidth": {"rate": 0},
    "slow_close": {"delay": 0},
    "timeout": {"timeout": 0},
    "reset_peer": {"timeout": 0},
    "slicer": {"average_size": 64, "delay": 0},
    "limit_data": {"bytes": 0},
}
RST = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Toxic:
    """`toxicity` is the share of connections that it spoils."""

    type: str
    stream: str = DOWN
    toxicity: float = 1.0
    attributes: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> int:
        return self.attributes.get(name, KNOWN[self.type][name])


class Link:
    """One connection with both its directions."""

    def __init__(self, proxy: "Proxy", writers: dict[str, asyncio.StreamWriter]) -> None:
        self.proxy, self.writers = proxy, writers
        self._spared = random.random()
        self._passed = {DOWN: 0, UP: 0}

    def toxic(self, kind: str, stream: str) -> Toxic | None:
        """The toxic of a kind that is on for this direction now."""
        found = self.proxy.toxics.get((kind, stream))
        return found if found is not None and self._spared < found.toxicity else None

    async def pump(self, reader: asyncio.StreamReader, stream: str) -> None:
        """Carry one direction until it ends, or a toxic ends it."""
        writer = self.writers[stream]
        with suppress(ConnectionError, OSError):
            while data := await reader.read(CHUNK):
                if await self._ends(stream):
                    return
                await self._hold(data, stream)
                await self._send(writer, self._limited(data, stream), stream)
                if (limit := self.toxic("limit_data", stream)) and self._passed[stream] >= limit["bytes"]:
                    return
        if slow := self.toxic("slow_close", stream):
            await asyncio.sleep(slow["delay"] / 1000)

    async def _ends(self, stream: str) -> bool:
        if found := self.toxic("reset_peer", stream):
            await asyncio.sleep(found["timeout"] / 1000)
            self.reset()
            return True
        if found := self.toxic("timeout", stream):
            if not found["timeout"]:
                await asyncio.Event().wait()
            await asyncio.sleep(found["timeout"] / 1000)
            return True
        return False

    async def _hold(self, data: bytes, stream: str) -> None:
        if found := self.toxic("latency", stream):
            jitter = random.uniform(-1, 1) * found["jitter"]
            await asyncio.sleep(max(found["latency"] + jitter, 0) / 1000)
        if (found := self.toxic("bandwidth", stream)) and found["rate"]:
            await asyncio.sleep(len(data) / (found["rate"] * 1000))

    def _limited(self, data: bytes, stream: str) -> bytes:
        if limit := self.toxic("limit_data", stream):
            data = data[: max(limit["bytes"] - self._passed[stream], 0)]
        self._passed[stream] += len(data)
        return data

    async def _send(self, writer: asyncio.StreamWriter, data: bytes, stream: str) -> None:
        while data:
            slicer = self.toxic("slicer", stream)
            size = slicer["average_size"] if slicer else len(data)
            writer.write(data[:size])
            data = data[size:]
            await writer.drain()
            if slicer:
                await asyncio.sleep(slicer["delay"] / 1_000_000)

    def reset(self) -> None:
        """End both sides at once and without a farewell."""
        for writer in self.writers.values():
            with suppress(OSError, AttributeError):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
            writer.transport.abort()


class Proxy:
    """Listens on a port of 127.0.0.1 and passes on to `upstream`: "host:port", or the path of a socket."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.port = 0
        self.toxics: dict[tuple[str, str], Toxic] = {}
        self.accepted = 0
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[None], Link | None] = {}

    def add(self, type_: str, stream: str = DOWN, toxicity: float = 1.0, **attributes: int) -> Toxic:
        """Switch a toxic on, for connections that are open too. Raises ValueError for an unknown one."""
        if type_ not in KNOWN or stream not in (DOWN, UP) or set(attributes) - set(KNOWN[type_]):
            raise ValueError(f"no toxic {type_} on {stream} with {', '.join(attributes) or 'nothing'}")
        made = Toxic(type_, stream, toxicity, attributes)
        self.toxics[type_, stream] = made
        return made

    def reset(self) -> None:
        """Take all toxics off, as toxiproxy's POST /reset; what they have swallowed stays swallowed."""
        self.toxics.clear()

    async def up(self) -> None:
        """Listen, on the port of before."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """End every connection and refuse new ones."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        await self.cut()

    async def cut(self) -> None:
        """End every connection that is open now."""
        links, self._links = self._links, {}
        for task, link in links.items():
            if link is not None:
                link.reset()
            task.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._server is None:
            writer.transport.abort()
            return
        self.accepted += 1
        self._links[task] = None
        try:
            theirs, to_them = await self._connect()
            link = self._links[task] = Link(self, {DOWN: writer, UP: to_them})
            try:
                await _either(link.pump(theirs, DOWN), link.pump(reader, UP))
            finally:
                to_them.transport.abort()
        except (OSError, asyncio.CancelledError):
            return
        finally:
            self._links.pop(task, None)
            writer.transport.abort() if self._server is None else writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.upstream.startswith("/"):
            return await asyncio.open_unix_connection(self.upstream)
        host, port = self.upstream.rsplit(":", 1)
        return await asyncio.open_connection(host, int(port))


async def _either(*pumps: Coroutine[Any, Any, None]) -> None:
    """Run them until the first of them has ended."""
    tasks = [asyncio.ensure_future(one) for one in pumps]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def proxied(upstream: str) -> AsyncIterator[Proxy]:
    """A proxy that is up, and gone after the block."""
    proxy = Proxy(upstream)
    await proxy.up()
    try:
        yield proxy
    finally:
        await proxy.down()
