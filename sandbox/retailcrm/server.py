"""The RetailCRM stand-in as a server in the caller's own loop."""

import asyncio
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.clock import Clock
from sandbox.retailcrm import customers, orders, seed, triggers
from sandbox.retailcrm.api import Api
from sandbox.retailcrm.calls import PERSON_MAKES
from sandbox.retailcrm.control import Control
from sandbox.retailcrm.faults import Fault
from sandbox.retailcrm.state import Limits, Record, Seen, State, Trigger

MAX_BODY = 16 * 1024 * 1024


class RetailSandbox:
    """A stateful RetailCRM account on a local port.

    `async with RetailSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the account's
    address without /api/v5. `speed` is how fast its clock runs, `start` where it starts (aware), `zone` the
    account's time zone, `limits` the requests a second that a key may make.
    """

    def __init__(
        self,
        port: int = 0,
        speed: float = 1.0,
        *,
        host: str = "127.0.0.1",
        start: datetime | None = None,
        zone: str = "Europe/Moscow",
        keys: seed.Keys | None = None,
        limits: Limits | None = None,
        receiver_timeout: float = 10.0,
    ) -> None:
        self.state = State(Clock(speed, start), ZoneInfo(zone), limits or Limits())
        self.keys = keys or seed.Keys()
        self.api_key = self.keys.api_key
        self._host, self._port = host, port
        self._courier = triggers.Courier(self.state, receiver_timeout)
        self._runner: web.AppRunner | None = None
        self._sending: asyncio.Task[None] | None = None
        seed.fill(self.state, self.keys)

    @property
    def url(self) -> str:
        """The address of the account, without a slash at the end."""
        return self.state.base_url

    @property
    def clock(self) -> Clock:
        """The stand-in's clock."""
        return self.state.clock

    async def __aenter__(self) -> "RetailSandbox":
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.state.base_url = f"http://{self._host}:{self._runner.addresses[0][1]}"
        self._sending = asyncio.create_task(self._courier.run(), name="retailcrm-triggers")
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
        app.router.add_route("*", "/api/{path:.*}", Api(self.state).handle)
        app.router.add_routes(Control(self).routes())
        return app

    def reset(self) -> None:
        """Back to the first set-up with the same keys; records, triggers and faults are forgotten."""
        self.state.clear()
        seed.fill(self.state, self.keys)

    def records(self, entity: str) -> list[Record]:
        """Copies of the stored orders, customers, tasks, notes or calls in order of creation."""
        return [dict(record) for record in self.state.table(entity).values()]

    def requests(self, method: str | None = None, path: str | None = None) -> list[Seen]:
        """Requests as they came, oldest first; `path` is what follows /api/ and exact."""
        return [
            seen
            for seen in self.state.requests
            if method in (None, seen.method) and path in (None, seen.path)
        ]

    def create_order(self, site: str = "main", **values: Any) -> Record:
        """Make an order as a person would on the page."""
        return orders.create(self.state, PERSON_MAKES, site, values)

    def create_customer(self, site: str = "main", **values: Any) -> Record:
        """Make a customer as a person would."""
        return customers.create(self.state, PERSON_MAKES, site, values)

    def change_order(self, number: int, **values: Any) -> Record:
        """Change an order as a person would; triggers see it. KeyError when there is none."""
        record = self.state.table("orders")[number]
        orders.change(self.state, PERSON_MAKES, record, values)
        return dict(record)

    def delete_order(self, number: int) -> None:
        """Delete an order as a person would. KeyError when there is none."""
        orders.delete(self.state, PERSON_MAKES, number)

    def combine_orders(self, number: int, result: int) -> None:
        """Merge one order into another as a person would. KeyError when either is not there."""
        orders.merge_into(self.state, PERSON_MAKES, number, result)

    def add_trigger(self, event: str, url: str, **settings: Any) -> Trigger:
        """Set a trigger up as the admin would; `settings`: params, method, encoding, skip_api."""
        return triggers.add(self.state, event, url, **settings)

    async def deliver_now(self) -> int:
        """Send what triggers still have to send; returns how many requests that was."""
        return await self._courier.deliver_now()

    def fail(self, kind: str, times: int | None = None, **params: Any) -> Fault:
        """Switch a fault on for the next `times` requests or until `heal`; see Faults.set for the kinds."""
        self.heal(kind)
        fault = self.state.faults.set(kind, times, **params)
        if kind == "field_removed":
            place = (fault.params["entity"], fault.params["field"])
            definition = self.state.custom_fields.pop(place, None)
            if definition is not None:
                self.state.hidden_fields[place] = definition
        return fault

    def heal(self, kind: str | None = None) -> None:
        """Switch one fault off, or all; a removed field comes back."""
        for name in [kind] if kind else [fault.kind for fault in self.state.faults]:
            self.state.faults.clear(name)
            if name == "field_removed":
                self.state.custom_fields |= self.state.hidden_fields
                self.state.hidden_fields.clear()
