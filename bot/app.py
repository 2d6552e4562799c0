"""Putting it all together, by hand: settings in, a running product out."""

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from bot.api_services import api_door
from bot.around_leads import around_leads
from bot.calls import BotCalls
from bot.commands import introduce
from bot.crm_services import crm_services
from bot.dialogs import SqlDialogs
from bot.jobs import scheduled
from bot.lead_services import lead_services, pipeline_services
from bot.people_services import people_services
from bot.planning_services import planning_services
from bot.polling import Poller
from bot.sender import Sender
from bot.settings import Settings
from bot.sharing_services import build_sharing, sharing_services
from bot.table_services import table_services
from bot.turns import Turns
from bot.two_ways import two_ways
from bot.updates import JournalSweep, Lanes, UpdateWorker
from crm_adapters.http import CrmHttp
from crm_adapters.pace import LocalLedger, Paces
from handlers.cards import activity_title
from handlers.routes import routes
from services.activities import Activities
from services.api.keys import ApiKeys
from services.api.writes import ApiWrites
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
from services.website_form import WebsiteForm
from storage.db import Database
from storage.migrations import head
from storage.pace import RedisLedger
from storage.secrets import Vault
from storage.signals import LocalSignals, RedisSignals, Signals
from web.app import build_runner
from web.services import WebServices

log = structlog.get_logger()

ROLES = ("bot", "web", "worker", "scheduler")
GRACE = 10.0
"""Seconds that work under way gets at a stop; what is left stays in the database."""


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


@asynccontextmanager
async def assemble(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Product]:
    """Build every service over an up-to-date database, and close all of it in the end."""
    async with AsyncExitStack() as stack:
        db = Database(settings.database_url)
        stack.push_async_callback(db.close)
        signals: Signals = RedisSignals(settings.redis_url) if settings.redis_url else LocalSignals()
        stack.push_async_callback(signals.close)
        http = CrmHttp(now=clock, time_limit=settings.crm_timeout, allow=settings.egress_allow)
        stack.push_async_callback(http.aclose)
        paces = build_paces(settings, clock, stack)
        services = build_services(settings, db, signals, http, clock, paces)
        stack.push_async_callback(services.integrations.connections.renewal.close)
        organization_id = await first_rows(settings, db, services)
        doors = WebServices(
            inbox=services.inbox,
            website_form=services.website_form,
            health=Health(db, head()),
            journal=services.journal,
            telegram_secret=settings.telegram_secret,
            logins=services.crm_logins,
            calendars=services.calendars,
            api=api_door(settings, services, stack),
        )
        owner = f"{socket.gethostname()}:{os.getpid()}:{random.getrandbits(24):06x}"
        yield Product(settings, db, signals, services, doors, organization_id, owner)


def build_paces(settings: Settings, clock: Clock, stack: AsyncExitStack) -> Paces:
    """How fast CRMs are asked: counted by all replicas together where there is Redis."""
    alone = LocalLedger(clock)
    if not settings.redis_url:
        return Paces(clock, alone)
    shared = RedisLedger(settings.redis_url, alone)
    stack.push_async_callback(shared.close)
    return Paces(clock, shared)


def build_services(
    settings: Settings, db: Database, signals: Signals, http: CrmHttp, clock: Clock, paces: Paces
) -> Services:
    """Wire the use cases; who needs whom is seen in the arguments."""
    vault = Vault(settings.secret_key, tuple(settings.secret_key_old))
    chance = random.Random()  # noqa: S311
    notices = Notices(db, clock, signals)
    outbox = Outbox(
        db, clock, signals, settings.retry_delays, chance, _pauses(settings), settings.operation_lease
    )
    sharing = build_sharing(clock, outbox, notices)
    leads = Leads(db, clock, outbox, notices, sharing.new_leads.place)
    pipeline = Pipeline(db, clock, outbox, notices)
    integrations = Integrations(db, vault, http, clock, settings.public_url, paces)
    crm_sync = CrmSync(db, clock, signals, outbox, integrations, notices, pipeline)
    website_form = WebsiteForm(db, clock, leads)
    journal = Journal(db, clock, signals)
    return Services(
        activities=Activities(db, clock, outbox, notices, activity_title),
        api_keys=ApiKeys(db, clock),
        api_writes=ApiWrites(db, clock),
        crm_sync=crm_sync,
        inbox=Inbox(db, vault, clock, signals, crm_sync, website_form, settings.retry_delays, chance),
        integrations=integrations,
        journal=journal,
        leads=leads,
        notices=notices,
        outbox=outbox,
        pipeline=pipeline,
        website_form=website_form,
        **crm_services(db, vault, http, clock, signals, integrations, notices, journal),
        **pipeline_services(db, clock, outbox, notices),
        **two_ways(crm_sync, pipeline, notices),
        **people_services(db, clock, outbox, notices, leads, pipeline, website_form, sharing.departures),
        **lead_services(db, clock, outbox, notices),
        **planning_services(db, clock, outbox, notices),
        **table_services(db, clock, signals, outbox, notices, sharing.new_leads.share_rows),
        **sharing_services(db, clock, outbox, notices, sharing),
        **around_leads(settings, db, clock, signals, outbox, notices, leads),
    )


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


def build_bot(settings: Settings) -> Bot:
    server = TelegramAPIServer.from_base(settings.bot_api_url)
    return Bot(settings.bot_token, session=AiohttpSession(api=server))


def build_dispatcher(product: Product, username: str) -> Dispatcher:
    """A dispatcher whose handlers get every service by its field's name."""
    dispatcher = Dispatcher(
        storage=SqlDialogs(),
        bot_username=username,
        public_url=product.settings.public_url,
        services=product.services,
    )
    for field in fields(Services):
        dispatcher[field.name] = getattr(product.services, field.name)
    dispatcher.include_routers(*routes())
    return dispatcher


Loop = Callable[[], Coroutine[Any, Any, None]]


async def run(product: Product, roles: Iterable[str] = ROLES, stop: asyncio.Event | None = None) -> None:
    """Run the roles until `stop` is set; then finish what is under way, within GRACE seconds."""
    stop = stop or asyncio.Event()
    services = product.services
    async with AsyncExitStack() as stack:
        workers: list[Loop] = []
        endless: list[Loop] = []
        if "web" in roles:
            await stack.enter_async_context(_serving(product))
        if "worker" in roles:
            workers.append(lambda: services.crm_sync.loop(product.owner, stop))
            workers.append(lambda: services.inbox.loop(stop))
            workers.append(lambda: services.mailer.loop(stop))
        if "scheduler" in roles:
            await stack.enter_async_context(scheduled(product, GRACE))
            endless.append(services.integrations.check_at_start)
        if "bot" in roles:
            endless += await stack.enter_async_context(_conversing(product))
        await _until(stop, workers, endless, product.signals.wake_all)


async def _until(
    stop: asyncio.Event, workers: list[Loop], endless: list[Loop], wake: Callable[[], None]
) -> None:
    """Run the loops side by side; a loop that fails ends all of them with its error.

    At the stop workers are woken to finish what they hold; endless loops are cancelled.
    """
    finishing = [asyncio.ensure_future(loop()) for loop in workers]
    running = [asyncio.ensure_future(loop()) for loop in endless]
    waiter = asyncio.ensure_future(stop.wait())
    try:
        pending = {waiter, *finishing, *running}
        while not stop.is_set() and pending:
            finished, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in finished - {waiter}:
                task.result()
    finally:
        stop.set()
        wake()
        for task in (waiter, *running):
            task.cancel()
        if finishing:
            await asyncio.wait(finishing, timeout=GRACE)
        for late in finishing:
            late.cancel()
        await asyncio.gather(waiter, *finishing, *running, return_exceptions=True)


@asynccontextmanager
async def _serving(product: Product) -> AsyncIterator[None]:
    settings = product.settings
    runner = build_runner(product.doors)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        await site.start()
        log.info("web.listening", host=settings.http_host, port=settings.http_port)
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _conversing(product: Product) -> AsyncIterator[list[Loop]]:
    """The bot's loops: sweeping the journal, sending notices, and polling where no webhook is used."""
    settings, services, language = product.settings, product.services, product.settings.default_language
    async with build_bot(settings) as bot:
        me = await bot.me()
        log.info("bot.started", username=me.username, mode=settings.bot_mode)
        calls, turns = BotCalls(bot), Turns()
        dispatcher = build_dispatcher(product, me.username or "")
        worker = UpdateWorker(bot, dispatcher, services.journal, services.members, calls, turns, language)
        lanes = Lanes(worker.handle)
        if product.db.is_sqlite:
            await services.journal.take_over()
        await introduce(bot)
        loops: list[Loop] = [
            JournalSweep(services.journal, lanes).loop,
            Sender(services, calls, turns, language).loop,
            services.journal.settle_loop,
        ]
        if settings.bot_mode == "webhook":
            await bot.set_webhook(
                f"{settings.public_url}/telegram/webhook", secret_token=settings.telegram_secret
            )
        else:
            await bot.delete_webhook()
            loops.append(Poller(bot, services.journal, lanes).loop)
        try:
            yield loops
        finally:
            await lanes.drain(GRACE)
            await services.journal.settle()
