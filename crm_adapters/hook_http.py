"""One attempt to deliver a webhook to an address that people typed: behind the same check as calls to CRMs.

Nothing is followed, nothing is kept of the answer but its status and the moment it asks to wait for.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from time import monotonic

import httpx

from crm_adapters.egress import (
    AddressRefused,
    CheckedBackend,
    CheckedTransport,
    Resolve,
    check_url,
    read_allow,
    resolve,
)
from crm_adapters.http import moment_in
from domain.errors import BadInput
from domain.hooks_out import ADDRESS_LIMIT
from domain.watching import UNWATCHED, Watch

PORTS = (None, 443, 8443)
"""Where strangers' receivers listen; None is the scheme's own."""

TIME_LIMIT = 15.0
MOST_READ = 64 * 1024
TO_READ = 1.0
CONNECTIONS = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it. `status` is 0 without an answer, and `error` says why: connect, timeout, cut, address;
    `took` is in milliseconds."""

    status: int
    error: str
    took: int
    retry_at: datetime | None = None


class HookHttp:
    """Close it once. `time_limit` in seconds covers a whole attempt."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        time_limit: float = TIME_LIMIT,
        allow: Iterable[str] = (),
        resolve: Resolve = resolve,
        watch: Watch = UNWATCHED,
    ) -> None:
        self._watch = watch
        self._now, self._time_limit = now, time_limit
        self._open_to, self._resolve = tuple(allow), resolve
        self._allow = read_allow(self._open_to)

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made for the first message: many never send one, and reading the authorities takes long."""
        to_connect = self._time_limit / 2
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=20, keepalive_expiry=15)
        return httpx.AsyncClient(
            transport=CheckedTransport(CheckedBackend(self._open_to, self._resolve), limits),
            timeout=httpx.Timeout(self._time_limit, connect=to_connect, pool=to_connect),
            headers={"User-Agent": "Voronka-Webhooks", "Accept": "*/*"},
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        if "_client" in vars(self):
            await self._client.aclose()

    def check(self, address: str) -> tuple[str, str]:
        """The address as it is called, and its host; addresses inside are found out when they are called.

        Raises BadInput("hook_url", reason): invalid, userinfo, host, https, port, too_long.
        """
        address = address.strip()
        if len(address) > ADDRESS_LIMIT:
            raise BadInput("hook_url", "too_long", length=len(address), limit=ADDRESS_LIMIT)
        try:
            # a receiver's own key may stand in the query, which an address of a CRM must not have
            check_url(address.partition("#")[0].partition("?")[0])
            parsed = httpx.URL(address)
        except (BadInput, httpx.InvalidURL) as error:
            reason = error.reason if isinstance(error, BadInput) else "invalid"
            raise BadInput("hook_url", "https" if reason == "scheme" else reason) from None
        if parsed.fragment or not address.isprintable() or any(one.isspace() for one in address):
            raise BadInput("hook_url", "invalid")
        port = parsed.port or {"https": 443, "http": 80}[parsed.scheme]
        if (parsed.host, port) not in self._allow:
            if parsed.scheme != "https":
                raise BadInput("hook_url", "https")
            if parsed.port not in PORTS:
                raise BadInput("hook_url", "port")
        return str(parsed), parsed.netloc.decode()

    async def post(self, address: str, headers: Mapping[str, str], body: bytes) -> Attempt:
        """Send it once; never raises."""
        began = monotonic()
        status, error, retry_at = 0, "", None
        try:
            async with asyncio.timeout(self._time_limit):
                status, retry_at = await self._exchange(address, headers, body)
        except AddressRefused:
            error = "address"
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            error = "connect"
        except (TimeoutError, httpx.TimeoutException):
            error = "timeout"
        except (httpx.HTTPError, httpx.InvalidURL):
            error = "cut"
        took = monotonic() - began
        self._watch.took("hook", "sending", error or f"{status // 100}xx", took)
        return Attempt(status, error, int(took * 1000), retry_at)

    async def _exchange(
        self, address: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, datetime | None]:
        request = self._client.build_request("POST", address, headers=dict(headers), content=body)
        response = await self._client.send(request, stream=True)
        try:
            await _read_a_little(response)
            return response.status_code, moment_in(response.headers.get("retry-after", ""), self._now())
        finally:
            await response.aclose()


async def _read_a_little(response: httpx.Response) -> None:
    """The status is all we want; a short answer is read so that the connection can be used again."""
    size = 0
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(TO_READ):
            async for part in response.aiter_raw():
                size += len(part)
                if size > MOST_READ:
                    return
