"""Requests over connections that stay open, as many at once as the connections, or at a steady pace."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """`seconds` from `due`, the moment (perf_counter) at which the request was due."""

    status: int
    seconds: float
    due: float


def post(port: int, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """One POST of JSON."""
    known = {"Host": f"127.0.0.1:{port}", "Content-Type": "application/json", **headers}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in known.items())]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> int:
        """The answer's status; its body is read and left."""
        return (await self._exchange(request))[0]

    async def answer(self, request: bytes) -> bytes:
        """The answer's body."""
        return (await self._exchange(request))[1]

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        start = head.index(b"Content-Length: ") + 16
        length = int(head[start : head.index(b"\r", start)])
        return int(head[9:12]), await self.reader.readexactly(length)

    def close(self) -> None:
        self.writer.close()


async def pour(port: int, requests: Sequence[bytes], at_once: int) -> tuple[float, list[int]]:
    """Send all as fast as they are answered; seconds for all, and the statuses."""
    lines = [await Line.open(port) for _ in range(at_once)]
    waiting: Iterator[bytes] = iter(requests)

    async def send(line: Line) -> list[int]:
        return [await line.ask(one) for one in waiting]

    started = time.perf_counter()
    found = await asyncio.gather(*map(send, lines))
    took = time.perf_counter() - started
    for line in lines:
        line.close()
    return took, [status for own in found for status in own]


async def pace(port: int, requests: Sequence[bytes], per_second: float, at_once: int) -> list[Answer]:
    """Send each when it is due, whether the ones before were answered or not; a request that finds no free
    connection waits for one, and that is part of its time."""
    free: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(at_once):
        free.put_nowait(await Line.open(port))
    started = time.perf_counter()

    async def send(number: int, request: bytes) -> Answer:
        due = started + number / per_second
        line = await free.get()
        status = await line.ask(request)
        free.put_nowait(line)
        return Answer(status, time.perf_counter() - due, due)

    async with asyncio.TaskGroup() as group:
        tasks = []
        for number, request in enumerate(requests):
            wait = started + number / per_second - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            tasks.append(group.create_task(send(number, request)))
    while not free.empty():
        free.get_nowait().close()
    return [task.result() for task in tasks]
