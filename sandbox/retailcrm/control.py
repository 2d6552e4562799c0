"""The control side: /sandbox/... JSON for tests and the demo. No key is asked."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.control import read
from sandbox.exchange import Refusal
from sandbox.retailcrm.faults import DOWN_MODES, KINDS

if TYPE_CHECKING:
    from sandbox.retailcrm.server import RetailSandbox

if TYPE_CHECKING:
    pass

ENTITIES = ("orders", "customers", "tasks", "notes", "calls")


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "RetailSandbox"

    def more_routes(self) -> Sequence[web.RouteDef]:
        """What a person does there."""
        return [
            web.post("/sandbox/orders", self.create),
            web.post("/sandbox/orders/{id}", self.change),
            web.delete("/sandbox/orders/{id}", self.delete),
            web.get("/sandbox/triggers", self.triggers),
            web.post("/sandbox/triggers", self.add_trigger),
            web.get("/sandbox/deliveries", self.deliveries),
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

    async def create(self, request: web.Request) -> web.Response:
        """Make an order as a person."""
        body = await read(request)
        return self.done(lambda: self._crm.create_order(**body))

    async def change(self, request: web.Request) -> web.Response:
        """Change an order as a person; triggers see it."""
        body, number = await read(request), int(request.match_info["id"])
        return self.done(lambda: self._crm.change_order(number, **body))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete an order as a person."""
        number = int(request.match_info["id"])
        return self.done(lambda: self._crm.delete_order(number))

    async def triggers(self, request: web.Request) -> web.Response:
        """The triggers that are set."""
        return web.json_response({"list": [asdict(one) for one in self._crm.state.triggers.values()]})

    async def add_trigger(self, request: web.Request) -> web.Response:
        """`{"event", "url", "params"?, "method"?, "encoding"?, "skip_api"?}`."""
        body = await read(request)
        event, url = str(body.pop("event", "")), str(body.pop("url", ""))
        return self.done(lambda: asdict(self._crm.add_trigger(event, url, **body)))

    async def deliveries(self, request: web.Request) -> web.Response:
        """What triggers have sent."""
        return web.json_response({"list": [asdict(one) for one in self._crm.state.deliveries]})

    def refused(self, error: Refusal) -> web.Response:
        """What the API itself would say."""
        return web.json_response(error.answer.body, status=error.answer.status)

    def records(self, entity: str) -> list[Any]:
        """Stored records of a kind, as they are kept."""
        return self._crm.records(entity)

    def moment(self) -> str:
        """The moment in UTC, whatever the account's zone."""
        return self._crm.state.utc()
