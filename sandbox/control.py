"""The control side that every stand-in of a CRM has: /sandbox/... JSON for tests and the demo. No key is
asked."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from aiohttp import web

from sandbox.stand_in import StandIn

Body = dict[str, Any]


class Control(ABC):
    """Looks into a stand-in and turns its switches. `refusal` is the CRM's own error."""

    refusal: ClassVar[type[Exception]]

    def __init__(self, crm: StandIn[Any]) -> None:
        self._crm = crm

    def routes(self) -> list[web.RouteDef]:
        """All control routes."""
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
            web.post("/sandbox/deliver", self.deliver),
            web.post("/sandbox/clock", self.set_clock),
            web.post("/sandbox/reset", self.reset),
            *self.more_routes(),
        ]

    def more_routes(self) -> Sequence[web.RouteDef]:
        """Those that only this stand-in has."""
        return ()

    @abstractmethod
    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys and people."""

    @abstractmethod
    async def counts(self, request: web.Request) -> web.Response:
        """How many records of each kind there are."""

    @abstractmethod
    def refused(self, error: Any) -> web.Response:
        """The answer where what a person does is refused with `refusal`."""

    @abstractmethod
    def records(self, entity: str) -> list[Any]:
        """Stored records of a kind."""

    def moment(self) -> Any:
        """Now, for the answer to a change of the clock."""
        return self._crm.state.stamp()

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
        body = await read(request)
        kind, times = str(body.pop("kind", "")), body.pop("times", None)
        try:
            return web.json_response(asdict(self._crm.fail(kind, times, **body)))
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)

    async def heal(self, request: web.Request) -> web.Response:
        """Switch off one kind or all."""
        self._crm.heal(request.match_info.get("kind"))
        return web.json_response({"ok": True})

    async def stored(self, request: web.Request) -> web.Response:
        """Stored records of a kind."""
        return self.done(lambda: {"list": self.records(request.match_info["entity"])})

    async def deliver(self, request: web.Request) -> web.Response:
        """Send the waiting webhooks now; `{"force": true}` also those between attempts."""
        force = (await read(request)).get("force") is True
        return web.json_response({"sent": await self._crm.deliver_now(force=force)})

    async def set_clock(self, request: web.Request) -> web.Response:
        """`{"speed": N}` and `{"advance": seconds}`; answers with the moment."""
        body = await read(request)

        def move() -> Body:
            if "speed" in body:
                self._crm.clock.set_speed(float(body["speed"]))
            self._crm.clock.advance(float(body.get("advance", 0)))
            return {"now": self.moment(), "speed": self._crm.clock.speed}

        return self.done(move)

    async def reset(self, request: web.Request) -> web.Response:
        """Back to the first set-up."""
        self._crm.reset()
        return web.json_response({"ok": True})

    def done(self, action: Callable[[], Any]) -> web.Response:
        """What a person did, as JSON, or why it could not be done."""
        try:
            return web.json_response(action() or {"ok": True})
        except KeyError as error:
            return web.json_response({"error": f"there is no {error}"}, status=404)
        except (TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        except self.refusal as error:
            return self.refused(error)


async def read(request: web.Request) -> Body:
    """The JSON object of a request; {} for anything else that is JSON, 400 for what is not."""
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise web.HTTPBadRequest(text="not JSON") from None
    return body if isinstance(body, dict) else {}
