"""/api/v4: faults first, then the limit, the token, and the method."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.amocrm import auth, limits
from sandbox.amocrm.answers import PROBLEM, Refusal, Reply, problem
from sandbox.amocrm.delivery import Courier
from sandbox.amocrm.faults import spoils
from sandbox.amocrm.listing import Query
from sandbox.amocrm.routes import ROUTES, Ask
from sandbox.amocrm.state import Seen, State
from sandbox.faults import Fault

PAGE = "<!doctype html><title>amoCRM</title><p>We are working on it."


@dataclass(frozen=True, slots=True)
class Request:
    """A request to api/v4, read."""

    method: str
    path: str
    query: Query
    headers: dict[str, str]
    body: Any


class Api:
    """Answers requests. `per_second` is the vendor's limit; 0 switches it off."""

    def __init__(self, state: State, courier: Courier, per_second: int) -> None:
        self._state, self._courier, self._per_second = state, courier, per_second

    async def handle(self, web_request: web.Request) -> web.StreamResponse:
        """One request of any method."""
        path = web_request.match_info["path"].strip("/")
        request = Request(
            web_request.method,
            path,
            list(web_request.query.items()),
            dict(web_request.headers),
            await _body(web_request),
        )
        reply = await self._before(web_request) or self._answer(request)
        self._state.requests.append(
            Seen(request.method, path, request.query, request.body, reply.status, self._state.stamp())
        )
        fault = self._spoils(request, reply)
        if fault is not None and fault.kind == "drop_after_commit":
            return _cut(web_request)
        reply = Reply(504, {"title": "Gateway Timeout", "status": 504}, PROBLEM) if fault else reply
        return sent(reply)

    async def _before(self, web_request: web.Request) -> Reply | None:
        faults = self._state.faults
        slow = faults.take("slow")
        if slow is not None:
            await asyncio.sleep(slow.params["seconds"])
        down = faults.take("down")
        if down is not None:
            if down.params["mode"] == "closed":
                _cut(web_request)
            status = 503 if down.params["mode"] == "closed" else int(down.params["mode"])
            return problem(status, "Service is not available").reply
        storm = faults.take("storm")
        if storm is not None:
            wait = storm.params["retry_after"]
            return problem(storm.params["status"], "", {"Retry-After": str(wait)} if wait else {}).reply
        if faults.take("html_200") is not None:
            return Reply(200, PAGE, "text/html")
        return problem(402, "Account is not paid").reply if "unpaid" in faults.active else None

    def _answer(self, request: Request) -> Reply:
        try:
            limits.check(self._state, self._per_second)
            user = auth.actor(self._state, request.headers)
            handler, numbers = _route(request.method, request.path)
            return handler(Ask(self._state, user, numbers, request.query, request.body))
        except Refusal as refusal:
            return refusal.reply
        finally:
            self._courier.collect()

    def _spoils(self, request: Request, reply: Reply) -> Fault | None:
        stored = request.method in ("POST", "PATCH", "DELETE") and reply.status < 300
        return (
            self._state.faults.take_after_commit(spoils(request.path))
            if stored and reply.kind != "text/html"
            else None
        )


def _route(method: str, path: str) -> tuple[Callable[[Ask], Reply], tuple[str, ...]]:
    allowed = False
    for known, pattern, handler in ROUTES:
        found = re.fullmatch(pattern, path)
        if found and known == method:
            return handler, found.groups()
        allowed = allowed or found is not None
    raise problem(405 if allowed else 404)


async def _body(request: web.Request) -> Any:
    raw = await request.read()
    try:
        return json.loads(raw) if raw.strip() else None
    except ValueError:
        return None


def _cut(request: web.Request) -> web.Response:
    """Close the connection without a word."""
    if request.transport is not None:
        request.transport.close()
    return web.Response(status=500)


def sent(reply: Reply) -> web.Response:
    """The reply on the wire; a page goes out as it is."""
    if reply.kind == "text/html":
        return web.Response(status=reply.status, text=str(reply.body), content_type=reply.kind)
    headers = {**reply.headers, **({"Content-Type": reply.kind} if reply.body is not None else {})}
    return web.Response(status=reply.status, body=reply.content, headers=headers)
