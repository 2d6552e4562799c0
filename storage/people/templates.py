"""Queries on message templates."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.templates import Template
from storage.db import Session
from storage.ids import new_id
from storage.tables import templates

_one = templates.c


def _of(row: Row[Any]) -> Template:
    return Template(row.id, row.name, row.subject, row.text, row.position)


async def list_templates(s: Session) -> list[Template]:
    """Those in use, in order."""
    rows = await s.rows(
        sa.select(templates)
        .where(_one.organization_id == s.tenant, _one.archived_at.is_(None))
        .order_by(_one.position, _one.id)
    )
    return [_of(row) for row in rows]


async def get(s: Session, template_id: UUID) -> Template | None:
    row = await s.first(
        sa.select(templates).where(
            _one.organization_id == s.tenant, _one.id == template_id, _one.archived_at.is_(None)
        )
    )
    return _of(row) if row is not None else None


async def add(s: Session, one: Template, now: datetime) -> UUID:
    """Write a new template; its id is made here."""
    template_id = new_id()
    await s.execute(
        templates.insert().values(
            id=template_id,
            organization_id=s.tenant,
            name=one.name,
            subject=one.subject,
            text=one.text,
            position=one.position,
            created_at=now,
        )
    )
    return template_id


async def change(s: Session, template_id: UUID, **values: object) -> None:
    await s.execute(
        templates.update().where(_one.organization_id == s.tenant, _one.id == template_id).values(**values)
    )
