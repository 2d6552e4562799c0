"""Work that one process at a time may do, by a lock in the database: the others wait and take over.

A process that ends lets go at once; one that is killed is followed within LEASE, on the same machine within
BEAT. Whoever cannot renew its lock in time stops working before another may begin.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.loops import Loop
from bot.owners import is_dead
from services.clock import Clock
from storage.db import Database
from storage.replicas import locks

log = structlog.get_logger()

LEASE = timedelta(seconds=15)
BEAT = 2.0
PATIENCE = 4.0
"""Seconds that the database gets for an answer."""

SAFE = LEASE.total_seconds() - PATIENCE - BEAT
"""Seconds after the last renewal at which the work stops: before anybody else may think it is free."""


class OnlyOne:
    """Runs `work` while it holds the lock `name`; `waiting` is told once that somebody else has it."""

    def __init__(
        self, db: Database, clock: Clock, name: str, owner: str, work: Loop, waiting: Callable[[], None]
    ) -> None:
        self.db, self.clock, self.name, self.owner = db, clock, name, owner
        self.work, self.waiting = work, waiting

    async def loop(self) -> None:
        """Runs until cancelled, or until the work fails."""
        while True:
            await self._turn()
            await self._working()

    async def _turn(self) -> None:
        told = False
        while True:
            holder = await self._take()
            if holder == self.owner:
                return
            if holder and not told:
                self.waiting()
                told = True
            await asyncio.sleep(BEAT)

    async def _working(self) -> None:
        task = asyncio.ensure_future(self.work())
        try:
            await self._keep(task)
        finally:
            task.cancel()
            # ends what is under way; the lock is still ours meanwhile
            ended = await asyncio.gather(task, return_exceptions=True)
            await self._let_go()
        if isinstance(ended[0], Exception):
            raise ended[0]

    async def _keep(self, task: "asyncio.Task[None]") -> None:
        """Renew the lock until the work ends or the lock is lost."""
        loop = asyncio.get_running_loop()
        sure = loop.time()
        while not task.done():
            await asyncio.wait([task], timeout=BEAT)
            if task.done():
                return
            asked = loop.time()
            holder = await self._take()
            if holder == self.owner:
                sure = asked
            elif holder or loop.time() - sure > SAFE:
                log.warning("lock.lost", lock=self.name, holder=holder or None)
                return

    async def _take(self) -> str:
        """Who has the lock now; empty when the database does not tell."""
        try:
            async with asyncio.timeout(PATIENCE), self.db.transaction(system=True) as s:
                holder = await locks.take(s, self.name, self.owner, self.clock(), LEASE)
                if holder != self.owner and is_dead(holder):
                    holder = await locks.take(s, self.name, self.owner, self.clock(), LEASE, holder)
                return holder
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("lock.no_database", lock=self.name, error=type(error).__name__)
            return ""

    async def _let_go(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE), self.db.transaction(system=True) as s:
                await locks.let_go(s, self.name, self.owner)
        except (SQLAlchemyError, OSError, TimeoutError):
            log.warning("lock.not_let_go", lock=self.name)
