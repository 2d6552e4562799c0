"""What the side server needs from below, under one key of the application."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from aiohttp import web

from domain.watching import UNWATCHED, Watch
from services.api.limits import ApiGate
from services.connections.logins import CrmLogins
from services.delivery.inbox import Inbox
from services.health import Health
from services.hooks_in.clicks import Clicks
from services.hooks_in.make import MakeLeads
from services.hooks_in.other import JsonHooks
from services.planning.calendars import Calendars
from services.registry import Services
from services.website_form import WebsiteForm


class UpdateJournal(Protocol):
    async def accept(self, body: bytes) -> None:
        """Commit one Telegram update. Raises BadInput for what is no update."""
        ...


@dataclass(frozen=True, slots=True)
class Wording:
    """What goes by a key until somebody names it, in the current language: stages by key, pipelines by
    preset, columns of an export by name."""

    stage: Callable[[str], str]
    pipeline: Callable[[str], str]
    column: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ApiDoor:
    """What the REST API needs. `proxies` are ours: what they say of a caller's address is believed; pages of
    `origins` may call it from a browser."""

    services: Services
    gate: ApiGate
    words: Wording
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WebServices:
    """`telegram_secret` is what Telegram shows in its header; empty closes that door. Without `api` there is
    no REST API, and without their services no doors for messenger links, Make.com and other systems."""

    inbox: Inbox
    website_form: WebsiteForm
    health: Health
    journal: UpdateJournal
    telegram_secret: str
    logins: CrmLogins
    calendars: Calendars
    api: ApiDoor | None = field(default=None)
    clicks: Clicks | None = field(default=None)
    make: MakeLeads | None = field(default=None)
    other: JsonHooks | None = field(default=None)
    watch: Watch = UNWATCHED
    figures: Callable[[], Awaitable[bytes]] | None = None
    """The page /metrics; None where nothing is counted, or where it has a port of its own."""


SERVICES = web.AppKey("services", WebServices)
