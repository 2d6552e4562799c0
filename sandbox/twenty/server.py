"""The Twenty stand-in as a server in the caller's own loop."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.stand_in import StandIn
from sandbox.twenty import hooks, records, seed
from sandbox.twenty.api import Api
from sandbox.twenty.control import Control
from sandbox.twenty.limits import Limits
from sandbox.twenty.state import Actor, Key, Record, State, Ways

MAX_BODY = 16 * 1024 * 1024
PERSON = Actor(member_id=seed.ANNA)


class TwentySandbox(StandIn[State]):
    """A stateful Twenty workspace on a local port.

    `async with TwentySandbox(port=0, speed=1) as crm:` serves until the block ends; `url` is the address
    without /rest. `ways` is how its version differs, `prepared` whether an admin has added the product's
    fields, `limits` the requests that all keys together may make, `internal_hosts` the host:port inside its
    own network that webhooks may go to (None: all).
    """

    task_name = "twenty-webhooks"

    def __init__(
        self,
        port: int = 0,
        speed: float = 1.0,
        *,
        host: str = "127.0.0.1",
        start: datetime | None = None,
        keys: seed.Keys | None = None,
        ways: Ways | None = None,
        limits: Limits | None = None,
        prepared: bool = True,
        internal_hosts: tuple[str, ...] | None = None,
        receiver_timeout: float = hooks.TIME_LIMIT,
    ) -> None:
        state = State(Clock(speed, start), ways or Ways(), limits or Limits())
        self._courier = hooks.Courier(state, receiver_timeout)
        super().__init__(state, self._courier.run, host, port)
        self.keys = keys or seed.Keys()
        self.api_key = self.keys.api_key
        self._prepared, self._internal_hosts = prepared, internal_hosts
        self.reset()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/rest/{path:.*}", Api(self.state).handle)
        app.router.add_routes(Control(self).routes())
        return app

    def reset(self) -> None:
        """Back to the first set-up with the same key; records, webhooks and faults are forgotten."""
        self.state.clear()
        self.state.internal_hosts = self._internal_hosts
        seed.fill(self.state, self.keys, prepared=self._prepared)

    def add_key(self, token: str, **role: Any) -> None:
        """Another API key; `role`: until, objects, data_model."""
        self.state.keys[token] = Key(self.state.new_id(), **role)

    def records(self, entity: str) -> list[Record]:
        """Copies of the live records of an object by its plural, in order of creation."""
        return [dict(record) for record in self.state.live(entity)]

    def create(self, entity: str, **sent: Any) -> Record:
        """Make a record as a person would on the page; webhooks hear of it."""
        (made,) = records.create(self.state, PERSON, self.state.objects[entity], [sent])
        return made

    def change(self, entity: str, record_id: str, **sent: Any) -> Record:
        """Change a record as a person would."""
        return records.change(self.state, PERSON, self.state.objects[entity], record_id, sent)

    def delete(self, entity: str, record_id: str, *, soft: bool = True) -> None:
        """Delete a record as a person would: to the trash, or for good."""
        records.delete(self.state, PERSON, self.state.objects[entity], record_id, soft=soft)

    async def deliver_now(self, *, force: bool = False) -> int:
        """Send the waiting webhooks now; returns the requests. None is tried twice."""
        return await self._courier.deliver_now()

    def _remove_field(self, params: Mapping[str, Any]) -> None:
        place = (params["entity"], params["field"])
        gone = self.state.drop_field(*place)
        if gone is not None:
            self.state.hidden_fields[place] = gone

    def _return_fields(self) -> None:
        for (entity, _), gone in self.state.hidden_fields.items():
            self.state.put_field(entity, gone)
        self.state.hidden_fields.clear()
