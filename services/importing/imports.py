"""Imports: a file comes, is looked at and set up, starts, and can be stopped or taken back."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Row

from domain.custom_fields import CustomField
from domain.errors import BadInput, NotFound, TooLate
from domain.importing import (
    FIELDS,
    IGNORE,
    SEVERAL,
    Duplicates,
    Import,
    ImportState,
    Setup,
    Table,
    Verdict,
    read_setup,
)
from domain.members import Member, Right
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.importing.guessing import guess
from services.importing.judging import Judge
from services.importing.known import known_to
from services.importing.progress import PROGRESS, slot_of
from services.importing.row_reader import RowReader
from services.importing.rows import as_import, demand_columns, demand_state, may_look
from services.importing.source import Source, pack
from services.importing.vocabulary import Vocabulary
from services.leads.changes import Changes
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.delivery import integrations
from storage.importing import imports as rows
from storage.leads import custom_fields
from storage.leads import leads as lead_rows
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows
from storage.planning import activities as audit_rows

REMEMBERED = 30
"""Imports among which one with the same columns is looked for."""

SHOWN = 8
ACTIVE = (ImportState.RUNNING.value, ImportState.STOPPING.value, ImportState.UNDOING.value)
ENDED = (ImportState.DONE.value, ImportState.CANCELLED.value, ImportState.FAILED.value)
STARTED = (*ACTIVE, *ENDED, ImportState.UNDONE.value)
FORGOTTEN_AFTER = timedelta(days=30)


class Imports:
    """Use cases on imports. `vocabulary` gives the words that tables are understood by; `can_share` says
    whether there are rules that leads can be shared out by."""

    def __init__(
        self, db: Database, clock: Clock, notices: Notices, changes: Changes,
        vocabulary: Callable[[], Vocabulary], *, can_share: bool = False,
    ) -> None:  # fmt: skip
        self.db, self.clock, self.notices, self.changes = db, clock, notices, changes
        self.vocabulary, self.can_share = vocabulary, can_share

    @needs(Right.LEAD_IMPORT)
    @recorded("import.receive", "import")
    async def receive(self, member: Member, chat_id: int, name: str, table: Table) -> Import:
        """Keep a file that was read by `read_table`, with its columns guessed: as an import with the same
        columns had them, or by their names and contents. Nothing is brought in yet."""
        packed, settings = pack(table)
        async with self.db.transaction(member.organization_id) as s:
            fields = await self._fields(s, member)
            columns = await self._as_before(s, settings["mark"], table.width, fields)
            columns = columns or guess(table, self.vocabulary(), fields, member.region)
            settings["setup"] = Setup(columns, member.region).as_json()
            import_id = await rows.add(
                s, member.id, chat_id, self.clock(), name=name[:200], body=packed, settings=settings,
                state=ImportState.PREVIEW.value, total=table.rows,
            )  # fmt: skip
            return await self._get(s, member, import_id)

    async def _as_before(
        self, s: Session, mark: str, width: int, fields: Sequence[CustomField]
    ) -> tuple[str, ...]:
        known = {IGNORE, *FIELDS, *(one.path for one in fields)}
        for row in await rows.newest(s, REMEMBERED):
            if row.settings.get("mark") == mark and row.settings.get("chosen"):
                kept = [one if one in known else IGNORE for one in row.settings["setup"]["columns"]]
                return tuple([*kept, *[IGNORE] * width][:width])
        return ()

    @needs(Right.LEAD_IMPORT)
    async def get(self, member: Member, import_id: UUID) -> Import:
        """Raises NotFound; somebody else's import is seen by those who see all leads."""
        async with self.db.reading(member.organization_id) as s:
            return await self._get(s, member, import_id)

    @needs(Right.LEAD_IMPORT)
    async def newest(self, member: Member) -> list[Import]:
        """The member's last imports that were started, newest first."""
        async with self.db.reading(member.organization_id) as s:
            found = await rows.newest(s, REMEMBERED, STARTED)
        return [as_import(row) for row in found if may_look(member, row)][:SHOWN]

    @needs(Right.LEAD_IMPORT)
    async def fields(self, member: Member) -> Sequence[CustomField]:
        """Fields of the organization's own that a column may be."""
        async with self.db.reading(member.organization_id) as s:
            return await self._fields(s, member)

    @needs(Right.LEAD_IMPORT)
    async def set_column(self, member: Member, import_id: UUID, place: int, name: str) -> Import:
        """Say what a column is: a field, "custom.<key>" or IGNORE. Another column that was the same field,
        where only one may be, is ignored from then on. Raises BadInput("column", "invalid"), TooLate."""
        async with self.db.transaction(member.organization_id) as s:
            one = await self._get(s, member, import_id, held=True)
            allowed = {IGNORE, *FIELDS, *(field.path for field in await self._fields(s, member))}
            if name not in allowed or not 0 <= place < len(one.setup.columns):
                raise BadInput("column", "invalid")
            columns = list(one.setup.columns)
            if name != IGNORE and name not in SEVERAL and name in columns:
                columns[columns.index(name)] = IGNORE
            columns[place] = name
            return await self._set_up(s, member, one, replace(one.setup, columns=tuple(columns)), anew=True)

    @needs(Right.LEAD_IMPORT)
    async def set_up(
        self, member: Member, import_id: UUID, *, duplicates: str = "", region: str = "",
        stage: UUID | None = None, assign: str = "", to_crm: bool | None = None,
    ) -> Import:  # fmt: skip
        """Choose what becomes of duplicates, the country of bare phones, the stage, who gets the leads, and
        whether the CRM does. Raises TooLate once it has begun, NotFound for an unknown stage."""
        async with self.db.transaction(member.organization_id) as s:
            one = await self._get(s, member, import_id, held=True)
            if stage is not None and await stage_rows.stage_in_use(s, stage) is None:
                raise NotFound(what="stage")
            setup = replace(
                one.setup,
                duplicates=Duplicates(duplicates) if duplicates else one.setup.duplicates,
                region=region or one.setup.region,
                stage=stage or one.setup.stage,
                assign=assign or one.setup.assign,
                to_crm=one.setup.to_crm if to_crm is None else to_crm,
            )
            return await self._set_up(s, member, one, setup, anew=bool(region))

    async def _set_up(self, s: Session, member: Member, one: Import, setup: Setup, *, anew: bool) -> Import:
        demand_state(one, ImportState.PREVIEW)
        row = await rows.get(s, one.id)
        assert row is not None
        settings = {**row.settings, "setup": setup.as_json()}
        if anew:
            settings.pop("forecast", None)
        await rows.change(s, one.id, self.clock(), settings=settings)
        return await self._get(s, member, one.id)

    @needs(Right.LEAD_IMPORT)
    async def forecast(self, member: Member, import_id: UUID) -> Import:
        """Read every row as Start would, and count; nothing is brought in. It takes seconds for a long file,
        so call it outside a transaction. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            one = await self._get(s, member, import_id)
            if one.forecast is not None or one.state is not ImportState.PREVIEW:
                return one
            source, judge = await self.opened(s, member, import_id)
        verdicts, reasons = Counter[str](), Counter[str]()
        while page := await asyncio.to_thread(source.page):
            async with self.db.reading(member.organization_id) as s:
                for judged in await judge.judge(s, page):
                    verdicts[judged.verdict.value] += 1
                    if judged.verdict is Verdict.BAD:
                        reasons[judged.reason] += 1
        found = {"verdicts": dict(verdicts), "reasons": dict(reasons.most_common(REMEMBERED))}
        async with self.db.transaction(member.organization_id) as s:
            row = await self._row(s, member, import_id, held=True)
            same = row.settings["setup"] == one.setup.as_json()
            if same and row.state == ImportState.PREVIEW.value:
                await rows.change(s, import_id, self.clock(), settings={**row.settings, "forecast": found})
            return await self._get(s, member, import_id)

    @open_to("imports and their job")
    async def opened(self, s: Session, member: Member, import_id: UUID) -> tuple[Source, Judge]:
        """The rows of an import and their judge, both at the beginning."""
        row = await rows.get(s, import_id)
        assert row is not None
        vocabulary, setup = self.vocabulary(), read_setup(row.settings["setup"])
        known = await known_to(s, member, vocabulary)
        organization = await member_rows.get_organization(s, s.tenant)
        assert organization is not None
        now = self.clock()
        reader = RowReader(
            setup.columns, row.settings["header"], setup.region, known, vocabulary,
            ZoneInfo(member.time_zone), now,
        )  # fmt: skip
        free_before = now - timedelta(days=organization.duplicate_free_days)
        return Source(await rows.body(s, import_id), row.settings, reader), Judge(free_before)

    @needs(Right.LEAD_IMPORT)
    async def start(self, member: Member, import_id: UUID) -> Import:
        """Let the job bring the rows in. Raises TooLate("import_running") while another import of the
        organization is under way, TooLate("import_begun") the second time, BadInput("column", "missing")
        where no column is a name or a company, or none a phone or an e-mail."""
        async with self.db.transaction(member.organization_id) as s:
            # one of two at a time looks whether another is under way
            await lead_rows.hold_numbers(s)
            one = await self._get(s, member, import_id, held=True)
            demand_state(one, ImportState.PREVIEW)
            if await rows.in_work(s, ACTIVE):
                raise TooLate("import_running")
            demand_columns(one.setup.columns)
            now = self.clock()
            row = await self._row(s, member, import_id)
            change_id = await self.changes.begin(s, member.id, "import", one.total)
            settings = {**row.settings, "chosen": True}
            if one.setup.duplicates is not Duplicates.SKIP:
                settings["updates"] = str(await self.changes.begin(s, member.id, "import", 0))
            await rows.change(
                s, import_id, now, settings=settings, state=ImportState.RUNNING.value, change_id=change_id,
                done=0, counts={},
            )  # fmt: skip
            await audit_rows.add_audit(s, member.id, "import.start", "import", import_id, now)
            await self._tell(s, row)
            return await self._get(s, member, import_id)

    @needs(Right.LEAD_IMPORT)
    async def cancel(self, member: Member, import_id: UUID) -> Import:
        """Stop it: what is in stays, and can be undone. One that was not begun is thrown away. Raises
        TooLate("import_over")."""
        async with self.db.transaction(member.organization_id) as s:
            row = await self._row(s, member, import_id, held=True)
            now, state = self.clock(), ImportState(row.state)
            if state is ImportState.PREVIEW:
                await rows.change(s, import_id, now, state=ImportState.DISCARDED.value, body=None)
            elif state is ImportState.RUNNING:
                counts = await rows.counted(s, import_id)
                await rows.change(s, import_id, now, state=ImportState.STOPPING.value, counts=counts)
                await audit_rows.add_audit(s, member.id, "import.cancel", "import", import_id, now)
                await self._tell(s, row)
            else:
                raise TooLate("import_over")
            return await self._get(s, member, import_id)

    @needs(Right.LEAD_IMPORT)
    async def undo(self, member: Member, import_id: UUID) -> Import:
        """Let the job take everything back that nobody has touched since. Raises TooLate: import_running,
        undone, undo_late."""
        async with self.db.transaction(member.organization_id) as s:
            await lead_rows.hold_numbers(s)
            row = await self._row(s, member, import_id, held=True)
            if row.state == ImportState.UNDONE.value:
                raise TooLate("undone")
            if await rows.in_work(s, ACTIVE):
                raise TooLate("import_running")
            if row.state not in ENDED:
                raise NotFound(what="import")
            await self.changes.begin_undo(s, member, row.change_id)
            if row.settings.get("updates"):
                await self.changes.begin_undo(s, member, UUID(row.settings["updates"]))
            settings = {**row.settings, "undo": {"after": 0, "done": 0, "kept": 0, "by": str(member.id)}}
            now = self.clock()
            await rows.change(s, import_id, now, state=ImportState.UNDOING.value, settings=settings, done=0)
            await self._tell(s, row)
            return await self._get(s, member, import_id)

    @needs(Right.LEAD_IMPORT)
    async def has_crm(self, member: Member) -> bool:
        """Whether there is a CRM that leads could go to."""
        async with self.db.reading(member.organization_id) as s:
            return bool(await integrations.receivers(s))

    @open_to("the sender of notices")
    async def for_notice(self, organization_id: UUID, import_id: UUID) -> Import | None:
        async with self.db.reading(organization_id) as s:
            row = await rows.get(s, import_id)
            return as_import(row) if row is not None else None

    async def _fields(self, s: Session, member: Member) -> list[CustomField]:
        return [one for one in await custom_fields.list_fields(s) if one.seen_by(member.role)]

    async def _row(self, s: Session, member: Member, import_id: UUID, *, held: bool = False) -> Row[Any]:
        row = await rows.get(s, import_id, held=held)
        if row is None or not may_look(member, row):
            raise NotFound(what="import")
        return row

    async def _get(self, s: Session, member: Member, import_id: UUID, *, held: bool = False) -> Import:
        return as_import(await self._row(s, member, import_id, held=held))

    async def _tell(self, s: Session, row: Row[Any]) -> None:
        await self.notices.owe(s, row.chat_id, PROGRESS, {"import": str(row.id)}, slot_of(row.id))
