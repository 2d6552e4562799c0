"""The control side: /sandbox/… JSON for tests, benchmarks and the demo. No key is asked."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.bitrix24.answers import Refusal
from sandbox.bitrix24.schema import TYPE_IDS
from sandbox.control import read

if TYPE_CHECKING:
    from sandbox.bitrix24.server import Bitrix24Sandbox

if TYPE_CHECKING:
    pass


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "Bitrix24Sandbox"

    def more_routes(self) -> Sequence[web.RouteDef]:
        """What a person does there."""
        return [
            web.get("/sandbox/deliveries", self.deliveries),
            web.post("/sandbox/records/{entity}", self.create),
            web.post("/sandbox/records/{entity}/{id}", self.change),
            web.delete("/sandbox/records/{entity}/{id}", self.delete),
            web.post("/sandbox/tokens", self.tokens),
            web.post("/sandbox/expire", self.expire),
            web.post("/sandbox/outgoing", self.outgoing),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys and people."""
        return web.json_response(self._crm.setup())

    async def counts(self, request: web.Request) -> web.Response:
        """How many records each table has."""
        return web.json_response({name: len(table) for name, table in self._crm.state.tables.items()})

    async def deliveries(self, request: web.Request) -> web.Response:
        """Events that were sent."""
        return web.json_response({"list": [asdict(item) for item in self._crm.state.deliveries]})

    async def create(self, request: web.Request) -> web.Response:
        """Make a record as a person."""
        body, table = await read(request), request.match_info["entity"]
        return self.done(lambda: self._crm.create(TYPE_IDS[table], **body))

    async def change(self, request: web.Request) -> web.Response:
        """Change a record as a person; handlers hear of it."""
        body, info = await read(request), request.match_info
        return self.done(lambda: self._crm.change(info["id"], TYPE_IDS[info["entity"]], **body))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a record as a person."""
        info = request.match_info
        return self.done(lambda: self._crm.delete(info["id"], TYPE_IDS[info["entity"]]))

    async def tokens(self, request: web.Request) -> web.Response:
        """A fresh pair of tokens, and a code for the exchange."""
        return web.json_response({**self._crm.tokens(), "code": self._crm.new_code()})

    async def expire(self, request: web.Request) -> web.Response:
        """Let every access token be too old."""
        self._crm.expire_tokens()
        return web.json_response({"ok": True})

    async def outgoing(self, request: web.Request) -> web.Response:
        """Make an outgoing webhook: `{"url", "events"}`; answers with its application token."""
        body = await read(request)
        events = [str(event) for event in body.get("events", [])]
        token = self._crm.outgoing_webhook(str(body.get("url", "")), events)
        return web.json_response({"application_token": token})

    def refused(self, error: Refusal) -> web.Response:
        """What the API itself would say."""
        return web.json_response(error.body(), status=error.status)

    def records(self, entity: str) -> list[Any]:
        """Stored records of a table, as they are kept."""
        return self._crm.records(entity)
