"""Putting it all together, by hand: settings in, every service out. Nothing here knows aiogram."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING
from uuid import UUID

from bot.owners import new_owner
from bot.settings import Settings
from bot.watching.job_runs import JobRuns
from bot.wiring.ground import Foundation
from bot.wiring.rooms import Rooms
from domain.hooks_in import HookKind
from domain.watching import UNWATCHED, Watch
from services.clock import Clock, system_clock
from services.registry import Services
from storage.db import Database
from storage.delivery import integrations
from storage.hooks_in import hooks
from storage.people import members
from storage.privacy.audit import PURPOSE, sign_with
from storage.replicas.locks import one_after_the_other
from storage.replicas.signals import LocalSignals, RedisSignals, Signals, woken_by

if TYPE_CHECKING:
    from web.services import WebServices


@dataclass(frozen=True, slots=True)
class Product:
    """Everything connected, not yet running. Services are built when they are asked for."""

    settings: Settings
    db: Database
    signals: Signals
    clock: Clock
    services: Services
    organization_id: UUID
    owner: str
    watch: Watch = UNWATCHED
    job_runs: JobRuns = field(default_factory=JobRuns)
    figures: Callable[[], Awaitable[bytes]] | None = None
    """The page /metrics; None where nothing is counted."""

    @property
    def doors(self) -> "WebServices":
        """What the web server shows to the world."""
        from web.services import ApiDoor, WebServices

        settings = self.settings
        return WebServices(
            services=self.services,
            telegram_secret=settings.telegram_secret,
            api=ApiDoor(
                services=self.services,
                proxies=tuple(ip_network(one) for one in settings.trusted_proxies),
                origins=tuple(one.lower() for one in settings.cors_origins),
            ),
            watch=self.watch,
            figures=None if settings.metrics_port else self.figures,
        )


@asynccontextmanager
async def assemble(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Product]:
    """Connect everything over an up-to-date database, and close all of it in the end."""
    async with AsyncExitStack() as stack:
        db = Database(settings.database_url)
        stack.push_async_callback(db.close)
        signals: Signals = RedisSignals(settings.redis_url) if settings.redis_url else LocalSignals()
        stack.push_async_callback(signals.close)
        woken_by(db.engine, signals)
        watch, figures = _counting(settings, db, clock)
        foundation = Foundation(settings, db, signals, clock, watch, new_owner(), stack)
        sign_with(db, foundation.vault.derived(PURPOSE)[0])
        services = Rooms(foundation).services
        organization_id = await _set_up(settings, db)
        if organization_id is None:
            async with one_after_the_other(db):
                organization_id = await first_rows(settings, db, services)
        yield Product(
            settings, db, signals, clock, services, organization_id, foundation.owner, watch, JobRuns(),
            figures,
        )  # fmt: skip


def _counting(
    settings: Settings, db: Database, clock: Clock
) -> tuple[Watch, Callable[[], Awaitable[bytes]] | None]:
    if not settings.metrics:
        return UNWATCHED, None
    from bot.watching.metrics import Figures

    figures = Figures(db, clock)
    return figures, figures.text


async def _set_up(settings: Settings, db: Database) -> UUID | None:
    """The organization where nothing is left for first_rows: most starts are not the first."""
    async with db.reading(system=True) as system:
        first = await members.first_organization(system)
        if first is None:
            return None
        s = system.scoped(first.id, False)
        owners = [await members.member_of(s, one) for one in settings.admin_ids]
        form = await hooks.of_provider(s, HookKind.WEBSITE.value)
        has_crm = settings.crm_provider == "none" or bool(await integrations.every(s))
    return first.id if form and has_crm and None not in owners else None


async def first_rows(settings: Settings, db: Database, services: Services) -> UUID:
    """What a fresh database needs before anybody comes: an organization, its website hook, its CRM."""
    organization_id = await services.organizations.ensure_first(
        settings.organization_name or "Voronka",
        settings.default_language,
        settings.default_region,
        settings.timezone,
        settings.admin_ids,
    )
    async with db.transaction(organization_id) as s:
        await services.website_form.ensure_hook(s, organization_id)
    if settings.crm_provider != "none":
        from services.connections.settings import seeded

        given = seeded(settings.crm_provider, settings.crm_url, settings.crm_api_key, settings.crm_secret)
        await services.integrations.seed_from_settings(
            organization_id, settings.crm_provider, given, settings.crm_mode
        )
    return organization_id
