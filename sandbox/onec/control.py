"""The control side: /sandbox/... JSON for tests and the demo. No key is asked."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.control import read
from sandbox.exchange import Refusal
from sandbox.onec.faults import DOWN_MODES, KINDS

if TYPE_CHECKING:
    from sandbox.onec.server import OneCSandbox


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "OneCSandbox"

    def more_routes(self) -> Sequence[web.RouteDef]:
        """What a person does there."""
        return [
            web.post("/sandbox/records/{entity}", self.write),
            web.delete("/sandbox/records/{entity}/{key}", self.delete),
            web.post("/sandbox/purchases", self.purchase),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, user, what is published, and the kinds of faults."""
        told = {"url": self._crm.url, **asdict(self._crm.keys), "published": self._crm.state.published}
        return web.json_response({**told, "faultKinds": KINDS, "downModes": list(DOWN_MODES)})

    async def counts(self, request: web.Request) -> web.Response:
        """How many records of each kind there are."""
        return web.json_response({name: len(found) for name, found in self._crm.state.tables.items()})

    async def write(self, request: web.Request) -> web.Response:
        """Write an object as a person; with Ref_Key it is changed."""
        body, entity = await read(request), request.match_info["entity"]
        return self.done(lambda: self._crm.write(entity, **body))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove an object for good."""
        entity, key = request.match_info["entity"], request.match_info["key"]
        return self.done(lambda: self._crm.delete(entity, key))

    async def purchase(self, request: web.Request) -> web.Response:
        """Put a purchase into the HTTP service, or change it."""
        body = await read(request)
        return self.done(lambda: self._crm.tell(**body))

    def refused(self, error: Refusal) -> web.Response:
        """What the interface itself would say."""
        return web.Response(body=error.answer.raw, status=error.answer.status)

    def records(self, entity: str) -> list[Any]:
        """Stored objects of a kind, as they are kept."""
        return self._crm.records(entity)
