"""What runs when: a job is one call of a service.

Workers are woken by signals; the sweeps here are the floor below them, for what nobody signalled.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

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

PURCHASE_SECONDS = 2
"""Each source has its turn every five minutes; one that somebody asks for begins at once."""

RECONCILE_SECONDS = 300
"""How often is looked whether a connection's hour is over, or its last walk has left something."""

ANNOUNCEMENT_SECONDS = 5
"""The card of an announcement moves while its author looks at it."""

DIGEST_SECONDS = 60
SEAL_SECONDS = 1
"""How long an action may stand in the record without its seal."""

DAY_SECONDS = 86_400


@asynccontextmanager
async def scheduled(product: "Product", grace: float) -> AsyncIterator[None]:
    """Every job at its times; late runs are merged into one, and two of a job never overlap.

    At the end a job under way gets `grace` seconds to finish.
    """
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    running: set[asyncio.Task[Any]] = set()
    jobs = AsyncIOScheduler(job_defaults={"coalesce": True, "max_instances": 1})
    for name, job, seconds in _table(product):
        call = _logged(name, job, running, product)
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
    operations = partial(services.crm_sync.work_once, f"{product.owner}:sweep")
    return (
        ("operations", operations, SWEEP_SECONDS),
        ("purchases", partial(services.transaction_sync.run, product.owner), PURCHASE_SECONDS),
        ("purchase_tables", services.purchase_tables.advance, PURCHASE_SECONDS),
        ("purchases_matched", services.transactions.match, 3600),
        ("purchases_log", services.transaction_log.forget_old, DAY_SECONDS),
        ("bonuses_released", services.redemptions.release_forgotten, DIGEST_SECONDS),
        ("bonuses_expired", services.redemptions.expire, 3600),
        ("bonuses_told", services.bonus_telling.run, SWEEP_SECONDS),
        ("inbox", services.inbox.work_once, SWEEP_SECONDS),
        ("moves", services.crm_switch.advance, MOVE_SECONDS),
        ("imports", services.import_job.advance, IMPORT_SECONDS),
        ("bulk", services.bulk.advance, BULK_SECONDS),
        ("api_answers", services.api_writes.forget_old, 3600),
        ("second_factors", services.second_factor.forget_old, DIGEST_SECONDS),
        ("api_sessions", services.api_sessions.forget_old, DAY_SECONDS),
        ("reminders", services.reminders.run, REMIND_SECONDS),
        ("escalation", services.escalation.run, REMIND_SECONDS),
        ("words", services.finding.reindex_all, SWEEP_SECONDS),
        ("reconcile", services.reconcile.run, RECONCILE_SECONDS),
        ("announcements", services.announcements.follow, ANNOUNCEMENT_SECONDS),
        ("digests", services.digests.owe_due, DIGEST_SECONDS),
        ("hook_secrets", services.hook_secrets.warn_old, DAY_SECONDS),
        ("integrations", services.integrations.check_at_start, 3600),
        ("journal", services.journal.forget_old, DAY_SECONDS),
        ("retention", services.retention.run, 3600),
        ("files", services.stored_files.clear_up, 600),
        ("audit_seal", services.audit_chain.seal, SEAL_SECONDS),
        ("audit_verify", services.audit_chain.verify_due, 600),
    )


def _logged(
    name: str, job: Callable[[], Awaitable[object]], running: "set[asyncio.Task[Any]]", product: "Product"
) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        began, error = time.monotonic(), ""
        try:
            with structlog.contextvars.bound_contextvars(job=name, run=secrets.token_hex(4)):
                await job()
        except Exception as broken:
            error = type(broken).__name__
            log.exception("job.failed", job=name)
        finally:
            seconds = time.monotonic() - began
            product.watch.took("job", name, "error" if error else "ok", seconds)
            product.job_runs.ended(name, seconds, error)
            running.discard(task)

    return run
