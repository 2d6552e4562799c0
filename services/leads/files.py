"""Files and voice notes on leads: Telegram keeps those that come in the chat, the store those that do not; we
keep which are whose."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from domain.custom_fields import FieldType
from domain.errors import BadInput, NotFound, TooLate
from domain.file_body import FileBody
from domain.files import DOWNLOAD_LIMIT, FILES_LIMIT, FilePage, IncomingFile, LeadFile
from domain.leads import Lead
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from services.leads.custom_fields import CustomFields
from services.leads.leads import visible_lead
from services.leads.stored_files import StoredFiles
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.leads import custom_fields as field_rows
from storage.leads import files as rows
from storage.leads import lead_history, uploads
from storage.leads import leads as lead_rows
from storage.planning import activities as audit_rows

FIELD = "file"
"""What the history calls them."""

PAGE = 6
RESTORE_FOR = timedelta(days=30)
NAME_ROOM = 200


Fetch = Callable[[str], Awaitable[bytes]]
"""Gives a file by Telegram's file_id. Raises NotFound, FileAway."""


class Files:
    """Use cases on the files of leads."""

    def __init__(
        self, db: Database, clock: Clock, notices: Notices, fields: CustomFields, fetch: Fetch,
        stored: StoredFiles,
    ) -> None:  # fmt: skip
        self.db, self.clock, self.notices, self.fields = db, clock, notices, fields
        self.fetch, self.stored = fetch, stored

    @needs(Right.LEAD_SEE_OWN)
    async def of_lead(self, member: Member, lead_id: UUID, page: int = 0, size: int = PAGE) -> FilePage:
        """A page of files, newest first; pages count from 0. Files of fields that the member does not see are
        not counted. Raises NotFound."""
        page = max(page, 0)
        async with self.db.reading(member.organization_id) as s:
            await visible_lead(s, member, lead_id)
            hidden = await _hidden_fields(s, member)
            found, total = await rows.of_lead(s, lead_id, size, page * size, hidden)
        return FilePage(tuple(found), total, page, max(1, -(-total // size)))

    @needs(Right.LEAD_SEE_OWN)
    async def get(self, member: Member, file_id: UUID) -> LeadFile:
        """One file of a lead that the member may see. Raises NotFound, also for a deleted one."""
        async with self.db.reading(member.organization_id) as s:
            file = await _visible(s, member, file_id)
        if file.deleted_at is not None:
            raise NotFound(what="file")
        return file

    @needs(Right.LEAD_SEE_OWN)
    async def content(self, member: Member, file_id: UUID) -> FileBody:
        """The bytes of a file, to be closed. Those that came by a form or by the API we have ourselves, any
        other Telegram has, and gives up to DOWNLOAD_LIMIT of it. Raises NotFound, BadInput("file",
        "too_large"), and FileAway or FilesAway while whoever has it does not give it."""
        async with self.db.reading(member.organization_id) as s:
            file = await _visible(s, member, file_id)
            place = await self.stored.place(s, file_id) if not file.file_id else None
        if file.deleted_at is not None or (place is None and not file.file_id):
            raise NotFound(what="file")
        if place is not None:
            return await self.stored.fetch(place)
        if file.size > DOWNLOAD_LIMIT:
            raise BadInput("file", "too_large", limit=DOWNLOAD_LIMIT)
        return FileBody.of(await self.fetch(file.file_id))

    @needs(Right.LEAD_SEE_OWN)
    async def of_field(self, member: Member, lead_id: UUID, key: str) -> LeadFile | None:
        """The file that is the value of a custom field which the member sees."""
        async with self.db.reading(member.organization_id) as s:
            await visible_lead(s, member, lead_id)
            if key in await _hidden_fields(s, member):
                return None
            return await rows.newest_of_field(s, lead_id, key)

    @needs(Right.LEAD_CREATE)
    async def bring(self, member: Member, lead_id: UUID, name: str, mime: str, body: FileBody) -> UUID:
        """Store the bytes of a file that Telegram does not have, for `add`; called outside any transaction.
        Raises NotFound, FilesAway."""
        async with self.db.reading(member.organization_id) as s:
            await visible_lead(s, member, lead_id)
        return await self.stored.keep(member.organization_id, name, mime, body)

    @needs(Right.LEAD_CREATE)
    async def add(
        self, member: Member, lead_id: UUID, given: IncomingFile, field: str = "",
        upload: UUID | None = None,
    ) -> LeadFile:  # fmt: skip
        """Keep a file on the lead, with what `bring` has stored where Telegram has none; with `field` it is
        that custom field's value too. Everybody who sees a lead may add to it. Raises NotFound,
        TooLate("withdrawn") and BadInput("files", "too_many")."""
        given = replace(given, name=" ".join(given.name.split())[:NAME_ROOM], mime=given.mime[:100])
        async with self.db.transaction(member.organization_id) as s:
            await lead_rows.hold_lead(s, lead_id)
            lead = await visible_lead(s, member, lead_id)
            if lead.withdrawn_at is not None:
                raise TooLate("withdrawn")
            _, total = await rows.of_lead(s, lead_id, 1, 0)
            if total >= FILES_LIMIT:
                raise BadInput("files", "too_many", limit=FILES_LIMIT)
            if field:
                await self._demand_field(s, member, lead, field)
            now = self.clock()
            file_id = await rows.add(s, lead_id, given, field, member.id, now)
            if upload is not None:
                await uploads.becomes(s, upload, file_id)
            if field:
                await self.fields.set_value(member, lead_id, field, _value(given))
            await self._written(s, member, lead, "", _told(given))
            return await _must_get(s, file_id)

    @needs(Right.LEAD_CREATE)
    async def delete(self, member: Member, file_id: UUID) -> LeadFile:
        """Take a file off its lead; `restore` brings it back. Whoever added it may, and those who work leads.
        A field whose value it was is emptied. Raises TooLate("withdrawn")."""
        async with self.db.transaction(member.organization_id) as s:
            file, lead = await self._changeable(s, member, file_id)
            if file.deleted_at is not None:
                raise NotFound(what="file")
            await rows.set_deleted(s, file_id, self.clock())
            if file.field:
                await self._follow(s, member, lead, file.field)
            await self._written(s, member, lead, _told(file), "")
            return file

    @needs(Right.LEAD_CREATE)
    async def restore(self, member: Member, file_id: UUID) -> LeadFile:
        """Bring a deleted file back within 30 days. Raises TooLate("file_gone") after that."""
        async with self.db.transaction(member.organization_id) as s:
            file, lead = await self._changeable(s, member, file_id)
            if file.deleted_at is not None:
                if self.clock() - file.deleted_at > RESTORE_FOR:
                    raise TooLate("file_gone")
                await rows.set_deleted(s, file_id, None)
                if file.field:
                    await self._follow(s, member, lead, file.field)
                await self._written(s, member, lead, "", _told(file))
            return await _must_get(s, file_id)

    async def _changeable(self, s: Session, member: Member, file_id: UUID) -> tuple[LeadFile, Lead]:
        file = await _visible(s, member, file_id)
        await lead_rows.hold_lead(s, file.lead_id)
        lead = await visible_lead(s, member, file.lead_id)
        if lead.withdrawn_at is not None:
            raise TooLate("withdrawn")
        if file.added_by != member.id and not member.may(Right.LEAD_WORK):
            raise TooLate("file_of_another")
        # deleted by somebody else while we waited for the lead
        return await _must_get(s, file_id), lead

    async def _follow(self, s: Session, member: Member, lead: Lead, key: str) -> None:
        """The field has the newest file that is left."""
        fields = await self.fields.for_member(member, lead.stage.pipeline_id)
        if any(one.key == key for one in fields):
            left = await rows.newest_of_field(s, lead.id, key)
            await self.fields.set_value(member, lead.id, key, _value(left) if left else "")

    async def _demand_field(self, s: Session, member: Member, lead: Lead, key: str) -> None:
        for one in await self.fields.for_member(member, lead.stage.pipeline_id):
            if one.key == key and one.type is FieldType.FILE:
                return
        raise NotFound(what="field")

    async def _written(self, s: Session, member: Member, lead: Lead, old: str, new: str) -> None:
        now = self.clock()
        await lead_history.add_history(s, lead.id, member.id, "chat", [(FIELD, old, new)], now)
        await audit_rows.add_audit(s, member.id, "lead.file", "lead", lead.id, now)
        await self.notices.lead_changed(s, lead.id)


def _value(file: IncomingFile | LeadFile) -> str:
    """What a field keeps of a file: its name."""
    return file.name or file.kind.value


def _told(file: IncomingFile | LeadFile) -> str:
    """What the history keeps of a file; its kind is put into words where there is no name."""
    return file.name or f"#{file.kind.value}"


async def _hidden_fields(s: Session, member: Member) -> frozenset[str]:
    """The keys of the fields that the member does not see."""
    fields = await field_rows.list_fields(s)
    return frozenset(one.key for one in fields if not one.seen_by(member.role))


async def _visible(s: Session, member: Member, file_id: UUID) -> LeadFile:
    file = await rows.get(s, file_id)
    if file is None:
        raise NotFound(what="file")
    await visible_lead(s, member, file.lead_id)
    if file.field in await _hidden_fields(s, member):
        raise NotFound(what="file")
    return file


async def _must_get(s: Session, file_id: UUID) -> LeadFile:
    file = await rows.get(s, file_id)
    if file is None:
        raise NotFound(what="file")
    return file
