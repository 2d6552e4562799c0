"""The amoCRM stand-in as a server in the caller's own loop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from sandbox.amocrm import auth, entities, fields, seed, writing
from sandbox.amocrm.answers import Refusal, Reply, Violations
from sandbox.amocrm.api import Api, sent
from sandbox.amocrm.control import Control
from sandbox.amocrm.delivery import Courier
from sandbox.amocrm.faults import Fault
from sandbox.amocrm.state import Grant, Record, Seen, State
from sandbox.clock import Clock

PERSON = seed.PEOPLE[1][0]
MAX_BODY = 16 * 1024 * 1024


class AmoSandbox:
    """A stateful amoCRM account on a local port.

    `async with AmoSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the account's
    address. `speed` is how fast its clock runs, `start` where it starts (aware). `per_second` is the limit of
    requests on that clock, 0 switches it off. `token` is a long-lived one; `code()` and `pair()` are OAuth's.
    """

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
        self.state = State(Clock(speed, start))
        self.keys = keys or seed.Keys()
        self._host, self._port, self._per_second = host, port, per_second
        self._courier = Courier(self.state, receiver_timeout)
        self._runner: web.AppRunner | None = None
        self._sender: asyncio.Task[None] | None = None
        self.token = ""

    @property
    def url(self) -> str:
        """The account's address, without a slash at the end."""
        return self.state.base_url

    @property
    def clock(self) -> Clock:
        return self.state.clock

    async def __aenter__(self) -> "AmoSandbox":
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.state.base_url = f"http://{self._host}:{self._runner.addresses[0][1]}"
        self.reset()
        self._sender = asyncio.create_task(self._courier.run(), name="amocrm-hooks")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sender is not None:
            self._sender.cancel()
            with suppress(asyncio.CancelledError):
                await self._sender
        if self._runner is not None:
            await self._runner.cleanup()

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
        fault = self.state.faults.take_after_commit("oauth2/access_token")
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

    def requests(self, method: str | None = None, path: str | None = None) -> list[Seen]:
        """Requests to api/v4 as they came, oldest first; `path` is relative to api/v4 and exact."""
        return [
            seen
            for seen in self.state.requests
            if (method is None or seen.method == method) and (path is None or seen.path == path)
        ]

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

    def fail(self, kind: str, times: int | None = None, **params: Any) -> Fault:
        """Switch a fault on for the next `times` requests or until `heal`; see Faults.set for the kinds."""
        self.heal(kind)
        fault = self.state.faults.set(kind, times, **params)
        if kind == "field_removed":
            entity = fault.params["entity"]
            gone = self.state.field(entity, fault.params["field"])
            if gone is not None:
                self.state.removed_fields.setdefault(entity, []).append(gone)
                del self.state.fields[entity][gone["id"]]
        return fault

    def heal(self, kind: str | None = None) -> None:
        """Switch one fault off, or all; removed fields come back."""
        for name in [kind] if kind else [fault.kind for fault in self.state.faults]:
            self.state.faults.clear(name)
            if name == "field_removed":
                for entity, gone in self.state.removed_fields.items():
                    self.state.fields[entity] |= {field["id"]: field for field in gone}
                self.state.removed_fields.clear()


def _answer(action: Callable[[], Reply]) -> Reply:
    try:
        return action()
    except Refusal as refusal:
        return refusal.reply
