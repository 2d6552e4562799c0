"""What a process tells the others: that it lives, what it does, and how its jobs went."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.assembly import Product
from bot.loops import Loop
from storage.replicas import processes
from storage.replicas.processes import Process
from storage.revision import newest

log = structlog.get_logger()

BEAT = 10.0
FORGET = timedelta(days=1)


@asynccontextmanager
async def beating(product: Product, roles: Iterable[str]) -> AsyncIterator[Loop]:
    """The loop that tells it every BEAT seconds; at the end it tells that the process is gone."""
    clock = product.clock
    started = clock()
    known = tuple(roles)

    async def beat() -> None:
        while True:
            now = clock()
            own = tuple(product.job_runs.last.values())
            try:
                async with product.db.transaction(system=True) as s:
                    await processes.seen(s, Process(product.owner, known, newest(), started, now, own))
            except (SQLAlchemyError, OSError) as error:
                log.warning("heartbeat.no_database", error=type(error).__name__)
            await asyncio.sleep(BEAT)

    try:
        yield beat
    finally:
        with suppress(SQLAlchemyError, OSError, TimeoutError):
            async with asyncio.timeout(2), product.db.transaction(system=True) as s:
                await processes.gone(s, product.owner, clock() - FORGET)
