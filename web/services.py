"""What the side server needs from below, under one key of the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

from aiohttp import web

from domain.watching import UNWATCHED, Watch
from services.registry import Services

if TYPE_CHECKING:
    from services.api.limits import ApiGate
    from services.api.wording import Wording


@dataclass(frozen=True, slots=True)
class ApiDoor:
    """What the REST API needs. `proxies` are ours: what they say of a caller's address is believed; pages of
    `origins` may call it from a browser."""

    services: Services
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    origins: tuple[str, ...] = ()

    @property
    def gate(self) -> ApiGate:
        return self.services.api_gate

    @property
    def words(self) -> Wording:
        return self.services.wording


@dataclass(frozen=True, slots=True)
class WebServices:
    """`telegram_secret` is what Telegram shows in its header; empty closes that door. Without `api` there is
    no REST API."""

    services: Services
    telegram_secret: str
    api: ApiDoor | None = None
    watch: Watch = UNWATCHED
    figures: Callable[[], Awaitable[bytes]] | None = None
    """The page /metrics; None where nothing is counted, or where it has a port of its own."""


SERVICES = web.AppKey("services", WebServices)
