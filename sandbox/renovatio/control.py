"""The control side: /sandbox/... JSON for tests and the demo. No key is asked."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.control import read
from sandbox.exchange import Refusal
from sandbox.renovatio.faults import DOWN_MODES, KINDS

if TYPE_CHECKING:
    from sandbox.renovatio.server import RenovatioSandbox

ENTITIES = ("patients", "appointments", "invoices")


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "RenovatioSandbox"

    def more_routes(self) -> Sequence[web.RouteDef]:
        """What people of the clinic do."""
        return [
            web.post("/sandbox/patients", self.patient),
            web.post("/sandbox/visits", self.visit),
            web.post("/sandbox/visits/{id}", self.change),
            web.post("/sandbox/hooks", self.hook),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys and the kinds of faults."""
        told = {"url": self._crm.url, **asdict(self._crm.keys), "clinics": self._crm.state.clinics}
        return web.json_response({**told, "faultKinds": KINDS, "downModes": list(DOWN_MODES)})

    async def counts(self, request: web.Request) -> web.Response:
        """How many records of each kind there are."""
        return web.json_response({name: len(self._crm.state.table(name)) for name in ENTITIES})

    async def patient(self, request: web.Request) -> web.Response:
        """Write a patient down."""
        body = await read(request)
        return self.done(lambda: self._crm.patient(**body))

    async def visit(self, request: web.Request) -> web.Response:
        """Book a visit."""
        body = await read(request)
        return self.done(lambda: self._crm.visit(**body))

    async def change(self, request: web.Request) -> web.Response:
        """Change a visit: its status, its sum."""
        body, number = await read(request), int(request.match_info["id"])
        return self.done(lambda: self._crm.change_visit(number, **body))

    async def hook(self, request: web.Request) -> web.Response:
        """`{"event": created | changed | cancelled, "url", "as_json"?}`."""
        body = await read(request)
        return self.done(lambda: self._crm.add_hook(**body))

    def refused(self, error: Refusal) -> web.Response:
        """What the API itself would say."""
        return web.json_response(error.answer.body)

    def records(self, entity: str) -> list[Any]:
        """Stored records of a kind, as they are kept."""
        return self._crm.records(entity)
