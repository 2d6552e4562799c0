"""The HTTP side of /api/v1/: faults, the limit of the address, both tokens, the method, the note of it."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox.exchange import CUT, Answer, Refusal, keep, sent
from sandbox.faults import spoils_path
from sandbox.yclients.answers import HTML, not_found, page, refusal
from sandbox.yclients.calls import Call
from sandbox.yclients.routes import find
from sandbox.yclients.state import State

ACCEPT = "application/vnd.yclients.v2+json"
DOWN = {"closed": CUT, "500": page(500, "Internal Server Error"), "503": page(503, "Service Unavailable")}
HTML_200 = b"<!doctype html><html><body><h1>YCLIENTS</h1></body></html>"
_TOKENS = re.compile(r"Bearer (?P<partner>[^\s,]+)(?:, User (?P<user>\S+))?")


class Api:
    """Answers /api/v1/ for one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request under /api/v1/; a fault may cut the connection instead of answering."""
        raw = await request.read()
        path = request.match_info.get("path", "")
        answer = await self._spoiled_before(path)
        if answer is None:
            answer = self._spoiled_after(request.method, path, self._answer(request, path, raw))
        keep(self._state.requests, request, path, raw, answer.status, self._state.stamp())
        return sent(request, answer)

    def _answer(self, request: web.Request, path: str, raw: bytes) -> Answer:
        try:
            self._count()
            if ACCEPT not in request.headers.get("Accept", ""):
                raise refusal(400, "Не указан заголовок Accept")
            companies = self._tokens(request.headers.get("Authorization", ""))
            found = find(request.method, path)
            if found is None:
                raise not_found()
            route, args = found
            if route.user and companies is None:
                raise refusal(401, "Необходима авторизация")
            self._licence(path)
            body = _body(raw)
            return route.handler(Call(self._state, args, request.query, body, companies or frozenset()))
        except Refusal as error:
            return error.answer

    def _tokens(self, header: str) -> frozenset[int] | None:
        """The branches of the user's token, None without one. Both stand in one header, behind a comma."""
        shown = _TOKENS.fullmatch(header)
        if shown is None or shown["partner"] != self._state.partner_token:
            raise refusal(401, "Партнёр не авторизован")
        if shown["user"] is None:
            return None
        companies = self._state.users.get(shown["user"])
        if companies is None or self._state.faults.take("key_revoked"):
            raise refusal(401, "Пользователь не авторизован")
        return companies

    def _licence(self, path: str) -> None:
        faults = self._state.faults
        if path != "auth" and not path.startswith("compan") and (unpaid := faults.take("unpaid")):
            raise refusal(int(unpaid.params["status"]), "Лицензия филиала не оплачена")
        if faults.take("no_rights", spoils_path(path)):
            raise refusal(403, "Недостаточно прав")

    def _count(self) -> None:
        """5 a second and 200 a minute, of everybody behind one address."""
        now, recent, limits = self._state.clock.now(), self._state.recent, self._state.limits
        while recent and now - recent[0] >= timedelta(minutes=1):
            recent.popleft()
        lately = sum(now - moment < timedelta(seconds=1) for moment in recent)
        if len(recent) >= limits.minute or lately >= limits.second:
            raise refusal(429, "Превышен лимит запросов")
        recent.append(now)

    async def _spoiled_before(self, path: str) -> Answer | None:
        faults = self._state.faults
        if slow := faults.take("slow"):
            await asyncio.sleep(float(slow.params["seconds"]))
        if down := faults.take("down"):
            return DOWN[down.params["mode"]]
        if storm := faults.take("storm"):
            seconds = storm.params["retry_after"]
            body = {"success": False, "data": None, "meta": {"message": "Too Many Requests"}}
            headers = {"Retry-After": str(seconds)} if seconds else {}
            return Answer(body, int(storm.params["status"]), headers=headers)
        if faults.take("html_200", spoils_path(path)):
            return Answer(raw=HTML_200, content_type=HTML)
        if faults.take("success_false", spoils_path(path)):
            return Answer({"success": False, "data": None, "meta": {"message": "Произошла ошибка"}})
        return None

    def _spoiled_after(self, method: str, path: str, answer: Answer) -> Answer:
        if method == "GET" or answer.status >= 400:
            return answer
        fault = self._state.faults.take_after_commit(spoils_path(path))
        if fault is None:
            return answer
        return CUT if fault.kind == "drop_after_commit" else DOWN["500"]


def _body(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        raise refusal(400, "Недопустимый формат запроса") from None
    return found if isinstance(found, dict) else {}
