"""What is committed before somebody is answered, committed together.

Under load arrivals share transactions, whatever their kind: while one commits, those that arrive wait, and
the next takes all of them in the order in which they came. A single one waits for nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from storage.outage import is_outage

if TYPE_CHECKING:
    from storage.db import Database, Session

MOST = 500
"""Arrivals in one transaction."""

LONGEST = 15.0
"""Seconds after which the sender is told to come again, whatever the database does. Senders wait hardly
longer, and what is committed all the same is known when it comes again."""

G = TypeVar("G")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, eq=False)
class Way(Generic[G, R]):
    """How arrivals of one kind are kept; both are given a session in the system scope.

    `vouch` only reads, and tells of each why it is refused. `keep` writes those that are left, and tells what
    the sender of each learns once that is committed.
    """

    keep: "Callable[[Session, Sequence[G]], Awaitable[Sequence[R]]]"
    vouch: "Callable[[Session, Sequence[G]], Awaitable[Sequence[Exception | None]]] | None" = None


@dataclass(eq=False, slots=True)
class _Letter:
    """An arrival. Its `outcome` is cancelled where the sender has gone."""

    way: Way[Any, Any]
    given: Any
    outcome: "asyncio.Future[Any]"

    def refuse(self, error: Exception) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)

    def tell(self, receipt: Any) -> None:
        if not self.outcome.done():
            self.outcome.set_result(receipt)


class Together:
    """Commits arrivals of one process."""

    def __init__(self, db: "Database") -> None:
        self._db = db
        self._waiting: list[_Letter] = []
        self._working: asyncio.Task[None] | None = None

    async def take(self, way: Way[G, R], given: G) -> R:
        """Returns when it is committed; within an ambient transaction it is a part of that. Raises what its
        way refuses it for, what the database ended in, or TimeoutError after LONGEST."""
        if self._db.is_ambient():
            return await self._join(way, given)
        loop = asyncio.get_running_loop()
        letter = _Letter(way, given, loop.create_future())
        self._waiting.append(letter)
        if self._working is None or self._working.done():
            # by itself, so that nobody's hanging up stops the others; it is nobody's transaction either
            self._working = loop.create_task(self._work(), context=Context())
        async with asyncio.timeout(LONGEST):
            receipt: R = await letter.outcome
        return receipt

    async def _join(self, way: Way[G, R], given: G) -> R:
        async with self._db.transaction(system=True) as session:
            for error in await way.vouch(session, [given]) if way.vouch is not None else ():
                if error is not None:
                    raise error
            return (await way.keep(session, [given]))[0]

    async def _work(self) -> None:
        while self._waiting:
            letters, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._settle(letters)
            except BaseException:  # the program stops
                for letter in letters + self._waiting:
                    letter.outcome.cancel()
                self._waiting = []
                raise

    async def _settle(self, letters: Sequence[_Letter]) -> None:
        """None must suffer from another's body: where letters cannot be kept together, each half is tried
        by itself. While the database is away, that holds for all of them."""
        left = [one for one in letters if not one.outcome.done()]
        if not left:
            return
        try:
            await self._commit(left)
        except Exception as error:
            if is_outage(error) or len(left) == 1:
                for letter in left:
                    letter.refuse(error)
                return
            half = len(left) // 2
            await self._settle(left[:half])
            await self._settle(left[half:])

    async def _commit(self, letters: Sequence[_Letter]) -> None:
        if self._db.is_sqlite and any(one.way.vouch for one in letters):
            # its one writer is not kept waiting by what nobody vouches for
            async with self._db.reading(system=True) as session:
                letters = await _vouched_for(session, letters)
            if not letters:
                return
        async with self._db.transaction(system=True) as session:
            if not self._db.is_sqlite:
                letters = await _vouched_for(session, letters)
            receipts = [
                receipt
                for way, own in _by_way(letters).items()
                for receipt in zip(own, await way.keep(session, [one.given for one in own]), strict=True)
            ]
        for letter, told in receipts:
            letter.tell(told)


async def _vouched_for(session: "Session", letters: Sequence[_Letter]) -> Sequence[_Letter]:
    """Those that are to be kept; the others have their outcome."""
    for way, own in _by_way(letters).items():
        if way.vouch is None:
            continue
        for letter, error in zip(own, await way.vouch(session, [one.given for one in own]), strict=True):
            if error is not None:
                letter.refuse(error)
    return [one for one in letters if not one.outcome.done()]


def _by_way(letters: Sequence[_Letter]) -> dict[Way[Any, Any], list[_Letter]]:
    found: dict[Way[Any, Any], list[_Letter]] = {}
    for letter in letters:
        found.setdefault(letter.way, []).append(letter)
    return found
