"""What runs when: a job is one call of a service.

Workers are woken by signals; the sweeps here are the floor below them, for what nobody signalled.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

if TYPE_CHECKING:
    from bot.assembly import Product

log = structlog.get_logger()

SWEEP_SECONDS = 30
MOVE_SECONDS = 2
"""A move between CRMs shows a bar that people watch."""

BULK_SECONDS = 1
"""Many leads that change at once show a bar as well."""

REMIND_SECONDS = 5
"""A reminder comes at its minute, not some time after it."""

IMPORT_SECONDS = 1
"""People look at the bar; a job that is still at it is not begun a second time."""

RECONCILE_SECONDS = 300
"""How often is looked whether a connection's hour is over, or its last walk has left something."""

ANNOUNCEMENT_SECONDS = 5
"""The card of an announcement moves while its author looks at it."""

DIGEST_SECONDS = 60
DAY_SECONDS = 86_400


@asynccontextmanager
async def scheduled(product: "Product", grace: float) -> AsyncIterator[None]:
    """Every job at its times; late runs are merged into one, and two of a job never overlap.

    At the end a job under way gets `grace` seconds to finish.
    """
    running: set[asyncio.Task[Any]] = set()
    jobs = AsyncIOScheduler(job_defaults={"coalesce": True, "max_instances": 1})
    for name, job, seconds in _table(product):
        call = _logged(name, job, running)
        jobs.add_job(call, "interval", seconds=seconds, id=name, misfire_grace_time=seconds)
    jobs.start()
    try:
        yield
    finally:
        jobs.pause()
        if running:
            await asyncio.wait(running, timeout=grace)
        jobs.shutdown(wait=False)


def _table(product: "Product") -> tuple[tuple[str, Callable[[], Awaitable[object]], int], ...]:
    services = product.services

    async def operations() -> object:
        return await services.crm_sync.work_once(f"{product.owner}:sweep")

    return (
        ("operations", operations, SWEEP_SECONDS),
        ("inbox", services.inbox.work_once, SWEEP_SECONDS),
        ("moves", services.crm_switch.advance, MOVE_SECONDS),
        ("imports", services.import_job.advance, IMPORT_SECONDS),
        ("bulk", services.bulk.advance, BULK_SECONDS),
        ("api_answers", services.api_writes.forget_old, 3600),
        ("hooks_out", services.hook_sender.forget_old, DAY_SECONDS),
        ("reminders", services.reminders.run, REMIND_SECONDS),
        ("escalation", services.escalation.run, REMIND_SECONDS),
        ("words", services.finding.reindex_all, SWEEP_SECONDS),
        ("reconcile", services.reconcile.run, RECONCILE_SECONDS),
        ("announcements", services.announcements.follow, ANNOUNCEMENT_SECONDS),
        ("digests", services.digests.owe_due, DIGEST_SECONDS),
        ("hook_secrets", services.hook_secrets.warn_old, DAY_SECONDS),
        ("integrations", services.integrations.check_at_start, 3600),
        ("journal", services.journal.forget_old, DAY_SECONDS),
    )


def _logged(
    name: str, job: Callable[[], Awaitable[object]], running: "set[asyncio.Task[Any]]"
) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await job()
        except Exception:
            log.exception("job.failed", job=name)
        finally:
            running.discard(task)

    return run
