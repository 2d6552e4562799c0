"""The update journal: what Telegram sent is stored before it is confirmed, and works once.

An entry goes pending -> handled -> done. The effect, the dialog's state and the mark `handled` with the
answers to be sent are one transaction; `done` follows when the answers are out, with the next
transaction of the journal or after SOON. After a crash a pending entry is handled again from the start,
a handled one only sends its answers: of each chat at most the last one twice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import BadInput
from domain.slots import QUESTION, Shown
from services.access import open_to
from services.clock import Clock
from storage.db import Database, Session
from storage.messages import slots
from storage.messages import updates as rows
from storage.messages.updates import JournalEntry, Opened
from storage.people.members import current_member
from storage.replicas.signals import Signals
from storage.together import Way

if TYPE_CHECKING:
    from services.messages.notices import Notices

log = structlog.get_logger()

LEASE = timedelta(seconds=20)
"""How long a chat waits for a bot that was killed; who lives renews in time."""
KEEP = timedelta(days=7)
SOON = 0.05
"""Seconds that `done` waits at most for a transaction to share."""
AGAIN = 1.0
"""Seconds after which it is tried again where the database is away."""


@dataclass(slots=True)
class Handling:
    """One update being worked on: `fresh` is False when its effect happened before.

    `opened` is what the conversation begins with. `answers` and what messages will show are for the caller
    to set before the block ends.
    """

    session: Session
    opened: Opened
    answers: str | None = None
    shown: Sequence[Shown] = ()

    @property
    def fresh(self) -> bool:
        return self.opened.pending


@dataclass(slots=True)
class Owed:
    """What is known to be out and not yet written down."""

    update_ids: list[int] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.update_ids or self.shown)

    def add(self, update_ids: Sequence[int], shown: Sequence[Shown]) -> None:
        self.update_ids += update_ids
        self.shown += shown


class Journal:
    """Stores updates, hands them out, marks them. `owner` is the process that holds what it hands out;
    `admins` gives who tells admins of updates that are put aside."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        signals: Signals,
        owner: str = "",
        admins: "Callable[[], Notices] | None" = None,
    ) -> None:
        self.db, self.clock, self.signals, self.owner = db, clock, signals, owner
        self._admins = admins
        self._others = True
        self._owed = Owed()
        self._owes = asyncio.Event()
        self._way = Way(self._accept)

    @property
    def keep_every(self) -> float:
        """Seconds after which `keep` is due."""
        return LEASE.total_seconds() / 4

    @open_to("the poller")
    async def store(self, bodies: Sequence[tuple[int, int, str]]) -> list[int]:
        """Store (update id, lane, JSON) leased to the caller; returns the ids that are new and the caller's.

        What comes in a lane of which somebody else still has earlier ones waits for the sweep.
        """
        async with self._settling() as owed, self.db.transaction(system=True) as s:
            await self._settle(s, owed)
            theirs = await rows.lanes_of_others(s, self.owner) if self._others else frozenset()
            now = self.clock()
            await rows.journal(s, [one for one in bodies if one[1] in theirs], now, now)
            own = [one for one in bodies if one[1] not in theirs]
            found = await rows.journal(s, own, now, now + LEASE, self.owner)
        # there is one poller, and what it stores is its own: once they are gone others have nothing
        self._others = bool(theirs)
        return found

    @open_to("the poller")
    def begin_polling(self) -> None:
        """Somebody else may have polled until now."""
        self._others = True

    @open_to("the webhook")
    async def accept(self, update: Any, body: bytes) -> None:
        """Store one update that came by webhook, read as JSON and as it came, and wake the bot. Raises
        BadInput for what is no update."""
        try:
            entry = (int(update["update_id"]), lane_of(update), body.decode())
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput("update", "invalid") from error
        await self.db.together.take(self._way, entry)

    async def _accept(self, s: Session, entries: Sequence[tuple[int, int, str]]) -> Sequence[None]:
        now = self.clock()
        # no lease: whichever bot replica sweeps first takes it
        await rows.journal(s, entries, now, now)
        s.after_commit(lambda: self.signals.wake("updates"))
        return [None] * len(entries)

    @open_to("the bot")
    async def unfinished(self, limit: int = 100) -> list[JournalEntry]:
        """Entries nobody works on, of at most `limit` lanes, in order, now leased to the caller."""
        async with self.db.transaction(system=True) as s:
            now = self.clock()
            return await rows.claim(s, now, now + LEASE, self.owner, limit)

    @open_to("the bot")
    async def keep(self, update_ids: Sequence[int]) -> None:
        """Hold on to these, which are being worked on or wait for it; called every `keep_every` seconds."""
        if update_ids:
            async with self.db.transaction(system=True) as s:
                await rows.renew(s, update_ids, self.owner, self.clock() + LEASE)

    @open_to("the bot")
    async def give_back(self, update_ids: Sequence[int]) -> None:
        """Let whoever sweeps next have these."""
        if update_ids:
            async with self.db.transaction(system=True) as s:
                await rows.give_back(s, update_ids, self.owner)

    @open_to("the bot")
    @asynccontextmanager
    async def handling(self, update_id: int, chat_id: int, telegram_id: int) -> AsyncIterator[Handling]:
        """The update's own transaction, which use cases join. Set `answers` before the block ends."""
        async with self._settling() as owed, self.db.ambient() as s:
            await self._settle(s, owed)
            work = Handling(s, await rows.open_update(s, update_id, chat_id, telegram_id, self.owner))
            yield work
            await slots.show(s, work.shown, self.clock())
            if work.fresh and work.answers:
                await rows.handled(s, update_id, work.answers)
            elif work.fresh:
                await rows.done(s, [update_id])

    @open_to("the bot")
    async def take_over(self, is_dead: Callable[[str], bool]) -> None:
        """At the start: free what processes that are gone, or we ourselves before, have left unfinished."""
        async with self.db.transaction(system=True) as s:
            found = await rows.holders(s)
            await rows.release_leases(s, [one for one in found if one in ("", self.owner) or is_dead(one)])

    @open_to("the bot")
    async def let_go(self) -> None:
        """At the end: whatever we have left unfinished others may have at once."""
        async with self.db.transaction(system=True) as s:
            await rows.release_leases(s, [self.owner])

    @open_to("the bot")
    async def keep_dialog(
        self, work: Handling, chat_id: int, telegram_id: int, state: str | None, data: dict[str, Any]
    ) -> None:
        """Write the dialog with the update's effect."""
        await rows.save_dialog(work.session, chat_id, telegram_id, state, data, self.clock())

    @open_to("follow-ups")
    async def forget_dialog(self, chat_id: int, telegram_id: int, waiting: str) -> None:
        """End a dialog from outside its updates, unless the person has gone on to something else."""
        async with self.db.transaction(system=True) as s:
            await rows.replace_dialog(s, chat_id, telegram_id, waiting, None, {}, self.clock())

    @open_to("follow-ups")
    async def mend_dialog(self, chat_id: int, telegram_id: int, waiting: str, data: dict[str, Any]) -> None:
        """Change what a dialog holds from outside its updates, unless the person has gone on."""
        async with self.db.transaction(system=True) as s:
            await rows.replace_dialog(s, chat_id, telegram_id, waiting, waiting, data, self.clock())

    @open_to("the bot")
    async def answered(self, update_ids: Sequence[int], shown: Sequence[Shown] = ()) -> None:
        """The answers are out, and `shown` says which messages they became (COMING: none).

        Written down with the journal's next transaction, at once when somebody may wait for a message.
        """
        self._owed.add(update_ids, shown)
        self._owes.set()
        if any(one.slot != QUESTION for one in shown):
            await self.settle()
            self.signals.wake("notices")

    @open_to("the bot")
    async def settle(self) -> None:
        """Write down what is owed."""
        if self._owed:
            async with self._settling() as owed, self.db.transaction(system=True) as s:
                await self._settle(s, owed)

    @open_to("the bot")
    async def settle_loop(self) -> None:
        """Runs until cancelled: nothing is owed for longer than SOON, or than the database is away."""
        away = False
        while True:
            await self._owes.wait()
            await asyncio.sleep(AGAIN if away else SOON)
            try:
                await self.settle()
                away = False
            except (SQLAlchemyError, OSError) as error:
                if not away:
                    log.warning("journal.no_database", error=type(error).__name__)
                away = True

    @asynccontextmanager
    async def _settling(self) -> AsyncIterator[Owed]:
        """Everything owed, to be written by the transaction within; owed again if that fails."""
        owed, self._owed = self._owed, Owed()
        self._owes.clear()
        try:
            yield owed
        except BaseException:
            owed.add(self._owed.update_ids, self._owed.shown)
            self._owed = owed
            self._owes.set()
            raise

    async def _settle(self, s: Session, owed: Owed) -> None:
        if owed.update_ids:
            await rows.done(s, owed.update_ids)
        await slots.sent(s, owed.shown, self.clock())

    @open_to("the bot")
    async def park(self, update_id: int, error_id: str, telegram_id: int = 0) -> None:
        """Put an update aside that cannot be handled, so that its chat goes on, and tell the admins of the
        person whose it is."""
        async with self.db.transaction(system=True) as s:
            await rows.park(s, update_id, error_id)
            member = await current_member(s, telegram_id)
            if member is not None and self._admins is not None:
                own = s.scoped(member.organization_id, False)
                await self._admins().update_parked(own, member.name, error_id)

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
