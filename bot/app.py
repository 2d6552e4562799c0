"""Running the roles of the product side by side until it is told to stop.

Only the role bot imports aiogram, which takes seconds and a hundred megabytes.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from bot.assembly import Product
from bot.loops import GRACE, Loop
from bot.only_one import OnlyOne
from bot.operating.troubles import CannotStart
from bot.roles import ROLES
from bot.settings import Settings
from bot.starting import warn_of_open_rows
from bot.watching.heartbeat import beating
from locales import N_

if TYPE_CHECKING:
    from aiohttp import web

log = structlog.get_logger()

DEAF = N_("{setting}: cannot listen on {place} ({reason}); end the other program, or set another port.")
SECOND_SCHEDULER = "Another process runs the schedule; this one waits and takes over when that one ends."


async def run(product: Product, roles: Iterable[str] = ROLES, stop: asyncio.Event | None = None) -> None:
    """Run the roles until `stop` is set; then finish what is under way, within GRACE seconds."""
    stop = stop or asyncio.Event()
    async with AsyncExitStack() as stack:
        workers: list[Loop] = []
        endless: list[Loop] = []
        roles = tuple(roles)
        endless.append(await stack.enter_async_context(beating(product, roles)))
        if product.settings.metrics_port:
            from web.side import build_side

            side = build_side(product.services, product.figures)
            await stack.enter_async_context(_listening(side, product.settings, "side"))
        if "web" in roles:
            from web.app import build_runner

            await stack.enter_async_context(_listening(build_runner(product.doors), product.settings, "web"))
        if "worker" in roles:
            services = product.services
            workers.append(lambda: services.crm_sync.loop(product.owner, stop))
            workers.append(lambda: services.inbox.loop(stop))
            workers.append(lambda: services.mailer.loop(stop))
            workers.append(lambda: services.hook_sender.loop(stop))
        if "scheduler" in roles:
            endless.append(_scheduling(product).loop)
        if "bot" in roles:
            endless.append(lambda: _talking(product))
        await warn_of_open_rows(product.db)
        await _until(stop, workers, endless, product.signals.wake_all)


async def _talking(product: Product) -> None:
    """The role bot. The other roles go on while Telegram cannot be reached, at the start too."""
    from bot.telegram.conversing import conversing

    async with conversing(product) as loops:
        await _until(asyncio.Event(), [], loops, lambda: None)


def _scheduling(product: Product) -> OnlyOne:
    async def work() -> None:
        from bot.jobs import scheduled

        async with scheduled(product, GRACE):
            await product.services.integrations.check_at_start()
            await asyncio.Event().wait()

    def waiting() -> None:
        log.info("scheduler.waiting", hint=SECOND_SCHEDULER)

    return OnlyOne(product.db, product.clock, "scheduler", product.owner, work, waiting)


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
async def _listening(runner: "web.AppRunner", settings: Settings, name: str) -> AsyncIterator[None]:
    from aiohttp import web

    port = settings.http_port if name == "web" else settings.metrics_port
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.http_host, port)
        try:
            await site.start()
        except OSError as error:
            setting = "HTTP_PORT" if name == "web" else "METRICS_PORT"
            reason = os.strerror(error.errno or 0).lower()
            place = f"{settings.http_host}:{port}"
            raise CannotStart(DEAF, setting=setting, place=place, reason=reason) from error
        log.info(f"{name}.listening", host=settings.http_host, port=port)
        yield
    finally:
        await runner.cleanup()
