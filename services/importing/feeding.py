"""Imported leads on their way into the CRM: they wait behind what people do.

Their operations are parked far in the future, and a few at a time are let go while little else is due. A lead
that somebody works on meanwhile keeps its order: its update waits for its own create, which is then near.
"""

from services.access import open_to
from services.clock import Clock
from services.delivery.outbox import TOPIC
from services.importing.job import BEHIND
from storage import operations
from storage.db import Database
from storage.signals import Signals

AT_ONCE = 60
"""Operations of an integration that are due at a time; a person's own waits for no more than these."""


class CrmFeed:
    """Lets parked operations go."""

    def __init__(self, db: Database, clock: Clock, signals: Signals) -> None:
        self.db, self.clock, self.signals = db, clock, signals

    @open_to("the scheduler")
    async def advance(self) -> int:
        """Returns how many operations became due."""
        now = self.clock()
        async with self.db.transaction(system=True) as s:
            released = await operations.let_go(s, now, now + BEHIND / 2, AT_ONCE)
            if released:
                s.after_commit(lambda: self.signals.wake(TOPIC))
        return released
