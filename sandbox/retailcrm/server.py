"""The RetailCRM stand-in as a server in the caller's own loop."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.clock import Clock
from sandbox.retailcrm import customers, orders, seed, triggers
from sandbox.retailcrm.api import Api
from sandbox.retailcrm.calls import PERSON_MAKES
from sandbox.retailcrm.control import Control
from sandbox.retailcrm.state import Limits, Record, State, Trigger
from sandbox.stand_in import Account, Answers


class RetailSandbox(Account[State]):
    """A stateful RetailCRM account on a local port.

    `async with RetailSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the account's
    address without /api/v5. `speed` is how fast its clock runs, `start` where it starts (aware), `zone` the
    account's time zone, `limits` the requests a second that a key may make.
    """

    task_name = "retailcrm-triggers"
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
        limits: Limits | None = None,
        receiver_timeout: float = 10.0,
    ) -> None:
        state = State(Clock(speed, start), ZoneInfo(zone), limits or Limits())
        self.keys = keys or seed.Keys()
        self.api_key = self.keys.api_key
        super().__init__(state, triggers.Courier(state, receiver_timeout), host, port)

    def _fill(self) -> None:
        seed.fill(self.state, self.keys)

    def _doors(self) -> tuple[Answers, Sequence[web.RouteDef]]:
        return Api(self.state).handle, Control(self).routes()

    def records(self, entity: str) -> list[Record]:
        """Copies of the stored orders, customers, tasks, notes or calls in order of creation."""
        return [dict(record) for record in self.state.table(entity).values()]

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

    def _remove_field(self, params: Mapping[str, Any]) -> None:
        place = (params["entity"], params["field"])
        definition = self.state.custom_fields.pop(place, None)
        if definition is not None:
            self.state.hidden_fields[place] = definition

    def _return_fields(self) -> None:
        self.state.custom_fields |= self.state.hidden_fields
        self.state.hidden_fields.clear()
