"""The HTTP side of /api/: faults, the key, its limit and rights, the answer, the note of what came."""

import asyncio
from collections import deque
from datetime import timedelta

from aiohttp import web

from sandbox.exchange import CUT, Answer, Refusal, keep, sent
from sandbox.faults import spoils_path
from sandbox.retailcrm import forms, routes
from sandbox.retailcrm.answers import HTML, page, refusal
from sandbox.retailcrm.calls import Call
from sandbox.retailcrm.state import Key, State

HTML_200 = b"<!doctype html><html><body><h1>Welcome</h1><p>Site is being updated.</p></body></html>"
DOWN = {
    "closed": CUT,
    "500": page(500, "Internal Server Error"),
    "503": page(503, "Service Temporarily Unavailable"),
}
_SECOND = timedelta(seconds=1)


class Api:
    """Answers /api/ for one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request under /api/; a fault may cut the connection instead of answering."""
        raw = await request.read()
        path = request.match_info.get("path", "").strip("/")
        answer = await self._spoiled_before(path)
        if answer is None:
            answer = self._answer(request, path, raw)
            answer = self._spoiled_after(request.method, path, answer)
        keep(self._state.requests, request, path, raw, answer.status, self._state.utc())
        return sent(request, answer)

    def _answer(self, request: web.Request, path: str, raw: bytes) -> Answer:
        try:
            form = forms.nested(forms.read_form(raw, request.headers.get("Content-Type", "")))
            params = forms.nested(request.query.items())
            key = self._key(request.headers.get("X-API-KEY"), params, form)
            self._count(key, path)
            found = routes.find(request.method, path)
            if isinstance(found, int):
                raise refusal(found, "Method Not Allowed" if found == 405 else "Not found")
            route, args = found
            if route.scope and route.scope not in key.scopes:
                raise refusal(403, "Access denied.")
            return route.handler(Call(self._state, key, args, params, form))
        except Refusal as error:
            return error.answer

    def _key(self, header: str | None, params: dict[str, object], form: dict[str, object]) -> Key:
        shown = header or params.get("apiKey") or form.get("apiKey")
        if not shown:
            raise refusal(403, '"apiKey" is missing.')
        key = self._state.keys.get(str(shown))
        if key is None or self._state.faults.take("key_revoked"):
            raise refusal(403, 'Wrong "apiKey" value.')
        return key

    def _count(self, key: Key, path: str) -> None:
        """No more than so many requests within any second: the next one is a 503 without Retry-After."""
        kind = "telephony" if path.startswith("v5/telephony/") else "others"
        most = self._state.limits.telephony if kind == "telephony" else self._state.limits.others
        now = self._state.clock.now()
        times = self._state.recent.setdefault((key.text, kind), deque())
        while times and now - times[0] >= _SECOND:
            times.popleft()
        if len(times) >= most:
            raise refusal(503, "API rate limit exceeded.")
        times.append(now)

    async def _spoiled_before(self, path: str) -> Answer | None:
        faults, below = self._state.faults, path.removeprefix("v5/")
        if slow := faults.take("slow"):
            await asyncio.sleep(float(slow.params["seconds"]))
        if down := faults.take("down"):
            return DOWN[down.params["mode"]]
        if storm := faults.take("storm"):
            seconds = storm.params["retry_after"]
            headers = {"Retry-After": str(seconds)} if seconds else {}
            body = {"success": False, "errorMsg": "API rate limit exceeded."}
            return Answer(body, int(storm.params["status"]), headers=headers)
        if faults.take("html_200", spoils_path(below)):
            return Answer(raw=HTML_200, content_type=HTML)
        return None

    def _spoiled_after(self, method: str, path: str, answer: Answer) -> Answer:
        if method != "POST" or answer.status >= 400:
            return answer
        fault = self._state.faults.take_after_commit(spoils_path(path.removeprefix("v5/")))
        if fault is None:
            return answer
        return CUT if fault.kind == "drop_after_commit" else DOWN["500"]
