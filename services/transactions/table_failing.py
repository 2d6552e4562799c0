"""Tables of purchases that fail: tried again some times, then given up, and whoever sent it is asked once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.engine import Row

from domain.errors import NotFound, TooLate
from domain.importing import ImportState
from domain.members import Member, Right
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.messages.notices import Notices
from services.transactions.ending import PROGRESS
from storage.db import Database
from storage.importing import imports as rows

MOST_FAILURES = 4
TRIED_AGAIN_AFTER = timedelta(seconds=30)
"""Two minutes in all: a database that restarts is back by then."""

COUNTED = "failures"
"""In an import's settings: how often it has failed in a row, how far it was, and the kind of error."""

TABLE_FAILED = "transactions.table_failed"
NOBODY = 0
"""The chat of a file that came by the API."""


class TableFailures:
    """Counts failures of a table in a row, and lets people decide about one that was given up. What is in
    stays in."""

    def __init__(self, db: Database, clock: Clock, notices: Notices) -> None:
        self.db, self.clock, self.notices = db, clock, notices

    @open_to("the job of tables")
    async def note(self, row: Row[Any], error: str) -> None:
        """One more failure, of an error of this kind."""
        async with self.db.transaction(row.organization_id) as s:
            held = await rows.get(s, row.id, held=True)
            if held is None or held.state != ImportState.PURCHASES.value:
                return
            now, before = self.clock(), held.settings.get(COUNTED, {})
            # one that came further meanwhile is no failure in a row
            times = 1 + (before.get("times", 0) if before.get("done") == held.done else 0)
            settings = {**held.settings, COUNTED: {"times": times, "done": held.done, "error": error}}
            if times < MOST_FAILURES:
                await rows.change(s, row.id, now, settings=settings, lease_until=now + TRIED_AGAIN_AFTER)
                return
            state = ImportState.PURCHASES_FAILED.value
            await rows.change(s, row.id, now, settings=settings, state=state, lease_until=None)
            if held.chat_id != NOBODY:
                await self.notices.owe(s, held.chat_id, TABLE_FAILED, {"table": str(row.id)})

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.table_retry", "import")
    async def retry(self, member: Member, import_id: UUID) -> None:
        """Let the job begin anew: rows that are in keep their ids. Raises NotFound,
        TooLate("import_over")."""
        await self._leave(member, import_id, ImportState.PURCHASES)

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.table_drop", "import")
    async def drop(self, member: Member, import_id: UUID) -> None:
        """Try it no more. Raises NotFound, TooLate("import_over")."""
        await self._leave(member, import_id, ImportState.DISCARDED)

    async def _leave(self, member: Member, import_id: UUID, state: ImportState) -> None:
        async with self.db.transaction(member.organization_id) as s:
            row = await rows.get(s, import_id, held=True)
            if row is None:
                raise NotFound(what="import")
            if row.state != ImportState.PURCHASES_FAILED.value:
                raise TooLate("import_over")
            settings = {name: value for name, value in row.settings.items() if name != COUNTED}
            await rows.change(s, import_id, self.clock(), settings=settings, state=state.value)
            if row.chat_id != NOBODY and state is ImportState.PURCHASES:
                slot = slot_of(import_id)
                await self.notices.owe(s, row.chat_id, PROGRESS, {"table": str(import_id)}, slot)


def slot_of(import_id: UUID) -> str:
    """The slot in which a chat shows how far a table is."""
    return f"purchases:{import_id}"
