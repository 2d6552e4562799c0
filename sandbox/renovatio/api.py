"""The HTTP side of /api/public/: faults, the key, its methods, the answer, the note of what came."""

import asyncio
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.exchange import CUT, Answer, Refusal, keep, sent
from sandbox.faults import spoils_path
from sandbox.renovatio.answers import HTML, page, refusal
from sandbox.renovatio.methods import METHODS, Call
from sandbox.renovatio.state import State

HTML_200 = b"<!doctype html><html><body><h1>Renovatio</h1></body></html>"
DOWN = {
    "closed": CUT,
    "500": page(500, "Internal Server Error"),
    "503": page(503, "Service Unavailable"),
}
WRITES = ("createAppointment", "confirmAppointment", "cancelAppointment", "createPatient")


class Api:
    """Answers for one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request under /api/public/; a fault may cut the connection instead of answering."""
        raw = await request.read()
        path = request.match_info.get("path", "").strip("/")
        answer = await self._spoiled_before(path)
        if answer is None:
            try:
                answer = self._answer(request, path, raw)
            except Refusal as error:
                answer = error.answer
            else:
                answer = self._spoiled_after(path, answer)
        keep(self._state.requests, request, path, raw, answer.status, self._state.stamp())
        return sent(request, answer)

    def _answer(self, request: web.Request, path: str, raw: bytes) -> Answer:
        if request.method != "POST":
            return page(405, "Method Not Allowed")
        form = dict(request.query) | dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
        methods = self._state.keys.get(form.pop("api_key", ""))
        if methods is None or self._state.faults.take("key_revoked"):
            raise refusal(401, "Auth error")
        if path not in METHODS:
            raise refusal("404", "Method not found")
        if path not in methods:
            raise refusal("403", "Method is not allowed")
        return METHODS[path](Call(self._state, form))

    async def _spoiled_before(self, path: str) -> Answer | None:
        faults = self._state.faults
        if slow := faults.take("slow"):
            await asyncio.sleep(float(slow.params["seconds"]))
        if down := faults.take("down"):
            return DOWN[down.params["mode"]]
        if storm := faults.take("storm"):
            seconds = storm.params["retry_after"]
            told = page(int(storm.params["status"]), "Too Many Requests")
            told.headers.update({"Retry-After": str(seconds)} if seconds else {})
            return told
        if faults.take("html_200", spoils_path(path)):
            return Answer(raw=HTML_200, content_type=HTML)
        return None

    def _spoiled_after(self, path: str, answer: Answer) -> Answer:
        if path not in WRITES:
            return answer
        fault = self._state.faults.take_after_commit(spoils_path(path))
        if fault is None:
            return answer
        return CUT if fault.kind == "drop_after_commit" else DOWN["500"]
