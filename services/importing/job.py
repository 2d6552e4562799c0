"""The job that brings rows in, and takes them back: page by page, each committed with how far it got.

A killed job's lease runs out, and whoever takes the import over goes on with the first row that is not in.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.engine import Row

from domain.importing import Duplicates, ImportState, RowLead, Setup, Verdict, read_setup
from domain.members import Member
from services.access import open_to
from services.clock import Clock
from services.importing.imports import Imports
from services.importing.judging import Judge, Judged
from services.importing.progress import DONE, PROGRESS, slot_of
from services.importing.source import Page, Source
from services.importing.undoing import ImportUndo
from services.importing.updating import LeadUpdates
from services.notices import Notices
from storage import imports as rows
from storage import integrations
from storage import members as member_rows
from storage import stages as stage_rows
from storage.activities import add_audit
from storage.db import Database, Session
from storage.imported_leads import Batch, Placed, add_page, add_rows, add_words

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
TOLD_EVERY = 1.5
"""Seconds between two states of the bar."""

WORDS_PAGE = 2000
"""Leads whose words are written at once: the more, the better they lie in their index."""

ENDINGS = {
    ImportState.RUNNING.value: ImportState.DONE,
    ImportState.STOPPING.value: ImportState.CANCELLED,
}
"""What becomes of an import that is worked off, or that somebody has stopped."""

BEHIND = timedelta(days=3650)
"""Operations of imports wait so far behind everything else, until the feeder lets them go."""

Chosen = tuple[UUID | None, Mapping[str, Any]]
ShareOut = Callable[[Session, Sequence[RowLead]], Awaitable[Sequence[Chosen]]]
"""Who gets leads by the rules, one by one: a member or nobody, and why."""


@dataclass(slots=True)
class Running:
    """An import that this process works on. `held` is the end of the lease it goes on under."""

    row: Row[Any]
    member: Member
    source: Source
    judge: Judge
    setup: Setup
    stage: UUID
    receivers: tuple[UUID, ...]
    held: datetime
    done: int
    verdicts: Counter[str]
    told: float = 0.0
    next_page: Page | None = None


class ImportJob:
    """Works off imports of all organizations that nobody else works on. Every call goes on until nothing is
    left to do, one page of each import in turn."""

    def __init__(
        self, db: Database, clock: Clock, notices: Notices, imports: Imports, updates: LeadUpdates,
        undo: ImportUndo, share_out: ShareOut | None = None,
    ) -> None:  # fmt: skip
        self.db, self.clock, self.notices, self.imports = db, clock, notices, imports
        self.updates, self.undo, self.share_out = updates, undo, share_out

    @open_to("the scheduler")
    async def advance(self) -> int:
        """Returns how many pages were worked off."""
        running, pages = await self._claim(), 0
        while running:
            for one in list(running):
                try:
                    going = await self._step(one)
                except Exception:
                    # its lease runs out, and it is tried again from the last page that is in
                    log.exception("import.failed", import_id=str(one.row.id))
                    going = False
                pages += 1
                if not going:
                    running.remove(one)
        return pages + await self.undo.advance(LEASE)

    async def _claim(self) -> list[Running]:
        now = self.clock()
        async with self.db.reading(system=True) as s:
            found = await rows.claimable(s, ENDINGS, now)
        claimed = []
        for organization_id, import_id in found:
            async with self.db.transaction(organization_id) as s:
                row = await rows.claim(s, import_id, ENDINGS, now, now + LEASE)
                if row is not None:
                    claimed.append(await self._open(s, row, now + LEASE))
        for one in claimed:
            await self._skip_done(one)
        return claimed

    async def _open(self, s: Session, row: Row[Any], held: datetime) -> Running:
        member = await member_rows.get_member(s, row.member_id)
        assert member is not None
        source, judge = await self.imports.opened(s, member, row.id)
        setup = read_setup(row.settings["setup"])
        stage = setup.stage if setup.stage and await stage_rows.stage_in_use(s, setup.stage) else None
        stage = stage or (await stage_rows.list_stages(s))[0].id
        receivers = tuple(await integrations.receivers(s)) if setup.to_crm else ()
        # what is in tells how far it is: the import's own row is not written with every page
        counts = await rows.counted(s, row.id)
        return Running(
            row, member, source, judge, setup, stage, receivers, held, sum(counts.values()), Counter(counts)
        )

    async def _skip_done(self, one: Running) -> None:
        """Go over the rows that are in: their contacts count for the twins that follow."""
        left = one.done
        while left > 0 and (page := await asyncio.to_thread(one.source.page)):
            one.judge.remember(page[:left])
            if len(page) > left:
                one.next_page = page[left:]
            left -= len(page)

    async def _step(self, one: Running) -> bool:
        """Bring one page in, while the next one is being read; False when that was all, or it is not ours
        any more."""
        if one.next_page is None:
            one.next_page = await asyncio.to_thread(one.source.page)
        if not one.next_page:
            await self.finish(one)
            return False
        page = one.next_page
        going, one.next_page = await asyncio.gather(
            self._write(one, page), asyncio.to_thread(one.source.page)
        )
        if not going:
            await self.finish(one)
        return going

    async def _write(self, one: Running, page: Page) -> bool:
        now = self.clock()
        async with self.db.transaction(one.row.organization_id) as s:
            if await rows.state_held(s, one.row.id, one.held) != ImportState.RUNNING.value:
                return False
            counts = one.verdicts + await self._bring_in(s, one, await one.judge.judge(s, page), now)
            one.done, one.verdicts = one.done + len(page), counts
            if time.monotonic() - one.told > TOLD_EVERY:
                await self._say(s, one, now)
        return True

    async def _say(self, s: Session, one: Running, now: datetime) -> None:
        """Tell how far it is, and go on for another lease. Not with every page: with the row SQLite would
        write the whole file anew."""
        one.told = time.monotonic()
        await rows.change(
            s, one.row.id, now, lease_until=now + LEASE, done=one.done, counts=dict(one.verdicts)
        )
        one.held = now + LEASE
        await self._tell(s, one, PROGRESS)

    async def _bring_in(
        self, s: Session, one: Running, judged: Sequence[Judged], now: datetime
    ) -> Counter[str]:
        fresh = [found.lead for found in judged if found.verdict is Verdict.NEW and found.lead is not None]
        batch = Batch(one.row.id, one.row.change_id, one.member.id, now, one.receivers, now + BEHIND)
        ids = await add_page(s, batch, await self._placed(s, one, fresh))
        written = [await self._settled(s, one, found, ids) for found in judged]
        await add_rows(s, one.row.id, written)
        return Counter(verdict for _, verdict, _, _ in written)

    async def _placed(self, s: Session, one: Running, fresh: Sequence[RowLead]) -> list[Placed]:
        """New leads with their stage, and with whoever the file or the rules name."""
        free = [lead for lead in fresh if lead.assignee is None]
        chosen: dict[int, Chosen] = {}
        if one.setup.assign == "rules" and self.share_out is not None and free:
            shared = await self.share_out(s, free)
            chosen = {lead.row: who for lead, who in zip(free, shared, strict=True)}
        return [
            Placed(lead, lead.stage or one.stage, *chosen.get(lead.row, (lead.assignee, {})))
            for lead in fresh
        ]

    async def _settled(
        self, s: Session, one: Running, found: Judged, ids: Mapping[int, UUID]
    ) -> tuple[int, str, UUID | None, str]:
        """The row as it is kept; a lead that is known is brought up to date where that was chosen."""
        verdict, lead_id = found.verdict, ids.get(found.row, found.lead_id)
        if verdict is Verdict.KNOWN and one.setup.duplicates is Duplicates.ASK:
            verdict = Verdict.ASKED
        elif verdict is Verdict.KNOWN and one.setup.duplicates is Duplicates.UPDATE:
            assert found.lead is not None
            assert lead_id is not None
            updates = UUID(one.row.settings["updates"])
            await self.updates.update(s, one.member, lead_id, found.lead, updates)
            verdict = Verdict.UPDATED
        return found.row, verdict.value, lead_id, found.reason

    @open_to("the job")
    async def finish(self, one: Running) -> None:
        """Make the leads found by their words, and say that it is over; nothing when the lease was lost."""
        after: int | None = 0
        while after is not None:
            now = self.clock()
            async with self.db.transaction(one.row.organization_id) as s:
                state = await rows.state_held(s, one.row.id, one.held)
                if state not in ENDINGS:
                    return
                page = await rows.rows_of(s, one.row.id, [Verdict.NEW.value], after, WORDS_PAGE)
                await add_words(s, [each.lead_id for each in page])
                after = page[-1].row if len(page) == WORDS_PAGE else None
                if time.monotonic() - one.told > TOLD_EVERY:
                    await self._say(s, one, now)
                if after is None:
                    await self._over(s, one, ENDINGS[state], now)

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
