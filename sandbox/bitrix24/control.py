"""The control side: /sandbox/… JSON for tests, benchmarks and the demo. No key is asked."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.bitrix24.answers import Json, Refusal
from sandbox.bitrix24.schema import TYPE_IDS

if TYPE_CHECKING:
    from sandbox.bitrix24.server import Bitrix24Sandbox


class Control:
    """Looks into the stand-in and turns its switches."""

    def __init__(self, sandbox: "Bitrix24Sandbox") -> None:
        self._crm = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The control routes."""
        return [
            web.get("/sandbox/setup", self.setup),
            web.get("/sandbox/counts", self.counts),
            web.get("/sandbox/requests", self.seen),
            web.delete("/sandbox/requests", self.forget),
            web.get("/sandbox/deliveries", self.deliveries),
            web.get("/sandbox/faults", self.faults),
            web.post("/sandbox/faults", self.fail),
            web.delete("/sandbox/faults", self.heal),
            web.delete("/sandbox/faults/{kind}", self.heal),
            web.get("/sandbox/records/{table}", self.stored),
            web.post("/sandbox/records/{table}", self.create),
            web.post("/sandbox/records/{table}/{id}", self.change),
            web.delete("/sandbox/records/{table}/{id}", self.delete),
            web.post("/sandbox/tokens", self.tokens),
            web.post("/sandbox/expire", self.expire),
            web.post("/sandbox/outgoing", self.outgoing),
            web.post("/sandbox/deliver", self.deliver),
            web.post("/sandbox/clock", self.set_clock),
            web.post("/sandbox/reset", self.reset),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys and people."""
        return web.json_response(self._crm.setup())

    async def counts(self, request: web.Request) -> web.Response:
        """How many records each table has."""
        return web.json_response({name: len(table) for name, table in self._crm.state.tables.items()})

    async def seen(self, request: web.Request) -> web.Response:
        """Requests, oldest first; the filter `method` is exact."""
        found = self._crm.requests(request.query.get("method"))
        return web.json_response({"list": [asdict(item) for item in found]})

    async def forget(self, request: web.Request) -> web.Response:
        """Forget the requests seen so far."""
        self._crm.state.requests.clear()
        return web.json_response({"ok": True})

    async def deliveries(self, request: web.Request) -> web.Response:
        """Events that were sent."""
        return web.json_response({"list": [asdict(item) for item in self._crm.state.deliveries]})

    async def faults(self, request: web.Request) -> web.Response:
        """The switches that are on."""
        return web.json_response({"list": [asdict(fault) for fault in self._crm.state.faults]})

    async def fail(self, request: web.Request) -> web.Response:
        """Switch on: `{"kind", "times"?, …parameters}`; 400 for what does not exist."""
        body = await _body(request)
        kind, times = str(body.pop("kind", "")), body.pop("times", None)
        return _done(lambda: asdict(self._crm.fail(kind, times, **body)))

    async def heal(self, request: web.Request) -> web.Response:
        """Switch off one kind or all."""
        self._crm.heal(request.match_info.get("kind"))
        return web.json_response({"ok": True})

    async def stored(self, request: web.Request) -> web.Response:
        """Stored records of a table, as they are kept."""
        return web.json_response({"list": self._crm.records(request.match_info["table"])})

    async def create(self, request: web.Request) -> web.Response:
        """Make a record as a person."""
        body, table = await _body(request), request.match_info["table"]
        return _done(lambda: self._crm.create(TYPE_IDS[table], **body))

    async def change(self, request: web.Request) -> web.Response:
        """Change a record as a person; handlers hear of it."""
        body, info = await _body(request), request.match_info
        return _done(lambda: self._crm.change(info["id"], TYPE_IDS[info["table"]], **body))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a record as a person."""
        info = request.match_info
        return _done(lambda: self._crm.delete(info["id"], TYPE_IDS[info["table"]]))

    async def tokens(self, request: web.Request) -> web.Response:
        """A fresh pair of tokens, and a code for the exchange."""
        return web.json_response({**self._crm.tokens(), "code": self._crm.new_code()})

    async def expire(self, request: web.Request) -> web.Response:
        """Let every access token be too old."""
        self._crm.expire_tokens()
        return web.json_response({"ok": True})

    async def outgoing(self, request: web.Request) -> web.Response:
        """Make an outgoing webhook: `{"url", "events"}`; answers with its application token."""
        body = await _body(request)
        events = [str(event) for event in body.get("events", [])]
        token = self._crm.outgoing_webhook(str(body.get("url", "")), events)
        return web.json_response({"application_token": token})

    async def deliver(self, request: web.Request) -> web.Response:
        """Send the waiting events now."""
        return web.json_response({"sent": await self._crm.deliver_now()})

    async def set_clock(self, request: web.Request) -> web.Response:
        """`{"speed": N}` and `{"advance": seconds}`; answers with the moment."""
        body = await _body(request)
        try:
            if "speed" in body:
                self._crm.clock.set_speed(float(body["speed"]))
            self._crm.clock.advance(float(body.get("advance", 0)))
        except (TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"now": self._crm.state.stamp(), "speed": self._crm.clock.speed})

    async def reset(self, request: web.Request) -> web.Response:
        """Back to the first set-up."""
        self._crm.reset()
        return web.json_response({"ok": True})


async def _body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise web.HTTPBadRequest(text="not JSON") from None
    return body if isinstance(body, dict) else {}


def _done(action: Callable[[], Any]) -> web.Response:
    try:
        return web.json_response(action() or {"ok": True})
    except KeyError as error:
        return web.json_response({"error": f"there is no {error}"}, status=404)
    except ValueError as error:
        return web.json_response({"error": str(error)}, status=400)
    except Refusal as error:
        return web.json_response(error.body(), status=error.status)
