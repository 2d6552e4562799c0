"""Queries on files that came by a form or by the API: their bytes, and which file of a lead each became."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.ids import new_id
from storage.tables import uploads

_one = uploads.c


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class KeptUpload:
    """A kept one without its bytes."""

    id: UUID
    name: str
    mime: str
    size: int


async def add(
    s: Session, inbox_id: UUID | None, given: Upload, now: datetime, file_id: UUID | None = None
) -> None:
    """Keep the bytes: of a delivery, or of a lead's file already."""
    await s.execute(
        uploads.insert().values(
            id=new_id(),
            organization_id=s.tenant,
            inbox_id=inbox_id,
            file_id=file_id,
            name=given.name,
            mime=given.mime,
            size=len(given.content),
            content=given.content,
            created_at=now,
        )
    )


async def of_delivery(s: Session, inbox_id: UUID) -> Sequence[KeptUpload]:
    """Those of a delivery that are no lead's yet, in their order."""
    rows = await s.rows(
        sa.select(_one.id, _one.name, _one.mime, _one.size)
        .where(_one.organization_id == s.tenant, _one.inbox_id == inbox_id, _one.file_id.is_(None))
        .order_by(_one.id)
    )
    return [KeptUpload(row.id, row.name, row.mime, row.size) for row in rows]


async def becomes(s: Session, upload_id: UUID, file_id: UUID) -> None:
    """The upload is that file of a lead."""
    await s.execute(
        uploads.update().where(_one.organization_id == s.tenant, _one.id == upload_id).values(file_id=file_id)
    )


async def content_of(s: Session, file_id: UUID) -> bytes | None:
    """The bytes of a lead's file that came by a form; None for any other."""
    row = await s.first(
        sa.select(_one.content).where(_one.organization_id == s.tenant, _one.file_id == file_id)
    )
    return bytes(row.content) if row is not None else None
