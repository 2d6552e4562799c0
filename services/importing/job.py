"""The job that brings rows in, and takes them back: page by page, each committed with how far it got.

A killed job's lease runs out, and whoever takes the import over goes on with the first row that is not in.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.engine import Row

from domain.importing import Duplicates, ImportState, Verdict, read_setup
from services.access import open_to
from services.clock import Clock
from services.importing.failing import ImportFailures
from services.importing.imports import Imports
from services.importing.judging import Judged
from services.importing.placing import ShareOut, placed, tell_shared
from services.importing.progress import DONE, PROGRESS, slot_of
from services.importing.running import Running, fresh
from services.importing.undoing import ImportUndo
from services.importing.updating import LeadUpdates
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.delivery import integrations
from storage.importing import imports as rows
from storage.importing.imported_leads import Batch, add_page, add_rows, take_numbers
from storage.importing.imported_words import Pair, add_spellings, fuzzy, put_words, words_of_import
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows
from storage.planning.activities import add_audit

log = structlog.get_logger()
T = TypeVar("T")

LEASE = timedelta(seconds=30)
TOLD_EVERY = 1.5
"""Seconds between two states of the bar."""

PAGES_AT_ONCE = 2
"""Pages that are written side by side where the database can: it works on each with a process of its own."""

FEW_CORES = 2
"""With no more than these a page waits for the one before: something is to be left for those who talk."""

WORDS_PAGE, WORDS_AT_ONCE = 3000, 8000
"""Leads whose words are put in the order of their index together, and words of one transaction."""

ENDINGS = {
    ImportState.RUNNING.value: ImportState.DONE,
    ImportState.STOPPING.value: ImportState.CANCELLED,
}
"""What becomes of an import that is worked off, or that somebody has stopped."""

WORDS_OF = {verdict: verdict.value for verdict in Verdict}
"""An enum's value costs ten times a look into a table."""


class ImportJob:
    """Works off imports of all organizations that nobody else works on. Every call goes on until nothing is
    left to do, some pages of each import in turn."""

    def __init__(
        self, db: Database, clock: Clock, notices: Notices, imports: Imports, updates: LeadUpdates,
        undo: ImportUndo, failures: ImportFailures, share_out: ShareOut | None = None,
    ) -> None:  # fmt: skip
        self.db, self.clock, self.notices, self.imports = db, clock, notices, imports
        self.updates, self.undo, self.failures, self.share_out = updates, undo, failures, share_out
        # SQLite has one writer
        self.at_once = 1 if db.is_sqlite or (os.cpu_count() or 1) <= FEW_CORES else PAGES_AT_ONCE

    @open_to("the scheduler")
    async def advance(self) -> int:
        """Returns how many times pages were worked off."""
        running, steps = await self._claim(), 0
        while running:
            for one in list(running):
                going = await self._tried(one.row, self._step(one))
                steps += 1
                if not going:
                    running.remove(one)
        return steps + await self._undo()

    async def _undo(self) -> int:
        async with self.db.reading(system=True) as s:
            found = await rows.claimable(s, [ImportState.UNDOING.value], self.clock())
        steps = 0
        for organization_id, import_id in found:
            async with self.db.reading(organization_id) as s:
                row = await rows.get(s, import_id)
            if row is not None:
                steps += bool(await self._tried(row, self.undo.work_off(row)))
        return steps

    async def _tried(self, row: Row[Any], work: Awaitable[T]) -> T | None:
        """None for work that failed. It is tried again when its lease has run out, from the last page that
        is in; after some times it is given up, and its author is told."""
        try:
            return await work
        except Exception as error:
            log.exception("import.failed", import_id=str(row.id))
            await self.failures.note(row, type(error).__name__)
            return None

    async def _claim(self) -> list[Running]:
        now = self.clock()
        async with self.db.reading(system=True) as s:
            found = await rows.claimable(s, ENDINGS, now)
        claimed = []
        for organization_id, import_id in found:
            async with self.db.transaction(organization_id) as s:
                row = await rows.claim(s, import_id, ENDINGS, now, now + LEASE)
            if row is not None and (one := await self._tried(row, self._open(row, now + LEASE))):
                claimed.append(one)
        return claimed

    async def _open(self, row: Row[Any], held: datetime) -> Running:
        async with self.db.reading(row.organization_id) as s:
            member = await member_rows.get_member(s, row.member_id)
            assert member is not None
            source, judge = await self.imports.opened(s, member, row.id)
            setup = read_setup(row.settings["setup"])
            stage = setup.stage if setup.stage and await stage_rows.stage_in_use(s, setup.stage) else None
            stage = stage or (await stage_rows.list_stages(s))[0].id
            receivers = tuple(await integrations.receivers(s)) if setup.to_crm else ()
            # what is in tells how far it is: the import's own row is not written with every page
            counts = Counter(await rows.counted(s, row.id))
            worked_off = await rows.rows_in(s, row.id) if counts else frozenset()
        return Running(row, member, source, judge, setup, stage, receivers, held, worked_off, counts)

    async def _step(self, one: Running) -> bool:
        """Bring some pages in, while the next ones are being read; False when that was all, or it is not
        ours any more."""
        at_once = 1 if one.alone else self.at_once
        pages = one.next_pages or await one.read(self.db, at_once)
        if not pages:
            await self.finish(one)
            return False
        written, one.next_pages = await asyncio.gather(
            self._write_all(one, pages), one.read(self.db, at_once)
        )
        if not written:
            await self.finish(one)
            return False
        if time.monotonic() - one.told > TOLD_EVERY:
            await self._say(one)
        return True

    async def _write_all(self, one: Running, pages: Sequence[Sequence[Judged]]) -> bool:
        """Each page is a transaction of its own."""
        first: int | None = None
        firsts: list[int | None] = [None] * len(pages)
        if len(pages) > 1:
            # taken apart, so that one page does not wait for the numbers of another
            counts = [fresh(page) for page in pages]
            async with self.db.transaction(one.row.organization_id) as s:
                await rows.commit_lazily(s)
                first = await take_numbers(s, sum(counts))
            firsts = [first + sum(counts[:place]) for place in range(len(pages))]
        written = await asyncio.gather(
            *(self._write(one, page, number) for page, number in zip(pages, firsts, strict=True)),
            return_exceptions=True,
        )
        if error := next((found for found in written if isinstance(found, BaseException)), None):
            raise error
        return all(written)

    async def _write(self, one: Running, page: Sequence[Judged], first: int | None) -> bool:
        now = self.clock()
        async with self.db.transaction(one.row.organization_id) as s:
            await rows.commit_lazily(s)
            if await rows.state_held(s, one.row.id, one.held) != ImportState.RUNNING.value:
                return False
            counts = await self._bring_in(s, one, page, first, now)
            if one.receivers:
                self.updates.outbox.wake_after(s)
        one.verdicts += counts
        return True

    async def _say(self, one: Running) -> None:
        """Tell how far it is, and go on for another lease. Not with every page: with the row SQLite would
        write the whole file anew."""
        now = self.clock()
        async with self.db.transaction(one.row.organization_id) as s:
            row = await rows.get(s, one.row.id, held=True)
            if row is None or row.lease_until != one.held:
                return
            one.told, one.held = time.monotonic(), now + LEASE
            await rows.change(
                s, one.row.id, now, lease_until=one.held, done=one.done, counts=dict(one.verdicts)
            )
            await self._tell(s, one, PROGRESS)

    async def _bring_in(
        self, s: Session, one: Running, judged: Sequence[Judged], first: int | None, now: datetime
    ) -> Counter[str]:
        new = [found.lead for found in judged if found.verdict is Verdict.NEW and found.lead is not None]
        batch = Batch(one.row.id, one.row.change_id, one.member.id, now, one.receivers)
        found_hands = await placed(s, one, new, self.share_out)
        ids = await add_page(s, batch, found_hands, first)
        await tell_shared(s, found_hands, ids, self.share_out)
        written = [
            (found.row, WORDS_OF[found.verdict], ids.get(found.row), found.reason)
            if found.verdict is not Verdict.KNOWN
            else await self._settled(s, one, found)
            for found in judged
        ]
        await add_rows(s, one.row.id, written)
        return Counter(verdict for _, verdict, _, _ in written)

    async def _settled(self, s: Session, one: Running, found: Judged) -> tuple[int, str, UUID | None, str]:
        """A row whose lead is known, as it is kept; the lead is brought up to date where that was chosen."""
        verdict = found.verdict
        if one.setup.duplicates is Duplicates.ASK:
            verdict = Verdict.ASKED
        elif one.setup.duplicates is Duplicates.UPDATE:
            assert found.lead is not None
            assert found.lead_id is not None
            updates = UUID(one.row.settings["updates"])
            await self.updates.update(s, one.member, found.lead_id, found.lead, updates)
            verdict = Verdict.UPDATED
        return found.row, verdict.value, found.lead_id, found.reason

    @open_to("the job")
    async def finish(self, one: Running) -> None:
        """Make the leads found by their words, and say that it is over; nothing when the lease was lost.
        Once this begins, every row is on the disk."""
        await self._say(one)
        if not await self._make_found(one):
            return
        async with self.db.transaction(one.row.organization_id) as s:
            row = await rows.get(s, one.row.id, held=True)
            if row is not None and row.lease_until == one.held and row.state in ENDINGS:
                await self._over(s, one, ENDINGS[row.state], self.clock())

    async def _make_found(self, one: Running) -> bool:
        """Write the words of the new leads; False when the lease was lost."""
        after: int | None = 0
        spelled = set[str]()
        while after is not None:
            async with self.db.reading(one.row.organization_id) as s:
                pairs, after = await words_of_import(s, one.row.id, after, WORDS_PAGE)
            fresh_words = fuzzy(pairs) - spelled
            spelled |= fresh_words
            async with self.db.transaction(one.row.organization_id) as s:
                await add_spellings(s, fresh_words)
            for start in range(0, len(pairs), WORDS_AT_ONCE * self.at_once):
                slices = [
                    pairs[start + place * WORDS_AT_ONCE :][:WORDS_AT_ONCE] for place in range(self.at_once)
                ]
                if not all(await asyncio.gather(*(self._put_words(one, each) for each in slices if each))):
                    return False
                if time.monotonic() - one.told > TOLD_EVERY:
                    await self._say(one)
        return True

    async def _put_words(self, one: Running, pairs: Sequence[Pair]) -> bool:
        async with self.db.transaction(one.row.organization_id) as s:
            if await rows.state_held(s, one.row.id, one.held) not in ENDINGS:
                return False
            await rows.commit_lazily(s)
            await put_words(s, pairs)
        return True

    async def _over(self, s: Session, one: Running, state: ImportState, now: datetime) -> None:
        await rows.change(
            s, one.row.id, now, state=state.value, finished_at=now, done=one.done, lease_until=None,
            counts=dict(one.verdicts),
        )  # fmt: skip
        await add_audit(s, one.member.id, f"import.{state.value}", "import", one.row.id, now)
        await self._tell(s, one, PROGRESS)
        await self._tell(s, one, DONE)

    async def _tell(self, s: Session, one: Running, kind: str) -> None:
        slot = slot_of(one.row.id) if kind == PROGRESS else ""
        await self.notices.owe(s, one.row.chat_id, kind, {"import": str(one.row.id)}, slot)
