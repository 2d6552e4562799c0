"""The control side: /sandbox/... JSON for tests and the demo. No key is asked."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.control import read
from sandbox.exchange import Refusal
from sandbox.twenty.faults import DOWN_MODES, KINDS

if TYPE_CHECKING:
    from sandbox.twenty.server import TwentySandbox


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "TwentySandbox"

    def more_routes(self) -> Sequence[web.RouteDef]:
        """What a person does there."""
        return [
            web.post("/sandbox/records/{entity}", self.create),
            web.post("/sandbox/records/{entity}/{id}", self.change),
            web.delete("/sandbox/records/{entity}/{id}", self.delete),
            web.get("/sandbox/deliveries", self.deliveries),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, key, people and the kinds of faults."""
        people = {
            f"{one['name']['firstName']} {one['name']['lastName']}": one["id"]
            for one in self._crm.records("workspaceMembers")
        }
        told = {"url": self._crm.url, **asdict(self._crm.keys), "users": people, "faultKinds": KINDS}
        return web.json_response({**told, "downModes": list(DOWN_MODES)})

    async def counts(self, request: web.Request) -> web.Response:
        """How many live records of each object there are."""
        return web.json_response({name: len(self._crm.records(name)) for name in self._crm.state.objects})

    async def create(self, request: web.Request) -> web.Response:
        """Make a record as a person."""
        body = await read(request)
        return self.done(lambda: self._crm.create(request.match_info["entity"], **body))

    async def change(self, request: web.Request) -> web.Response:
        """Change a record as a person; webhooks see it."""
        body, info = await read(request), request.match_info
        return self.done(lambda: self._crm.change(info["entity"], info["id"], **body))

    async def delete(self, request: web.Request) -> web.Response:
        """Put a record into the trash as a person."""
        info = request.match_info
        return self.done(lambda: self._crm.delete(info["entity"], info["id"]))

    async def deliveries(self, request: web.Request) -> web.Response:
        """What webhooks have sent."""
        return web.json_response({"list": [asdict(one) for one in self._crm.state.deliveries]})

    def refused(self, error: Refusal) -> web.Response:
        """What the API itself would say."""
        return web.json_response(error.answer.body, status=error.answer.status)

    def records(self, entity: str) -> list[Any]:
        """Live records of an object by its plural."""
        return self._crm.records(entity)
