"""A group on its way: the operations of one integration that one worker holds under one lease."""

import asyncio
import time
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.delivery import Operation
from services.connections.adapters import Connected
from services.delivery.briefs import Brief
from services.delivery.settling import Delivered

Job = Operation | Sequence[Operation]
"""An operation by itself, or creates that one request carries."""


FEW, GATHERED = 16, 0.004
"""With more than so many operations still to be begun, ends are committed so many seconds apart."""


@dataclass
class Group:
    """What is still to be begun, what has ended and waits to be committed, and whose lease is kept.

    `stop`: begin nothing more, because the program ends. `longest`: seconds after which nothing more is
    begun, so that a CRM that has become slow does not sit on what another worker could take. `together`: they
    are creates, for a CRM that takes many in one request.
    """

    operations: Sequence[Operation]
    stop: asyncio.Event | None = None
    longest: float = float("inf")
    together: bool = False
    connected: Connected | None = None
    adapter: Any = None
    alerted: bool = False
    briefs: Mapping[UUID, Brief] = field(default_factory=dict)
    troubled: bool = False
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.integration_id = self.operations[0].integration_id
        self._held = {operation.id: operation for operation in self.operations}
        self._waiting: deque[Job] = deque(self.operations)
        self._ended: list[Delivered] = []
        self._news = asyncio.Event()
        self._line: asyncio.Lock | None = None

    @property
    def held(self) -> Collection[Operation]:
        """Operations whose lease must be kept alive."""
        return self._held.values()

    @property
    def waiting(self) -> list[Operation]:
        """Operations that were not begun."""
        return [one for job in self._waiting for one in (job if isinstance(job, Sequence) else (job,))]

    def plan(self, jobs: Iterable[Job]) -> None:
        """Replace what is still to be begun."""
        self._waiting = deque(jobs)

    def add(self, jobs: Iterable[Job]) -> None:
        """More to be begun."""
        self._waiting.extend(jobs)

    def take_alike(self, operation: Operation) -> list[Operation]:
        """Take out what would meet the same limit of one kind of request."""
        alike = [one for one in self.waiting if one.kind is operation.kind]
        self.plan([one for one in self.waiting if one.kind is not operation.kind])
        return alike

    def next(self) -> Job | None:
        """What to begin now; None when nothing is left, or nothing more may be begun."""
        over = self.troubled or (self.stop is not None and self.stop.is_set())
        if over or not self._waiting or time.monotonic() - self.began > self.longest:
            return None
        return self._waiting.popleft()

    async def in_line(self, line: asyncio.Lock) -> None:
        """Wait until the group before this one has begun all it had. Two that take turns would end at the
        same time, and nothing would be under way while the next one is looked for."""
        await line.acquire()
        self._line = line

    def next_in_line(self) -> None:
        """Nothing more is to be begun: the next group may."""
        if self._line is not None:
            self._line.release()
            self._line = None

    def deliver(self, delivered: Delivered) -> None:
        """It reached the CRM: hand it to whoever commits."""
        self._ended.append(delivered)
        self._news.set()

    def let_go(self, operations: Iterable[Operation]) -> None:
        """Settled, or no longer ours: the lease need not be kept."""
        for operation in operations:
            self._held.pop(operation.id, None)

    def finish(self) -> None:
        """Nothing more will be delivered."""
        self.finished.set()
        self._news.set()

    async def ended(self) -> Sequence[Delivered]:
        """Everything that was delivered since the last call, as soon as there is any; empty in the end.
        While much is still to be begun, what ends within a moment is gathered."""
        while not self._ended and not self.finished.is_set():
            self._news.clear()
            await self._news.wait()
        if len(self._waiting) > FEW and not self.finished.is_set():
            await asyncio.sleep(GATHERED)
        ended, self._ended = self._ended, []
        return ended
