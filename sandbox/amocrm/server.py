"""The amoCRM stand-in as a server in the caller's own loop."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from sandbox.amocrm import auth, entities, fields, seed, writing
from sandbox.amocrm.answers import Refusal, Reply, Violations
from sandbox.amocrm.api import Api, sent
from sandbox.amocrm.control import Control
from sandbox.amocrm.delivery import Courier
from sandbox.amocrm.faults import spoils
from sandbox.amocrm.state import Grant, Record, State
from sandbox.clock import Clock
from sandbox.stand_in import StandIn

PERSON = seed.PEOPLE[1][0]
MAX_BODY = 16 * 1024 * 1024


class AmoSandbox(StandIn[State]):
    """A stateful amoCRM account on a local port.

    `async with AmoSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the account's
    address. `speed` is how fast its clock runs, `start` where it starts (aware). `per_second` is the limit of
    requests on that clock, 0 switches it off. `token` is a long-lived one; `code()` and `pair()` are OAuth's.
    """

    task_name = "amocrm-hooks"

    def __init__(
        self,
        port: int = 0,
        speed: float = 1.0,
        *,
        host: str = "127.0.0.1",
        start: datetime | None = None,
        keys: seed.Keys | None = None,
        per_second: int = 7,
        receiver_timeout: float = 2.0,
    ) -> None:
        state = State(Clock(speed, start))
        self._courier = Courier(state, receiver_timeout)
        super().__init__(state, self._courier.run, host, port)
        self.keys = keys or seed.Keys()
        self._per_second = per_second
        self.token = ""

    def _started(self) -> None:
        self.reset()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route(
            "*", "/api/v4/{path:.*}", Api(self.state, self._courier, self._per_second).handle
        )
        app.router.add_post("/oauth2/access_token", self._token)
        app.router.add_get("/oauth2/account/current/subdomain", self._subdomain)
        app.router.add_get("/oauth", self._consent)
        app.router.add_routes(Control(self).routes())
        return app

    async def _token(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
        except ValueError:
            body = None
        fault = self.state.faults.take_after_commit(spoils("oauth2/access_token"))
        reply = _answer(lambda: auth.token(self.state, self.keys, body))
        if fault is not None and request.transport is not None:
            request.transport.close()
        return sent(reply)

    async def _subdomain(self, request: web.Request) -> web.StreamResponse:
        shown = request.headers.get("X-Refresh-Token", "")
        return sent(_answer(lambda: auth.subdomain(self.state, shown)))

    async def _consent(self, request: web.Request) -> web.StreamResponse:
        """The page where the admin agrees: here he always does."""
        if request.query.get("client_id") != self.keys.client_id:
            return web.Response(status=400, text="unknown client_id")
        back = {"code": self.code(), "referer": request.host, "state": request.query.get("state", ""),
                "platform": "1", "client_id": self.keys.client_id, "from_widget": ""}  # fmt: skip
        raise web.HTTPFound(f"{self.keys.redirect_uri}?{urlencode(back)}")

    def reset(self) -> None:
        """Back to the first set-up with the same keys; records, hooks and faults are forgotten."""
        self.state.clear()
        seed.fill(self.state, self.keys)
        until = self.clock.now() + seed.LONG_LIVED
        self.token = self.keys.long_lived or seed.jwt(self.state, until)
        self.state.tokens[self.token] = Grant(seed.PEOPLE[0][0], until)

    # OAuth

    def code(self) -> str:
        """A code of twenty minutes, as the browser brings it."""
        return auth.issue_code(self.state)

    def pair(self, user_id: int = seed.PEOPLE[0][0]) -> dict[str, Any]:
        """A pair of tokens, as the token endpoint answers."""
        return auth.issue_pair(self.state, user_id)

    def expire_access(self) -> None:
        """Every access token of OAuth ends now; refresh tokens and long-lived ones stay."""
        for token, grant in self.state.tokens.items():
            if token != self.token:
                grant.until = self.clock.now() - timedelta(seconds=1)

    # What is stored

    def records(self, entity: str) -> list[Record]:
        """Live records as the API shows them; of notes and tasks as they are kept."""
        if entity in self.state.fields:
            everything = frozenset({"contacts", "leads", "source", "loss_reason"})
            return [entities.shown(self.state, entity, one, everything) for one in self.state.live(entity)]
        return [dict(one) for one in self.state.tables[entity].values()]

    def leads(self) -> list[Record]:
        return self.records("leads")

    def addresses(self, contact_id: int, code: str) -> list[str]:
        """The phones (PHONE) or e-mails (EMAIL) of a contact."""
        return fields.addresses(self.state, "contacts", self.state.tables["contacts"][contact_id], code)

    def value(self, entity: str, record_id: int, code: str) -> Any:
        """The first value of a custom field by its code or name; None without one."""
        field = self.state.field(entity, code)
        values = self.state.tables[entity][record_id]["values"].get(field["id"], []) if field else []
        return values[0]["value"] if values else None

    def hooks(self) -> list[Record]:
        return [dict(hook) for hook in self.state.hooks.values()]

    # What people do there

    def change(self, entity: str, record_id: int, user_id: int = PERSON, **sent_values: Any) -> Record:
        """Change a record as a person would: the API's own words. Raises Refusal, KeyError."""
        record, wrong = self.state.tables[entity][record_id], Violations()
        entities.change(self.state, self.state.users[user_id], entity, record, sent_values, "0", wrong)
        wrong.check()
        self._courier.collect()
        return record

    def create(self, entity: str, user_id: int = PERSON, **sent_values: Any) -> Record:
        """Make a record as a person would."""
        reply = writing.create(self.state, self.state.users[user_id], entity, [sent_values])
        self._courier.collect()
        return self.state.tables[entity][reply.body["_embedded"][entity][0]["id"]]

    def delete(self, entity: str, record_id: int, user_id: int = PERSON) -> None:
        """Put a record into the bin as a person would."""
        entities.delete(self.state, self.state.users[user_id], entity, self.state.tables[entity][record_id])
        self._courier.collect()

    async def deliver_now(self, *, force: bool = False) -> int:
        """Send all due hooks now, `force` those that wait for another attempt too; returns the POSTs."""
        return await self._courier.deliver_due(force=force)

    # Faults

    def _remove_field(self, params: Mapping[str, Any]) -> None:
        gone = self.state.field(params["entity"], params["field"])
        if gone is not None:
            self.state.removed_fields.setdefault(params["entity"], []).append(gone)
            del self.state.fields[params["entity"]][gone["id"]]

    def _return_fields(self) -> None:
        for entity, gone in self.state.removed_fields.items():
            self.state.fields[entity] |= {field["id"]: field for field in gone}
        self.state.removed_fields.clear()


def _answer(action: Callable[[], Reply]) -> Reply:
    try:
        return action()
    except Refusal as refusal:
        return refusal.reply
