"""The Bitrix24 stand-in as a server: in a test's own loop, or from the command line."""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from types import TracebackType
from typing import Any

from aiohttp import web

from sandbox.bitrix24 import auth, items, seed
from sandbox.bitrix24.answers import Json
from sandbox.bitrix24.api import Api
from sandbox.bitrix24.control import Control
from sandbox.bitrix24.events import Courier
from sandbox.bitrix24.faults import Fault
from sandbox.bitrix24.limits import Bucket
from sandbox.bitrix24.schema import LEAD
from sandbox.bitrix24.state import CLASSIC, Listener, Record, Seen, State
from sandbox.clock import Clock

MAX_BODY = 64 * 1024 * 1024


class Bitrix24Sandbox:
    """A stateful Bitrix24 portal on a local port.

    `async with Bitrix24Sandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the portal's
    address, `hook_url` the inbound webhook's, with its secret. `mode` 2 is a portal without leads. `burst`
    and `drain` are the request limit: 50 and 2 a second, 250 and 5 on the Enterprise plan.
    """

    def __init__(
        self,
        port: int = 0,
        speed: float = 1.0,
        *,
        host: str = "127.0.0.1",
        start: datetime | None = None,
        keys: seed.Keys | None = None,
        mode: int = CLASSIC,
        burst: float = 50,
        drain: float = 2,
        handler_timeout: float = 5.0,
    ) -> None:
        self.state = State(Clock(speed, start), mode, rate=Bucket(burst, drain))
        self.keys = keys or seed.Keys()
        self._host, self._port, self._mode = host, port, mode
        self._courier = Courier(self.state, handler_timeout)
        self._runner: web.AppRunner | None = None
        self._sending: asyncio.Task[None] | None = None
        seed.fill(self.state, self.keys)

    @property
    def url(self) -> str:
        """The portal's address, without a slash at the end."""
        return self.state.base_url

    @property
    def hook_url(self) -> str:
        """What the admin copies from the page of the inbound webhook."""
        return f"{self.url}/rest/{seed.ADMIN}/{self.keys.code}/"

    @property
    def clock(self) -> Clock:
        """The stand-in's clock."""
        return self.state.clock

    async def __aenter__(self) -> "Bitrix24Sandbox":
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.state.base_url = f"http://{self._host}:{self._runner.addresses[0][1]}"
        self._sending = asyncio.create_task(self._courier.run(), name="bitrix24-events")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sending is not None:
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending
        if self._runner is not None:
            await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        api = Api(self.state)
        app.router.add_route("*", "/rest/{path:.*}", api.rest)
        app.router.add_route("*", "/oauth/token/", api.token)
        app.router.add_routes(Control(self).routes())
        return app

    def reset(self) -> None:
        """Back to the first set-up with the same keys; records, handlers and faults are forgotten."""
        fresh = State(self.clock, self._mode, self.url, rate=self.state.rate)
        for one in fields(State):
            if one.name != "clock":
                setattr(self.state, one.name, getattr(fresh, one.name))
        seed.fill(self.state, self.keys)

    def tokens(self, user_id: int = seed.ADMIN) -> dict[str, str]:
        """A fresh access and refresh token of the application."""
        return seed.tokens(self.state, user_id)

    def new_code(self, user_id: int = seed.ADMIN) -> str:
        """The code that the browser brings back after the consent."""
        return auth.new_code(self.state, self.state.apps[0], user_id)

    def expire_tokens(self) -> None:
        """Let every access token be too old; refresh tokens go on."""
        auth.expire_tokens(self.state)

    def records(self, table: str = "lead") -> list[Record]:
        """Copies of the stored records: lead, deal, contact, company, activity, comment, task ..."""
        return [dict(record) for record in self.state.all(table)]

    def requests(self, method: str | None = None) -> list[Seen]:
        """Requests as they came, oldest first; `oauth/token ...` among them."""
        return [seen for seen in self.state.requests if method in (None, seen.method)]

    def create(self, type_id: int = LEAD, user_id: int = seed.ANNA, **fields: Any) -> Record:
        """Make a record as a person would; handlers hear of it."""
        return dict(items.create(self.state, user_id, type_id, fields))

    def change(
        self, number: int | str, type_id: int = LEAD, user_id: int = seed.ANNA, **fields: Any
    ) -> Record:
        """Change a record as a person would."""
        return dict(items.update(self.state, user_id, type_id, number, fields))

    def delete(self, number: int | str, type_id: int = LEAD) -> None:
        """Delete a record as a person would."""
        items.delete(self.state, type_id, number)

    def require(self, name: str, type_id: int = LEAD, *, on: bool = True) -> None:
        """Make a field required, as the admin does."""
        self.state.fields[type_id][name] = replace(self.state.fields[type_id][name], required=on)

    def outgoing_webhook(self, url: str, events: list[str]) -> str:
        """What the admin makes under Developer resources; returns its application token."""
        token = secrets.token_hex(16)
        for event in events:
            self.state.listeners.append(Listener(self.state.number("listener"), event, url, token))
        return token

    def handlers(self) -> list[Listener]:
        """Who listens, webhooks made by hand included."""
        return list(self.state.listeners)

    async def deliver_now(self) -> int:
        """Send all waiting events now; returns the POSTs."""
        return await self._courier.deliver_now()

    def fail(self, kind: str, times: int | None = None, **params: Any) -> Fault:
        """Switch a fault on for the next `times` requests or until `heal`; see Faults.set for the kinds."""
        return self.state.faults.set(kind, times, **params)

    def heal(self, kind: str | None = None) -> None:
        """Switch one fault off, or all."""
        self.state.faults.clear(kind)

    def setup(self) -> Json:
        """Addresses and keys, for whoever connects."""
        return {
            "url": self.url,
            "hook_url": self.hook_url,
            "client_id": self.keys.client_id,
            "client_secret": self.keys.client_secret,
            "application_token": self.keys.application_token,
            "member_id": self.state.member_id,
            "users": {str(user.id): f"{user.name} {user.last_name}" for user in self.state.users.values()},
        }
