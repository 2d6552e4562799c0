"""The HTTP side of /rest/: faults, the limit, the key, the answer, and the note of what came."""

import asyncio
import json
from typing import Any

from aiohttp import web

from sandbox.exchange import CUT, Answer, Refusal, keep, sent
from sandbox.faults import spoils_path
from sandbox.twenty import routes
from sandbox.twenty.answers import HTML, bad, forbidden, problem, unauthenticated
from sandbox.twenty.state import Key, State

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
PAGE = b"<!doctype html><html><body><div id=root></div><noscript>Twenty needs JavaScript.</noscript></html>"
NO_TOKEN = "Missing authentication token"  # noqa: S105 - a message


class Api:
    """Answers /rest/ for one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request under /rest/; a fault may cut the connection instead of answering."""
        raw = await request.read()
        path = request.match_info.get("path", "").strip("/")
        answer = await self._spoiled_before(path) or self._answer(request, path, raw)
        spoilt = self._spoiled_after(request.method, path, answer)
        keep(self._state.requests, request, path, raw, spoilt.status, self._state.stamp())
        return sent(request, spoilt)

    def _answer(self, request: web.Request, path: str, raw: bytes) -> Answer:
        try:
            key = self._key(request.headers.get("Authorization", ""))
            self._state.limits.check(self._state.clock.now())
            parts = tuple(part for part in path.split("/") if part)
            call = routes.Call(self._state, key, request.method, parts, dict(request.query), _decoded(raw))
            return routes.answer(call)
        except Refusal as error:
            return error.answer

    def _key(self, header: str) -> Key:
        """Only a Bearer header counts, never a parameter of the address."""
        token = header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else ""
        if not token:
            raise unauthenticated(NO_TOKEN) if self._state.ways.missing_token_is_401 else forbidden(NO_TOKEN)
        key = self._state.keys.get(token)
        if key is None or self._state.faults.is_on("key_revoked"):
            raise unauthenticated("Token invalid.")
        if self._state.faults.is_on("key_expired") or (key.until and key.until <= self._state.clock.now()):
            raise unauthenticated("Token has expired.")
        return key

    async def _spoiled_before(self, path: str) -> Answer | None:
        faults = self._state.faults
        if slow := faults.take("slow"):
            await asyncio.sleep(float(slow.params["seconds"]))
        if down := faults.take("down"):
            mode = down.params["mode"]
            return CUT if mode == "closed" else Answer(raw=b"", status=int(mode), content_type=HTML)
        if storm := faults.take("storm"):
            seconds = storm.params["retry_after"]
            told = problem(int(storm.params["status"]), "ThrottlerException", "Limit reached")
            headers = {"Retry-After": str(seconds)} if seconds else {}
            return Answer(told.body, told.status, headers=headers)
        if faults.take("html_200", spoils_path(path)):
            return Answer(raw=PAGE, content_type=HTML)
        return None

    def _spoiled_after(self, method: str, path: str, answer: Answer) -> Answer:
        if method not in CHANGING or not 200 <= answer.status < 300 or answer.raw is not None:
            return answer
        fault = self._state.faults.take_after_commit(spoils_path(path))
        if fault is None:
            return answer
        if fault.kind == "drop_after_commit":
            return CUT
        return problem(500, "InternalServerErrorException", "Internal server error")


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw.strip() else None
    except ValueError:
        raise bad("Unexpected token in JSON") from None
