"""The side server of a house on a real port."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from aiohttp import web

from services.health import Health
from services.journal import Journal
from services.planning.calendars import Calendars
from services.registry import Services
from storage import migrations
from storage.hooks_in import hooks
from storage.hooks_in.hooks import Hook, hook_context
from tests.delivery.house import House
from web.app import build_runner
from web.services import WebServices

TELEGRAM_SECRET = "telegram-secret"


@dataclass
class Doors:
    """A running server and a client that knows its address."""

    house: House
    client: httpx.AsyncClient
    services: WebServices

    async def hook(self, event: str) -> Hook:
        """The address registered at the CRM for an event."""
        (integration,) = await self.house.rows("integrations")
        async with self.house.db.reading(self.house.organization_id) as session:
            found = await hooks.of_integration(session, integration.id)
        return next(hook for hook in found if hook.event == event)

    async def secret(self, hook: Hook) -> str:
        return self.house.vault.open(hook.secret, hook_context(hook))["secret"]

    async def form_key(self) -> str:
        async with self.house.db.transaction(self.house.organization_id) as session:
            return await self.house.form.ensure_hook(session, self.house.organization_id)

    async def submit(self, fields: Mapping[str, Any], **more: Any) -> httpx.Response:
        return await self.client.post(f"/hooks/website/{await self.form_key()}", json=fields, **more)


@asynccontextmanager
async def open_doors(
    house: House, *, telegram_secret: str = TELEGRAM_SECRET, **changes: Any
) -> AsyncIterator[Doors]:
    """Serve the house; `changes` replace services."""
    given = {
        "intake": house.intake,
        "website_form": house.form,
        "health": Health(house.db, migrations.head()),
        "journal": Journal(house.db, house.clock, house.signals),
        "crm_logins": house.logins,
        "calendars": Calendars(
            house.db, house.clock, lambda plan, language: ("", ""), lambda name, language: name
        ),
    }
    served = WebServices(Services({}, **{**given, **changes}), telegram_secret)
    runner = build_runner(served)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        house.integrations.subscriptions.public_url = url
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            yield Doors(house, client, served)
    finally:
        await runner.cleanup()
