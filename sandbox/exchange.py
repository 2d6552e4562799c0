"""One request of a stand-in and its answer, as far as CRMs do not differ in them."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

JSON = "application/json"
KEPT_REQUESTS = 2000
KEPT_BODY = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: `body` is encoded as JSON, `raw` is sent as it is. Status 0 cuts the connection."""

    body: Any = None
    status: int = 200
    raw: bytes | None = None
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """The request is not served; `answer` says how it is told."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.body))
        self.answer = answer


CUT = Answer(status=0)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came; the path is what follows the API's root."""

    method: str
    path: str
    query: str
    body: str
    headers: dict[str, str]
    status: int
    at: str


def keep(seen: list[Seen], request: web.Request, path: str, raw: bytes, status: int, at: str) -> None:
    """Note a request; the oldest are forgotten."""
    text = raw[:KEPT_BODY].decode("utf-8", "replace")
    headers = dict(request.headers)
    seen.append(Seen(request.method, path, request.query_string, text, headers, status, at))
    del seen[:-KEPT_REQUESTS]


def sent(request: web.Request, answer: Answer) -> web.Response:
    """The answer on the wire, or the connection cut."""
    if answer.status == CUT.status:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    body = answer.raw if answer.raw is not None else json.dumps(answer.body, ensure_ascii=False).encode()
    headers = {**answer.headers, "Content-Type": answer.content_type}
    return web.Response(body=body, status=answer.status, headers=headers)
