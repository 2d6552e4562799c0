"""The control side: /sandbox/... JSON for tests and the demo. No key is asked."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.amocrm.answers import Refusal
from sandbox.amocrm.state import Record

if TYPE_CHECKING:
    from sandbox.amocrm.server import AmoSandbox


class Control:
    """Looks into the stand-in and turns its switches."""

    def __init__(self, sandbox: "AmoSandbox") -> None:
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
            web.post("/sandbox/records/{entity}", self.create),
            web.post("/sandbox/records/{entity}/{id}", self.change),
            web.delete("/sandbox/records/{entity}/{id}", self.delete),
            web.get("/sandbox/deliveries", self.deliveries),
            web.post("/sandbox/deliver", self.deliver),
            web.post("/sandbox/account", self.account),
            web.post("/sandbox/tokens", self.tokens),
            web.post("/sandbox/clock", self.set_clock),
            web.post("/sandbox/reset", self.reset),
        ]

    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys, a long-lived token and the users."""
        keys = {**asdict(self._crm.keys), "long_lived": self._crm.token}
        users = {str(user_id): user["name"] for user_id, user in self._crm.state.users.items()}
        return web.json_response({"url": self._crm.url, **keys, "users": users})

    async def counts(self, request: web.Request) -> web.Response:
        """How many live records of each kind there are."""
        return web.json_response({name: len(self._crm.state.live(name)) for name in self._crm.state.tables})

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
        """Switch on: `{"kind", "times"?, parameters}`; 400 for what does not exist."""
        body = await _body(request)
        kind, times = str(body.pop("kind", "")), body.pop("times", None)
        try:
            return web.json_response(asdict(self._crm.fail(kind, times, **body)))
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)

    async def heal(self, request: web.Request) -> web.Response:
        """Switch off one kind or all."""
        self._crm.heal(request.match_info.get("kind"))
        return web.json_response({"ok": True})

    async def stored(self, request: web.Request) -> web.Response:
        """Live records of a kind, as the API shows them."""
        return _done(lambda: {"list": self._crm.records(request.match_info["entity"])})

    async def create(self, request: web.Request) -> web.Response:
        """Make a record as a person: the API's words, and `user` for who does it."""
        body, entity = await _body(request), request.match_info["entity"]
        user = _user(body)
        return _done(lambda: {"id": self._crm.create(entity, **user, **body)["id"]})

    async def change(self, request: web.Request) -> web.Response:
        """Change a record as a person; hooks hear of it."""
        body, info = await _body(request), request.match_info
        user = _user(body)
        return _done(lambda: {"id": self._crm.change(info["entity"], int(info["id"]), **user, **body)["id"]})

    async def delete(self, request: web.Request) -> web.Response:
        """Put a record into the bin."""
        info = request.match_info

        def delete() -> Record:
            self._crm.delete(info["entity"], int(info["id"]))
            return {"ok": True}

        return _done(delete)

    async def deliveries(self, request: web.Request) -> web.Response:
        """What went to hooks or waits: address, body, attempts, answers, state."""
        rows = [
            {"hook": one.hook_id, "url": one.url, "body": one.body.decode(), "attempts": one.attempts,
             "statuses": one.statuses, "state": one.state}
            for one in self._crm.state.deliveries
        ]  # fmt: skip
        return web.json_response({"list": rows})

    async def deliver(self, request: web.Request) -> web.Response:
        """Send the waiting hooks now; `{"force": true}` also those between attempts."""
        body = await _body(request)
        return web.json_response({"sent": await self._crm.deliver_now(force=body.get("force") is True)})

    async def account(self, request: web.Request) -> web.Response:
        """Switches of the account, such as `{"is_api_filter_enabled": true, "duplicate_control": true}`."""
        self._crm.state.account |= await _body(request)
        return web.json_response(self._crm.state.account)

    async def tokens(self, request: web.Request) -> web.Response:
        """`{"expire": true}` ends all access tokens; answers with a fresh code of twenty minutes."""
        if (await _body(request)).get("expire"):
            self._crm.expire_access()
        return web.json_response({"code": self._crm.code()})

    async def set_clock(self, request: web.Request) -> web.Response:
        """`{"speed": N}` and `{"advance": seconds}`; answers with the moment in unix seconds."""
        body = await _body(request)
        try:
            if "speed" in body:
                self._crm.clock.set_speed(float(body["speed"]))
            self._crm.clock.advance(float(body.get("advance", 0)))
        except (TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"now": self._crm.state.stamp(), "speed": self._crm.clock.speed})

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


def _user(body: Record) -> dict[str, Any]:
    user = body.pop("user", None)
    return {} if user is None else {"user_id": int(user)}


def _done(action: Callable[[], Any]) -> web.Response:
    try:
        return web.json_response(action())
    except (KeyError, ValueError) as error:
        return web.json_response({"error": f"there is no {error}"}, status=404)
    except Refusal as refusal:
        return web.json_response(refusal.reply.body, status=refusal.reply.status)
