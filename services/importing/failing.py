"""Imports that fail: tried again some times, then given up, and their author is told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.engine import Row

from domain.errors import TooLate
from domain.importing import Import, ImportState
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.importing.imports import ACTIVE, Imports
from services.importing.progress import DONE, PROGRESS, slot_of
from services.importing.rows import as_import
from services.messages.notices import Notices
from storage.db import Database
from storage.importing import imports as rows
from storage.leads import leads as lead_rows
from storage.planning.activities import add_audit

MOST_FAILURES = 4
TRIED_AGAIN_AFTER = timedelta(seconds=30)
"""Two minutes in all: a database that restarts is back by then."""

COUNTED, FROM = "failures", "failed_from"
MARKS = (COUNTED, FROM)
"""In an import's settings: how often it has failed in a row, and what it was doing."""

TRIED = (ImportState.RUNNING.value, ImportState.STOPPING.value, ImportState.UNDOING.value)


class ImportFailures:
    """Counts failures of an import in a row, ends it after too many, and lets it go on when somebody asks."""

    def __init__(self, db: Database, clock: Clock, notices: Notices, imports: Imports) -> None:
        self.db, self.clock, self.notices, self.imports = db, clock, notices, imports

    @needs(Right.LEAD_IMPORT)
    async def retry(self, member: Member, import_id: UUID) -> Import:
        """Let the job go on with an import that was given up, or with its undo, from where it stopped.
        Raises NotFound, TooLate: import_running, import_over."""
        await self.imports.get(member, import_id)
        async with self.db.transaction(member.organization_id) as s:
            await lead_rows.hold_numbers(s)
            row = await rows.get(s, import_id, held=True)
            if row is None or row.state != ImportState.FAILED.value:
                raise TooLate("import_over")
            if await rows.in_work(s, ACTIVE):
                raise TooLate("import_running")
            settings = {name: value for name, value in row.settings.items() if name not in MARKS}
            now, state = self.clock(), row.settings.get(FROM, ImportState.RUNNING.value)
            await rows.change(s, import_id, now, settings=settings, state=state, finished_at=None)
            await add_audit(s, member.id, "import.retry", "import", import_id, now)
            await self.notices.owe(s, row.chat_id, PROGRESS, {"import": str(row.id)}, slot_of(row.id))
            return as_import(await rows.get(s, import_id) or row)

    @open_to("the import job")
    async def note(self, row: Row[Any], error: str) -> None:
        """One more failure, of an error of this kind. What is in stays."""
        async with self.db.transaction(row.organization_id) as s:
            held = await rows.get(s, row.id, held=True)
            if held is None or held.state not in TRIED:
                return
            now, counts = self.clock(), await rows.counted(s, row.id)
            done, before = sum(counts.values()), held.settings.get(COUNTED, {})
            # one that came further meanwhile is no failure in a row
            times = 1 + (before.get("times", 0) if before.get("done") == done else 0)
            settings = {**held.settings, COUNTED: {"times": times, "done": done, "error": error}}
            if times < MOST_FAILURES:
                await rows.change(s, row.id, now, settings=settings, lease_until=now + TRIED_AGAIN_AFTER)
                return
            settings[FROM] = held.state
            values = {} if held.state == ImportState.UNDOING.value else {"done": done, "counts": counts}
            await rows.change(
                s, row.id, now, settings=settings, state=ImportState.FAILED.value, lease_until=None,
                finished_at=now, **values,
            )  # fmt: skip
            await add_audit(s, held.member_id, "import.failed", "import", row.id, now, {"error": error})
            said = {"import": str(row.id)}
            await self.notices.owe(s, held.chat_id, PROGRESS, said, slot_of(row.id))
            await self.notices.owe(s, held.chat_id, DONE, said)
