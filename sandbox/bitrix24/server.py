"""The Bitrix24 stand-in as a server: in a test's own loop, or from the command line."""

import secrets
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.bitrix24 import auth, items, seed
from sandbox.bitrix24.answers import Json
from sandbox.bitrix24.api import Api
from sandbox.bitrix24.control import Control
from sandbox.bitrix24.events import Courier
from sandbox.bitrix24.limits import Bucket
from sandbox.bitrix24.schema import LEAD
from sandbox.bitrix24.state import CLASSIC, Listener, Record, State
from sandbox.clock import Clock
from sandbox.stand_in import StandIn

MAX_BODY = 64 * 1024 * 1024


class Bitrix24Sandbox(StandIn[State]):
    """A stateful Bitrix24 portal on a local port.

    `async with Bitrix24Sandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the portal's
    address, `hook_url` the inbound webhook's, with its secret. `mode` 2 is a portal without leads. `burst`
    and `drain` are the request limit: 50 and 2 a second, 250 and 5 on the Enterprise plan.
    """

    task_name = "bitrix24-events"

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
        state = State(Clock(speed, start), mode, rate=Bucket(burst, drain))
        self._courier = Courier(state, handler_timeout)
        super().__init__(state, self._courier.run, host, port)
        self.keys = keys or seed.Keys()
        self._mode = mode
        seed.fill(self.state, self.keys)

    @property
    def hook_url(self) -> str:
        """What the admin copies from the page of the inbound webhook."""
        return f"{self.url}/rest/{seed.ADMIN}/{self.keys.code}/"

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

    async def deliver_now(self, *, force: bool = False) -> int:
        """Send all waiting events now; returns the POSTs. None is tried twice: there is nothing to force."""
        return await self._courier.deliver_now()

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
