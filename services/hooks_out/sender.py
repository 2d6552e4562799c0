"""Sending webhooks: claimed with a lease, signed anew at each attempt, tried again by the ladder.

A receiver may get a message twice (a crash between its answer and our note of it), always with the same
webhook-id, and not always in the order in which things happened.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_adapters.hook_http import Attempt, HookHttp
from domain.hooks_out import (
    DISABLED_AFTER,
    KEPT_FOR,
    LADDER,
    TEST,
    Hook,
    HookState,
    Sending,
    SendState,
    signed_headers,
)
from domain.members import Right
from services.access import open_to
from services.clock import Clock
from services.delivery.retry import SPREAD
from services.hooks_out.bodies import Worded, found_for, language_of
from services.hooks_out.sealing import Opened, opened
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.hooks_out import hook_sendings as rows
from storage.hooks_out import hooks_out
from storage.hooks_out.hooks_out import TOPIC
from storage.people import members as member_rows
from storage.replicas.signals import Signals
from storage.secrets import Vault

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
FLOOR = 1.0
AT_ONCE = 150
GONE = 410
DISABLED = "hook.disabled"
"""The push to admins about a hook that was switched off."""


class HookSender:
    """Works off deliveries of webhooks."""

    def __init__(
        self, db: Database, vault: Vault, clock: Clock, signals: Signals, notices: Notices, http: HookHttp,
        worded: Worded, random: Random, ladder: Sequence[timedelta] = LADDER,
    ) -> None:  # fmt: skip
        self.db, self.vault, self.clock, self.signals, self.notices = db, vault, clock, signals, notices
        self._http, self._worded, self._random, self._ladder = http, worded, random, tuple(ladder)
        self._under_way = 0

    @open_to("the scheduler")
    async def work_once(self) -> int:
        """Claim what is due, send it side by side, and return how many deliveries that was."""
        claimed = await self._claimed()
        await asyncio.gather(*map(self._deliver, claimed))
        return len(claimed)

    @open_to("the worker")
    async def loop(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; what is under way is finished first. A slow receiver holds its own
        deliveries only."""
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                claimed: list[Sending] = []
                try:
                    claimed = await self._claimed()
                except (SQLAlchemyError, OSError) as error:
                    log.warning("hooks_out.no_database", error=type(error).__name__)
                for one in claimed:
                    group.create_task(self._deliver(one))
                if not claimed:
                    await self.signals.wait(TOPIC, FLOOR)

    @open_to("the scheduler")
    async def forget_old(self) -> int:
        """Delete deliveries that are older than the log is kept; returns how many."""
        async with self.db.transaction(system=True) as s:
            return await rows.forget(s, self.clock() - KEPT_FOR)

    async def _claimed(self) -> list[Sending]:
        room = AT_ONCE - self._under_way
        if room <= 0:
            return []
        async with self.db.transaction(system=True) as s:
            claimed = await rows.claim(s, self.clock(), LEASE, room)
        self._under_way += len(claimed)
        return claimed

    async def _deliver(self, sending: Sending) -> None:
        try:
            await self._attempt(sending)
        except Exception as error:  # the lease runs out and the delivery is due again
            log.warning("hooks_out.fault", delivery=str(sending.id), error=type(error).__name__)
        finally:
            self._under_way -= 1
            self.signals.wake(TOPIC)

    async def _attempt(self, sending: Sending) -> None:
        async with self.db.transaction(sending.organization_id) as s:
            found = await hooks_out.get(s, sending.hook_id)
            if found is None:
                return
            ready = await self._with_body(s, sending)
            if ready.body is None:
                await rows.settle(s, sending, SendState.DROPPED, error="gone")
                return
        known = opened(self.vault, found)
        made = await self._post(found.hook, known, ready)
        async with self.db.transaction(sending.organization_id) as s:
            await self._settle(s, ready, made)

    async def _with_body(self, s: Session, sending: Sending) -> Sending:
        """What is sent is the same at each attempt."""
        if sending.body is not None:
            return sending
        found = await found_for(s, sending)
        if found is None:
            return sending
        said = {
            "type": sending.type,
            "timestamp": sending.happened_at.isoformat().replace("+00:00", "Z"),
            "data": self._worded(sending, found, await language_of(s)),
        }
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        await rows.keep_body(s, sending, body)
        return replace(sending, body=body)

    async def _post(self, hook: Hook, known: Opened, sending: Sending) -> Attempt:
        body, now = (sending.body or "").encode(), self.clock()
        headers = signed_headers(known.signing(hook.old_until, now), sending.event_id, now, body)
        return await self._http.post(known.address, headers, body)

    async def _settle(self, s: Session, sending: Sending, made: Attempt) -> None:
        """Write down what came of an attempt, and what it tells about the hook."""
        now = self.clock()
        values = {"status": made.status, "error": made.error, "took": made.took}
        if 200 <= made.status < 300:
            if await rows.settle(s, sending, SendState.DELIVERED, **values):
                await hooks_out.change(s, sending.hook_id, failing_since=None, delivered_at=now)
            return
        due = self._next(sending, made, now)
        state = SendState.PENDING if due is not None else SendState.FAILED
        if await rows.settle(s, sending, state, due_at=due or now, **values):
            await self._note_failure(s, sending, made, now)

    def _next(self, sending: Sending, made: Attempt, now: datetime) -> datetime | None:
        """When to try again; a later moment that the receiver asks for wins. A test is not repeated."""
        if made.status == GONE or sending.type == TEST or sending.attempts > len(self._ladder):
            return None
        wait = self._ladder[sending.attempts - 1] * self._random.uniform(1 - SPREAD, 1 + SPREAD)
        return max(now + wait, made.retry_at or now)

    async def _note_failure(self, s: Session, sending: Sending, made: Attempt, now: datetime) -> None:
        found = await hooks_out.get(s, sending.hook_id, hold=True)
        if found is None or found.hook.state is HookState.DISABLED or sending.type == TEST:
            return
        since = found.hook.failing_since or now
        gone = made.status == GONE
        if not gone and now - since < DISABLED_AFTER:
            await hooks_out.change(s, sending.hook_id, failing_since=since)
            return
        why = "gone" if gone else "failing"
        await hooks_out.change(
            s, sending.hook_id, state=HookState.DISABLED.value, why=why, failing_since=since
        )
        await rows.give_up_open(s, sending.hook_id, "disabled")
        for admin in await member_rows.active_with(s, Right.API_MANAGE):
            params = {"hook": str(sending.hook_id)}
            await self.notices.owe(s, admin.telegram_id, DISABLED, params)
        log.warning("hooks_out.disabled", hook=str(sending.hook_id), why=why)

    @open_to("the delivery log")
    async def send_now(self, sending: Sending) -> None:
        """One attempt at once, whatever the hook's state; nothing where somebody is at it already."""
        async with self.db.transaction(sending.organization_id) as s:
            claimed = await rows.claim_one(s, sending.id, self.clock(), LEASE)
        if claimed is not None:
            self._under_way += 1
            await self._deliver(claimed)
