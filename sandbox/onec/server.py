"""The 1C stand-in as a server in the caller's own loop."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.clock import Clock
from sandbox.onec import seed
from sandbox.onec.api import Api
from sandbox.onec.control import Control
from sandbox.onec.state import Record, State
from sandbox.stand_in import StandIn

PUBLICATION = "trade"
MAX_BODY = 16 * 1024 * 1024


class OneCSandbox(StandIn[State]):
    """A base of 1C:Enterprise published on a local port.

    `async with OneCSandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the publication's
    address, without /odata. `speed` is how fast its clock runs, `start` where it starts (aware), `zone` the
    base's wall clock.
    """

    task_name = "onec-idle"

    def __init__(
        self,
        port: int = 0,
        speed: float = 1.0,
        *,
        host: str = "127.0.0.1",
        start: datetime | None = None,
        zone: str = "Europe/Moscow",
        keys: seed.Keys | None = None,
    ) -> None:
        super().__init__(State(Clock(speed, start), ZoneInfo(zone)), _idle, host, port)
        self.keys = keys or seed.Keys()
        seed.fill(self.state, self.keys)

    def _started(self) -> None:
        self.state.base_url = f"{self.state.base_url}/{PUBLICATION}"

    @property
    def token_url(self) -> str:
        """The login server, for whoever signs in by OAuth2."""
        return self.url.removesuffix(f"/{PUBLICATION}") + "/token"

    def _app(self) -> web.Application:
        app, api = web.Application(client_max_size=MAX_BODY), Api(self.state)
        app.router.add_route("*", f"/{PUBLICATION}/{{path:.*}}", api.handle)
        app.router.add_post("/token", api.token)
        app.router.add_routes(Control(self).routes())
        return app

    def reset(self) -> None:
        """Back to the first set-up with the same user; objects and faults are forgotten."""
        self.state.clear()
        seed.fill(self.state, self.keys)

    async def deliver_now(self, *, force: bool = False) -> int:
        """Standard 1C sends nothing by itself."""
        return 0

    # What people do there

    def records(self, entity: str) -> list[Record]:
        """Copies of the stored objects of a kind, in order of creation."""
        return [dict(record) for record in self.state.table(entity).values()]

    def write(self, entity: str, **values: Any) -> Record:
        """Write an object as a person does: a new one is whole, posted and of now. KeyError: no such kind."""
        if entity not in self.state.schema:
            raise KeyError(entity)
        if values.get("Ref_Key") in self.state.table(entity):
            return dict(self.state.put(entity, values))
        first = {
            "Date": self.state.local(),
            "Posted": True,
            "Number": self._number(entity),
            "Валюта_Key": seed.RUB_KEY,
        }
        given = {name: value for name, value in first.items() if name in self.state.schema[entity]} | values
        return dict(self.state.put(entity, seed.complete(entity, given)))

    def _number(self, entity: str) -> str:
        return f"0000-{len(self.state.table(entity)) + 1:06}"

    def customer(self, name: str, phone: str = "", **values: Any) -> Record:
        """A counterparty, with a phone among its contact data."""
        rows = [
            {"Тип": "АдресЭлектроннойПочты", "Представление": "a@example.com", "АдресЭП": "a@example.com"}
        ]
        if phone:
            rows.append(
                {"Тип": "Телефон", "Вид_Key": seed.PHONE_KIND, "Представление": phone, "НомерТелефона": phone}
            )
        return self.write("Catalog_Контрагенты", Description=name, КонтактнаяИнформация=rows, **values)

    def delete(self, entity: str, key: str) -> None:
        """Remove an object for good: it merely is no more. KeyError when it is not there."""
        del self.state.table(entity)[key]

    def tell(self, **values: Any) -> Record:
        """Put a purchase into the HTTP service, or change the one with its `id`."""
        number = str(values["id"])
        old = self.state.service.get(number, {"date": self.state.local()})
        self.state.service[number] = {**old, **values, "_changed": self.state.local()}
        return dict(self.state.service[number])

    # Faults

    def _remove_field(self, params: Mapping[str, Any]) -> None:
        known = self.state.schema[params["entity"]]
        if params["field"] in known:
            self.state.hidden.setdefault(params["entity"], {})[params["field"]] = known.pop(params["field"])

    def _return_fields(self) -> None:
        for entity, gone in self.state.hidden.items():
            self.state.schema[entity] |= gone
        self.state.hidden.clear()


async def _idle() -> None:
    await asyncio.Event().wait()
