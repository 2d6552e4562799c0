"""The part of the product that talks to Telegram."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from bot.assembly import Product
from bot.loops import GRACE, Loop
from bot.only_one import OnlyOne
from bot.operating.troubles import CannotStart
from bot.owners import is_dead
from bot.settings import Settings
from bot.telegram.calls import BotCalls
from bot.telegram.commands import introduce
from bot.telegram.dialogs import SqlDialogs
from bot.telegram.lanes import JournalSweep, Lanes
from bot.telegram.polling import Poller
from bot.telegram.sender import Sender
from bot.telegram.timing import timing
from bot.telegram.token import TokenRefused
from bot.telegram.turns import Turns
from bot.telegram.updates import UpdateWorker
from handlers.routes import routes
from locales import N_
from services.registry import ROOM_OF
from storage.replicas.sending_pace import LocalPace, RedisPace, SendingPace
from storage.replicas.short_locks import ShortLocks

log = structlog.get_logger()

SECOND_POLLER = (
    "Another process of this installation polls Telegram; this one waits and takes over when that one ends."
)
UNREACHABLE = "Telegram does not answer at BOT_API_URL: nobody is answered in the chat until it does."
REFUSED = N_(
    "Telegram refuses PUBLIC_URL {url} as a webhook ({reason}): it must be https on port 443, 80, 88 or 8443 "
    "and reachable from outside; or set BOT_MODE=polling."
)
AGAIN = 2.0
T = TypeVar("T")


def build_bot(settings: Settings) -> Bot:
    server = TelegramAPIServer.from_base(settings.bot_api_url)
    if settings.telegram_test:
        server = replace(server, base=server.base.replace("/{method}", "/test/{method}"))
    return Bot(settings.bot_token, session=AiohttpSession(api=server))


async def _reached(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, as soon as Telegram can be reached. Raises TokenRefused."""
    told = False
    while True:
        try:
            return await ask()
        except TelegramUnauthorizedError:
            raise TokenRefused from None
        except (TelegramNetworkError, TelegramServerError) as error:
            if not told:
                log.warning("telegram.unreachable", error=type(error).__name__, hint=UNREACHABLE)
            told = True
            await asyncio.sleep(AGAIN)


async def _ask_for_webhook(bot: Bot, settings: Settings) -> None:
    try:
        await bot.set_webhook(
            f"{settings.public_url}/telegram/webhook", secret_token=settings.telegram_secret
        )
    except TelegramBadRequest as error:
        raise CannotStart(REFUSED, url=settings.public_url, reason=error.message) from None


def build_dispatcher(product: Product, username: str) -> Dispatcher:
    """A dispatcher whose handlers get every service by its field's name."""
    dispatcher = Dispatcher(
        storage=SqlDialogs(),
        bot_username=username,
        public_url=product.settings.public_url,
        services=product.services,
    )
    for name in ROOM_OF:
        dispatcher[name] = getattr(product.services, name)
    for observer in dispatcher.observers.values():
        observer.middleware(timing(product.watch))
    dispatcher.include_routers(*routes())
    return dispatcher


@asynccontextmanager
async def conversing(product: Product) -> AsyncIterator[list[Loop]]:
    """The bot's loops: sweeping the journal, sending notices, and polling where no webhook is used.

    Raises TokenRefused.
    """
    settings, services, language = product.settings, product.services, product.settings.default_language
    async with AsyncExitStack() as stack, build_bot(settings) as bot:
        me = await _reached(bot.me)
        log.info("bot.started", username=me.username, mode=settings.bot_mode)
        calls, turns = await _shared(product, bot, stack)
        dispatcher = build_dispatcher(product, me.username or "")
        worker = UpdateWorker(bot, dispatcher, services.journal, services.members, calls, turns, language)
        lanes = Lanes(worker.handle, give_back=services.journal.give_back)
        sweep = JournalSweep(services.journal, lanes)
        await services.journal.take_over(is_dead)
        await _reached(lambda: introduce(bot))
        loops: list[Loop] = [
            sweep.loop,
            sweep.keep_loop,
            Sender(services, calls, turns, language).loop,
            services.journal.settle_loop,
        ]
        if settings.bot_mode == "webhook":
            await _reached(lambda: _ask_for_webhook(bot, settings))
        else:
            loops.append(_polling(product, Poller(bot, services.journal, lanes)).loop)
        try:
            yield loops
        finally:
            await lanes.drain(GRACE)
            await services.journal.settle()
            await services.journal.let_go()


async def _shared(product: Product, bot: Bot, stack: AsyncExitStack) -> tuple[BotCalls, Turns]:
    """What all replicas of the bot share where there is Redis: Telegram's limits, and turns in a chat."""
    settings = product.settings
    pace: SendingPace = LocalPace(settings.telegram_rate)
    if not settings.redis_url:
        return BotCalls(bot, product.watch, pace), Turns()
    pace = RedisPace(settings.redis_url, str(bot.id), settings.telegram_rate)
    locks = ShortLocks(settings.redis_url, product.owner)
    stack.push_async_callback(pace.close)
    stack.push_async_callback(locks.close)
    return BotCalls(bot, product.watch, pace), Turns(locks)


def _polling(product: Product, poller: Poller) -> OnlyOne:
    def waiting() -> None:
        log.warning("poller.waiting", hint=SECOND_POLLER)

    name = f"poller:{poller.bot.id}"
    return OnlyOne(product.db, product.services.journal.clock, name, product.owner, poller.loop, waiting)
