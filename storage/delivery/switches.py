"""Queries on moves from one CRM to another."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.delivery import OperationKind, OperationState
from storage.db import Session
from storage.ids import new_id
from storage.planning.archive import every
from storage.tables import leads, links, operations, switches

_one, _op = switches.c, operations.c


@dataclass(frozen=True, slots=True)
class SwitchRow:
    """A move as stored. `cursor` is the last lead that its state has dealt with; `report` is what
    services/crm_switch keeps. Moments are UTC."""

    id: UUID
    organization_id: UUID
    source_id: UUID
    target_id: UUID
    started_by: UUID | None
    chat_id: int | None
    state: str
    cursor: UUID | None
    total: int
    copied: int
    report: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Leads of an organization by how they stand at one CRM: linked with a record there; needing a person;
    dropped there; and all of them. Writes for the lead alone count, not its activities."""

    total: int
    linked: int
    asking: int
    dropped: int

    @property
    def waiting(self) -> int:
        return max(self.total - self.linked - self.asking - self.dropped, 0)


def _row(row: Row[Any]) -> SwitchRow:
    return SwitchRow(**{name: getattr(row, name) for name in SwitchRow.__dataclass_fields__})


async def add(
    session: Session, source_id: UUID, target_id: UUID, member_id: UUID | None, chat_id: int | None,
    total: int, now: datetime,
) -> UUID:  # fmt: skip
    switch_id = new_id()
    await session.execute(
        switches.insert().values(
            id=switch_id,
            organization_id=session.tenant,
            source_id=source_id,
            target_id=target_id,
            started_by=member_id,
            chat_id=chat_id,
            total=total,
            created_at=now,
            updated_at=now,
        )
    )
    return switch_id


async def get(session: Session, switch_id: UUID) -> SwitchRow | None:
    row = await session.first(
        sa.select(switches).where(_one.organization_id == session.tenant, _one.id == switch_id)
    )
    return _row(row) if row is not None else None


async def locked(session: Session, switch_id: UUID) -> SwitchRow | None:
    """The same, and nobody else changes it until the transaction ends."""
    row = await session.first(
        sa.select(switches)
        .where(_one.organization_id == session.tenant, _one.id == switch_id)
        .with_for_update()
    )
    return _row(row) if row is not None else None


async def newest(session: Session) -> SwitchRow | None:
    """The organization's last move, whatever became of it."""
    row = await session.first(
        sa.select(switches).where(_one.organization_id == session.tenant).order_by(_one.id.desc()).limit(1)
    )
    return _row(row) if row is not None else None


async def in_states(session: Session, states: Collection[str]) -> list[SwitchRow]:
    """Moves of all organizations in these states; system scope."""
    rows = await session.rows(sa.select(switches).where(_one.state.in_(states)).order_by(_one.id))
    return [_row(row) for row in rows]


async def advance(session: Session, before: SwitchRow, now: datetime, **values: object) -> bool:
    """Change a move that stands as it was read; False when somebody else was faster. The row is locked by it
    until the transaction ends, so whatever is written beside it is written once."""
    same_place = _one.cursor.is_(None) if before.cursor is None else _one.cursor == before.cursor
    result = await session.execute(
        switches.update()
        .where(
            _one.organization_id == session.tenant,
            _one.id == before.id,
            _one.state == before.state,
            same_place,
        )
        .values(updated_at=now, **values)
    )
    return result.rowcount == 1


_linked = sa.exists().where(
    links.c.organization_id == leads.c.organization_id,
    links.c.integration_id == sa.bindparam("target", type_=sa.Uuid),
    links.c.entity == "lead",
    links.c.entity_id == leads.c.id,
)


def _owed(*states: OperationState) -> sa.Exists:
    """A write of the lead itself to the target, owed since the move began, in one of the states; without any,
    in whatever state. Ids tell the time: what an earlier move gave up does not count."""
    condition = sa.exists().where(
        _op.organization_id == leads.c.organization_id,
        _op.integration_id == sa.bindparam("target", type_=sa.Uuid),
        _op.record_id == leads.c.id,
        _op.kind == OperationKind.LEAD_CREATE.value,
        _op.id > sa.bindparam("move", type_=sa.Uuid),
    )
    return condition.where(_op.state.in_([state.value for state in states])) if states else condition


async def missing(session: Session, move: SwitchRow, after: UUID | None, limit: int) -> list[UUID]:
    """Leads in order of their ids that the target neither has nor is owed."""
    chosen = (
        sa.select(leads.c.id)
        .where(leads.c.organization_id == session.tenant, ~_linked, ~_owed())
        .order_by(leads.c.id)
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(leads.c.id > after)
    return [row.id for row in await session.execute(chosen, _of(move))]


async def without_link(session: Session, target_id: UUID, limit: int) -> list[UUID]:
    """The newest leads that have no record at the target."""
    chosen = sa.select(leads.c.id).where(leads.c.organization_id == session.tenant, ~_linked)
    found = await session.execute(chosen.order_by(leads.c.id.desc()).limit(limit), {"target": target_id})
    return [row.id for row in found]


def _of(move: SwitchRow) -> dict[str, UUID]:
    return {"target": move.target_id, "move": move.id}


async def tally(session: Session, move: SwitchRow) -> Tally:
    """How the leads stand at the target now."""
    person = _owed(OperationState.PERMANENTLY_FAILED)
    under_way = _owed(OperationState.PENDING, OperationState.RUNNING, OperationState.BLOCKED)
    dropped = sa.and_(_owed(OperationState.DROPPED, OperationState.DONE), ~person, ~under_way)
    counts = (
        sa.func.count().label("total"),
        _count(_linked).label("linked"),
        _count(sa.and_(~_linked, person)).label("asking"),
        _count(sa.and_(~_linked, dropped)).label("dropped"),
    )
    statement = sa.select(*counts).select_from(leads).where(leads.c.organization_id == session.tenant)
    row = (await session.execute(statement, _of(move))).one()
    return Tally(row.total, int(row.linked or 0), int(row.asking or 0), int(row.dropped or 0))


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


async def lead_ids(session: Session, after: UUID | None, limit: int) -> list[UUID]:
    """All leads in order of their ids."""
    chosen = sa.select(leads.c.id).where(leads.c.organization_id == session.tenant)
    chosen = chosen.order_by(leads.c.id).limit(limit)
    if after is not None:
        chosen = chosen.where(leads.c.id > after)
    return [row.id for row in await session.rows(chosen)]


async def count_leads(session: Session) -> int:
    counted = sa.select(sa.func.count()).select_from(leads).where(leads.c.organization_id == session.tenant)
    count: int = await session.scalar(counted)
    return count


async def activities_of(session: Session, lead_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """(lead, activity) in the order in which they happened."""
    chosen = (
        sa.select(every.c.lead_id, every.c.id)
        .where(every.c.organization_id == session.tenant, every.c.lead_id.in_(lead_ids))
        .order_by(every.c.id)
    )
    return [(row.lead_id, row.id) for row in await session.rows(chosen)]


async def drop_unsent(session: Session, target_id: UUID, why: str, now: datetime) -> int:
    """Give up what the target is still owed and nobody is carrying out."""
    waiting = (OperationState.PENDING, OperationState.BLOCKED, OperationState.PERMANENTLY_FAILED)
    result = await session.execute(
        operations.update()
        .where(
            _op.organization_id == session.tenant,
            _op.integration_id == target_id,
            _op.state.in_([state.value for state in waiting]),
        )
        .values(state=OperationState.DROPPED.value, error=why, done_at=now)
    )
    return result.rowcount
