"""The YCLIENTS stand-in as a server in the caller's own loop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.clock import Clock
from sandbox.stand_in import Account, Answers
from sandbox.yclients import records, seed, webhooks
from sandbox.yclients.api import Api
from sandbox.yclients.control import Control
from sandbox.yclients.state import Limits, State


class YclientsSandbox(Account[State]):
    """A stateful YCLIENTS chain on a local port; `company` is its first branch.

    `async with YclientsSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the address
    without /api/v1. `zone` is the branches' time zone; `shape`, `filters_in` and `most`: see state.State.
    """

    task_name = "yclients-webhooks"
    api_path = "/api/v1"

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
        shape: str = "numbers",
        filters_in: str = "local",
        most: int = 300,
        receiver_timeout: float = 10.0,
    ) -> None:
        state = State(Clock(speed, start), ZoneInfo(zone), limits or Limits(), shape, filters_in, most)
        self.keys = keys or seed.Keys()
        self.company = seed.COMPANY
        super().__init__(state, webhooks.Courier(state, receiver_timeout), host, port)

    def _fill(self) -> None:
        seed.fill(self.state, self.keys)

    def _doors(self) -> tuple[Answers, Sequence[web.RouteDef]]:
        return Api(self.state).handle, Control(self).routes()

    # What people at the desk do

    def book(self, at: datetime | None = None, **more: Any) -> int:
        """Book a visit, now unless told otherwise; returns its id. See records.book."""
        return int(records.book(self.state, at or self.clock.now(), **more)["id"])

    def change(self, number: int, **values: Any) -> None:
        """Change a visit: attendance, paid_full, services. KeyError when there is none."""
        records.change(self.state, number, **values)

    def add_goods(self, number: int, good: int = 801, amount: int = 1) -> None:
        """Sell goods within a visit."""
        records.add_goods(self.state, number, good, amount)

    def pay(self, number: int, amount: float | None = None) -> int:
        """Take the money for a visit, or give some back; returns the id in the cash book."""
        return int(records.pay(self.state, number, amount)["id"])

    def serve(self, **more: Any) -> int:
        """A visit that was booked, happened and was paid; returns its id."""
        number = self.book(**{"name": "Мария", "phone": "+79990001122", **more})
        self.change(number, attendance=1)
        self.pay(number)
        return number

    def delete(self, number: int) -> None:
        """Delete a visit. KeyError when there is none."""
        records.change(self.state, number, deleted=True)

    def sell(self, amount: float = 990.0, name: str = "", phone: str = "", **more: Any) -> int:
        """Goods sold at the desk without a visit; less than nothing is a refund. The id in the cash book."""
        card = records.client(self.state, name, phone) if name else None
        told = {"sold": "goods_transaction", "item": 801, "client_id": card["id"] if card else None, **more}
        return int(records.money(self.state, amount, **told)["id"])

    def set_webhook(self, url: str, company: int = seed.COMPANY) -> None:
        """What an owner ticks under the branch's settings: visits, money and clients, to one address."""
        webhooks.change(self.state, company, {"urls": [url], "active": 1, "record": 1, "client": 1,
                                              "finances_operation": 1})  # fmt: skip
