"""Every column whose values the vault seals, with what each value is bound to.

A test compares the list with the tables: a column of bytes is either here or in OPEN, with the reason. What
waits sealed in a dialog (a key that is being typed in) is not here: it is asked for again when its key is
gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.tables import metadata


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of a table, whose rows are told apart by `key`. What seals a value binds it to
    "<prefix>:<bound>", `bound` being a column of the row, its key where it is not named."""

    table: str
    column: str
    prefix: str
    key: str = "id"
    bound: str = ""

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    def context(self, bound: UUID) -> str:
        return f"{self.prefix}:{bound}"


SEALED: tuple[Sealed, ...] = (
    Sealed("integrations", "credentials", "integrations"),
    Sealed("hooks", "secret", "hooks"),
    Sealed("hooks_out", "sealed", "hooks_out"),
    Sealed("second_factors", "secret", "second_factors", key="member_id"),
    Sealed("unreadable_transactions", "sealed", "transaction_sources", bound="source_id"),
    Sealed("transaction_runs", "sealed", "transaction_sources", bound="source_id"),
    Sealed("audit_chains", "key", "audit_chains", key="organization_id"),
)
OPEN: Mapping[str, str] = {
    "api_answers.body": "an answer that is given again, for a day",
    "imports.body": "a file that is being brought in",
    "inbox.body": "what came in by a hook, as it came",
    "uploads.content": "a file that came with a form before there was a store for it",
}
"""Columns of bytes that are no secrets of ours."""


@dataclass(frozen=True, slots=True)
class Held:
    """A sealed value where it stands."""

    key: UUID
    organization_id: UUID
    bound: UUID
    value: bytes


def _columns(one: Sealed) -> tuple[sa.Table, sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    table = metadata.tables[one.table]
    return table, table.c[one.key], table.c[one.column]


def _key_id(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.substr(column, 2, 4, type_=sa.LargeBinary)


async def with_other_key(
    s: Session, one: Sealed, key_id: bytes, after: UUID | None, limit: int
) -> list[Held]:
    """Values that another key has sealed, by their keys behind `after`. System scope."""
    table, key, column = _columns(one)
    query = (
        sa.select(
            key.label("key"),
            table.c.organization_id,
            table.c[one.bound or one.key].label("bound"),
            column.label("value"),
        )
        .where(column.is_not(None), _key_id(column) != key_id)
        .order_by(key)
        .limit(limit)
    )
    if after is not None:
        query = query.where(key > after)
    return [Held(row.key, row.organization_id, row.bound, bytes(row.value)) for row in await s.rows(query)]


async def replace(s: Session, one: Sealed, held: Held, value: bytes) -> bool:
    """Put the value in the place of the one that was read; False where somebody has changed that since."""
    table, key, column = _columns(one)
    result = await s.execute(
        table.update()
        .where(table.c.organization_id == held.organization_id, key == held.key, column == held.value)
        .values({one.column: value})
    )
    return bool(result.rowcount == 1)


async def in_use(s: Session, one: Sealed) -> dict[bytes, int]:
    """How many values each key has sealed, by the key's id. System scope."""
    _table, _key, column = _columns(one)
    used = _key_id(column).label("used")
    many = sa.func.count().label("many")
    rows = await s.rows(sa.select(used, many).where(column.is_not(None)).group_by(used))
    return {bytes(row.used): row.many for row in rows}
