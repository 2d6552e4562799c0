"""The update journal: what Telegram sent is stored before it is confirmed, and works once.

An entry goes pending -> handled -> done. The effect, the dialog's state and the mark `handled` with the
answers to be sent are one transaction; `done` follows when the answers are out. After a crash a
pending entry is handled again from the start, a handled one only sends its answers.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.errors import BadInput
from services.access import open_to
from services.clock import Clock
from storage import updates as rows
from storage.db import Database, Session
from storage.signals import Signals
from storage.updates import JournalEntry

LEASE = timedelta(seconds=60)
KEEP = timedelta(days=7)


@dataclass(slots=True)
class Handling:
    """One update being worked on: `fresh` is False when its effect happened before.

    `state` and `data` are the dialog's.
    """

    fresh: bool
    session: Session
    state: str | None
    data: dict[str, Any]
    answers: str | None = None


class Journal:
    """Stores updates, hands them out, marks them."""

    def __init__(self, db: Database, clock: Clock, signals: Signals) -> None:
        self.db, self.clock, self.signals = db, clock, signals
        self._answered: list[int] = []
        self._marking = asyncio.Lock()

    @open_to("the poller")
    async def store(self, bodies: Sequence[tuple[int, int, str]]) -> list[int]:
        """Store (update id, lane, JSON) leased to the caller; returns the ids that are new."""
        async with self.db.transaction(system=True) as s:
            now = self.clock()
            return await rows.journal(s, bodies, now, now + LEASE)

    @open_to("the webhook")
    async def accept(self, body: bytes) -> None:
        """Store one update that came by webhook and wake the bot. Raises BadInput for what is no update."""
        try:
            update: dict[str, Any] = json.loads(body)
            entry = (int(update["update_id"]), lane_of(update), body.decode())
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput("update", "invalid") from error
        async with self.db.transaction(system=True) as s:
            now = self.clock()
            # no lease: whichever bot replica sweeps first takes it
            await rows.journal(s, [entry], now, now)
            s.after_commit(lambda: self.signals.wake("updates"))

    @open_to("the bot")
    async def unfinished(self, limit: int = 100) -> list[JournalEntry]:
        """Entries nobody works on, in order, now leased to the caller."""
        async with self.db.transaction(system=True) as s:
            now = self.clock()
            found = await rows.unfinished(s, now, limit)
            if found:
                await rows.lease(s, [entry.update_id for entry in found], now + LEASE)
            return found

    @open_to("the bot")
    @asynccontextmanager
    async def handling(self, update_id: int, chat_id: int, telegram_id: int) -> AsyncIterator[Handling]:
        """The update's own transaction, which use cases join. Set `answers` before the block ends."""
        async with self.db.ambient() as s:
            opened = await rows.open_update(s, update_id, chat_id, telegram_id)
            work = Handling(opened.pending, s, opened.state, opened.data)
            yield work
            if work.fresh and work.answers:
                await rows.handled(s, update_id, work.answers)
            elif work.fresh:
                await rows.done(s, [update_id])

    @open_to("the bot")
    async def take_over(self) -> None:
        """At the start of the only process: whatever is leased was left behind by the one before."""
        async with self.db.transaction(system=True) as s:
            await rows.release_leases(s)

    @open_to("the bot")
    async def keep_dialog(
        self, work: Handling, chat_id: int, telegram_id: int, state: str | None, data: dict[str, Any]
    ) -> None:
        """Write the dialog with the update's effect."""
        await rows.save_dialog(work.session, chat_id, telegram_id, state, data, self.clock())

    @open_to("the bot")
    async def answered(self, update_ids: Sequence[int]) -> None:
        """The answers are out. Whoever waits for the transaction before shares the next one."""
        self._answered += update_ids
        async with self._marking:
            marked, self._answered = self._answered, []
            if not marked:
                return
            try:
                async with self.db.transaction(system=True) as s:
                    await rows.done(s, marked)
            except BaseException:
                self._answered = marked + self._answered
                raise

    @open_to("the bot")
    async def park(self, update_id: int, error_id: str) -> None:
        """Put an update aside that cannot be handled, so that its chat goes on."""
        async with self.db.transaction(system=True) as s:
            await rows.park(s, update_id, error_id)

    @open_to("the scheduler")
    async def forget_old(self) -> int:
        """Drop finished entries after a week; Telegram repeats none older than a day."""
        async with self.db.transaction(system=True) as s:
            return await rows.forget_older(s, self.clock() - KEEP)


def lane_of(update: dict[str, Any]) -> int:
    """The chat (or person) whose updates must be handled one at a time, in order."""
    for value in update.values():
        if not isinstance(value, dict):
            continue
        message = value.get("message") if isinstance(value.get("message"), dict) else value
        chat = message.get("chat") if isinstance(message, dict) else None
        if isinstance(chat, dict) and "id" in chat:
            return int(chat["id"])
        person = value.get("from")
        if isinstance(person, dict) and "id" in person:
            return int(person["id"])
    return 0
