"""The control side: /sandbox/... JSON for tests and the demo. No key is asked."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.retailcrm.answers import Refusal
from sandbox.retailcrm.faults import DOWN_MODES, KINDS
from sandbox.retailcrm.state import Record

if TYPE_CHECKING:
    from sandbox.retailcrm.server import RetailSandbox

ENTITIES = ("orders", "customers", "tasks", "notes", "calls")


class Control:
    """Looks into the stand-in and turns its switches."""

    def __init__(self, sandbox: "RetailSandbox") -> None:
        self._crm = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The control routes."""
        return [
            web.get("/sandbox/setup", self.setup),
            web.get("/sandbox/counts", self.counts),
            web.get("/sandbox/requests", self.seen),
            web.delete("/sandbox/requests", self.forget),
            web.get("/sandbox/faults", self.faults),
            web.post("/sandbox/faults", self.fail),
            web.delete("/sandbox/faults", self.heal),
            web.delete("/sandbox/faults/{kind}", self.heal),
            web.get("/sandbox/records/{entity}", self.stored),
            web.post("/sandbox/orders", self.create),
            web.post("/sandbox/orders/{id}", self.change),
            web.delete("/sandbox/orders/{id}", self.delete),
            web.get("/sandbox/triggers", self.triggers),
            web.post("/sandbox/triggers", self.add_trigger),
            web.get("/sandbox/deliveries", self.deliveries),
            web.post("/sandbox/deliver", self.deliver),
            web.post("/sandbox/clock", self.set_clock),
            web.post("/sandbox/reset", self.reset),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys, people and the kinds of faults."""
        users = {user["firstName"]: number for number, user in self._crm.state.users.items()}
        return web.json_response(
            {
                "url": self._crm.url,
                **asdict(self._crm.keys),
                "users": users,
                "faultKinds": KINDS,
                "downModes": list(DOWN_MODES),
            }
        )

    async def counts(self, request: web.Request) -> web.Response:
        """How many records of each kind there are."""
        return web.json_response({name: len(self._crm.state.table(name)) for name in ENTITIES})

    async def seen(self, request: web.Request) -> web.Response:
        """Requests to the API, oldest first; filters `method` and `path` are exact."""
        found = self._crm.requests(request.query.get("method"), request.query.get("path"))
        return web.json_response({"list": [asdict(item) for item in found]})

    async def forget(self, request: web.Request) -> web.Response:
        """Forget the requests seen so far."""
        self._crm.state.requests.clear()
        return web.json_response({"ok": True})

    async def faults(self, request: web.Request) -> web.Response:
        """The switches that are on."""
        return web.json_response({"list": [asdict(fault) for fault in self._crm.state.faults]})

    async def fail(self, request: web.Request) -> web.Response:
        """Switch on: `{"kind", "times"?, ...parameters}`; 400 for what does not exist."""
        body = await _body(request)
        kind, times = str(body.pop("kind", "")), body.pop("times", None)
        return _done(lambda: asdict(self._crm.fail(kind, times, **body)))

    async def heal(self, request: web.Request) -> web.Response:
        """Switch off one kind or all."""
        self._crm.heal(request.match_info.get("kind"))
        return web.json_response({"ok": True})

    async def stored(self, request: web.Request) -> web.Response:
        """Stored records of a kind, as they are kept."""
        return web.json_response({"list": self._crm.records(request.match_info["entity"])})

    async def create(self, request: web.Request) -> web.Response:
        """Make an order as a person."""
        body = await _body(request)
        return _done(lambda: self._crm.create_order(**body))

    async def change(self, request: web.Request) -> web.Response:
        """Change an order as a person; triggers see it."""
        body, number = await _body(request), int(request.match_info["id"])
        return _done(lambda: self._crm.change_order(number, **body))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete an order as a person."""
        number = int(request.match_info["id"])
        return _done(lambda: self._crm.delete_order(number))

    async def triggers(self, request: web.Request) -> web.Response:
        """The triggers that are set."""
        return web.json_response({"list": [asdict(one) for one in self._crm.state.triggers.values()]})

    async def add_trigger(self, request: web.Request) -> web.Response:
        """`{"event", "url", "params"?, "method"?, "encoding"?, "skip_api"?}`."""
        body = await _body(request)
        event, url = str(body.pop("event", "")), str(body.pop("url", ""))
        return _done(lambda: asdict(self._crm.add_trigger(event, url, **body)))

    async def deliveries(self, request: web.Request) -> web.Response:
        """What triggers have sent."""
        return web.json_response({"list": [asdict(one) for one in self._crm.state.deliveries]})

    async def deliver(self, request: web.Request) -> web.Response:
        """Send what waits now."""
        return web.json_response({"sent": await self._crm.deliver_now()})

    async def set_clock(self, request: web.Request) -> web.Response:
        """`{"speed": N}` and `{"advance": seconds}`; answers with the moment in UTC."""
        body = await _body(request)

        def move() -> Record:
            if "speed" in body:
                self._crm.clock.set_speed(float(body["speed"]))
            self._crm.clock.advance(float(body.get("advance", 0)))
            return {"now": self._crm.state.utc(), "speed": self._crm.clock.speed}

        return _done(move)

    async def reset(self, request: web.Request) -> web.Response:
        """Back to the first set-up."""
        self._crm.reset()
        return web.json_response({"ok": True})


async def _body(request: web.Request) -> Record:
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
    except (TypeError, ValueError) as error:
        return web.json_response({"error": str(error)}, status=400)
    except Refusal as error:
        return web.json_response(error.answer.body, status=error.answer.status)
