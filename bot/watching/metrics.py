"""The figures of /metrics, in Prometheus' own text.

Names of handlers, routes, jobs, methods and providers are out of short lists, and so is every outcome:
nothing personal, no address and no organization is a label.
"""

import time
from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from sqlalchemy.pool import QueuePool

from domain.watching import Event, Watch, Work
from storage import queues
from storage.db import Database

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
LABELS: dict[Work, tuple[str, str]] = {
    "handler": ("handler", "Updates of Telegram, by the function that answered"),
    "door": ("door", "HTTP requests, by route"),
    "provider": ("provider", "Calls to CRMs and other systems"),
    "hook": ("hook", "Webhooks that we send"),
    "telegram": ("method", "Calls to the Bot API"),
    # Prometheus has a label `job` of its own
    "job": ("job_name", "Jobs of the scheduler"),
}
EVENTS: dict[Event, tuple[str, str]] = {
    "telegram_floods": ("method", "How often Telegram told us to wait (429)"),
    "possible_doubles": ("what", "Messages that were under way at a crash, and are sent again"),
}
OLDEST = 5.0
"""Seconds for which the queues' figures serve: whoever asks more often does not cost the database more."""


class Figures(Watch):
    """Counts for one process."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self.db, self.clock = db, clock
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._work = {
            work: Histogram(
                f"voronka_{work}_seconds", text, (label, "outcome"), buckets=BUCKETS, registry=self.registry
            )
            for work, (label, text) in LABELS.items()
        }
        self._events = {
            event: Counter(f"voronka_{event}", text, (label,), registry=self.registry)
            for event, (label, text) in EVENTS.items()
        }
        self._depth = self._gauge("queue_depth", "What waits or is under way", "queue")
        self._oldest = self._gauge("queue_oldest_seconds", "How long the first that is due waits", "queue")
        self._pool = self._gauge("pool_connections", "Connections to the database", "state")
        self._database = Gauge("voronka_database_up", "1 when it answered", registry=self.registry)
        self._looked = 0.0

    def _gauge(self, name: str, text: str, label: str) -> Gauge:
        return Gauge(f"voronka_{name}", text, (label,), registry=self.registry)

    def took(self, work: Work, name: str, outcome: str, seconds: float) -> None:
        self._work[work].labels(name, outcome).observe(seconds)

    def counted(self, event: Event, name: str) -> None:
        self._events[event].labels(name).inc()

    async def text(self) -> bytes:
        """The page. While the database is away it says so, and keeps what it knew of the queues."""
        pool = self.db.engine.pool
        if isinstance(pool, QueuePool):
            self._pool.labels("used").set(pool.checkedout())
            self._pool.labels("most").set(pool.size() + pool._max_overflow)
        if time.monotonic() - self._looked > OLDEST:
            await self._look()
        return generate_latest(self.registry)

    async def _look(self) -> None:
        now = self.clock()
        try:
            async with self.db.reading(system=True) as s:
                found = await queues.waiting(s, now)
        except Exception:
            # whatever it was, the doors and workers tell of it; this page tells the rest
            self._database.set(0)
            return
        self._looked = time.monotonic()
        self._database.set(1)
        for one in found:
            self._depth.labels(one.queue).set(one.depth)
            late = (now - one.oldest).total_seconds() if one.oldest is not None else 0
            self._oldest.labels(one.queue).set(late)
