"""The iiko stand-in as a server in the caller's own loop."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.clock import Clock
from sandbox.iiko import calls, orders, seed, webhooks
from sandbox.iiko.api import Api
from sandbox.iiko.control import Control
from sandbox.iiko.state import State
from sandbox.stand_in import StandIn

MAX_BODY = 16 * 1024 * 1024


class IikoSandbox(StandIn[State]):
    """A stateful customer of iiko on a local port, with two restaurants.

    `async with IikoSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the address
    without /api. `zone` is the terminals' time zone.
    """

    task_name = "iiko-webhooks"

    def __init__(
        self,
        port: int = 0,
        speed: float = 1.0,
        *,
        host: str = "127.0.0.1",
        start: datetime | None = None,
        zone: str = "Europe/Moscow",
        keys: seed.Keys | None = None,
        receiver_timeout: float = 10.0,
    ) -> None:
        state = State(Clock(speed, start), ZoneInfo(zone))
        self._courier = webhooks.Courier(state, receiver_timeout)
        super().__init__(state, self._courier.run, host, port)
        self.keys = keys or seed.Keys()
        seed.fill(self.state, self.keys)

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/api/{path:.*}", Api(self.state).handle)
        app.router.add_routes(Control(self).routes())
        return app

    def reset(self) -> None:
        """Back to the first set-up with the same keys; orders, hooks and faults are forgotten."""
        self.state.clear()
        seed.fill(self.state, self.keys)

    # What the staff does

    def order(self, *, hall: bool = False, **more: Any) -> str:
        """Take an order, for delivery or in the hall; returns its id. See orders.create."""
        return str(orders.create(self.state, "tables" if hall else "deliveries", **more)["id"])

    def change(self, number: str, **values: Any) -> None:
        """Change an order: status, items, deleted, moved_to. KeyError when there is none."""
        orders.change(self.state, number, **values)

    def sell(self, **more: Any) -> str:
        """An order that was taken, delivered and closed; returns its id."""
        number = self.order(**{"phone": "+79990001122", "name": "Олег", **more})
        self.change(number, status=orders.CLOSED)
        return number

    def guest(self, phone: str, name: str = "", card: str = "") -> str:
        """A guest of the loyalty programme; returns the id."""
        return str(calls.add_guest(self.state, phone, name, card=card)["id"])

    async def deliver_now(self, *, force: bool = False) -> int:
        """Send what still has to be sent; returns the requests. None is tried twice."""
        return await self._courier.deliver_now()
