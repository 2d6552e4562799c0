"""Files in a bucket of S3-compatible storage: AWS, MinIO, Ceph, Yandex, Selectel, ...

Addressed by path, which all of them know. What is sent bears the sum of its bytes in the signature, so that
the storage refuses what did not arrive as it left.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx

from domain.errors import FilesAway, NotFound
from domain.file_body import CHUNK, FileBody
from storage.files.address import S3Address
from storage.files.signing import EMPTY, Credentials, escaped, signed

PATIENCE = 60.0
"""Seconds for one request with all its attempts, up to the first byte of an answer."""

LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=5)
TIMEOUT = httpx.Timeout(10.0, connect=3.0)
PAUSES = (0.2, 1.0)
"""Seconds before the second attempt and the third."""

PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Answers after which the same request may succeed."""

_CODE = re.compile(rb"<Code>([A-Za-z]{1,64})</Code>")
_ANSWER_READ = 4096


class S3Store:
    """A FileStore. `now` is the clock that requests are stamped with: the storage lets it be wrong by fifteen
    minutes at most."""

    def __init__(
        self, address: S3Address, key: str, secret: str, *, pauses: Sequence[float] = PAUSES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._address, self._pauses, self._now = address, pauses, now
        self._credentials = Credentials(key, secret, address.region)
        self._base = "/".join(filter(None, (f"{address.endpoint}/{address.bucket}", address.prefix)))
        self._http = httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, trust_env=False)

    @property
    def place(self) -> str:
        return f"s3://{self._address.bucket} ({self._address.endpoint})"

    async def put(self, key: str, body: FileBody) -> None:
        async with self._asked("PUT", key, body) as answer:
            await _demand(answer)

    async def get(self, key: str) -> AsyncGenerator[bytes, None]:
        async with self._asked("GET", key) as answer:
            await _demand(answer)
            try:
                async for chunk in answer.aiter_bytes(CHUNK):
                    yield chunk
            except httpx.HTTPError as error:
                raise FilesAway(type(error).__name__) from error

    async def delete(self, key: str) -> None:
        async with self._asked("DELETE", key) as answer:
            try:
                await _demand(answer)
            except NotFound:
                return

    async def exists(self, key: str) -> bool:
        async with self._asked("HEAD", key) as answer:
            if answer.status_code == httpx.codes.NOT_FOUND:
                return False
            await _demand(answer)
            return True

    async def aclose(self) -> None:
        await self._http.aclose()

    @asynccontextmanager
    async def _asked(
        self, method: str, key: str, body: FileBody | None = None
    ) -> AsyncIterator[httpx.Response]:
        """The answer, not read yet. Raises FilesAway where none comes."""
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._patiently(method, key, body)
        except TimeoutError as error:
            raise FilesAway("TimeoutError") from error
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _patiently(self, method: str, key: str, body: FileBody | None) -> httpx.Response:
        for pause in self._pauses:
            try:
                answer = await self._http.send(self._request(method, key, body), stream=True)
                if answer.status_code not in PASSING:
                    return answer
                await answer.aclose()
            except httpx.TransportError:
                pass
            await asyncio.sleep(pause)
        try:
            return await self._http.send(self._request(method, key, body), stream=True)
        except httpx.TransportError as error:
            raise FilesAway(type(error).__name__) from error

    def _request(self, method: str, key: str, body: FileBody | None) -> httpx.Request:
        """Signed anew for every attempt: a signature is good for minutes."""
        url = f"{self._base}/{escaped(key)}"
        headers = {"content-length": str(body.size)} if body is not None else {}
        sum_ = body.sha256 if body is not None else EMPTY
        told = signed(self._credentials, method, url, sum_, self._now(), headers)
        return httpx.Request(method, url, headers=told, content=_sent(body) if body is not None else None)


async def _sent(body: FileBody) -> AsyncIterator[bytes]:
    for chunk in body.chunks():
        yield chunk


async def _demand(answer: httpx.Response) -> None:
    """Raises NotFound for a file that is not there, FilesAway with the storage's own word for all else."""
    if answer.is_success:
        return
    found = _CODE.search(await _beginning(answer))
    code = found[1].decode() if found else f"HTTP{answer.status_code}"
    if code == "NoSuchKey" or (answer.status_code == httpx.codes.NOT_FOUND and found is None):
        raise NotFound(what="file")
    raise FilesAway(code)


async def _beginning(answer: httpx.Response) -> bytes:
    told = b""
    try:
        async for chunk in answer.aiter_bytes(_ANSWER_READ):
            told += chunk
            if len(told) >= _ANSWER_READ:
                break
    except httpx.HTTPError:
        pass
    return told
