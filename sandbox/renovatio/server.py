"""The Renovatio stand-in as a server in the caller's own loop."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.clock import Clock
from sandbox.renovatio import methods, seed
from sandbox.renovatio.api import Api
from sandbox.renovatio.control import Control
from sandbox.renovatio.notices import Courier
from sandbox.renovatio.state import Hook, Record, State
from sandbox.stand_in import StandIn

MAX_BODY = 16 * 1024 * 1024
EVENTS = ("created", "changed", "cancelled")


class RenovatioSandbox(StandIn[State]):
    """A clinic's account on a local port.

    `async with RenovatioSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is its address
    without /api/public. `speed` is how fast its clock runs, `start` where it starts (aware), `zone` the
    clinic's wall clock.
    """

    task_name = "renovatio-notices"

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
        self._courier = Courier(state, receiver_timeout)
        super().__init__(state, self._courier.run, host, port)
        self.keys = keys or seed.Keys()
        self.api_key = self.keys.api_key
        seed.fill(self.state, self.keys)

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/api/public/{path:.*}", Api(self.state).handle)
        app.router.add_routes(Control(self).routes())
        return app

    def reset(self) -> None:
        """Back to the first set-up with the same keys; records, notifications and faults are forgotten."""
        self.state.clear()
        seed.fill(self.state, self.keys)

    async def deliver_now(self, *, force: bool = False) -> int:
        """Send what is still to be told; returns the requests. None is tried twice."""
        return await self._courier.deliver_now()

    # What people of the clinic do

    def records(self, entity: str) -> list[Record]:
        """Copies of the stored patients, appointments or invoices in order of creation."""
        return [dict(record) for record in self.state.table(entity).values()]

    def patient(self, mobile: str = "", **values: str) -> Record:
        """Write a patient down; `mobile` is digits without a plus."""
        return dict(methods.add_patient(self.state, mobile=mobile, **values))

    def visit(self, **values: Any) -> Record:
        """Book a visit, or put down one that took place: `status` and `services` or `sum_value`."""
        return dict(methods.add_visit(self.state, values))

    def change_visit(self, number: int, **values: Any) -> Record:
        """Change a visit. KeyError when there is none."""
        return dict(methods.change_visit(self.state, number, values))

    def delete_visit(self, number: int) -> None:
        """A visit merely is no more. KeyError when there is none."""
        del self.state.table("appointments")[number]

    def invoice(self, **values: Any) -> Record:
        """Write an invoice, paid unless told otherwise."""
        number = self.state.new_id("invoices")
        row = {"id": number, "number": str(number), "date": self.state.local()[:10], "patient_id": 0,
               "status": 2, "value": "0", "services": []}  # fmt: skip
        self.state.table("invoices")[number] = row | values
        return dict(self.state.table("invoices")[number])

    def add_hook(self, event: str, url: str, as_json: bool = False) -> None:
        """Set a notification up. ValueError for an event that does not exist."""
        if event not in EVENTS:
            raise ValueError(f"no event {event!r}; there are {', '.join(EVENTS)}")
        self.state.hooks.append(Hook(event, url, as_json))

    # Faults

    def _remove_field(self, params: Mapping[str, Any]) -> None:
        self.state.hidden.setdefault(params["entity"], set()).add(params["field"])

    def _return_fields(self) -> None:
        self.state.hidden.clear()
