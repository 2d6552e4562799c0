"""Queries on bursts of guesses: one row for each door of an organization tells of the newest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storage.db import Session
from storage.ids import new_id
from storage.tables import entry_bursts, organizations

_burst = entry_bursts.c


@dataclass(frozen=True, slots=True)
class Burst:
    """`shown` is the first address, masked; `mixed`: there were others. `told` is the count that admins know,
    0 for a burst that is new."""

    id: UUID
    door: str
    shown: str
    mixed: bool
    count: int
    told: int
    first_at: datetime
    last_at: datetime


async def add(
    s: Session, door: str, shown: str, count: int, now: datetime, quiet: timedelta
) -> Burst:  # fmt: skip
    """Count guesses into the burst that is under way, or begin one where it was quiet for a while."""
    insert = (postgresql if s.dialect == "postgresql" else sqlite).insert(entry_bursts)
    row = {
        "id": new_id(), "organization_id": s.tenant, "door": door, "shown": shown, "count": count,
        "first_at": now, "last_at": now,
    }  # fmt: skip
    is_over = _burst.last_at < now - quiet
    fresh = insert.excluded
    done = await s.execute(
        insert.values(row)
        .on_conflict_do_update(
            index_elements=["organization_id", "door"],
            set_={
                "shown": sa.case((is_over, fresh.shown), else_=_burst.shown),
                "mixed": sa.case((is_over, sa.false()), else_=sa.or_(_burst.mixed, _burst.shown != shown)),
                "count": sa.case((is_over, fresh.count), else_=_burst.count + count),
                "told": sa.case((is_over, 0), else_=_burst.told),
                "first_at": sa.case((is_over, fresh.first_at), else_=_burst.first_at),
                "last_at": fresh.last_at,
            },
        )
        .returning(*_columns())
    )
    return Burst(**done.one()._mapping)


async def get(s: Session, burst_id: UUID) -> Burst | None:
    row = await s.first(
        sa.select(*_columns()).where(_burst.organization_id == s.tenant, _burst.id == burst_id)
    )
    return Burst(**row._mapping) if row is not None else None


async def told(s: Session, burst_id: UUID, count: int) -> None:
    await s.execute(
        entry_bursts.update()
        .where(_burst.organization_id == s.tenant, _burst.id == burst_id)
        .values(told=count)
    )


def _columns() -> tuple[sa.Column[object], ...]:
    names = ("id", "door", "shown", "mixed", "count", "told", "first_at", "last_at")
    return tuple(entry_bursts.c[name] for name in names)


async def first_organization(s: Session) -> UUID | None:
    """The one whose owners run this server. System scope."""
    asked = sa.select(organizations.c.id).order_by(organizations.c.created_at, organizations.c.id).limit(1)
    found: UUID | None = await s.scalar(asked)
    return found
