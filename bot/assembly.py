"""Putting it all together, by hand: settings in, every service out. Nothing here knows aiogram."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from bot.operating.surroundings import surroundings
from bot.owners import new_owner
from bot.settings import Settings
from bot.watching.job_runs import JobRuns
from bot.wiring.api import api_door, api_services
from bot.wiring.around_leads import around_leads
from bot.wiring.crm import crm_services
from bot.wiring.hooks_in import inlet_services, takers
from bot.wiring.hooks_out import hook_services
from bot.wiring.leads import lead_services
from bot.wiring.people import people_services
from bot.wiring.planning import planning_services
from bot.wiring.privacy import privacy_services
from bot.wiring.sharing import build_sharing, sharing_services
from bot.wiring.tables import table_services
from bot.wiring.transactions import transaction_services
from bot.wiring.two_ways import two_ways
from crm_adapters.hook_http import HookHttp
from crm_adapters.http import CrmHttp
from crm_adapters.pace import LocalLedger, Paces
from domain.watching import UNWATCHED, Watch
from handlers.cards import activity_title
from services.activities import Activities
from services.clock import Clock, system_clock
from services.connections.integrations import Integrations
from services.connections.settings import seeded
from services.delivery.inbox import Inbox
from services.delivery.outbox import Outbox
from services.delivery.retry import PARKED
from services.delivery.sync import CrmSync
from services.health import Health
from services.journal import Journal
from services.leads import Leads
from services.notices import Notices
from services.pipeline import Pipeline
from services.registry import Services
from storage.db import Database
from storage.replicas.locks import one_after_the_other
from storage.replicas.signals import LocalSignals, RedisSignals, Signals, woken_by
from storage.revision import newest
from storage.secrets import Vault
from web.services import WebServices

ROLES = ("bot", "web", "worker", "scheduler")
"""What somebody must do, all in one process or each in several."""


@dataclass(frozen=True, slots=True)
class Product:
    """Everything built and connected, not yet running."""

    settings: Settings
    db: Database
    signals: Signals
    services: Services
    doors: WebServices
    organization_id: UUID
    owner: str
    watch: Watch = UNWATCHED
    job_runs: JobRuns = field(default_factory=JobRuns)
    figures: Callable[[], Awaitable[bytes]] | None = None
    """The page /metrics; None where nothing is counted."""


@asynccontextmanager
async def assemble(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Product]:
    """Build every service over an up-to-date database, and close all of it in the end."""
    async with AsyncExitStack() as stack:
        db = Database(settings.database_url)
        stack.push_async_callback(db.close)
        signals: Signals = RedisSignals(settings.redis_url) if settings.redis_url else LocalSignals()
        stack.push_async_callback(signals.close)
        woken_by(db.engine, signals)
        watch, figures = _counting(settings, db, clock)
        http = CrmHttp(now=clock, time_limit=settings.crm_timeout, allow=settings.egress_allow, watch=watch)
        stack.push_async_callback(http.aclose)
        paces = build_paces(settings, clock, stack)
        hook_http = HookHttp(now=clock, allow=settings.egress_allow, watch=watch)
        stack.push_async_callback(hook_http.aclose)
        owner = new_owner()
        services = build_services(settings, db, signals, http, hook_http, clock, paces, owner)
        stack.push_async_callback(services.integrations.connections.renewal.close)
        async with one_after_the_other(db):
            organization_id = await first_rows(settings, db, services)
        doors = WebServices(
            inbox=services.inbox,
            website_form=services.website_form,
            clicks=services.clicks,
            make=services.make_leads,
            other=services.json_hooks,
            health=services.health,
            journal=services.journal,
            telegram_secret=settings.telegram_secret,
            logins=services.crm_logins,
            calendars=services.calendars,
            api=api_door(settings, services, stack),
            watch=watch,
            figures=None if settings.metrics_port else figures,
        )
        yield Product(
            settings, db, signals, services, doors, organization_id, owner, watch, JobRuns(), figures
        )


def _counting(
    settings: Settings, db: Database, clock: Clock
) -> tuple[Watch, Callable[[], Awaitable[bytes]] | None]:
    if not settings.metrics:
        return UNWATCHED, None
    from bot.watching.metrics import Figures

    figures = Figures(db, clock)
    return figures, figures.text


def build_paces(settings: Settings, clock: Clock, stack: AsyncExitStack) -> Paces:
    """How fast CRMs are asked: counted by all replicas together where there is Redis."""
    alone = LocalLedger(clock)
    if not settings.redis_url:
        return Paces(clock, alone)
    from storage.replicas.pace import RedisLedger

    shared = RedisLedger(settings.redis_url, alone)
    stack.push_async_callback(shared.close)
    return Paces(clock, shared)


def build_services(
    settings: Settings, db: Database, signals: Signals, http: CrmHttp, hook_http: HookHttp, clock: Clock,
    paces: Paces, owner: str = "",
) -> Services:  # fmt: skip
    """Wire the use cases; who needs whom is seen in the arguments."""
    vault = Vault(settings.secret_key, tuple(settings.secret_key_old))
    chance = random.Random()  # noqa: S311
    notices = Notices(db, clock, signals)
    outbox = _outbox(settings, db, clock, signals, chance)
    sharing = build_sharing(clock, outbox, notices)
    leads = Leads(db, clock, outbox, notices, sharing.new_leads.place)
    pipeline = Pipeline(db, clock, outbox, notices)
    integrations = Integrations(db, vault, http, clock, settings.public_url, paces)
    crm_sync = CrmSync(db, clock, signals, outbox, integrations, notices, pipeline)
    hooks_in = inlet_services(db, clock, signals, outbox, notices, leads)
    journal = Journal(db, clock, signals, owner, notices)
    purchases = transaction_services(settings, db, vault, clock, integrations, outbox, notices, chance)
    road_in = (crm_sync, takers(hooks_in), settings.retry_delays, chance, purchases["transactions_heard"])
    return Services(
        health=Health(db, newest(), clock, surroundings(settings), ROLES),
        activities=Activities(db, clock, outbox, notices, activity_title),
        inbox=Inbox(db, vault, clock, signals, *road_in),
        crm_sync=crm_sync, integrations=integrations, journal=journal, leads=leads, notices=notices,
        outbox=outbox, pipeline=pipeline,
        **hooks_in,
        **purchases,
        **api_services(settings, db, vault, clock, notices),
        **crm_services(db, vault, http, clock, signals, integrations, notices, journal),
        **hook_services(db, vault, hook_http, clock, signals, notices, chance),
        **two_ways(crm_sync, pipeline, notices),
        **people_services(
            db, clock, outbox, notices, leads, pipeline, hooks_in["website_form"], sharing.departures
        ),
        **lead_services(db, clock, outbox, notices),
        **planning_services(db, clock, outbox, notices),
        **privacy_services(db, vault, clock, outbox, notices),
        **table_services(db, clock, signals, outbox, notices, sharing.new_leads),
        **sharing_services(db, clock, outbox, notices, sharing),
        **around_leads(settings, db, clock, signals, outbox, notices, leads),
    )  # fmt: skip


def _outbox(
    settings: Settings, db: Database, clock: Clock, signals: Signals, chance: random.Random
) -> Outbox:
    delays, pauses = settings.retry_delays, _pauses(settings)
    return Outbox(db, clock, signals, delays, chance, pauses, settings.operation_lease)


def _pauses(settings: Settings) -> list[timedelta]:
    """A tripped breaker never waits longer than the retry ladder does at the same place."""
    return [min(pair) for pair in zip(PARKED, (*settings.retry_delays, *PARKED), strict=False)]


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
        given = seeded(settings.crm_provider, settings.crm_url, settings.crm_api_key, settings.crm_secret)
        await services.integrations.seed_from_settings(
            organization_id, settings.crm_provider, given, settings.crm_mode
        )
    return organization_id
