"""Rows that are not in: the file of them with the reasons, and those that a person decides about."""

import asyncio
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domain.errors import NotFound, TooLate
from domain.importing import RowLead, Verdict, read_setup
from domain.members import Member, Right
from domain.spreadsheets import safe_cell
from services.access import needs
from services.audit.recorded import recorded
from services.clock import Clock
from services.importing.imports import Imports
from services.importing.source import every_row
from services.importing.updating import LeadUpdates
from storage.bulk import Native
from storage.db import Database, Session
from storage.finding.finding import reindex
from storage.importing import imports as rows
from storage.importing.imported_leads import Batch, Placed, add_page
from storage.pipelines import stages as stage_rows

NOT_IN = (Verdict.BAD.value, Verdict.TWIN.value, Verdict.KNOWN.value, Verdict.ASKED.value)
AT_ONCE = 200
Worded = Callable[[str, str, int], str]
"""A row's verdict, reason and the number of the lead that has its contact (0: none), in words."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row that waits for a person, with the lead that has its contact."""

    row: int
    cells: Sequence[str]
    lead_id: UUID
    number: int
    title: str
    left: int


class ImportAnswers:
    """Use cases on the rows that an import has not brought in."""

    def __init__(self, db: Database, clock: Clock, imports: Imports, updates: LeadUpdates) -> None:
        self.db, self.clock, self.imports, self.updates = db, clock, imports, updates

    @needs(Right.LEAD_IMPORT)
    async def not_in(self, member: Member, import_id: UUID, title: str, worded: Worded) -> tuple[str, bytes]:
        """(file name, content) of the rows that are not in, as they were, in the same format, each with the
        reason in a column `title`. Takes a while: call it outside a transaction. Raises NotFound."""
        one = await self.imports.get(member, import_id)
        async with self.db.reading(member.organization_id) as s:
            row = await rows.get(s, import_id)
            found = await rows.rows_of(s, import_id, NOT_IN, 0, one.total)
            known = await rows.titles(s, {each.lead_id for each in found if each.lead_id})
            body = await rows.body(s, import_id)
        assert row is not None
        if not found:
            raise NotFound(what="rows")
        reasons = {
            each.row: worded(each.verdict, each.reason, known.get(each.lead_id, (0, ""))[0]) for each in found
        }
        width = row.settings["width"]
        table = [[*_padded(row.settings["header"], width), title]] if row.settings["header"] else []
        name = f"{one.name.rpartition('.')[0] or one.name}-{len(found)}.{one.kind}"

        def written() -> bytes:
            for number, cells in every_row(body, row.settings):
                if number in reasons:
                    table.append([*_padded(cells, width), reasons[number]])
            return _as_xlsx(table) if one.kind == "xlsx" else _as_csv(table, row.settings["delimiter"])

        return name, await asyncio.to_thread(written)

    @needs(Right.LEAD_IMPORT)
    async def next_asked(self, member: Member, import_id: UUID, after: int = 0) -> Asked | None:
        """The next row that waits for a person; the first again after the last. None when none does."""
        one = await self.imports.get(member, import_id)
        async with self.db.reading(member.organization_id) as s:
            asked = [Verdict.ASKED.value]
            found = await rows.rows_of(s, import_id, asked, after, 1) or await rows.rows_of(
                s, import_id, asked, 0, 1
            )
            if not found:
                return None
            number, title = (await rows.titles(s, [found[0].lead_id])).get(found[0].lead_id, (0, ""))
            left = (await rows.counted(s, import_id)).get(Verdict.ASKED.value, 0)
            row = await rows.get(s, import_id)
            assert row is not None
            body = await rows.body(s, one.id)
        cells = next(cells for at, cells in every_row(body, row.settings) if at == found[0].row)
        return Asked(found[0].row, cells, found[0].lead_id, number, title, left)

    @needs(Right.LEAD_IMPORT)
    @recorded("import.decide", "import")
    async def decide(self, member: Member, import_id: UUID, row: int, do: str) -> None:
        """What becomes of the row: `do` is skip, update or add. Raises TooLate("answered")."""
        await self._decide(member, import_id, [row], do)

    @needs(Right.LEAD_IMPORT)
    @recorded("import.decide", "import")
    async def decide_all(self, member: Member, import_id: UUID, do: str) -> int:
        """The same for every row that waits; returns how many. Call it outside a transaction."""
        done = 0
        while True:
            async with self.db.reading(member.organization_id) as s:
                found = await rows.rows_of(s, import_id, [Verdict.ASKED.value], 0, AT_ONCE)
            if not found:
                return done
            await self._decide(member, import_id, [one.row for one in found], do)
            done += len(found)

    async def _decide(self, member: Member, import_id: UUID, wanted: Sequence[int], do: str) -> None:
        await self.imports.get(member, import_id)
        async with self.db.transaction(member.organization_id) as s:
            row = await rows.get(s, import_id, held=True)
            assert row is not None
            waiting = {
                one.row: one.lead_id
                for one in await rows.rows_of(s, import_id, [Verdict.ASKED.value], wanted[0] - 1, AT_ONCE)
            }
            if not all(one in waiting for one in wanted):
                raise TooLate("answered")
            leads = await self._read_again(s, member, import_id, wanted) if do != "skip" else {}
            for one in wanted:
                await self._settle(s, member, import_id, one, waiting[one], leads.get(one), do)
            counts = await rows.counted(s, import_id)
            await rows.change(s, import_id, self.clock(), counts=counts)

    async def _read_again(
        self, s: Session, member: Member, import_id: UUID, wanted: Sequence[int]
    ) -> dict[int, RowLead]:
        source, _ = await self.imports.opened(s, member, import_id)
        found: dict[int, RowLead] = {}
        while page := await asyncio.to_thread(source.page):
            found |= {one.row: one for one in page if one.row in wanted and isinstance(one, RowLead)}
        return found

    async def _settle(
        self, s: Session, member: Member, import_id: UUID, row: int, lead_id: UUID, lead: RowLead | None,
        do: str,
    ) -> None:  # fmt: skip
        held = await rows.get(s, import_id)
        assert held is not None
        if lead is None or do == "skip":
            await rows.settle_row(s, import_id, row, Verdict.KNOWN.value)
        elif do == "update":
            await self.updates.update(s, member, lead_id, lead, UUID(held.settings["updates"]))
            await rows.settle_row(s, import_id, row, Verdict.UPDATED.value)
        else:
            setup = read_setup(held.settings["setup"])
            stage = lead.stage or setup.stage or (await stage_rows.list_stages(s))[0].id
            batch = Batch(import_id, held.change_id, member.id, self.clock())
            made = await add_page(s, batch, [Placed(replace(lead), stage, lead.assignee, {})])
            lead_id = Native(s.dialect).known(made[row])
            await reindex(s, [lead_id])
            await rows.settle_row(s, import_id, row, Verdict.NEW.value, lead_id=lead_id)


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))][:width]


def _as_csv(table: Sequence[Sequence[str]], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([safe_cell(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig")


def _as_xlsx(table: Sequence[Sequence[str]]) -> bytes:
    content = io.BytesIO()
    import xlsxwriter  # not before somebody asks for such a file

    with xlsxwriter.Workbook(content, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(table):
            for column, cell in enumerate(row):
                sheet.write_string(place, column, cell)
    return content.getvalue()
