"""The iiko stand-in as a server in the caller's own loop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.clock import Clock
from sandbox.iiko import guests, orders, seed, webhooks
from sandbox.iiko.api import Api
from sandbox.iiko.control import Control
from sandbox.iiko.state import State
from sandbox.stand_in import Account, Answers


class IikoSandbox(Account[State]):
    """A stateful customer of iiko on a local port, with two restaurants.

    `async with IikoSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the address
    without /api. `zone` is the terminals' time zone.
    """

    task_name = "iiko-webhooks"
    api_path = "/api"

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
        self.keys = keys or seed.Keys()
        super().__init__(state, webhooks.Courier(state, receiver_timeout), host, port)

    def _fill(self) -> None:
        seed.fill(self.state, self.keys)

    def _doors(self) -> tuple[Answers, Sequence[web.RouteDef]]:
        return Api(self.state).handle, Control(self).routes()

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

    def guest(self, phone: str, name: str = "", card: str = "", bonus: float = 0) -> str:
        """A guest of the loyalty programme with so many bonuses; returns the id."""
        return str(guests.add_guest(self.state, phone, name, card=card, bonus=bonus)["id"])

    def bonuses(self, guest: str) -> float:
        """What a guest has to spend."""
        return float(self.state.table("customers")[guest]["walletBalances"][0]["balance"])
