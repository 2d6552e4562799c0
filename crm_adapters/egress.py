"""Where our HTTP calls may go: addresses that people type must not lead into our own network.

A host is resolved once, every address it has is checked, and the connection goes to the address that
was checked, so a name that changes between the check and the call gains nothing. The TLS server name
stays the host. Operators open exceptions with EGRESS_ALLOW.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore
import httpx

from domain.errors import BadInput

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) -> its addresses as text; raises OSError when there are none."""

# IANA special-purpose registry (RFC 6890 and later), multicast, and the one metadata service that sits
# on a public address (Azure's 168.63.129.16). The other clouds' are link-local, shared or unique-local.
_CLOSED_V4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_GLOBAL_V6 = ip_network("2000::/3")
# 2001::/23 holds Teredo and ORCHID, 2002::/16 is 6to4: both wrap another address or none at all.
_CLOSED_V6 = tuple(ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# Wrappers of a plain IPv4 address that honest networks do hand out: look at what is inside.
_WRAPS_V4 = tuple(ip_network(text) for text in ("::ffff:0:0/96", "64:ff9b::/96"))


class AddressRefused(Exception):
    """The host leads to an address that is not open to us. Not an httpcore error: it is no outage."""


def is_public(text: str) -> bool:
    """Whether an address (IPv4, IPv6, with or without a zone) is a public unicast one."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if any(address in net for net in _WRAPS_V4):
            address = IPv4Address(int(address) & 0xFFFFFFFF)
        else:
            return address in _GLOBAL_V6 and not any(address in net for net in _CLOSED_V6)
    return not any(address in net for net in _CLOSED_V4)


def check_url(url: str) -> None:
    """Raise BadInput("url", reason) unless it is a plain http(s) address of a host.

    Reasons: invalid, scheme, userinfo, host, port, query.
    """
    if not url or "\\" in url or any(c.isspace() or not c.isprintable() for c in url):
        raise BadInput("url", "invalid")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise BadInput("url", "invalid") from None
    checks = (
        ("scheme", parsed.scheme in ("http", "https")),
        ("userinfo", "@" not in re.split("[/?#]", url.partition("://")[2], maxsplit=1)[0]),
        ("host", bool(parsed.host.strip("."))),
        ("port", parsed.port is None or 0 < parsed.port < 65536),
        ("query", not parsed.query and "?" not in url),
    )
    for reason, fine in checks:
        if not fine:
            raise BadInput("url", reason)


def read_allow(entries: Iterable[str]) -> frozenset[tuple[str, int]]:
    """`host:port` texts ("127.0.0.1:8090", "[::1]:80", "espocrm:80") -> pairs; raises BadInput."""
    pairs = set()
    for entry in filter(None, (entry.strip() for entry in entries)):
        host, colon, port = entry.rpartition(":")
        if not (colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise BadInput("EGRESS_ALLOW", "invalid")
        pairs.add((_folded(host), int(port)))
    return frozenset(pairs)


def _folded(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver; numeric spellings such as 127.1 or 0x7f000001 come out as addresses."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """httpcore's network, behind the check. Raises AddressRefused, or httpcore's connection errors."""

    def __init__(self, allow: Iterable[str] = (), resolve: Resolve = resolve) -> None:
        self._allow = read_allow(allow)
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._addresses(host, port)
                return await self._first_open(addresses, port, timeout, socket_options)
        except TimeoutError:
            raise httpcore.ConnectTimeout("timed out") from None

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("host not found") from None
        if (_folded(host), port) not in self._allow and not all(map(is_public, addresses)):
            raise AddressRefused
        return addresses

    async def _first_open(
        self,
        addresses: Sequence[str],
        port: int,
        limit: float | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        share = None if limit is None else limit / max(len(addresses), 1)
        failure: httpcore.NetworkError | httpcore.TimeoutException = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout=share, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


def _trust() -> ssl.SSLContext:
    """Public authorities that come with httpx, and those of the system: a company's own may be there."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


class CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over CheckedBackend: no proxy, no Unix sockets, nothing from the environment."""

    def __init__(self, backend: CheckedBackend, limits: httpx.Limits) -> None:
        super().__init__(verify=_trust(), trust_env=False)
        # httpx has no parameter for the network backend; the pool is its only seam.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_trust(),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=backend,
        )
