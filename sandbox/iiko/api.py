"""The HTTP side of /api/: faults first, then the token, the right, and the method."""

import asyncio
import json
from typing import Any

from aiohttp import web

from sandbox.exchange import CUT, Answer, Refusal, keep, sent
from sandbox.faults import spoils_path
from sandbox.iiko.answers import HTML, page, refusal
from sandbox.iiko.call import Call
from sandbox.iiko.calls import METHODS, TOKENS, WRITES
from sandbox.iiko.state import Key, State

DOWN = {"closed": CUT, "500": page(500, "Internal Server Error"), "503": page(503, "Service Unavailable")}
HTML_200 = b"<!doctype html><html><body><h1>iiko</h1></body></html>"
NOBODY = Key("", ())


class Api:
    """Answers /api/ for one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request under /api/; a fault may cut the connection instead of answering."""
        raw = await request.read()
        path = request.match_info.get("path", "")
        answer = await self._spoiled_before(path)
        if answer is None:
            answer = self._spoiled_after(path, self._answer(request, path, raw))
        keep(self._state.requests, request, path, raw, answer.status, self._state.stamp())
        return sent(request, answer)

    def _answer(self, request: web.Request, path: str, raw: bytes) -> Answer:
        try:
            if path not in TOKENS and path not in METHODS:
                raise refusal(404, "Method is not found.")
            if request.method != "POST":
                raise refusal(405, "Method is not allowed.")
            body = _body(raw)
            if path in TOKENS:
                return TOKENS[path](Call(self._state, NOBODY, body))
            key = self._key(request.headers.get("Authorization", ""))
            self._may(path)
            return METHODS[path](Call(self._state, key, body))
        except Refusal as error:
            return error.answer

    def _key(self, header: str) -> Key:
        kind, _, text = header.partition(" ")
        token = self._state.tokens.get(text) if kind == "Bearer" else None
        revoked = self._state.faults.is_on("key_revoked")
        if token is None or token.until <= self._state.clock.now() or revoked:
            raise refusal(401, "Token is expired or invalid.")
        return token.key

    def _may(self, path: str) -> None:
        faults, below = self._state.faults, path.removeprefix("1/")
        if faults.take("unpaid"):
            raise refusal(403, "API is not available for the licence.")
        if faults.take("no_rights", spoils_path(below)):
            raise refusal(401, "Method is not granted for the API login.")
        if faults.take("terminal_slow", spoils_path(below)):
            raise refusal(408, "Terminal has not answered in time.", "EXTERNAL_SYSTEM_TIMEOUT")

    async def _spoiled_before(self, path: str) -> Answer | None:
        faults = self._state.faults
        if slow := faults.take("slow"):
            await asyncio.sleep(float(slow.params["seconds"]))
        if down := faults.take("down"):
            return DOWN[down.params["mode"]]
        if storm := faults.take("storm"):
            seconds = storm.params["retry_after"]
            headers = {"Retry-After": str(seconds)} if seconds else {}
            body = {"message": "Too many requests", "details": None}
            return Answer(body, int(storm.params["status"]), headers=headers)
        if faults.take("html_200", spoils_path(path.removeprefix("1/"))):
            return Answer(raw=HTML_200, content_type=HTML)
        return None

    def _spoiled_after(self, path: str, answer: Answer) -> Answer:
        if path not in WRITES or answer.status >= 400:
            return answer
        fault = self._state.faults.take_after_commit(spoils_path(path.removeprefix("1/")))
        if fault is None:
            return answer
        return CUT if fault.kind == "drop_after_commit" else DOWN["500"]


def _body(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        raise refusal(400, "Body is not JSON.") from None
    return found if isinstance(found, dict) else {}
