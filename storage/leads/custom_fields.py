"""Queries on the fields that organizations add to their leads."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.custom_fields import CustomField, FieldType
from domain.members import Role
from storage.db import Session
from storage.ids import new_id
from storage.tables import custom_fields

_field = custom_fields.c
_ALL = (
    sa.select(custom_fields)
    .where(_field.organization_id == sa.bindparam("tenant", type_=sa.Uuid))
    .order_by(_field.position, _field.id)
)


def _of(row: Row[Any]) -> CustomField:
    return CustomField(
        id=row.id,
        key=row.key,
        name=row.name,
        type=FieldType(row.type),
        choices=tuple(row.options.get("choices", ())),
        required=row.required,
        pipeline_id=row.pipeline_id,
        roles=frozenset(Role(role) for role in row.roles.get("roles", ())),
        position=row.position,
        archived=row.archived_at is not None,
    )


async def list_fields(s: Session, *, archived: bool = False) -> list[CustomField]:
    """The organization's fields, in order; the archived ones only if asked for."""
    rows = (await s.execute(_ALL, {"tenant": s.tenant})).all()
    return [one for one in map(_of, rows) if archived or not one.archived]


async def add(s: Session, one: CustomField, now: object) -> UUID:
    """Write a new field; its id is made here."""
    field_id = new_id()
    await s.execute(
        custom_fields.insert().values(
            id=field_id,
            organization_id=s.tenant,
            key=one.key,
            name=one.name,
            type=one.type.value,
            options={"choices": list(one.choices)},
            required=one.required,
            pipeline_id=one.pipeline_id,
            roles=_roles(one),
            position=one.position,
            created_at=now,
        )
    )
    return field_id


async def replace(s: Session, one: CustomField) -> None:
    """Write a field anew, all but its key and type, which never change."""
    await _update(
        s,
        one.id,
        name=one.name,
        options={"choices": list(one.choices)},
        required=one.required,
        pipeline_id=one.pipeline_id,
        roles=_roles(one),
        position=one.position,
    )


async def archive(s: Session, field_id: UUID, at: object) -> None:
    """Put a field away; None brings it back."""
    await _update(s, field_id, archived_at=at)


async def _update(s: Session, field_id: UUID, **values: object) -> None:
    await s.execute(
        custom_fields.update()
        .where(_field.organization_id == s.tenant, _field.id == field_id)
        .values(**values)
    )


def _roles(one: CustomField) -> dict[str, list[str]]:
    return {"roles": sorted(role.value for role in one.roles)} if one.roles else {}
