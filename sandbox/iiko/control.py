"""The control side: /sandbox/... JSON for tests and the demo. No key is asked."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.control import read
from sandbox.exchange import Refusal
from sandbox.iiko import orders
from sandbox.iiko.faults import DOWN_MODES, KINDS
from sandbox.iiko.seed import APP_ID
from sandbox.iiko.state import TABLES

if TYPE_CHECKING:
    from sandbox.iiko.server import IikoSandbox


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "IikoSandbox"

    def more_routes(self) -> Sequence[web.RouteDef]:
        """What the staff does."""
        return [
            web.post("/sandbox/orders", self.order),
            web.post("/sandbox/orders/{id}", self.change),
            web.get("/sandbox/deliveries", self.deliveries),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys, restaurants and the kinds of faults."""
        restaurants = {one["name"]: number for number, one in self._crm.state.organizations.items()}
        about = {**asdict(self._crm.keys), "app_id": APP_ID, "organizations": restaurants}
        return web.json_response(
            {"url": self._crm.url, **about, "faultKinds": KINDS, "downModes": list(DOWN_MODES)}
        )

    async def counts(self, request: web.Request) -> web.Response:
        """How many records of each kind there are."""
        return web.json_response({name: len(self._crm.state.table(name)) for name in TABLES})

    async def order(self, request: web.Request) -> web.Response:
        """`{"phone"?, "name"?, "items"?: [[name, price]], "status"?, "hall"?: true}`."""
        body = await read(request)
        if "items" in body:
            body["items"] = [orders.item(*line) for line in body["items"]]
        return self.done(lambda: {"id": self._crm.order(**body)})

    async def change(self, request: web.Request) -> web.Response:
        """`{"status"?, "deleted"?}`."""
        body, number = await read(request), request.match_info["id"]
        return self.done(lambda: self._crm.change(number, **body))

    async def deliveries(self, request: web.Request) -> web.Response:
        """What webhooks have been sent."""
        return web.json_response({"list": [asdict(one) for one in self._crm.state.deliveries]})

    def refused(self, error: Refusal) -> web.Response:
        """What the API itself would say."""
        return web.json_response(error.answer.body, status=error.answer.status)

    def records(self, entity: str) -> list[Any]:
        """Stored records of a kind, as the API shows them."""
        if entity not in TABLES:
            raise KeyError(entity)
        stored = self._crm.state.table(entity).values()
        return [one if entity == "customers" else orders.shown(self._crm.state, one) for one in stored]
