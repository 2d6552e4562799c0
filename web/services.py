"""What the side server needs from below, under one key of the application."""

from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from services.connections.logins import CrmLogins
from services.delivery.inbox import Inbox
from services.health import Health
from services.planning.calendars import Calendars
from services.website_form import WebsiteForm


class UpdateJournal(Protocol):
    async def accept(self, body: bytes) -> None:
        """Commit one Telegram update. Raises BadInput for what is no update."""
        ...


@dataclass(frozen=True, slots=True)
class WebServices:
    """`telegram_secret` is what Telegram shows in its header; empty closes that door."""

    inbox: Inbox
    website_form: WebsiteForm
    health: Health
    journal: UpdateJournal
    telegram_secret: str
    logins: CrmLogins
    calendars: Calendars


SERVICES = web.AppKey("services", WebServices)
