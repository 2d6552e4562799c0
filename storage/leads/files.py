"""Queries on the files of leads."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.files import FileKind, IncomingFile, LeadFile
from storage.db import Session
from storage.ids import new_id
from storage.tables import files, members

_file = files.c
_WITH_NAME = sa.select(files, members.c.name.label("added_name")).select_from(
    files.outerjoin(members, members.c.id == _file.added_by)
)


def _of(row: Row[Any]) -> LeadFile:
    return LeadFile(
        id=row.id,
        lead_id=row.lead_id,
        kind=FileKind(row.kind),
        file_id=row.file_id,
        name=row.name,
        mime=row.mime,
        size=row.size,
        duration=row.duration,
        field=row.field,
        added_by=row.added_by,
        added_name=row.added_name or "",
        created_at=row.created_at,
        deleted_at=row.deleted_at,
    )


async def of_lead(
    s: Session, lead_id: UUID, limit: int, offset: int, hidden: Collection[str] = ()
) -> tuple[list[LeadFile], int]:
    """A page of the lead's files, newest first, and how many there are; without those of `hidden` fields."""
    fits = sa.and_(
        _file.organization_id == s.tenant,
        _file.lead_id == lead_id,
        _file.deleted_at.is_(None),
        _file.field.not_in(hidden),
    )
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(files).where(fits))
    rows = await s.rows(
        _WITH_NAME.where(fits).order_by(_file.created_at.desc(), _file.id.desc()).limit(limit).offset(offset)
    )
    return [_of(row) for row in rows], total


async def get(s: Session, file_id: UUID) -> LeadFile | None:
    """One file, also a deleted one."""
    row = await s.first(_WITH_NAME.where(_file.organization_id == s.tenant, _file.id == file_id))
    return _of(row) if row is not None else None


async def newest_of_field(s: Session, lead_id: UUID, key: str) -> LeadFile | None:
    """The file that is the value of a custom field."""
    row = await s.first(
        _WITH_NAME.where(
            _file.organization_id == s.tenant,
            _file.lead_id == lead_id,
            _file.field == key,
            _file.deleted_at.is_(None),
        )
        .order_by(_file.created_at.desc(), _file.id.desc())
        .limit(1)
    )
    return _of(row) if row is not None else None


async def add(
    s: Session, lead_id: UUID, given: IncomingFile, field: str, member_id: UUID | None, now: datetime
) -> UUID:
    file_id = new_id()
    await s.execute(
        files.insert().values(
            id=file_id,
            organization_id=s.tenant,
            lead_id=lead_id,
            kind=given.kind.value,
            file_id=given.file_id,
            name=given.name,
            mime=given.mime,
            size=given.size,
            duration=given.duration,
            field=field,
            added_by=member_id,
            created_at=now,
        )
    )
    return file_id


async def set_deleted(s: Session, file_id: UUID, at: datetime | None) -> None:
    """Take a file off its lead; None puts it back."""
    await s.execute(
        files.update().where(_file.organization_id == s.tenant, _file.id == file_id).values(deleted_at=at)
    )
