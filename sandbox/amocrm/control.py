"""The control side: /sandbox/... JSON for tests and the demo. No key is asked."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.amocrm.answers import Refusal
from sandbox.amocrm.state import Record
from sandbox.control import read

if TYPE_CHECKING:
    from sandbox.amocrm.server import AmoSandbox

if TYPE_CHECKING:
    pass


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "AmoSandbox"

    def more_routes(self) -> Sequence[web.RouteDef]:
        """What a person does there."""
        return [
            web.post("/sandbox/records/{entity}", self.create),
            web.post("/sandbox/records/{entity}/{id}", self.change),
            web.delete("/sandbox/records/{entity}/{id}", self.delete),
            web.get("/sandbox/deliveries", self.deliveries),
            web.post("/sandbox/account", self.account),
            web.post("/sandbox/tokens", self.tokens),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys, a long-lived token and the users."""
        keys = {**asdict(self._crm.keys), "long_lived": self._crm.token}
        users = {str(user_id): user["name"] for user_id, user in self._crm.state.users.items()}
        return web.json_response({"url": self._crm.url, **keys, "users": users})

    async def counts(self, request: web.Request) -> web.Response:
        """How many live records of each kind there are."""
        return web.json_response({name: len(self._crm.state.live(name)) for name in self._crm.state.tables})

    async def create(self, request: web.Request) -> web.Response:
        """Make a record as a person: the API's words, and `user` for who does it."""
        body, entity = await read(request), request.match_info["entity"]
        user = _user(body)
        return self.done(lambda: {"id": self._crm.create(entity, **user, **body)["id"]})

    async def change(self, request: web.Request) -> web.Response:
        """Change a record as a person; hooks hear of it."""
        body, info = await read(request), request.match_info
        user = _user(body)
        entity, number = info["entity"], int(info["id"])
        return self.done(lambda: {"id": self._crm.change(entity, number, **user, **body)["id"]})

    async def delete(self, request: web.Request) -> web.Response:
        """Put a record into the bin."""
        info = request.match_info
        return self.done(lambda: self._crm.delete(info["entity"], int(info["id"])))

    async def deliveries(self, request: web.Request) -> web.Response:
        """What went to hooks or waits: address, body, attempts, answers, state."""
        rows = [
            {"hook": one.hook_id, "url": one.url, "body": one.body.decode(), "attempts": one.attempts,
             "statuses": one.statuses, "state": one.state}
            for one in self._crm.state.deliveries
        ]  # fmt: skip
        return web.json_response({"list": rows})

    async def account(self, request: web.Request) -> web.Response:
        """Switches of the account, such as `{"is_api_filter_enabled": true, "duplicate_control": true}`."""
        self._crm.state.account |= await read(request)
        return web.json_response(self._crm.state.account)

    async def tokens(self, request: web.Request) -> web.Response:
        """`{"expire": true}` ends all access tokens; answers with a fresh code of twenty minutes."""
        if (await read(request)).get("expire"):
            self._crm.expire_access()
        return web.json_response({"code": self._crm.code()})

    def refused(self, error: Refusal) -> web.Response:
        """What the API itself would say."""
        return web.json_response(error.reply.body, status=error.reply.status)

    def records(self, entity: str) -> list[Any]:
        """Live records of a kind, as the API shows them."""
        return self._crm.records(entity)


def _user(body: Record) -> dict[str, Any]:
    user = body.pop("user", None)
    return {} if user is None else {"user_id": int(user)}
