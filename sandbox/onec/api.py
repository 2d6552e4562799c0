"""The HTTP side of the publication: faults, who asks, the answer, the note of what came."""

import asyncio

from aiohttp import web

from sandbox.exchange import CUT, Answer, Refusal, keep, sent
from sandbox.faults import spoils_path
from sandbox.onec import auth, odata, service
from sandbox.onec.answers import HTML, page, refusal
from sandbox.onec.state import State

HTML_200 = b"<!doctype html><html><body><h1>IIS</h1></body></html>"
DOWN = {
    "closed": CUT,
    "500": page(500, "Internal Server Error"),
    "503": page(503, "Service Unavailable"),
}
ODATA = "odata/standard.odata"
SERVICES = ("api/transactions", "hs/crm/v1/documents")
LOCKED = "Конфликт блокировок при выполнении транзакции"
NO_LICENCE = "Не обнаружено свободной лицензии!"


class Api:
    """Answers everything below the base's publication for one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request to the base; a fault may cut the connection instead of answering."""
        raw = await request.read()
        path = request.match_info.get("path", "").strip("/")
        answer = await self._spoiled_before(path)
        if answer is None:
            try:
                answer = self._answer(request, path, raw)
            except Refusal as error:
                answer = error.answer
            answer = self._spoiled_after(request.method, path, answer)
        keep(self._state.requests, request, path, raw, answer.status, self._state.stamp())
        return sent(request, answer)

    async def token(self, request: web.Request) -> web.StreamResponse:
        """The login server of the publication."""
        raw = await request.read()
        answer = auth.token(self._state, raw, request.headers.get("Authorization", ""))
        keep(self._state.requests, request, "token", b"", answer.status, self._state.stamp())
        return sent(request, answer)

    def _answer(self, request: web.Request, path: str, raw: bytes) -> Answer:
        auth.check(self._state, request.headers.get("Authorization", ""))
        if path == ODATA or path.startswith(f"{ODATA}/"):
            return self._of_odata(request, path.removeprefix(ODATA).strip("/"), raw)
        for root in SERVICES:
            if path == root:
                return service.listed(self._state, request.query)
            if path.startswith(f"{root}/"):
                return service.one(self._state, path.removeprefix(f"{root}/"))
        if path in ("api/ping", "hs/crm/v1/ping"):
            return service.ping(self._state)
        raise service.missing()

    def _of_odata(self, request: web.Request, path: str, raw: bytes) -> Answer:
        wants = request.query.get("$format", "") + request.headers.get("Accept", "")
        as_json = "json" in wants and not self._state.atom_only
        if self._state.literal_plus and "+" in request.rel_url.raw_query_string:
            raise refusal(400, 2, "Ошибка разбора параметра", as_json=as_json)
        if self._state.faults.take("locked"):
            raise refusal(500, -1, LOCKED, as_json=as_json)
        return odata.answer(self._state, odata.Asked(request.method, path, request.query, raw, as_json))

    async def _spoiled_before(self, path: str) -> Answer | None:
        faults = self._state.faults
        if slow := faults.take("slow"):
            await asyncio.sleep(float(slow.params["seconds"]))
        if down := faults.take("down"):
            return DOWN[down.params["mode"]]
        if storm := faults.take("storm"):
            seconds = storm.params["retry_after"]
            headers = {"Retry-After": str(seconds)} if seconds else {}
            told = page(int(storm.params["status"]), "Service Unavailable")
            told.headers.update(headers)
            return told
        if no_licence := faults.take("no_licence"):
            return page(int(no_licence.params["status"]), NO_LICENCE)
        if faults.take("html_200", spoils_path(path)):
            return Answer(raw=HTML_200, content_type=HTML)
        return None

    def _spoiled_after(self, method: str, path: str, answer: Answer) -> Answer:
        if method not in ("POST", "PATCH") or answer.status >= 400:
            return answer
        fault = self._state.faults.take_after_commit(spoils_path(path))
        if fault is None:
            return answer
        return CUT if fault.kind == "drop_after_commit" else DOWN["500"]
