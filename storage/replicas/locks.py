"""What only one process may do at a time: a row a name, held for a while and renewed.

PostgreSQL's own clock counts, as clocks of hosts may differ; on SQLite all processes share one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storage.columns import UtcDateTime
from storage.db import Database, Session
from storage.tables import locks

_NOW = {
    "postgresql": sa.func.clock_timestamp(type_=UtcDateTime),
    "sqlite": sa.bindparam("now", type_=UtcDateTime),
}
_UNTIL = {
    "postgresql": sa.func.clock_timestamp(type_=UtcDateTime)
    + sa.func.make_interval(0, 0, 0, 0, 0, 0, sa.bindparam("seconds", type_=sa.Float)),
    "sqlite": sa.bindparam("until", type_=UtcDateTime),
}


def _take(dialect: str) -> Any:
    own: Any = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[dialect](locks)
    given = {"name": sa.bindparam("what"), "holder": sa.bindparam("who"), "held_until": _UNTIL[dialect]}
    return own.values(given).on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": own.excluded.holder, "held_until": own.excluded.held_until},
        where=sa.or_(
            locks.c.holder == own.excluded.holder,
            locks.c.holder == sa.bindparam("instead_of"),
            locks.c.held_until <= _NOW[dialect],
        ),
    )


# the number only has to be one that nobody else uses in this database
_STARTING = sa.text("SELECT pg_advisory_xact_lock(770611)")
_TAKE = {dialect: _take(dialect) for dialect in _NOW}


async def take(
    s: Session, name: str, holder: str, now: datetime, lease: timedelta, instead_of: str = ""
) -> str:
    """Take the lock, or renew it, if it is free, ours, or held by `instead_of`; returns who has it now."""
    given = {"what": name, "who": holder, "instead_of": instead_of}
    if s.dialect == "sqlite":
        given |= {"now": now, "until": now + lease}  # type: ignore[dict-item]
    else:
        given |= {"seconds": lease.total_seconds()}  # type: ignore[dict-item]
    await s.execute(_TAKE[s.dialect], given)
    return await holder_of(s, name)


async def holder_of(s: Session, name: str) -> str:
    """Who took the lock last and has not let it go; empty when nobody has it."""
    found: str | None = await s.scalar(sa.select(locks.c.holder).where(locks.c.name == name))
    return found or ""


@asynccontextmanager
async def one_after_the_other(db: Database) -> AsyncIterator[None]:
    """Processes that start at once do the block in turn. On SQLite every transaction is alone anyway."""
    if db.is_sqlite:
        yield
        return
    async with db.transaction(system=True) as s:
        await s.execute(_STARTING)
        yield


async def let_go(s: Session, name: str, holder: str) -> None:
    await s.execute(locks.delete().where(locks.c.name == name, locks.c.holder == holder))
