"""Updates of one chat in order, of different chats at once; and what brings them from the journal."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.journal import Journal
from storage.messages.updates import JournalEntry

log = structlog.get_logger()

SWEEP = 1.0
MOST = 128
"""Lanes that a process takes on: what is beyond them is for other replicas."""

GiveBack = Callable[[Sequence[int]], Awaitable[None]]


async def _keep_them(_update_ids: Sequence[int]) -> None:
    return


class Lanes:
    """Runs entries of one lane in order and different lanes at once, at most `width` of them.

    A lane that fails is left; `give_back` gets what it still had.
    """

    def __init__(
        self,
        handle: Callable[[JournalEntry], Awaitable[None]],
        width: int = 64,
        give_back: GiveBack = _keep_them,
    ) -> None:
        self._handle, self._give_back = handle, give_back
        self._waiting: dict[int, deque[JournalEntry]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(width)
        self._left = asyncio.Event()

    def __len__(self) -> int:
        """How many lanes have something to do."""
        return len(self._waiting)

    def held(self) -> Iterator[int]:
        """The update ids that wait or are being worked on."""
        return (entry.update_id for queue in self._waiting.values() for entry in queue)

    def add(self, entry: JournalEntry) -> None:
        """Queue the entry behind those of its lane."""
        if entry.lane in self._waiting:
            self._waiting[entry.lane].append(entry)
            return
        self._waiting[entry.lane] = deque((entry,))
        task = asyncio.get_running_loop().create_task(self._run(entry.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def room(self, most: int) -> None:
        """Return once fewer than `most` lanes have something to do."""
        while len(self) >= most:
            self._left.clear()
            await self._left.wait()

    async def _run(self, lane: int) -> None:
        queue = self._waiting[lane]
        try:
            async with self._room:
                while queue:
                    await self._handle(queue[0])
                    queue.popleft()
        except Exception as error:
            # the database knows what became of it: the lane goes on from there
            log.warning("lane.left", error=type(error).__name__, exc_info=not _is_away(error))
            await self._return([entry.update_id for entry in queue])
        finally:
            del self._waiting[lane]
            self._left.set()

    async def _return(self, update_ids: Sequence[int]) -> None:
        try:
            await self._give_back(update_ids)
        except Exception as error:
            log.warning("lane.kept_until_its_lease_ends", error=type(error).__name__)

    async def drain(self, seconds: float) -> None:
        """Let what is under way finish; what is still queued after `seconds` stays in the journal."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=seconds)
        for task in self._tasks:
            task.cancel()


def _is_away(error: Exception) -> bool:
    return isinstance(error, SQLAlchemyError | OSError | TimeoutError)


class JournalSweep:
    """Brings entries nobody works on into the lanes: after a crash, or stored by a web process."""

    def __init__(self, journal: Journal, lanes: Lanes) -> None:
        self.journal, self.lanes = journal, lanes

    async def loop(self) -> None:
        while True:
            await self.lanes.room(MOST)
            wanted = MOST - len(self.lanes)
            found = await self._unfinished(wanted)
            for entry in found:
                self.lanes.add(entry)
            if len({entry.lane for entry in found}) < wanted:
                await self.journal.signals.wait("updates", SWEEP)

    async def _unfinished(self, lanes: int) -> list[JournalEntry]:
        try:
            return await self.journal.unfinished(lanes)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("journal.no_database", error=type(error).__name__)
            await asyncio.sleep(SWEEP)
            return []

    async def keep_loop(self) -> None:
        """Runs until cancelled: what waits in the lanes stays ours."""
        while True:
            await asyncio.sleep(self.journal.keep_every)
            try:
                await self.journal.keep(list(self.lanes.held()))
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("journal.no_database", error=type(error).__name__)
