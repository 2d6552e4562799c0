"""Two organizations with a row in every table, whatever tables there are."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy import make_url

from storage.db import Session
from storage.ids import new_id
from storage.row_security import OWN, SETTING
from storage.tables import metadata, organizations

OWNED = [table for table in metadata.sorted_tables if OWN in table.c]
NOW = datetime(2027, 1, 1, tzinfo=UTC)
_NUMBERS = count(1)


@asynccontextmanager
async def connected(url: str, role: str = "") -> AsyncIterator[asyncpg.Connection]:
    """The bare driver, as the URL's role or as another."""
    parts = make_url(url)
    connection = await asyncpg.connect(
        user=role or parts.username, host=parts.query["host"], database=parts.database
    )
    try:
        yield connection
    finally:
        await connection.close()


async def fill(superuser: asyncpg.Connection, organization_id: UUID) -> None:
    """The organization and a row of its own in every table; references lead nowhere."""
    await superuser.execute("SET session_replication_role = replica")
    await _insert(superuser, organizations, {"id": organization_id})
    for table in OWNED:
        await add(superuser, table, organization_id)


async def add(connection: asyncpg.Connection, table: sa.Table, organization_id: UUID) -> None:
    """A row with what it cannot do without; where a check asks for one of several columns, the first that it
    takes."""
    given: dict[str, Any] = {OWN: organization_id}
    for also in (None, *(column.name for column in table.c if column.nullable)):
        try:
            async with connection.transaction():
                await _insert(connection, table, given if also is None else {**given, also: new_id()})
        except (asyncpg.CheckViolationError, asyncpg.DataError):
            continue
        return
    raise AssertionError(f"no row could be made in {table.name}")


async def _insert(connection: asyncpg.Connection, table: sa.Table, given: dict[str, Any]) -> None:
    values = {**dict(needed(table)), **given}
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await connection.execute(f"INSERT INTO {table.name} ({names}) VALUES ({places})", *values.values())


async def add_known(s: Session, table: sa.Table, ids: Mapping[str, UUID], **given: Any) -> UUID:
    """A row of the session's organization that refers to the rows in `ids`, by their tables; its id."""
    values = dict(needed(table))
    for column in table.c:
        for key in column.foreign_keys:
            if not column.nullable or column.name == "lead_id":
                values[column.name] = s.tenant if column.name == OWN else ids[key.column.table.name]
    values |= {**given, OWN: s.tenant}
    await s.execute(table.insert().values(**values))
    made: UUID = values["id"]
    return made


def needed(table: sa.Table) -> Iterator[tuple[str, Any]]:
    unique = {
        column.name
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
        for column in constraint.columns
    }
    for column in table.c:
        if not column.nullable and (column.name in unique or column.server_default is None):
            yield column.name, _value(column)


def _value(column: sa.Column[Any]) -> Any:
    made = next(_NUMBERS)
    by_type: dict[type, Any] = {UUID: new_id(), int: made, bytes: b"x", bool: False, datetime: NOW}
    kind = column.type.python_type if not isinstance(column.type, sa.TypeDecorator) else None
    if kind is None:
        kind = datetime if isinstance(column.type.impl, sa.DateTime) else int  # type: ignore[attr-defined]
    return by_type.get(kind, str(made))


async def scope(connection: asyncpg.Connection, value: object) -> None:
    """Of the whole connection: an organization's id, row_security.SYSTEM, or anything."""
    await connection.execute(f"SELECT set_config('{SETTING}', $1, false)", str(value))
