"""Tables of purchases: what a file would bring, and bringing it in, as a job that any process goes on with.

A file waits in the imports, as one of leads does. The same file again changes nothing: rows keep their ids.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.engine import Row

from crm_adapters.purchase_values import own_of
from domain.errors import BadInput, NotFound, TooLate
from domain.fields import read_text
from domain.importing import IGNORE, ImportState, Setup
from domain.members import Member, Right
from domain.transactions import SourceTransaction
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.importing.reading import read_table
from services.importing.source import pack
from services.messages.notices import Notices
from services.transactions import table_rows
from services.transactions.ending import PROGRESS
from services.transactions.sources import FILE, TransactionSources, place_of
from services.transactions.storing import TransactionStore
from services.transactions.table_failing import NOBODY, TableFailures, slot_of
from services.transactions.table_pages import TablePages
from services.transactions.table_rows import COLUMNS, TableReader, WrongRow
from services.transactions.table_view import KEY, PurchaseTable, changed, shown, system_of
from storage.db import Session
from storage.importing import imports as rows
from storage.transactions import transaction_log, transaction_sources

log = structlog.get_logger()

SIZE_LIMIT = 10_000_000
"""Bytes of a table of purchases."""

LEASE = timedelta(minutes=5)
QUEUED = ImportState.PURCHASES.value
"""The state of an import whose rows wait to become purchases."""

LONGEST_SYSTEM = 64
SHOWN = 5
CHANGED = ("added", "changed", "unchanged")


class PurchaseTables:
    """Use cases on tables of purchases."""

    def __init__(
        self, sources: TransactionSources, store: TransactionStore, notices: Notices, failures: TableFailures
    ) -> None:
        self.sources, self.db, self.clock = sources, sources.db, sources.clock
        self.store, self.notices, self.failures = store, notices, failures

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.table_upload", "import")
    async def bring(
        self, member: Member, name: str, content: bytes, columns: Sequence[str] = (), system: str = ""
    ) -> PurchaseTable:
        """Take a file that came by the API and queue it; `columns` where the guess is not to be trusted,
        `system` as for name_system. Raises BadInput: file (too_big and what read_table has), column, system,
        table."""
        if len(content) > SIZE_LIMIT:
            raise BadInput("file", "too_big", limit=SIZE_LIMIT // 1000)
        table = await asyncio.to_thread(read_table, content)
        body, settings = pack(table)
        if set(columns) - {IGNORE, *COLUMNS} or len(columns) > table.width:
            raise BadInput("column", "invalid")
        settings["setup"] = Setup((IGNORE,) * table.width, member.region).as_json()
        settings[KEY] = {"system": read_text("system", system, LONGEST_SYSTEM, required=False)}
        if columns:
            settings[KEY]["columns"] = [*columns, *[IGNORE] * (table.width - len(columns))]
        async with self.db.transaction(member.organization_id) as s:
            import_id = await rows.add(
                s, member.id, NOBODY, self.clock(), name=name[:200], body=body, settings=settings,
                state=ImportState.PREVIEW.value, total=table.rows,
            )  # fmt: skip
        return await self.start(member, import_id)

    @needs(Right.CRM_MANAGE)
    async def may_be(self, member: Member, import_id: UUID) -> bool:
        """Whether a file that was received looks like purchases: dates and amounts are found in it."""
        return table_rows.fits((await self._look(member, import_id)).columns)

    @needs(Right.CRM_MANAGE)
    async def get(self, member: Member, import_id: UUID) -> PurchaseTable:
        """A file as it stands, without its rows. Raises NotFound."""
        return await self._look(member, import_id)

    @needs(Right.CRM_MANAGE)
    async def forecast(self, member: Member, import_id: UUID) -> PurchaseTable:
        """Read every row as `start` would; nothing is kept. Call it outside a transaction."""
        seen = await self._look(member, import_id)
        if not seen.waits or not table_rows.fits(seen.columns):
            return seen
        told = await (await self._pages(member.organization_id, import_id, seen.columns, "")).all()
        wrong = told.wrong[:2]
        first: list[SourceTransaction | WrongRow] = [*wrong, *told.good[: SHOWN - len(wrong)]]
        return replace(
            seen, first=first, good=len(told.good), wrong=len(told.wrong), phoneless=len(told.phoneless)
        )

    @needs(Right.CRM_MANAGE)
    async def set_column(self, member: Member, import_id: UUID, place: int, name: str) -> PurchaseTable:
        """Say what a column is; another one that was the same is ignored from then on. Raises BadInput,
        NotFound, TooLate("import_begun")."""
        async with self.db.transaction(member.organization_id) as s:
            row = await self._row(s, import_id, held=True)
            _demand_waiting(row)
            columns = list(await self._columns(s, row))
            if name not in (IGNORE, *COLUMNS) or not 0 <= place < len(columns):
                raise BadInput("column", "invalid")
            columns = [IGNORE if one == name else one for one in columns]
            columns[place] = name
            await rows.change(s, import_id, self.clock(), settings=changed(row, columns=columns))
        return await self._look(member, import_id)

    @needs(Right.CRM_MANAGE)
    async def systems(self, member: Member) -> Sequence[str]:
        """What tables were said to come from until now."""
        every = await self.sources.every(member)
        return [one.name for one in every if one.provider == FILE and one.name]

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.table_system", "import")
    async def name_system(self, member: Member, import_id: UUID, name: str) -> PurchaseTable:
        """Say where it comes from: rows without a number are told apart within one system. Raises BadInput,
        NotFound, TooLate("import_begun")."""
        system = read_text("system", name, LONGEST_SYSTEM)
        async with self.db.transaction(member.organization_id) as s:
            row = await self._row(s, import_id, held=True)
            _demand_waiting(row)
            await rows.change(s, import_id, self.clock(), settings=changed(row, system=system))
        return await self._look(member, import_id)

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.table", "import")
    async def start(self, member: Member, import_id: UUID) -> PurchaseTable:
        """Queue it. Raises BadInput("table", no_date or no_amount), NotFound, TooLate("import_begun")."""
        async with self.db.transaction(member.organization_id) as s:
            row = await self._row(s, import_id, held=True)
            _demand_waiting(row)
            columns = await self._columns(s, row)
            table_rows.demand(columns)
            settings = changed(row, columns=list(columns))
            await rows.change(s, import_id, self.clock(), settings=settings, state=QUEUED, done=0)
            await self._tell(s, row)
        return await self._look(member, import_id)

    @needs(Right.CRM_MANAGE)
    async def wrong_rows(self, member: Member, import_id: UUID) -> tuple[Sequence[str], Sequence[WrongRow]]:
        """(header, rows that were left out or came in without their buyer), for a file by row. Call it
        outside a transaction."""
        seen = await self._look(member, import_id)
        told = await (await self._pages(member.organization_id, import_id, seen.columns, "")).all()
        return seen.header, sorted([*told.wrong, *told.phoneless], key=lambda one: one.row)

    @open_to("the scheduler")
    async def advance(self) -> int:
        """Bring in what is queued, of all organizations; returns how many tables. Never raises for one."""
        now, done = self.clock(), 0
        async with self.db.reading(system=True) as s:
            waiting = await rows.claimable(s, [QUEUED], now)
        for organization_id, import_id in waiting:
            async with self.db.transaction(organization_id) as s:
                claimed = await rows.claim(s, import_id, [QUEUED], now, now + LEASE)
            if claimed is not None:
                await self._try(organization_id, claimed)
                done += 1
        return done

    async def _try(self, organization_id: UUID, row: Row[Any]) -> None:
        try:
            await self._bring(organization_id, row)
        except Exception as error:
            log.exception("transactions.table_failed", table=str(row.id))
            await self.failures.note(row, type(error).__name__)

    async def _bring(self, organization_id: UUID, row: Row[Any]) -> None:
        columns = tuple(row.settings[KEY]["columns"])
        began, counts = self.clock(), Counter[str]()
        async with self.db.transaction(organization_id) as s:
            source_id = await self.sources.of_files(s, system_of(row))
        pages = await self._pages(organization_id, row.id, columns, str(source_id))
        page = await pages.next()
        while page.rows:
            counts.update(found=page.rows, unreadable=len(page.wrong), phoneless=len(page.phoneless))
            kept, page = await asyncio.gather(
                self._keep(row, source_id, page.good, counts["found"], began), pages.next()
            )
            counts.update(kept)
        phoneless = counts.pop("phoneless", 0)
        async with self.db.transaction(organization_id) as s:
            now = self.clock()
            told = {
                **dict.fromkeys(CHANGED, 0), **counts, "wrong": counts["unreadable"], "phoneless": phoneless,
            }  # fmt: skip
            settings = changed(row, counts=told)
            state = ImportState.PURCHASED.value
            await rows.change(
                s, row.id, now, settings=settings, state=state, lease_until=None, finished_at=now
            )
            await transaction_sources.change(s, source_id, last_success_at=now, counts=dict(counts))
            await transaction_log.add_run(
                s, source_id, kind="file", verdict=transaction_log.DONE, started_at=began, finished_at=now,
                counts=dict(counts), error="", reason="",
            )  # fmt: skip
            await self._tell(s, row)
        log.info("transactions.table", source=str(source_id), **counts)

    async def _keep(
        self, row: Row[Any], source_id: UUID, good: Sequence[SourceTransaction], done: int, began: datetime
    ) -> Counter[str]:
        """One page; whoever goes on after a crash begins with the first, and finds it unchanged."""
        async with self.db.transaction(row.organization_id) as s:
            await rows.commit_lazily(s)
            await transaction_sources.hold(s, source_id)
            counts = await self.store.keep(s, source_id, good, began)
            lease = self.clock() + LEASE
            await rows.change(s, row.id, self.clock(), done=done, lease_until=lease)
            await self._tell(s, row)
        del counts["found"]
        return counts

    async def _pages(
        self, organization_id: UUID, import_id: UUID, columns: Sequence[str], business: str
    ) -> TablePages:
        async with self.db.reading(organization_id) as s:
            row = await self._row(s, import_id)
            body, own = await rows.body(s, import_id), own_of(await place_of(s))
        return TablePages(body, row.settings, TableReader(columns, own, self.clock(), business))

    async def _look(self, member: Member, import_id: UUID) -> PurchaseTable:
        async with self.db.reading(member.organization_id) as s:
            row = await self._row(s, import_id)
            columns = await self._columns(s, row)
        return shown(row, columns)

    async def _columns(self, s: Session, row: Row[Any]) -> tuple[str, ...]:
        chosen = row.settings.get(KEY, {}).get("columns")
        if chosen:
            return tuple(chosen)
        found = table_rows.guessed(row.settings["header"], row.settings["sample"], own_of(await place_of(s)))
        return (*found, *[IGNORE] * (row.settings["width"] - len(found)))

    async def _row(self, s: Session, import_id: UUID, *, held: bool = False) -> Row[Any]:
        row = await rows.get(s, import_id, held=held)
        if row is None:
            raise NotFound(what="import")
        return row

    async def _tell(self, s: Session, row: Row[Any]) -> None:
        if row.chat_id == NOBODY:
            return
        await self.notices.owe(s, row.chat_id, PROGRESS, {"table": str(row.id)}, slot_of(row.id))


def _demand_waiting(row: Row[Any]) -> None:
    if row.state != ImportState.PREVIEW.value:
        raise TooLate("import_begun")
