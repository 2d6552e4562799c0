"""The HTTP side of api/v1: faults, routing, sign-in, the answer, and the note of what came."""

import asyncio
import json
from typing import Any

from aiohttp import web

from sandbox.espocrm import auth, calls, query, routes
from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import HTML, Answer, Refusal
from sandbox.espocrm.faults import spoils
from sandbox.espocrm.seed import SYSTEM
from sandbox.espocrm.state import Seen, State
from sandbox.faults import Fault

KEPT_REQUESTS = 2000
KEPT_BODY = 65_536
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
HTML_200 = "<!doctype html><html><body><h1>Welcome</h1><p>Site is being updated.</p></body></html>"
CUT = Answer(status=0)


class Api:
    """Answers api/v1 for one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request under api/v1; a fault may cut the connection instead of answering."""
        raw = await request.read()
        path = request.match_info.get("path", "").strip("/")
        actor: Actor | None = None
        answer = await self._spoiled_before()
        if answer is None:
            answer, actor = self._answer(request, path, raw)
            answer = self._spoiled_after(request.method, path, answer)
        self._note(request, path, raw, answer, actor)
        if answer is CUT:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return self._response(answer)

    def _answer(self, request: web.Request, path: str, raw: bytes) -> tuple[Answer, Actor | None]:
        actor: Actor | None = None
        try:
            route, args = routes.find(request.method, path)
            address = request.remote or ""
            if route.public:
                actor = SYSTEM
            else:
                actor = auth.authenticate(self._state, request.headers, address, request.method, path)
                self._check_maintenance(actor)
            body = calls.read_body(raw, request.headers.get("Content-Type", ""))
            params = query.parse(request.query.items())
            return route.handler(calls.Call(self._state, actor, args, params, body, request.headers)), actor
        except Refusal as error:
            return error.answer, actor

    def _check_maintenance(self, actor: Actor) -> None:
        if self._state.settings.maintenance and not actor.is_admin:
            raise Refusal(maintenance())

    async def _spoiled_before(self) -> Answer | None:
        faults = self._state.faults
        if slow := faults.take("slow"):
            await asyncio.sleep(float(slow.params["seconds"]))
        if down := faults.take("down"):
            return DOWN[down.params["mode"]]
        if storm := faults.take("storm"):
            return _storm(storm)
        if faults.take("html_200"):
            return Answer(raw=HTML_200.encode(), content_type=HTML)
        return None

    def _spoiled_after(self, method: str, path: str, answer: Answer) -> Answer:
        if method not in CHANGING or answer.status >= 400:
            return answer
        fault = self._state.faults.take_after_commit(spoils(path.partition("/")[0], self._state.chance))
        if fault is None:
            return answer
        return CUT if fault.kind == "drop_after_commit" else DOWN["500"]

    def _response(self, answer: Answer) -> web.Response:
        headers = dict(answer.headers)
        if answer.reason is not None:
            headers["X-Status-Reason"] = answer.reason.encode("ascii", "replace").decode()
        if answer.status < 400 and answer.raw is None:
            headers["X-App-Timestamp"] = str(self._state.metadata_changed)
        headers["Content-Type"] = answer.content_type
        return web.Response(body=_encoded(answer), status=answer.status, headers=headers)

    def _note(self, request: web.Request, path: str, raw: bytes, answer: Answer, actor: Actor | None) -> None:
        seen = self._state.requests
        seen.append(
            Seen(
                method=request.method,
                path=path,
                query=request.query_string,
                headers=dict(request.headers),
                body=raw[:KEPT_BODY].decode("utf-8", "replace"),
                status=answer.status,
                at=self._state.stamp(),
                user_id=actor.id if actor else None,
            )
        )
        del seen[:-KEPT_REQUESTS]
        self._state.touch()


def _encoded(answer: Answer) -> bytes:
    if answer.raw is not None:
        return answer.raw
    body: Any = answer.body
    return b"" if body is None else json.dumps(body).encode()


def maintenance() -> Answer:
    """The answer in maintenance mode: JSON under a wrong Content-Type."""
    message = {"message": "The application currently is in maintenance mode."}
    return Answer(message, 503, "Application is in maintenance mode.", content_type=HTML)


def _storm(fault: Fault) -> Answer:
    headers = {"Retry-After": str(fault.params["retry_after"])}
    return Answer(raw=b"", status=int(fault.params["status"]), content_type=HTML, headers=headers)


DOWN = {"closed": CUT, "500": Answer(status=500, content_type=HTML), "503": maintenance()}
