"""Addresses that people type must not lead into our own network, however they are spelt."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters.egress import check_url, is_public, read_allow
from crm_adapters.http import Call, CrmHttp
from domain.errors import BadInput, CrmRejected, CrmUnavailable

CLOSED = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:c0a8:1::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
]
OPEN = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.1.1",
    "223.255.255.255",
    "2a00:1450:4010::1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
# Spellings that the C library reads as 127.0.0.1 or as another closed address.
LOOPBACK_SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0177.1",
    "0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "127.0.0.1.",
    "①②⑦.⓪.⓪.①",
]


@pytest.mark.parametrize("address", CLOSED)
def test_closed_address(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OPEN)
def test_open_address(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_what_it_wraps(address: object) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address)) == is_public(f"64:ff9b::{address}")


@given(st.ip_addresses())
def test_nothing_private_by_the_standard_library_is_public(address: object) -> None:
    assert not (is_public(str(address)) and (address.is_private or address.is_multicast))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "invalid"),
        ("crm.example.com", "scheme"),
        ("//crm.example.com", "scheme"),
        ("ftp://crm.example.com", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://", "host"),
        ("https:///path", "host"),
        ("https://.", "host"),
        ("https://user:pass@crm.example.com", "userinfo"),
        ("https://user@crm.example.com", "userinfo"),
        ("https://@crm.example.com", "userinfo"),
        ("https://crm.example.com\\@evil.example", "invalid"),
        ("https://crm.example.com/ x", "invalid"),
        ("https://crm.example.com\n", "invalid"),
        ("https://crm\t.example.com", "invalid"),
        ("https://crm.example.com:99999", "port"),
        ("https://crm.example.com:port", "invalid"),
        ("https://crm.example.com/?a=1", "query"),
        ("https://[::1", "invalid"),
    ],
)
def test_an_address_that_cannot_be_a_crm(url: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_url(url)
    assert (caught.value.field, caught.value.reason) == ("url", reason)


@pytest.mark.parametrize(
    "url", ["https://crm.example.com", "http://10.0.0.1:8080/espo", "https://[2a00::1]/", "https://пример.рф"]
)
def test_a_plain_address_is_fine(url: str) -> None:
    check_url(url)


def test_allow_list_is_read() -> None:
    allowed = read_allow(["127.0.0.1:8090", " [::1]:80 ", "EspoCRM:80", ""])
    assert allowed == {("127.0.0.1", 8090), ("::1", 80), ("espocrm", 80)}


@pytest.mark.parametrize("entry", ["localhost", ":80", "host:", "host:http", "host:70000", "host:-1"])
def test_allow_list_with_a_slip(entry: str) -> None:
    with pytest.raises(BadInput):
        read_allow([entry])


class Listener:
    """A server on 127.0.0.1 that counts who comes and answers an empty JSON object."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    found = Listener()
    server = await asyncio.start_server(found, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


def http(**options: object) -> CrmHttp:
    return CrmHttp(now=lambda: datetime.now(UTC), time_limit=2.0, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS)
async def test_no_spelling_of_loopback_gets_through(listener: Listener, host: str) -> None:
    async with http() as client:
        with pytest.raises((CrmRejected, CrmUnavailable)):
            await client.call(Call("GET", f"http://{host}:{listener.port}/"))
    assert listener.visits == 0


async def test_refused_address_says_so(listener: Listener) -> None:
    async with http() as client:
        with pytest.raises(CrmRejected) as caught:
            await client.call(Call("GET", f"http://127.0.0.1:{listener.port}/"))
    assert caught.value.reason == "address not allowed"


async def test_the_operator_opens_one_host_and_port(listener: Listener) -> None:
    async with http(allow=[f"127.0.0.1:{listener.port}"]) as client:
        assert await client.call(Call("GET", f"http://127.0.0.1:{listener.port}/")) == {}
        with pytest.raises(CrmRejected):
            await client.call(Call("GET", f"http://localhost:{listener.port}/"))
        with pytest.raises(CrmRejected):
            await client.call(Call("GET", f"http://127.0.0.1:{listener.port + 1}/"))
    assert listener.visits == 1


async def test_one_closed_address_among_open_ones_closes_the_host(listener: Listener) -> None:
    async def mixed(host: str, port: int) -> Sequence[str]:
        return ["8.8.8.8", "127.0.0.1"]

    async with http(resolve=mixed) as client:
        with pytest.raises(CrmRejected):
            await client.call(Call("GET", f"http://crm.example.com:{listener.port}/"))
    assert listener.visits == 0


async def test_the_name_is_resolved_once_and_the_checked_address_is_used(listener: Listener) -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    allow = [f"crm.example.com:{listener.port}"]
    async with http(resolve=rebinding, allow=allow) as client:
        assert await client.call(Call("GET", f"http://crm.example.com:{listener.port}/")) == {}
    assert (asked, listener.visits) == (["crm.example.com"], 1)


async def test_a_proxy_in_the_environment_is_not_asked(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listener.port}")
    async with http() as client:
        with pytest.raises(CrmRejected):
            await client.call(Call("GET", "http://10.0.0.1/"))
    assert listener.visits == 0
