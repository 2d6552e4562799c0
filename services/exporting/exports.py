"""Exports: what the member sees of a list, as a file on the disk."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.custom_fields import CustomField
from domain.errors import BadInput
from domain.lead_query import LeadQuery
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from services.exporting.columns import USUAL, Column, Page, columns_of
from services.exporting.csv_file import CsvFile
from services.exporting.xlsx import MOST_ROWS, XlsxFile
from services.finding.search import Finding
from storage.db import Database
from storage.leads import custom_fields, lead_export
from storage.people import members as member_rows
from storage.people import people
from storage.planning import activities as audit_rows

PAGE = 2000
TOLD_EVERY = 1.5
"""Seconds between two states of the bar."""

SIZE_LIMIT = 50_000_000
"""Bytes of a file that a bot may send: 50 MB."""

SETTING = "export"


@dataclass(frozen=True, slots=True)
class Words:
    """What a file says besides the leads: titles of columns by name, stages nobody has renamed by key, and
    pipelines nobody has named by preset; `delimiter` parts the cells of a CSV."""

    title: Callable[[str], str]
    stage: Callable[[str], str]
    pipeline: Callable[[str], str]
    delimiter: str


Told = Callable[[int, int], Awaitable[None]]
"""Learns how many of how many leads are written."""


class Exports:
    """Use cases on exports."""

    def __init__(self, db: Database, clock: Clock, finding: Finding) -> None:
        self.db, self.clock, self.finding = db, clock, finding

    @needs(Right.LEAD_EXPORT)
    async def fields(self, member: Member) -> Sequence[CustomField]:
        """Fields of the organization's own that the member's files may show."""
        async with self.db.reading(member.organization_id) as s:
            return [one for one in await custom_fields.list_fields(s) if one.seen_by(member.role)]

    @needs(Right.LEAD_EXPORT)
    async def chosen(self, member: Member) -> tuple[str, ...]:
        """The columns of the member's files, in order: as chosen last time, or the usual ones."""
        kept = member.settings.get(SETTING)
        known = columns_of(await self.fields(member))
        wanted = kept if isinstance(kept, list) else USUAL
        return tuple(name for name in known if name in wanted) or USUAL

    @needs(Right.LEAD_EXPORT)
    async def choose(self, member: Member, name: str) -> tuple[str, ...]:
        """Take a column in or out; the last one stays. Raises BadInput("column", "invalid")."""
        known, chosen = columns_of(await self.fields(member)), await self.chosen(member)
        if name not in known:
            raise BadInput("column", "invalid")
        wanted = set(chosen) ^ {name} or set(chosen)
        kept = [one for one in known if one in wanted]
        async with self.db.transaction(member.organization_id) as s:
            _rights, settings = await people.own_changes(s, member.id)
            await member_rows.update_member(s, member.id, settings={**settings, SETTING: kept})
        return tuple(kept)

    @needs(Right.LEAD_EXPORT)
    async def write(
        self, member: Member, query: LeadQuery, kind: str, path: Path, words: Words, told: Told
    ) -> int:
        """Write what fits the query and the member may see to `path`; `kind` is csv or xlsx. Returns how many
        leads. It takes a while: call it outside a transaction.

        Raises BadInput("export", ...): empty, too_many (a spreadsheet's rows), too_big (for Telegram).
        """
        total = await self.finding.count(member, query)
        if not total:
            raise BadInput("export", "empty")
        if kind == "xlsx" and total >= MOST_ROWS:
            raise BadInput("export", "too_many", count=total)
        known = columns_of(await self.fields(member))
        names = await self.chosen(member)
        columns = [known[name] for name in names]
        with _opened(kind, path, columns, words.delimiter) as file:
            file.head([words.title(name) for name in names])
            await self._fill(member, query, file, columns, words, total, told)
            written = file.rows - 1
        if os.stat(path).st_size > SIZE_LIMIT:
            raise BadInput("export", "too_big", count=written)
        async with self.db.transaction(member.organization_id) as s:
            said = {"count": written, "columns": list(names), "query": query.as_json(), "kind": kind}
            await audit_rows.add_audit(s, member.id, "lead.export", "lead", None, self.clock(), said)
        return written

    async def _fill(
        self, member: Member, query: LeadQuery, file: CsvFile | XlsxFile, columns: Sequence[Column],
        words: Words, total: int, told: Told,
    ) -> None:  # fmt: skip
        """Write page by page; while one is read, the one before is made into cells in a thread."""
        reads = sorted({name for column in columns for name in column.reads})
        begun, writing = time.monotonic(), None
        async for ids in await self.finding.pages(member, query, PAGE):
            reading = self._page(member, ids, reads, words)
            if writing is not None:
                page, _ = await asyncio.gather(reading, asyncio.to_thread(_write, file, columns, writing))
            else:
                page = await reading
            writing = page
            if time.monotonic() - begun > TOLD_EVERY:
                begun = time.monotonic()
                await told(file.rows, total)
        if writing is not None:
            await asyncio.to_thread(_write, file, columns, writing)

    async def _page(self, member: Member, ids: Sequence[UUID], reads: Sequence[str], words: Words) -> Page:
        async with self.db.reading(member.organization_id) as s:
            return Page(
                await lead_export.page(s, ids, reads),
                ZoneInfo(member.time_zone),
                words.stage,
                words.pipeline,
            )


def _write(file: CsvFile | XlsxFile, columns: Sequence[Column], page: Page) -> None:
    cells = [column.cell for column in columns]
    file.write([[cell(row, page) for cell in cells] for row in page.rows])


def _opened(kind: str, path: Path, columns: Sequence[Column], delimiter: str) -> CsvFile | XlsxFile:
    if kind == "csv":
        return CsvFile(path, delimiter)
    return XlsxFile(path, [column.width for column in columns])
