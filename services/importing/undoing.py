"""Imports taken back: new leads that nobody has touched go, leads that were brought up to date get their
values back, and the rest stays and is listed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.engine import Row

from domain.history import UNDO
from domain.importing import ImportState, Verdict
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.importing.imports import Imports
from services.importing.progress import DONE, PROGRESS, slot_of
from services.leads.changes import Changes
from services.messages.notices import Notices
from storage.bulk import Native, insert_many
from storage.db import Database, Session
from storage.delivery.operations import drop_pending
from storage.importing import imports as rows
from storage.tables import lead_history

PAGE = 500
LISTED = 50
_HISTORY = ("id", "organization_id", "lead_id", "actor_id", "origin", "field", "old", "new", "at")


class ImportUndo:
    """Takes back what `Imports.undo` has begun."""

    def __init__(
        self, db: Database, clock: Clock, notices: Notices, changes: Changes, imports: Imports
    ) -> None:
        self.db, self.clock, self.notices = db, clock, notices
        self.changes, self.imports = changes, imports

    @open_to("the import job")
    async def work_off(self, row: Row[Any]) -> int:
        """Go on with an undo to its end; returns how many pages were worked off."""
        pages = 0
        while await self._page(row.organization_id, row.id):
            pages += 1
        return pages

    async def _page(self, organization_id: UUID, import_id: UUID) -> bool:
        """One page, new leads first; its row is locked, so that two jobs never do the same one."""
        async with self.db.transaction(organization_id) as s:
            row = await rows.get(s, import_id, held=True)
            if row is None or row.state != ImportState.UNDOING.value:
                return False
            undo = dict(row.settings["undo"])
            if not await self._take_out(s, row, undo) and not await self._put_back(s, row, undo):
                await self._finish(s, row, undo)
                return False
            await self._keep(s, row, undo, state=ImportState.UNDOING.value)
            return True

    async def _take_out(self, s: Session, row: Row[Any], undo: dict[str, Any]) -> bool:
        page = await rows.rows_of(s, row.id, [Verdict.NEW.value], undo["after"], PAGE)
        if not page:
            return False
        free = await rows.untouched(s, [one.lead_id for one in page], row.change_id)
        now, native = self.clock(), Native(s.dialect)
        await rows.delete_leads(s, free, now)
        await drop_pending(s, free, now)
        tenant, actor, at = native.id(s.tenant), native.id(UUID(undo["by"])), native.moment(now)
        await insert_many(s, lead_history, _HISTORY, [
            (native.new_id(), tenant, native.id(one), actor, UNDO, "deleted", "", "yes", at) for one in free
        ])  # fmt: skip
        undo |= {"after": page[-1].row, "done": undo["done"] + len(free)}
        undo["kept"] += len(page) - len(free)
        return True

    async def _put_back(self, s: Session, row: Row[Any], undo: dict[str, Any]) -> bool:
        if not row.settings.get("updates") or undo.get("all"):
            return False
        after = UUID(undo["last"]) if undo.get("last") else None
        change_id = UUID(row.settings["updates"])
        done, last = await self.changes.undo_page(s, UUID(undo["by"]), change_id, after, PAGE // 5)
        undo |= {"last": str(last) if last else "", "all": last is None, "done": undo["done"] + done.count}
        undo["kept"] += len({one.lead_id for one in done.skipped})
        return True

    async def _finish(self, s: Session, row: Row[Any], undo: Mapping[str, Any]) -> None:
        now = self.clock()
        await self._keep(s, row, undo, state=ImportState.UNDONE.value, finished_at=now, lease_until=None)
        await self.notices.owe(s, row.chat_id, DONE, {"import": str(row.id)})

    async def _keep(self, s: Session, row: Row[Any], undo: Mapping[str, Any], **values: object) -> None:
        settings = {**row.settings, "undo": dict(undo)}
        await rows.change(
            s, row.id, self.clock(), settings=settings, done=undo["done"] + undo["kept"], **values
        )
        await self.notices.owe(s, row.chat_id, PROGRESS, {"import": str(row.id)}, slot_of(row.id))

    @needs(Right.LEAD_IMPORT)
    async def left(self, member: Member, import_id: UUID) -> Sequence[tuple[int, str]]:
        """(number, title) of new leads that an undo has left, because somebody had touched them; at most
        LISTED."""
        await self.imports.get(member, import_id)
        async with self.db.reading(member.organization_id) as s:
            found = await rows.still_there(s, import_id, LISTED)
        return [(one.number, one.name or one.company) for one in found]
