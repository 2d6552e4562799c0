"""A client for trial runs: requests that only read go out, those that write are written down instead."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlencode

from crm_adapters.base import Pretend
from crm_adapters.http import Call, CrmHttp, Params, ReadError
from domain.trials import HIDDEN, NEW

_SHORTEST_PIECE = 6
_SECRET_HEADERS = ("authorization", "api-key", "token", "secret", "cookie")
_SECRET_FIELDS = frozenset(
    {"auth", "access_token", "refresh_token", "client_secret", "api_key", "apikey", "token", "password"}
)


class RecordingHttp(CrmHttp):
    """Borrows another client, which stays its owner's to close. What it keeps belongs to the task that asked
    for it, so that one adapter serves several trials at once."""

    def __init__(self, http: CrmHttp, pretend: Pretend) -> None:
        # the client's own parts are not built: every request that leaves goes through `http`
        self._http, self._pretend = http, pretend
        self._now = http._now
        self._kept: ContextVar[list[Call] | None] = ContextVar("kept_calls", default=None)

    @contextmanager
    def recording(self) -> Iterator[list[Call]]:
        """Writes made inside, in order; nothing of them reaches the CRM."""
        kept: list[Call] = []
        token = self._kept.set(kept)
        try:
            yield kept
        finally:
            self._kept.reset(token)

    async def aclose(self) -> None:
        """The borrowed client goes on."""

    async def call(self, call: Call, read_error: ReadError | None = None) -> Any:
        """Send a request that only reads; keep any other, and answer it as the CRM would. A record that is
        only pretended is not asked for either."""
        if call.only_reads:
            return self._pretend(call) if _is_about_new(call) else await self._http.call(call, read_error)
        kept = self._kept.get()
        if kept is not None:
            kept.append(call)
        return self._pretend(call)


def _is_about_new(call: Call) -> bool:
    return str(NEW) in f"{call.url} {call.params} {call.body}"


def shown(call: Call, secrets: Collection[str]) -> dict[str, Any]:
    """A request as people may read it: method, url, headers and body, every secret hidden.

    Form fields that hold JSON are shown decoded. Personal data stays.
    """
    hide = _Hider(secrets)
    query = f"?{urlencode(_pairs(call.params))}" if call.params else ""
    body = call.body
    headers = {name: HIDDEN if _is_secret(name) else hide.text(v) for name, v in (call.headers or {}).items()}
    if call.form is not None:
        body = {name: _decoded(value) for name, value in call.form.items()}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    elif body is not None:
        headers["Content-Type"] = "application/json"
    return {"method": call.method, "url": hide.text(call.url + query), "headers": headers,
            "body": hide.top(body)}  # fmt: skip


def pieces_of(secret: str, plain: Collection[str]) -> frozenset[str]:
    """A secret and the parts of it that stand in addresses by themselves; never what `plain` settings tell
    openly, such as the host of an address that holds a key."""
    parts = {part for part in secret.split("/") if len(part) >= _SHORTEST_PIECE}
    told = {part for part in parts if any(part in one for one in plain)}
    return frozenset({secret, *parts} - told - {""})


class _Hider:
    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def top(self, body: Any) -> Any:
        """A body, of which the outermost fields may be tokens by their name."""
        if not isinstance(body, Mapping):
            return self.value(body)
        return {name: HIDDEN if name in _SECRET_FIELDS else self.value(value) for name, value in body.items()}

    def value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(name): self.value(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return self.text(value) if isinstance(value, str) else value


def _is_secret(header: str) -> bool:
    return any(part in header.lower() for part in _SECRET_HEADERS)


def _decoded(value: str) -> Any:
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return found if isinstance(found, dict | list) else value


def _pairs(params: Params | None) -> list[tuple[str, str]]:
    return list(params.items() if isinstance(params, Mapping) else params or ())
