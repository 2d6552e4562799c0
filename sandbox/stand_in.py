"""What every stand-in of a CRM is: a server in the caller's own loop, with a courier, switches and a memory
of what it was asked."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from aiohttp import web

from sandbox.clock import Clock
from sandbox.faults import Fault, Faults


class HoldsAccount(Protocol):
    """What the state of a stand-in has in any case. A request seen has `method` and `path`."""

    clock: Clock
    base_url: str
    faults: Faults
    requests: list[Any]

    def stamp(self) -> Any:
        """Now, as the CRM itself writes it."""
        ...


class StartsAnew(HoldsAccount, Protocol):
    """A state that can be emptied; its clock and its address stay."""

    def clear(self) -> None: ...


class Sends(Protocol):
    """A courier: sends webhooks when they are due, until it is cancelled; or all of them now."""

    async def run(self) -> None: ...

    async def deliver_now(self) -> int: ...


Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]
State = TypeVar("State", bound=HoldsAccount)
Emptied = TypeVar("Emptied", bound=StartsAnew)
MAX_BODY = 16 * 1024 * 1024


class StandIn(ABC, Generic[State]):
    """`async with` serves on `host` and `port` (0: a free one) until the block ends; `work` is what goes on
    beside it: webhooks are sent when they are due."""

    task_name: ClassVar[str]

    def __init__(
        self, state: State, work: Callable[[], Coroutine[Any, Any, None]], host: str, port: int
    ) -> None:
        self.state = state
        self._work, self._host, self._port = work, host, port
        self._runner: web.AppRunner | None = None
        self._sending: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return self.state.base_url

    @property
    def clock(self) -> Clock:
        """The stand-in's clock."""
        return self.state.clock

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.state.base_url = f"http://{self._host}:{self._runner.addresses[0][1]}"
        self._started()
        self._sending = asyncio.create_task(self._work(), name=self.task_name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sending is not None:
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending
        if self._runner is not None:
            await self._runner.cleanup()

    @abstractmethod
    def _app(self) -> web.Application:
        """The routes, those of the control side included."""

    def _started(self) -> None:
        """The address is known; nothing is sent yet."""

    @abstractmethod
    def reset(self) -> None:
        """Back to the first set-up with the same keys; records, webhooks and faults are forgotten."""

    @abstractmethod
    async def deliver_now(self, *, force: bool = False) -> int:
        """Send all due webhooks now, `force` those between two attempts too; returns the requests."""

    def requests(self, method: str | None = None, path: str | None = None) -> list[Any]:
        """Requests as they came, oldest first; both filters are exact."""
        return [
            seen
            for seen in self.state.requests
            if (method is None or seen.method == method) and (path is None or seen.path == path)
        ]

    def fail(self, kind: str, times: int | None = None, **params: Any) -> Fault:
        """Switch a fault on for the next `times` requests or until `heal`; its KINDS name the parameters."""
        self.heal(kind)
        fault = self.state.faults.set(kind, times, **params)
        if kind == "field_removed":
            self._remove_field(fault.params)
        return fault

    def heal(self, kind: str | None = None) -> None:
        """Switch one fault off, or all; a removed field comes back."""
        for name in [kind] if kind else [fault.kind for fault in self.state.faults]:
            self.state.faults.clear(name)
            if name == "field_removed":
                self._return_fields()

    def _remove_field(self, params: Mapping[str, Any]) -> None:
        """Take the field that the fault names out of the schema, and keep it."""

    def _return_fields(self) -> None:
        """Put the fields that were taken out back in."""


class Account(StandIn[Emptied]):
    """One whose API has a single door at `api_path`, whose webhooks a courier sends, each but once, and that
    `_fill` sets up: at the start, and after a reset. What `_fill` needs is there before `__init__`."""

    api_path: ClassVar[str]

    def __init__(self, state: Emptied, courier: Sends, host: str, port: int) -> None:
        super().__init__(state, courier.run, host, port)
        self._courier = courier
        self._fill()

    @abstractmethod
    def _fill(self) -> None:
        """Write the first set-up into an empty state."""

    @abstractmethod
    def _doors(self) -> tuple[Answers, Sequence[web.RouteDef]]:
        """(the API, the routes of the control side)."""

    def _app(self) -> web.Application:
        app, (api, control) = web.Application(client_max_size=MAX_BODY), self._doors()
        app.router.add_route("*", f"{self.api_path}/{{path:.*}}", api)
        app.router.add_routes(control)
        return app

    def reset(self) -> None:
        self.state.clear()
        self._fill()

    async def deliver_now(self, *, force: bool = False) -> int:
        return await self._courier.deliver_now()
