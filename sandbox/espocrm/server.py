"""The EspoCRM stand-in as a server in the caller's own loop."""

import asyncio
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.espocrm import records, seed
from sandbox.espocrm.api import Api
from sandbox.espocrm.control import Control
from sandbox.espocrm.delivery import Courier
from sandbox.espocrm.faults import Fault
from sandbox.espocrm.state import Record, Seen, State

PAGE = Path(__file__).parent / "page"
MAX_BODY = 64 * 1024 * 1024


class EspoSandbox:
    """A stateful EspoCRM on a local port.

    `async with EspoSandbox(port=0, version="10.0.0", speed=1) as crm:` serves until the block ends; `url` is
    the site's address without api/v1. `speed` is how fast its clock runs, `start` where it starts (aware).
    `webhook_hosts` lists the internal `host:port` that webhooks may go to in 10.0.0; None allows all.
    """

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
        self.state = State(Clock(speed, start), version)
        self.state.settings.allowed_webhook_hosts = webhook_hosts
        self.keys = keys or seed.Keys()
        self.api_key = self.keys.api_key
        self.hmac_key = self.keys.hmac_key
        self.hmac_secret = self.keys.hmac_secret
        self._host, self._port, self._hosts = host, port, webhook_hosts
        self._courier = Courier(self.state, receiver_timeout)
        self._runner: web.AppRunner | None = None
        self._cron: asyncio.Task[None] | None = None
        seed.fill(self.state, self.keys)

    @property
    def url(self) -> str:
        """The address of the site, without a slash at the end."""
        return self.state.base_url

    @property
    def clock(self) -> Clock:
        """The stand-in's clock."""
        return self.state.clock

    async def __aenter__(self) -> "EspoSandbox":
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.state.base_url = f"http://{self._host}:{port}"
        self._cron = asyncio.create_task(self._courier.run(), name="espocrm-cron")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._cron is not None:
            self._cron.cancel()
            with suppress(asyncio.CancelledError):
                await self._cron
        if self._runner is not None:
            await self._runner.cleanup()

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

    def requests(self, method: str | None = None, path: str | None = None) -> list[Seen]:
        """Requests to api/v1 as they came, oldest first; `path` is relative to api/v1 and exact."""
        return [
            seen
            for seen in self.state.requests
            if (method is None or seen.method == method) and (path is None or seen.path == path)
        ]

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
        """Switch a fault on for the next `times` requests or until `heal`; see Faults.set for the kinds."""
        self.heal(kind)
        fault = self.state.faults.set(kind, times, **params)
        if kind == "field_removed":
            place = (fault.params["entity"], fault.params["field"])
            definition = self.state.drop_field(*place)
            if definition is not None:
                self.state.faults.hidden_fields[place] = definition
        self.state.touch()
        return fault

    def heal(self, kind: str | None = None) -> None:
        """Switch one fault off, or all; a removed field comes back."""
        for name in [kind] if kind else [fault.kind for fault in self.state.faults]:
            self.state.faults.clear(name)
            if name == "field_removed":
                for place, definition in self.state.faults.hidden_fields.items():
                    self.state.define_field(*place, definition)
                self.state.faults.hidden_fields.clear()
        self.state.touch()


async def _index(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGE / "index.html")
