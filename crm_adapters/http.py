"""The one HTTP client of all adapters. A call ends in decoded JSON or in a class of domain.errors.

Nothing is retried here. What matters to the outbox is whether a write may have been carried out:
a request that was never sent is CrmUnavailable; one whose answer was lost is CrmUncertain when
sending it again could make a second record.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx

from crm_adapters.egress import AddressRefused, CheckedBackend, CheckedTransport, Resolve, resolve
from domain.errors import (
    CrmAccessLost,
    CrmError,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    CrmUncertain,
)
from domain.watching import UNWATCHED, Watch

MAX_ANSWER = 8 * 1024 * 1024
LONGEST_WAIT = timedelta(hours=24)
DEFAULT_WAIT = timedelta(seconds=60)

Params = Sequence[tuple[str, str]] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The decoded body, None for an empty one; raises ValueError."""
        if not self.body.strip():
            return None
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("too deep") from None


ReadError = Callable[[Answer], CrmError | None]
"""A vendor's own errors, those hidden in a 200 included; None leaves the answer to the common rules."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request; people and keys, also those in an address, stay out of its repr. `repeatable`: sending it
    twice makes no second record (default: every method but POST). `form` is sent as a form body, `body` as
    JSON. `reads`: it changes no record there, so a trial run may send it (default: GET and HEAD). `decode`
    reads an answer that is no JSON, or raises ValueError. `seconds` and `most` (bytes) are given to a call
    that takes longer, or whose answer is larger, than the client allows others."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    params: Params | None = field(default=None, repr=False)
    body: Any = field(default=None, repr=False)
    repeatable: bool | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    reads: bool | None = None
    decode: Callable[[Answer], Any] | None = field(default=None, repr=False)
    seconds: float = 0
    most: int = 0

    @property
    def only_reads(self) -> bool:
        return self.method in ("GET", "HEAD") if self.reads is None else self.reads

    @property
    def harmless(self) -> bool:
        return self.method != "POST" if self.repeatable is None else self.repeatable

    def unanswered(self, reason: str, retry_at: datetime | None = None) -> CrmUnavailable:
        """The error of a request that went out and brought no clear answer."""
        kind = CrmUnavailable if self.harmless else CrmUncertain
        return kind(reason, retry_at)


class CrmHttp:
    """Shared by all adapters; close it once. `time_limit` in seconds covers a whole call."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        time_limit: float = 30.0,
        allow: Iterable[str] = (),
        resolve: Resolve = resolve,
        max_answer: int = MAX_ANSWER,
        watch: Watch = UNWATCHED,
    ) -> None:
        self.watch = watch
        self._now, self._time_limit, self._max_answer = now, time_limit, max_answer
        self._backend = CheckedBackend(allow, resolve)

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made for the first call: reading the authorities takes long, and three megabytes."""
        # Half the limit for connecting, so that an overrun of the whole means that something was sent.
        to_connect = min(10.0, self._time_limit / 2)
        limits = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=30)
        return httpx.AsyncClient(
            transport=CheckedTransport(self._backend, limits),
            timeout=httpx.Timeout(self._time_limit, connect=to_connect, pool=to_connect),
            headers={"User-Agent": "Voronka", "Accept": "application/json"},
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if "_client" in vars(self):
            await self._client.aclose()

    async def call(self, call: Call, read_error: ReadError | None = None) -> Any:
        """Send it and return the decoded JSON, None for an empty body, or what the call's own `decode` makes
        of it. Raises CrmError only."""
        answer = await self._send(call)
        error = (read_error and read_error(answer)) or self._common_error(call, answer)
        if error is not None:
            raise error
        try:
            return answer.json() if call.decode is None else call.decode(answer)
        except ValueError:
            what = "answer is not JSON" if call.decode is None else "answer cannot be read"
            raise call.unanswered(what) from None

    async def _send(self, call: Call) -> Answer:
        try:
            async with asyncio.timeout(call.seconds or self._time_limit):
                return await self._exchange(call)
        except AddressRefused:
            raise CrmRejected("address not allowed") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise CrmUnavailable("cannot connect") from None
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL):
            raise CrmRejected("request cannot be sent") from None
        except (TimeoutError, httpx.TimeoutException):
            raise call.unanswered("no answer in time") from None
        except httpx.HTTPError:
            raise call.unanswered("connection cut") from None

    async def _exchange(self, call: Call) -> Answer:
        headers = dict(call.headers or {})
        content = None
        if call.body is not None:
            content = json.dumps(call.body, ensure_ascii=False, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        elif call.form is not None:
            content = urlencode(call.form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        request = self._client.build_request(
            call.method, call.url, headers=headers, params=_params(call.params), content=content,
            timeout=self._timeout(call),
        )  # fmt: skip
        response = await self._client.send(request, stream=True)
        try:
            return Answer(
                response.status_code,
                {name.lower(): value for name, value in response.headers.items()},
                await self._body(call, response),
            )
        finally:
            await response.aclose()

    def _timeout(self, call: Call) -> httpx.Timeout:
        allowed = self._client.timeout
        if not call.seconds:
            return allowed
        return httpx.Timeout(call.seconds, connect=allowed.connect, pool=allowed.pool)

    async def _body(self, call: Call, response: httpx.Response) -> bytes:
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > (call.most or self._max_answer):
                raise call.unanswered("answer too large")
        return bytes(body)

    def _common_error(self, call: Call, answer: Answer) -> CrmError | None:
        status = answer.status
        if 200 <= status < 300:
            return None
        retry_at = self.retry_at(answer)
        reason = f"HTTP {status}"
        if status == 429:
            return CrmRateLimited(retry_at or self._now() + DEFAULT_WAIT, reason)
        if status in (408, 425, 503):
            return CrmUnavailable(reason, retry_at)
        if status >= 500:
            return call.unanswered(reason, retry_at)
        if status in (401, 403):
            return CrmAccessLost(reason)
        return CrmRejected("redirected" if 300 <= status < 400 else reason)

    def retry_at(self, answer: Answer) -> datetime | None:
        """The moment (UTC) that Retry-After names, at most a day ahead; None if absent or unreadable."""
        return moment_in(answer.headers.get("retry-after", ""), self._now())


def moment_in(retry_after: str, now: datetime) -> datetime | None:
    """The moment (UTC) that a Retry-After header names, at most a day ahead; None if absent or unreadable."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        # A number of ten digits is beyond any day and could overflow a timedelta.
        return now + min(timedelta(seconds=int(text[:10])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return min(max(moment.astimezone(UTC), now), now + LONGEST_WAIT)


def _params(params: Params | None) -> httpx.QueryParams | None:
    if params is None:
        return None
    return httpx.QueryParams(list(params.items() if isinstance(params, Mapping) else params))
