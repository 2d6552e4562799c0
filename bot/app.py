"""Running the roles of the product side by side until it is told to stop.

Only the role bot imports aiogram, which takes seconds and a hundred megabytes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from aiohttp import web

from bot.assembly import Product
from bot.jobs import scheduled
from bot.loops import GRACE, Loop
from web.app import build_runner

log = structlog.get_logger()

ROLES = ("bot", "web", "worker", "scheduler")


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
            workers.append(lambda: services.hook_sender.loop(stop))
        if "scheduler" in roles:
            await stack.enter_async_context(scheduled(product, GRACE))
            endless.append(services.integrations.check_at_start)
        if "bot" in roles:
            from bot.conversing import conversing

            endless += await stack.enter_async_context(conversing(product))
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
