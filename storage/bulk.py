"""Very many rows at once, by the shortest way each engine has, which is its bare driver. On PostgreSQL each
column goes as one array, or as one value where all rows have the same; COPY is refused where rows are
secured.

Values go as the engine keeps them, so whoever makes the rows asks `Native` for ids and moments, and gives
JSON as text. Every row names its organization itself.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import uuid_utils
from asyncpg.pgproto.pgproto import UUID as DriverUuid
from sqlalchemy.dialects import postgresql

from storage.db import Session

Row = tuple[Any, ...]

MANY = 100
"""Rows from which on it is worth another statement to send once what all of them have in common."""


class Native:
    """Values as the session's engine keeps them."""

    def __init__(self, dialect: str) -> None:
        self.is_sqlite = dialect == "sqlite"

    def new_id(self) -> Any:
        """A fresh UUIDv7; the driver's own kind of UUID is made many times faster than Python's, and equals
        it."""
        made = uuid_utils.uuid7()
        return made.hex if self.is_sqlite else DriverUuid(made.bytes)

    def id(self, given: UUID | None) -> Any:
        return given.hex if self.is_sqlite and given is not None else given

    def known(self, native: Any) -> UUID:
        """The id that was made native."""
        return UUID(native) if self.is_sqlite else native

    def moment(self, at: datetime | None) -> Any:
        if not self.is_sqlite or at is None:
            return at
        return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


async def insert_many(
    s: Session, table: sa.Table, columns: Sequence[str], rows: Sequence[Row], *, ignoring: bool = False
) -> None:
    """Add rows of native values, in the session's transaction; `ignoring` (on SQLite alone) passes over those
    that are there."""
    if not rows:
        return
    driver = await s.driver()
    if s.dialect == "sqlite":
        names = ", ".join(f'"{name}"' for name in columns)
        await driver.insert(f"INSERT{' OR IGNORE' if ignoring else ''} INTO {table.name} ({names})", rows)
        return
    values = list(zip(*rows, strict=True))
    common = tuple(len(one) >= MANY and one.count(one[0]) == len(one) for one in values)
    given = [one[0] if is_common else one for one, is_common in zip(values, common, strict=True)]
    await driver.execute(_from_arrays(table, tuple(columns), common), *given)


@cache
def _from_arrays(table: sa.Table, columns: tuple[str, ...], common: tuple[bool, ...]) -> str:
    arrays, arrayed, values = [], [], []
    for place, (name, is_common) in enumerate(zip(columns, common, strict=True), 1):
        kind, cast = _kind(table.c[name].type)
        if is_common:
            values.append(f"${place}::{kind}{cast}")
        else:
            arrays.append(f"${place}::{kind}[]")
            arrayed.append(f'"{name}"')
            values.append(f'"{name}"{cast}')
    names = ", ".join(f'"{name}"' for name in columns)
    given = f"unnest({', '.join(arrays)}) AS given({', '.join(arrayed)})"
    selected = f"SELECT {', '.join(values)} FROM {given}"  # noqa: S608 (names of our own tables)
    return f"INSERT INTO {table.name} ({names}) {selected}"


def _kind(kind: sa.types.TypeEngine[Any]) -> tuple[str, str]:
    """As what a column's values go, and what they are cast to then.

    A cast to varchar(n) would cut what is too long, which is to fail. JSON is text already.
    """
    if isinstance(kind, sa.String):
        return "text", ""
    compiled = kind.compile(postgresql.dialect())  # type: ignore[no-untyped-call]
    return ("text", f"::{compiled}") if isinstance(kind, sa.JSON) else (compiled, "")
