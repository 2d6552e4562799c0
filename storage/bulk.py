"""Very many rows at once, by the shortest way each engine has: COPY on PostgreSQL, the bare driver on SQLite.

Values go as the engine keeps them, so whoever makes the rows asks `Native` for ids and moments, and gives
JSON as text. Every row names its organization itself.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import uuid_utils
from asyncpg.pgproto.pgproto import UUID as DriverUuid

from storage.db import Session

Row = tuple[Any, ...]


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
    raw = await s.connection.get_raw_connection()
    driver: Any = raw.driver_connection
    if s.dialect == "sqlite":
        names = ", ".join(f'"{name}"' for name in columns)
        await driver.insert(f"INSERT{' OR IGNORE' if ignoring else ''} INTO {table.name} ({names})", rows)
        return
    if not driver.is_in_transaction():
        # SQLAlchemy begins with the first statement, which COPY would otherwise precede
        await s.execute(sa.text("SELECT 1"))
    await driver.copy_records_to_table(table.name, columns=list(columns), records=rows)
