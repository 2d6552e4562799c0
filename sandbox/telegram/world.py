"""One stand-in: its parts put together, and a Bot API call from first check to answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from .api import Api
from .clock import Clock
from .errors import ApiError, Json
from .files import Upload
from .journal import Fault, Faults, Journal
from .limits import FloodControl, Limits
from .methods import prepared
from .queries import Queries
from .state import Bot, State
from .updates import Updates
from .webhook import Webhook

DEFAULT_TOKEN = "1000000001:SANDBOX-token-of-the-local-stand-in"  # noqa: S105
DEFAULT_USERNAME = "sandbox_bot"
DEFAULT_NAME = "Sandbox bot"
CALLBACK_TTL = 60.0
UNRECORDED = {"getupdates"}


class Dropped(Exception):
    """A fault cut the connection: no answer may be sent."""


@dataclass(frozen=True)
class Settings:
    """How a stand-in starts. `people` are Person's fields; `links` are {title, url} of the page's header."""

    token: str = DEFAULT_TOKEN
    username: str = DEFAULT_USERNAME
    name: str = DEFAULT_NAME
    people: tuple[Json, ...] = ()
    links: tuple[Json, ...] = ()
    limits: Limits = field(default_factory=Limits)
    speed: float = 1.0
    # Telegram publishes no number; seconds of the stand-in's calendar time.
    callback_ttl: float = CALLBACK_TTL


class World:
    """Everything one stand-in holds."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(settings.speed)
        state = State(Bot(settings.token, settings.username, settings.name), self.clock)
        updates = Updates(self.clock)
        self.api = Api(
            state,
            updates,
            FloodControl(self.clock, settings.limits),
            Queries(self.clock, settings.callback_ttl),
            Webhook(updates, self.clock),
        )
        self.journal = Journal()
        self.faults = Faults()
        self.api.webhook.call = self._from_webhook
        for person in settings.people:
            state.add_person(person)

    async def call(self, method: str, params: Json, uploads: dict[str, Upload]) -> object:
        """Do a call, injected faults included, and record it. Raises ApiError, or Dropped."""
        fault = self.faults.take(method)
        entry: Json = {"method": method, "params": _readable(params), "files": _names(uploads)}
        entry["at"] = self.clock.time()
        try:
            result = await self._run(method, params, uploads, fault, entry)
        except ApiError as error:
            self._record(entry | {"ok": False, "status": error.code, "description": error.description})
            raise
        self._record(entry | {"ok": True, "status": 200, "result": result})
        if fault is not None and fault.mode == "drop_after":
            raise Dropped
        return result

    async def _run(
        self, method: str, params: Json, uploads: dict[str, Upload], fault: Fault | None, entry: Json
    ) -> object:
        if fault is not None and fault.mode == "error":
            raise fault.error()
        if fault is not None and fault.mode == "drop":
            self._record(entry | {"ok": False, "status": 0, "description": "connection dropped"})
            raise Dropped
        if fault is not None and fault.mode == "slow":
            await asyncio.sleep(fault.seconds)
        run, call = prepared(self.api, method, params, uploads)
        entry["params"] = call.params
        result: object = await run(call)
        return result

    def _record(self, entry: Json) -> None:
        if entry["method"].lower() not in UNRECORDED:
            self.journal.add(entry)

    async def _from_webhook(self, method: str, params: Json, uploads: dict[str, Upload]) -> None:
        # Telegram tells nobody what became of a call in a webhook's answer.
        try:
            await self.call(method, params, uploads)
        except (ApiError, Dropped):
            return

    def reset(self) -> None:
        """Forget people, chats, updates, calls and faults; the starting people come back."""
        state = self.api.state
        state.clear()
        state.bot.commands.clear()
        state.bot.texts.clear()
        state.bot.menu_buttons.clear()
        self.api.updates.clear()
        if not self.api.webhook.url:
            self.api.updates.allowed = []
        self.api.queries.clear()
        self.api.flood.set(self.settings.limits)
        self.journal.clear()
        self.faults.clear()
        self.clock.set_speed(self.settings.speed)
        for person in self.settings.people:
            state.add_person(person)

    async def close(self) -> None:
        """Stop sending and end the live feeds."""
        await self.api.webhook.remove(drop_pending=False)
        self.api.updates.end_poll()
        self.api.state.changes.close()


def _names(uploads: dict[str, Upload]) -> dict[str, str]:
    return {field: upload.name for field, upload in uploads.items()}


def _readable(params: Json) -> Json:
    """A refused call's parameters with the JSON in its form fields decoded."""
    shown: Json = {}
    for name, value in params.items():
        if isinstance(value, str) and value[:1] in {"{", "["}:
            try:
                shown[name] = json.loads(value)
                continue
            except ValueError:
                pass
        shown[name] = value
    return shown
