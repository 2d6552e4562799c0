"""The control side: /sandbox/... JSON for tests and the demo. No key is asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.control import read
from sandbox.exchange import Refusal
from sandbox.yclients.faults import DOWN_MODES, KINDS
from sandbox.yclients.shown import Shown
from sandbox.yclients.state import TABLES

if TYPE_CHECKING:
    from sandbox.yclients.server import YclientsSandbox


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "YclientsSandbox"

    def more_routes(self) -> Sequence[web.RouteDef]:
        """What a person at the desk does."""
        return [
            web.post("/sandbox/visits", self.visit),
            web.post("/sandbox/visits/{id}", self.change),
            web.post("/sandbox/visits/{id}/pay", self.pay),
            web.delete("/sandbox/visits/{id}", self.delete),
            web.post("/sandbox/sales", self.sell),
            web.get("/sandbox/deliveries", self.deliveries),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys, branches and the kinds of faults."""
        branches = {one["title"]: number for number, one in self._crm.state.companies.items()}
        keys = asdict(self._crm.keys)
        return web.json_response(
            {
                "url": self._crm.url,
                **keys,
                "companies": branches,
                "faultKinds": KINDS,
                "downModes": list(DOWN_MODES),
            }
        )

    async def counts(self, request: web.Request) -> web.Response:
        """How many records of each kind there are."""
        return web.json_response({name: len(self._crm.state.table(name)) for name in TABLES})

    async def visit(self, request: web.Request) -> web.Response:
        """`{"name"?, "phone"?, "at"? (ISO), "services"?: [[id, cost]]}`."""
        body = await read(request)
        if "at" in body:
            body["at"] = datetime.fromisoformat(body["at"])
        return self.done(lambda: {"id": self._crm.book(**body)})

    async def change(self, request: web.Request) -> web.Response:
        """`{"attendance"?, "paid_full"?, "services"?}`."""
        body, number = await read(request), int(request.match_info["id"])
        return self.done(lambda: self._crm.change(number, **body))

    async def pay(self, request: web.Request) -> web.Response:
        """`{"amount"?}`: all of it, or so much; less than nothing gives back."""
        body, number = await read(request), int(request.match_info["id"])
        return self.done(lambda: {"id": self._crm.pay(number, body.get("amount"))})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a visit."""
        number = int(request.match_info["id"])
        return self.done(lambda: self._crm.delete(number))

    async def sell(self, request: web.Request) -> web.Response:
        """`{"amount", "name"?, "phone"?}`: goods sold without a visit."""
        body = await read(request)
        return self.done(lambda: {"id": self._crm.sell(**body)})

    async def deliveries(self, request: web.Request) -> web.Response:
        """What webhooks have been sent."""
        return web.json_response({"list": [asdict(one) for one in self._crm.state.deliveries]})

    def refused(self, error: Refusal) -> web.Response:
        """What the API itself would say."""
        return web.json_response(error.answer.body, status=error.answer.status)

    def records(self, entity: str) -> list[Any]:
        """Stored records of a kind, as the API shows them."""
        shown = Shown(self._crm.state)
        shows: Mapping[str, Callable[[Any], Any]] = {
            "records": shown.record,
            "transactions": shown.money,
            "clients": shown.card,
        }
        show = shows[entity]
        return [show(one) for one in self._crm.state.table(entity).values()]
