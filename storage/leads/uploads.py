"""Queries on files that came by a form or by the API: where their bytes are, and which file of a lead each
became."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.tables import uploads

_one = uploads.c


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that the store has, or is about to get, under `stored_as`."""

    id: UUID
    name: str
    mime: str
    size: int
    stored_as: str
    sha256: str


@dataclass(frozen=True, slots=True)
class KeptUpload:
    """A kept one without its bytes."""

    id: UUID
    name: str
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where bytes are: in the store under `stored_as`, or, where that is empty, in `content`."""

    id: UUID
    organization_id: UUID
    stored_as: str
    sha256: str
    content: bytes | None = None


async def add(s: Session, given: Upload, now: datetime) -> None:
    """Write one down that nothing refers to yet."""
    await s.execute(
        uploads.insert().values(
            id=given.id,
            organization_id=s.tenant,
            name=given.name,
            mime=given.mime,
            size=given.size,
            stored_as=given.stored_as,
            sha256=given.sha256,
            created_at=now,
        )
    )


async def came_with(s: Session, upload_ids: Sequence[UUID], inbox_id: UUID) -> None:
    """They are a delivery's."""
    if upload_ids:
        await s.execute(
            uploads.update()
            .where(_one.organization_id == s.tenant, _one.id.in_(upload_ids))
            .values(inbox_id=inbox_id)
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


_PLACE = sa.select(_one.id, _one.organization_id, _one.stored_as, _one.sha256)


def _place(row: sa.Row[tuple[UUID, UUID, str, str]], content: bytes | None = None) -> Place:
    return Place(row.id, row.organization_id, row.stored_as, row.sha256, content)


async def place_of(s: Session, file_id: UUID) -> Place | None:
    """Where the bytes of a lead's file are; None for one that Telegram has."""
    row = await s.first(
        _PLACE.add_columns(_one.content).where(_one.organization_id == s.tenant, _one.file_id == file_id)
    )
    return _place(row, row.content) if row is not None else None


async def let_go(s: Session, before: datetime, limit: int) -> list[Place]:
    """Those from before a moment that nothing refers to, or any more. System scope."""
    rows = await s.rows(
        _PLACE.where(_one.file_id.is_(None), _one.inbox_id.is_(None), _one.created_at < before)
        .order_by(_one.id)
        .limit(limit)
    )
    return [_place(row) for row in rows]


async def drop(s: Session, upload_id: UUID) -> None:
    await s.execute(uploads.delete().where(_one.organization_id == s.tenant, _one.id == upload_id))


async def stored(s: Session, after: UUID | None, limit: int) -> list[Place]:
    """Those that a store has, by their ids behind `after`. System scope."""
    query = _PLACE.where(_one.stored_as != "").order_by(_one.id).limit(limit)
    return [_place(row) for row in await s.rows(query if after is None else query.where(_one.id > after))]


async def in_database(s: Session) -> Place | None:
    """One whose bytes are in its row. System scope."""
    row = await s.first(
        _PLACE.add_columns(_one.content).where(_one.stored_as == "", _one.content.is_not(None)).limit(1)
    )
    return _place(row, row.content) if row is not None else None


async def is_stored(s: Session, place: Place, stored_as: str, sha256: str) -> None:
    """The store has the bytes that the row had, if the row still has them."""
    await s.execute(
        uploads.update()
        .where(_one.organization_id == s.tenant, _one.id == place.id, _one.content.is_not(None))
        .values(stored_as=stored_as, sha256=sha256, content=None)
    )
