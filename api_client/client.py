"""The client: one HTTP connection pool, a key, and a method an operation."""

import asyncio
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx

from api_client.operations import Operations
from api_client.transport import ApiError

__all__ = ["ApiError", "Voronka"]

AGAIN = frozenset({429, 503})
"""Answers after which the same request may be sent again."""


class Voronka(Operations):
    """Speaks with one installation in the name of one key.

    Every write carries an Idempotency-Key of its own, so that it can be repeated; `tries` is how often a
    request is sent at most while the answer is lost, or says to come again. Raises ApiError for a refusal.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        language: str = "en",
        tries: int = 3,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._http = http or httpx.AsyncClient(base_url=url, timeout=30)
        self._headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
        self._tries = max(tries, 1)

    async def __aenter__(self) -> "Voronka":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def call(
        self, method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None,
        content: bytes | None = None, if_match: str = "", idempotency_key: str = "",
    ) -> httpx.Response:  # fmt: skip
        """Send a request, and again where that can help; the answer, if it is no refusal."""
        headers = dict(self._headers)
        if method != "GET":
            headers["Idempotency-Key"] = idempotency_key or str(uuid4())
        if if_match:
            headers["If-Match"] = if_match
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        if content is not None:
            headers["Content-Type"] = "application/octet-stream"
        request = self._http.build_request(
            method, path, params=asked, json=body, content=content, headers=headers
        )
        for left in reversed(range(self._tries)):
            try:
                response = await self._http.send(request)
            except httpx.TransportError:
                if not left:
                    raise
                continue
            if response.status_code in AGAIN and left:
                await self._wait(response)
                continue
            break
        if response.status_code >= 400:
            raise ApiError(response)
        return response

    async def _wait(self, response: httpx.Response) -> None:
        """As long as the server asks for, at most half a minute."""
        told = response.headers.get("Retry-After", "1")
        await asyncio.sleep(min(float(told) if told.isdecimal() else 1.0, 30.0))
