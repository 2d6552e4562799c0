"""The Renovatio stand-in as a server in the caller's own loop."""

from collections.abc import Mapping, Sequence
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
from sandbox.stand_in import Account, Answers

EVENTS = ("created", "changed", "cancelled")


class RenovatioSandbox(Account[State]):
    """A clinic's account on a local port.

    `async with RenovatioSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is its address
    without /api/public. `speed` is how fast its clock runs, `start` where it starts (aware), `zone` the
    clinic's wall clock.
    """

    task_name = "renovatio-notices"
    api_path = "/api/public"

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
        self.api_key = self.keys.api_key
        super().__init__(state, Courier(state, receiver_timeout), host, port)

    def _fill(self) -> None:
        seed.fill(self.state, self.keys)

    def _doors(self) -> tuple[Answers, Sequence[web.RouteDef]]:
        return Api(self.state).handle, Control(self).routes()

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
