"""How an HTTP call can end, told from the wire: each row is a server that behaves in one way."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_adapters.http import MAX_ANSWER, Answer, Call, CrmHttp
from domain.errors import (
    CrmAccessLost,
    CrmError,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    CrmUncertain,
)

NOW = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SECRET = "key-0123456789"


def answering(status: int, body: bytes = b"", *headers: str, kind: str = "application/json") -> Behave:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
        writer.write("\r\n".join([*head, "Connection: close", "", ""]).encode() + body)
        await writer.drain()

    return behave


async def cutting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def cutting_within_the_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id"')
    await writer.drain()
    writer.transport.abort()


async def keeping_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Never idle for long enough to trip a per-read limit."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.01)


async def talking_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 smtp.example.com ESMTP\r\n")
    await writer.drain()


async def answering_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(MAX_ANSWER // 65536 + 2):
        writer.write(b"x" * 65536)
        await writer.drain()


@asynccontextmanager
async def serving(behave: Behave, time_limit: float = 5.0) -> AsyncIterator[tuple[CrmHttp, str]]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await behave(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    http = CrmHttp(now=lambda: NOW, time_limit=time_limit, allow=[f"127.0.0.1:{port}"])
    async with server, http:
        yield http, f"http://127.0.0.1:{port}/api/v1/Lead"


async def outcome(behave: Behave, method: str, time_limit: float = 5.0) -> Any:
    async with serving(behave, time_limit) as (http, url):
        body = {"lastName": "Иванов"} if method == "POST" else None
        try:
            return await http.call(Call(method, url, {"X-Api-Key": SECRET}, body=body))
        except CrmError as error:
            return error


HTML = answering(200, b"<html>Welcome</html>", kind="text/html")
LOST = [
    pytest.param(cutting, id="cut"),
    pytest.param(cutting_within_the_answer, id="cut within the answer"),
    pytest.param(talking_nonsense, id="not HTTP"),
    pytest.param(answering_without_end, id="too large"),
    pytest.param(HTML, id="HTML with 200"),
    pytest.param(answering(200, b'{"id": "6b0'), id="half a JSON"),
    pytest.param(answering(200, b"\xff\xfe"), id="not a text"),
    pytest.param(answering(200, b"[" * 200_000), id="too deep"),
    pytest.param(answering(200, b"garbage", "Content-Encoding: gzip"), id="broken gzip"),
    pytest.param(answering(500), id="500"),
    pytest.param(answering(502, b"<html>", kind="text/html"), id="502"),
    pytest.param(answering(504), id="504"),
    pytest.param(answering(520), id="520"),
]


@pytest.mark.parametrize("behave", LOST)
async def test_a_lost_answer_leaves_a_create_in_doubt(behave: Behave) -> None:
    assert type(await outcome(behave, "POST")) is CrmUncertain


@pytest.mark.parametrize("behave", LOST)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_lost_answer_to_what_can_be_repeated_is_an_outage(behave: Behave, method: str) -> None:
    assert type(await outcome(behave, method)) is CrmUnavailable


@pytest.mark.parametrize("behave", [keeping_silent, dripping])
@pytest.mark.parametrize(("method", "kind"), [("GET", CrmUnavailable), ("POST", CrmUncertain)])
async def test_the_time_limit_covers_the_whole_call(
    behave: Behave, method: str, kind: type[CrmError]
) -> None:
    assert type(await outcome(behave, method, time_limit=0.3)) is kind


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_was_never_sent_is_no_doubt(method: str) -> None:
    async with serving(cutting) as (http, url):
        pass
    async with CrmHttp(now=lambda: NOW, allow=[url.split("/")[2]]) as http:
        with pytest.raises(CrmUnavailable) as caught:
            await http.call(Call(method, url, body={}))
    assert type(caught.value) is CrmUnavailable


async def test_a_host_without_an_address_is_an_outage() -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError

    async with CrmHttp(now=lambda: NOW, resolve=nowhere) as http:
        with pytest.raises(CrmUnavailable) as caught:
            await http.call(Call("POST", "https://crm.example.com/", body={}))
    assert type(caught.value) is CrmUnavailable


async def test_a_read_by_post_is_no_doubt() -> None:
    async with serving(cutting) as (http, url):
        with pytest.raises(CrmUnavailable) as caught:
            await http.call(Call("POST", url, body={}, repeatable=True))
    assert type(caught.value) is CrmUnavailable


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, CrmRejected),
        (302, CrmRejected),
        (400, CrmRejected),
        (401, CrmAccessLost),
        (403, CrmAccessLost),
        (404, CrmRejected),
        (405, CrmRejected),
        (408, CrmUnavailable),
        (409, CrmRejected),
        (413, CrmRejected),
        (422, CrmRejected),
        (425, CrmUnavailable),
        (429, CrmRateLimited),
        (503, CrmUnavailable),
    ],
)
async def test_a_status_without_doubt(status: int, kind: type[CrmError]) -> None:
    behave = answering(status, b"{}", "Location: http://169.254.169.254/")
    assert type(await outcome(behave, "POST")) is kind


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("Retry-After: 0", 0),
        ("Retry-After: 120", 120),
        ("Retry-After: Sat, 21 Nov 2026 10:05:00 GMT", 300),
        ("Retry-After: Sat, 21 Nov 2026 12:05:00 +0200", 300),
        ("Retry-After: Sat, 21 Nov 2020 10:05:00 GMT", 0),
        ("Retry-After: 99999999999999999999", 86_400),
        ("Retry-After: Sat, 21 Nov 2099 10:05:00 GMT", 86_400),
        ("Retry-After: soon", None),
        ("Retry-After: -5", None),
        ("Retry-After: ", None),
        ("X-Nothing: 1", None),
    ],
)
async def test_retry_after(status: int, header: str, wait: int | None) -> None:
    error = await outcome(answering(status, b"{}", header), "POST")
    assert isinstance(error, CrmRateLimited | CrmUnavailable)
    if wait is None and status == 429:
        wait = 60
    assert error.retry_at == (None if wait is None else NOW + timedelta(seconds=wait))


@pytest.mark.parametrize(
    ("behave", "expected"),
    [
        (answering(200, b'{"total": 0}'), {"total": 0}),
        (answering(201, b"true"), True),
        (answering(200, b""), None),
        (answering(204), None),
        (answering(200, b'{"a": 1}', kind="text/html"), {"a": 1}),
        (answering(200, gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip"), {"a": 1}),
    ],
)
async def test_a_good_answer(behave: Behave, expected: object) -> None:
    assert await outcome(behave, "POST") == expected


async def test_the_vendor_may_hide_an_error_in_a_200() -> None:
    def read_error(answer: Answer) -> CrmError | None:
        return CrmGone() if b"error" in answer.body else None

    async with serving(answering(200, b'{"error": "gone"}')) as (http, url):
        with pytest.raises(CrmGone):
            await http.call(Call("GET", url), read_error)


LEAKING = [cutting, answering(500, SECRET.encode()), answering(400, SECRET.encode())]


@pytest.mark.parametrize("behave", LEAKING)
async def test_nothing_secret_or_personal_is_in_an_error(behave: Behave) -> None:
    error = await outcome(behave, "POST")
    assert SECRET not in repr(error)
    assert "Иванов" not in repr(error)
    assert "Lead" not in repr(error)


@pytest.mark.parametrize("key", ["a\r\nX-Other: 1", "a\nb"])
async def test_a_key_that_would_split_the_header_is_not_sent(key: str) -> None:
    async with serving(answering(200, b"{}")) as (http, url):
        with pytest.raises(CrmRejected):
            await http.call(Call("GET", url, {"X-Api-Key": key}))


async def test_params_are_added_to_the_address() -> None:
    seen: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        await answering(200, b"{}")(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, CrmHttp(now=lambda: NOW, allow=[f"127.0.0.1:{port}"]) as http:
        await http.call(Call("GET", f"http://127.0.0.1:{port}/x", params={"where[0][value]": "+7 916"}))
    assert seen[0].startswith(b"GET /x?where%5B0%5D%5Bvalue%5D=%2B7+916 HTTP/1.1\r\n")
