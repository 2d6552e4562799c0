"""The part of the product that talks to Telegram."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramUnauthorizedError

from bot.assembly import Product
from bot.calls import BotCalls
from bot.commands import introduce
from bot.dialogs import SqlDialogs
from bot.loops import GRACE, Loop
from bot.polling import Poller
from bot.sender import Sender
from bot.settings import Settings
from bot.token import TokenRefused
from bot.turns import Turns
from bot.updates import JournalSweep, Lanes, UpdateWorker
from handlers.routes import routes
from services.registry import Services

log = structlog.get_logger()


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


@asynccontextmanager
async def conversing(product: Product) -> AsyncIterator[list[Loop]]:
    """The bot's loops: sweeping the journal, sending notices, and polling where no webhook is used.

    Raises TokenRefused.
    """
    settings, services, language = product.settings, product.services, product.settings.default_language
    async with build_bot(settings) as bot:
        try:
            me = await bot.me()
        except TelegramUnauthorizedError:
            raise TokenRefused from None
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
