"""The EspoCRM stand-in as a server in the caller's own loop."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.espocrm import records, seed
from sandbox.espocrm.api import Api
from sandbox.espocrm.control import Control
from sandbox.espocrm.delivery import Courier
from sandbox.espocrm.state import Record, State
from sandbox.faults import Fault
from sandbox.stand_in import StandIn

PAGE = Path(__file__).parent / "page"
MAX_BODY = 64 * 1024 * 1024


class EspoSandbox(StandIn[State]):
    """A stateful EspoCRM on a local port.

    `async with EspoSandbox(port=0, version="10.0.0", speed=1) as crm:` serves until the block ends; `url` is
    the site's address without api/v1. `speed` is how fast its clock runs, `start` where it starts (aware).
    `webhook_hosts` lists the internal `host:port` that webhooks may go to in 10.0.0; None allows all.
    """

    task_name = "espocrm-cron"

    def __init__(
        self,
        port: int = 0,
        version: str = "10.0.0",
        speed: float = 1.0,
        *,
        host: str = "127.0.0.1",
        start: datetime | None = None,
        keys: seed.Keys | None = None,
        webhook_hosts: tuple[str, ...] | None = None,
        receiver_timeout: float = 10.0,
    ) -> None:
        state = State(Clock(speed, start), version)
        self._courier = Courier(state, receiver_timeout)
        super().__init__(state, self._courier.run, host, port)
        self._hosts = webhook_hosts
        self.state.settings.allowed_webhook_hosts = webhook_hosts
        self.keys = keys or seed.Keys()
        self.api_key = self.keys.api_key
        self.hmac_key = self.keys.hmac_key
        self.hmac_secret = self.keys.hmac_secret
        seed.fill(self.state, self.keys)

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        api, control = Api(self.state), Control(self)
        app.router.add_route("*", "/api/v1", api.handle)
        app.router.add_route("*", "/api/v1/{path:.*}", api.handle)
        app.router.add_routes(control.routes())
        app.router.add_get("/", _index)
        app.router.add_static("/page", PAGE)
        return app

    def reset(self) -> None:
        """Back to the first set-up with the same keys; webhooks, records and faults are forgotten."""
        self.state.clear()
        self.state.settings.allowed_webhook_hosts = self._hosts
        seed.fill(self.state, self.keys)

    def records(self, entity: str) -> list[Record]:
        """Copies of the stored records of an entity type in order of creation."""
        return [dict(record) for record in self.state.all(entity)]

    def leads(self) -> list[Record]:
        """Stored leads; phones and e-mails are in phoneNumberData and emailAddressData."""
        return self.records("Lead")

    def calls(self) -> list[Record]:
        """Stored calls."""
        return self.records("Call")

    def tasks(self) -> list[Record]:
        """Stored tasks."""
        return self.records("Task")

    def notes(self, kind: str | None = "Post") -> list[Record]:
        """Posts of the stream; None for the CRM's own notes too."""
        return [note for note in self.records("Note") if kind in (None, note["type"])]

    def hooks(self) -> list[Record]:
        """Registered webhooks with their secrets."""
        return self.records("Webhook")

    def user_id(self, user_name: str) -> str:
        """The id of a user by user name; KeyError when there is none."""
        return seed.user_named(self.state, user_name).id

    def change(self, entity: str, record_id: str, user_name: str = "anna", **values: Any) -> Record:
        """Change a record as a person would on the CRM's page; webhooks see it. Returns the whole record."""
        actor = seed.user_named(self.state, user_name)
        return records.update(self.state, actor, entity, record_id, values)

    def set_status(self, lead_id: str, status: str, user_name: str = "anna") -> Record:
        """Set a lead's status as a person would."""
        return self.change("Lead", lead_id, user_name, status=status)

    def create(self, entity: str, user_name: str = "anna", **values: Any) -> Record:
        """Make a record as a person would, without the duplicate check."""
        actor = seed.user_named(self.state, user_name)
        return records.create(self.state, actor, entity, values, skip_duplicates=True)

    def delete(self, entity: str, record_id: str) -> None:
        """Delete a record as the admin would."""
        records.delete(self.state, seed.user_named(self.state, "admin"), entity, record_id)

    async def deliver_now(self, *, force: bool = False) -> int:
        """Send all due webhooks now, `force` those that wait for another attempt too; returns the POSTs."""
        return await self._courier.deliver_now(force=force)

    async def cron(self) -> int:
        """One pass of the cron, with its limits of 20 events and one POST a webhook; returns the POSTs."""
        return await self._courier.make_pass()

    def fail(self, kind: str, times: int | None = None, **params: Any) -> Fault:
        """The same, and the page is told."""
        fault = super().fail(kind, times, **params)
        self.state.touch()
        return fault

    def heal(self, kind: str | None = None) -> None:
        """The same, and the page is told."""
        super().heal(kind)
        self.state.touch()

    def _remove_field(self, params: Mapping[str, Any]) -> None:
        place = (params["entity"], params["field"])
        definition = self.state.drop_field(*place)
        if definition is not None:
            self.state.hidden_fields[place] = definition

    def _return_fields(self) -> None:
        for place, definition in self.state.hidden_fields.items():
            self.state.define_field(*place, definition)
        self.state.hidden_fields.clear()


async def _index(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGE / "index.html")
