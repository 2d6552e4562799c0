"""The HTTP side: faults, sign-in, limits, the method, `time`, and the note of what came."""

import asyncio
import re
from datetime import datetime

from aiohttp import web

from sandbox.bitrix24 import auth, batch, methods, params
from sandbox.bitrix24.answers import Json, Refusal
from sandbox.bitrix24.faults import spoils
from sandbox.bitrix24.state import Actor, Seen, State
from sandbox.faults import Fault

KEPT_REQUESTS = 20_000
KEPT_BODY = 65_536
CUT = 599  # never sent: the connection is cut instead
HTML_200 = "<!doctype html><html><body><h1>Bitrix24</h1><p>Back soon.</p></body></html>"
_BY_CODE = re.compile(r"(?P<user>\d+)/(?P<code>[^/]+)/(?P<method>[\w.]+?)(\.json|\.xml)?/?")
_BY_TOKEN = re.compile(r"(?P<method>[\w.]+?)(\.json)?/?")


class Api:
    """Answers /rest/... and /oauth/token/ for one portal."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def rest(self, request: web.Request) -> web.StreamResponse:
        """Any request under /rest/; a fault may cut the connection instead of answering."""
        raw, path = await request.read(), request.match_info["path"]
        actor: Actor | None = None
        called = [method_of(path)]
        spoiled = await self._spoiled_before()
        if spoiled is not None:
            answer = spoiled
        else:
            try:
                given = params.of_request(raw, request.content_type, request.query_string)
                actor = self._actor(path, given)
                self._state.bucket(request.remote or "").take(self._state.clock.now())
                body, called = self._run(actor, method_of(path), given)
                answer = self._spoiled_after(called) or web.json_response(body)
            except Refusal as error:
                answer = web.json_response(error.body(), status=error.status)
        return self._closed(request, answer, self._seen(called[0], raw, answer.status, actor))

    async def token(self, request: web.Request) -> web.StreamResponse:
        """GET /oauth/token/."""
        query = dict(request.query)
        spoiled = await self._spoiled_before()
        if spoiled is not None:
            answer = spoiled
        else:
            try:
                answer = web.json_response(auth.exchange(self._state, query))
            except Refusal as error:
                answer = web.json_response(error.body(), status=error.status)
        kind = f"oauth/token {query.get('grant_type', '')}".strip()
        return self._closed(request, answer, self._seen(kind, b"", answer.status, None))

    def _actor(self, path: str, given: Json) -> Actor:
        if found := _BY_CODE.fullmatch(path):
            actor = auth.by_code(self._state, found["user"], found["code"])
        else:
            actor = auth.by_token(self._state, str(given.pop("auth", "")))
        if self._state.faults.is_on("unpaid"):
            raise Refusal(403, "ACCESS_DENIED", "REST API is available only on commercial plans")
        return actor

    def _run(self, actor: Actor, method: str, given: Json) -> tuple[Json, list[str]]:
        start = self._state.clock.now()
        if method == "batch":
            result, called = batch.run(self._state, actor, given)
            return {"result": result, "time": self._time(start, {})}, ["batch", *called]
        answer, spent = methods.run(self._state, actor, method, given)
        names = [method, f"{method}:{given.get('entityTypeId')}"]
        return {**answer.top(), "time": self._time(start, spent)}, names

    def _time(self, start: datetime, spent: Json) -> Json:
        now = self._state.clock.now()
        took = (now - start).total_seconds()
        return {
            "start": start.timestamp(),
            "finish": now.timestamp(),
            "duration": took,
            "processing": took,
            "date_start": self._state.stamp(start),
            "date_finish": self._state.stamp(now),
            **spent,
        }

    async def _spoiled_before(self) -> web.Response | None:
        faults = self._state.faults
        if slow := faults.take("slow"):
            await asyncio.sleep(float(slow.params["seconds"]))
        if down := faults.take("down"):
            return web.Response(status={"closed": CUT, "500": 500, "503": 503}[down.params["mode"]])
        if storm := faults.take("storm"):
            return _storm(storm)
        if faults.take("overload"):
            return _refused(Refusal(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload."))
        if moved := faults.take("renamed"):
            return web.Response(status=302, headers={"Location": f"{moved.params['host']}/rest/"})
        if faults.take("html_200"):
            return web.Response(text=HTML_200, content_type="text/html")
        return None

    def _spoiled_after(self, called: list[str]) -> web.Response | None:
        changing = [name for name in called if _writes(name.partition(":")[0])]
        fault = self._state.faults.take_after_commit(spoils(changing)) if changing else None
        if fault is None:
            return None
        if fault.kind == "drop_after_commit":
            return web.Response(status=CUT)
        return _refused(Refusal(500, "INTERNAL_SERVER_ERROR", "Internal server error"))

    def _seen(self, method: str, raw: bytes, status: int, actor: Actor | None) -> Seen:
        text = raw[:KEPT_BODY].decode("utf-8", "replace")
        return Seen(method, text, status, self._state.stamp(), actor.user_id if actor else None)

    def _closed(self, request: web.Request, answer: web.Response, seen: Seen) -> web.Response:
        """Note the request, and cut the connection where the answer says so."""
        self._state.requests.append(seen)
        del self._state.requests[:-KEPT_REQUESTS]
        if answer.status == CUT and request.transport is not None:
            request.transport.abort()
        return answer


def method_of(path: str) -> str:
    """The method in a path, whoever asks."""
    found = _BY_CODE.fullmatch(path) or _BY_TOKEN.fullmatch(path)
    return found["method"] if found else path


def _writes(name: str) -> bool:
    return name in methods.METHODS and methods.METHODS[name].writes


def _refused(error: Refusal) -> web.Response:
    return web.json_response(error.body(), status=error.status)


def _storm(fault: Fault) -> web.Response:
    if fault.params["status"] == 429:
        error = Refusal(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
    else:
        error = Refusal(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
    answer = _refused(error)
    if fault.params["retry_after"] is not None:
        answer.headers["Retry-After"] = str(fault.params["retry_after"])
    return answer
