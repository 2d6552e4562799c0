"""How a run ends: the line in the log, the next turn, and who is told."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import CrmAccessLost, CrmError, CrmRateLimited
from domain.members import Right
from services.clock import Clock
from services.messages.notices import Notices
from services.transactions.letters import SourceLetters
from services.transactions.storing import TransactionStore, trace_of
from services.transactions.walk import CHAT, SourceStopped, Walk
from storage.db import Database, Session
from storage.people import members
from storage.transactions import transaction_log, transaction_sources
from storage.transactions.transaction_sources import Source

ALERT_AFTER = 3
"""Failures in a row after which those who look after the source are told."""

FAILED, RECOVERED, PROGRESS = "transactions.failed", "transactions.recovered", "transactions.progress"


class Ending:
    """Settles runs. Every method of its own transaction. `letters` where any can be sent."""

    def __init__(
        self, db: Database, clock: Clock, notices: Notices, store: TransactionStore,
        letters: SourceLetters | None = None,
    ) -> None:  # fmt: skip
        self.db, self.clock, self.notices, self.store, self.letters = db, clock, notices, store, letters

    async def moved(self, s: Session, source: Source) -> None:
        """A page more: the chat that watches sees it."""
        chat = source.counts.get(CHAT)
        if chat:
            await self.notices.owe(s, int(chat), PROGRESS, {"source": str(source.id)}, slot_of(source.id))

    async def well(self, walk: Walk, owner: str, verdict: str, due_at: datetime) -> None:
        """All was read, or all that the time allowed."""
        async with self.db.transaction(walk.source.organization_id) as s:
            source = await transaction_sources.hold(s, walk.source.id, owner)
            if source is None:
                return
            now = self.clock()
            values: dict[str, Any] = {"failures": 0, "last_error": "", "error_reason": "", "alerted_at": None}
            if verdict == transaction_log.DONE:
                shown = {name: count for name, count in source.counts.items() if name != CHAT}
                values |= {"last_success_at": now, "counts": shown}
                await self.moved(s, source)
            # somebody who asked in the meantime is not made to wait
            due = due_at if source.due_at <= walk.started_at else min(due_at, source.due_at)
            await transaction_sources.change(
                s, source.id, due_at=due, lease_until=None, lease_owner="", **values
            )
            await self._log(s, walk, verdict)
            if source.alerted_at is not None:
                await self._tell(s, source, RECOVERED)

    async def badly(self, walk: Walk, owner: str, error: Exception, due_at: datetime) -> str:
        """It failed, waits, or made no sense; returns which."""
        verdict = _verdict(error)
        async with self.db.transaction(walk.source.organization_id) as s:
            source = await transaction_sources.hold(s, walk.source.id, owner)
            if source is None:
                return ""
            values: dict[str, Any] = {"due_at": due_at, "lease_until": None, "lease_owner": ""}
            if verdict != transaction_log.WAITS:
                values |= await self._count(s, source, error)
            if verdict == transaction_log.STOPPED:
                # the same walk would end the same way: the next one begins anew
                values |= {"window_since": None, "window_until": None, "place": "", "counts": {}}
            await transaction_sources.change(s, source.id, **values)
            await self._log(s, walk, verdict, error)
            await self.moved(s, source)
        return verdict

    async def _count(self, s: Session, source: Source, error: Exception) -> dict[str, Any]:
        now, failures = self.clock(), source.failures + 1
        values: dict[str, Any] = {
            "failures": failures, "last_error": code_of(error), "error_reason": reason_of(error),
        }  # fmt: skip
        muted = source.muted_until is not None and source.muted_until > now
        at_once = isinstance(error, CrmAccessLost)
        if source.alerted_at is None and not muted and (at_once or failures >= ALERT_AFTER):
            await self._tell(s, replace(source, **values), FAILED)
            values["alerted_at"] = now
        return values

    async def _tell(self, s: Session, source: Source, kind: str) -> None:
        params = {"source": str(source.id)}
        admins = await members.active_with(s, Right.CRM_MANAGE)
        for admin in admins:
            await self.notices.owe(s, admin.telegram_id, kind, params)
        if self.letters is not None:
            await self.letters.owe(s, source, kind, admins)

    async def _log(self, s: Session, walk: Walk, verdict: str, error: Exception | None = None) -> None:
        kept: dict[str, str] = {"raw": walk.raw} if walk.raw else {}
        if error is not None:
            kept["trace"] = trace_of(error)
        await transaction_log.add_run(
            s,
            walk.source.id,
            kind=walk.kind,
            verdict=verdict,
            started_at=walk.started_at,
            finished_at=self.clock(),
            window_since=walk.window.since if walk.window else walk.source.window_since,
            window_until=walk.window.until if walk.window else walk.source.since,
            counts=counted(walk.counts),
            error=code_of(error) if error is not None else "",
            reason=reason_of(error) if error is not None else "",
            sealed=self.store.seal(walk.source.id, kept) if kept else None,
        )

    async def heard(
        self, s: Session, source_id: UUID, started_at: datetime, counts: Counter[str],
        error: Exception | None,
    ) -> None:  # fmt: skip
        """A line for what webhooks brought, in the caller's transaction."""
        await transaction_log.add_run(
            s,
            source_id,
            kind="webhook",
            verdict=_verdict(error) if error is not None else transaction_log.DONE,
            started_at=started_at,
            finished_at=self.clock(),
            counts=counted(counts),
            error=code_of(error) if error is not None else "",
            reason=reason_of(error) if error is not None else "",
        )


def slot_of(source_id: UUID) -> str:
    """The slot in which a chat shows how far a source is."""
    return f"transactions:{source_id}"


def counted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _verdict(error: Exception) -> str:
    if isinstance(error, SourceStopped):
        return transaction_log.STOPPED
    return transaction_log.WAITS if isinstance(error, CrmRateLimited) else transaction_log.FAILED


def code_of(error: Exception) -> str:
    """The stable word of an error; the class where it is none of ours."""
    return str(getattr(error, "code", type(error).__name__))[:64]


def reason_of(error: Exception) -> str:
    """What the source said, as far as it is free of personal data."""
    return error.reason[:300] if isinstance(error, CrmError) else ""
