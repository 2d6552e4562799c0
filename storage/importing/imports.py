"""Queries on imports: the files, what became of each row, and whose turn it is to work one off."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.leads import StageKind
from storage.among import among, own_among
from storage.db import Session
from storage.ids import new_id
from storage.tables import (
    activities,
    archived_activities,
    contact_points,
    import_rows,
    imports,
    lead_history,
    leads,
    stages,
)

_one = imports.c
_row = import_rows.c
WITHOUT_BODY = tuple(column for column in _one if column.name != "body")


async def add(s: Session, member_id: UUID, chat_id: int, now: datetime, **values: object) -> UUID:
    import_id = new_id()
    await s.execute(
        imports.insert().values(
            id=import_id,
            organization_id=s.tenant,
            member_id=member_id,
            chat_id=chat_id,
            created_at=now,
            updated_at=now,
            **values,
        )
    )
    return import_id


async def get(s: Session, import_id: UUID, *, held: bool = False) -> Row[Any] | None:
    """Everything but the file; `held` keeps others from changing it until the transaction ends."""
    query = sa.select(*WITHOUT_BODY).where(_one.organization_id == s.tenant, _one.id == import_id)
    return await s.first(query.with_for_update() if held else query)


async def body(s: Session, import_id: UUID) -> bytes:
    found: bytes | None = await s.scalar(
        sa.select(_one.body).where(_one.organization_id == s.tenant, _one.id == import_id)
    )
    return found or b""


async def change(s: Session, import_id: UUID, now: datetime, **values: object) -> None:
    await s.execute(
        imports.update()
        .where(_one.organization_id == s.tenant, _one.id == import_id)
        .values(updated_at=now, **values)
    )


async def newest(s: Session, limit: int, states: Collection[str] = ()) -> list[Row[Any]]:
    """The newest imports without their files."""
    query = sa.select(*WITHOUT_BODY).where(_one.organization_id == s.tenant)
    if states:
        query = query.where(_one.state.in_(list(states)))
    return await s.rows(query.order_by(_one.id.desc()).limit(limit))


async def in_work(s: Session, states: Collection[str]) -> list[UUID]:
    """Imports of the organization that a job is at, or soon will be."""
    rows = await s.rows(
        sa.select(_one.id).where(_one.organization_id == s.tenant, _one.state.in_(list(states)))
    )
    return [row.id for row in rows]


async def claimable(s: Session, states: Collection[str], now: datetime) -> list[tuple[UUID, UUID]]:
    """(organization, import) of all organizations that nobody works on; system scope."""
    rows = await s.rows(
        sa.select(_one.organization_id, _one.id)
        .where(_one.state.in_(list(states)), sa.or_(_one.lease_until.is_(None), _one.lease_until < now))
        .order_by(_one.id)
    )
    return [(row.organization_id, row.id) for row in rows]


async def claim(
    s: Session, import_id: UUID, states: Collection[str], now: datetime, until: datetime
) -> Row[Any] | None:
    """Take it for a lease; None when somebody else has it, or it is over."""
    result = await s.execute(
        imports.update()
        .where(
            _one.organization_id == s.tenant,
            _one.id == import_id,
            _one.state.in_(list(states)),
            sa.or_(_one.lease_until.is_(None), _one.lease_until < now),
        )
        .values(lease_until=until)
    )
    return await get(s, import_id) if result.rowcount == 1 else None


async def state_held(s: Session, import_id: UUID, until: datetime) -> str:
    """Its state, which nobody changes before the transaction ends; empty when this lease was lost."""
    row = await s.first(
        sa.select(_one.state)
        .where(_one.organization_id == s.tenant, _one.id == import_id, _one.lease_until == until)
        .with_for_update(read=True)
    )
    return row.state if row is not None else ""


async def rows_in(s: Session, import_id: UUID) -> frozenset[int]:
    """The rows that are worked off."""
    found = await s.rows(
        sa.select(_row.row).where(_row.organization_id == s.tenant, _row.import_id == import_id)
    )
    return frozenset(one.row for one in found)


async def commit_lazily(s: Session) -> None:
    """Let the commit not wait for the disk: a later one that does carries this one along. On PostgreSQL."""
    if s.dialect != "sqlite":
        await s.execute(sa.text("SET LOCAL synchronous_commit = off"))


async def known_contacts(
    s: Session, values: Collection[str], inns: Collection[str], free_before: datetime
) -> dict[str, UUID]:
    """Contacts and tax numbers that leads in work have already, each with the newest such lead. Closed leads,
    and those untouched since `free_before`, are free and stand in nobody's way."""
    holders: dict[str, set[UUID]] = defaultdict(set)
    if values:
        # the leads are asked for apart: most files know nobody here, and no plan goes wrong over a join
        for row in await s.rows(
            sa.select(contact_points.c.value, contact_points.c.lead_id).where(
                contact_points.c.organization_id == s.tenant, _listed(s, contact_points.c.value, values)
            )
        ):
            holders[row.value].add(row.lead_id)
    if inns:
        for row in await s.rows(
            sa.select(leads.c.inn, leads.c.id).where(
                leads.c.organization_id == s.tenant, leads.c.inn != "", _listed(s, leads.c.inn, inns)
            )
        ):
            holders[row.inn].add(row.id)
    if not holders:
        return {}
    numbers = await _in_work(s, set().union(*holders.values()), free_before)
    newest = {value: max((numbers.get(one, 0), one) for one in held) for value, held in holders.items()}
    return {value: lead_id for value, (number, lead_id) in newest.items() if number}


def _listed(s: Session, column: sa.ColumnElement[str], texts: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether a text is one of a thousand: as one parameter, also on SQLite."""
    if s.dialect != "sqlite":
        return among(s, column, texts)
    given = sa.func.json_each(json.dumps(list(texts), ensure_ascii=False)).table_valued("value")
    return column.in_(sa.select(given.c.value))


async def _in_work(s: Session, lead_ids: Collection[UUID], free_before: datetime) -> dict[UUID, int]:
    """The numbers of those of the leads that are in work, by id."""
    rows = await s.rows(
        sa.select(leads.c.id, leads.c.number)
        .join(stages, stages.c.id == leads.c.stage_id)
        .where(
            own_among(s, leads.c.id, lead_ids),
            leads.c.withdrawn_at.is_(None),
            leads.c.deleted_at.is_(None),
            leads.c.updated_at >= free_before,
            stages.c.kind != StageKind.FAILED.value,
        )
    )
    return {row.id: row.number for row in rows}


async def rows_of(
    s: Session, import_id: UUID, verdicts: Collection[str], after: int, limit: int
) -> Sequence[Row[Any]]:
    """Rows with one of these verdicts, after a row, in order."""
    return await s.rows(
        sa.select(import_rows)
        .where(
            _row.organization_id == s.tenant,
            _row.import_id == import_id,
            _row.verdict.in_(list(verdicts)),
            _row.row > after,
        )
        .order_by(_row.row)
        .limit(limit)
    )


async def settle_row(s: Session, import_id: UUID, row: int, verdict: str, **values: object) -> bool:
    """Decide on a row that waits for a person; False when somebody has done so."""
    result = await s.execute(
        import_rows.update()
        .where(
            _row.organization_id == s.tenant,
            _row.import_id == import_id,
            _row.row == row,
            _row.verdict == "asked",
        )
        .values(verdict=verdict, **values)
    )
    return result.rowcount == 1


async def counted(s: Session, import_id: UUID) -> dict[str, int]:
    """Rows by verdict."""
    rows = await s.rows(
        sa.select(_row.verdict, sa.func.count().label("number"))
        .where(_row.organization_id == s.tenant, _row.import_id == import_id)
        .group_by(_row.verdict)
    )
    return {row.verdict: row.number for row in rows}


async def untouched(s: Session, lead_ids: Collection[UUID], change_id: UUID) -> list[UUID]:
    """Those of the leads that nobody has touched since the import made them."""
    besides = sa.exists().where(
        lead_history.c.organization_id == s.tenant,
        lead_history.c.lead_id == leads.c.id,
        sa.or_(lead_history.c.change_id.is_(None), lead_history.c.change_id != change_id),
    )
    worked = [
        sa.exists().where(one.c.organization_id == s.tenant, one.c.lead_id == leads.c.id)
        for one in (activities, archived_activities)
    ]
    rows = await s.rows(
        sa.select(leads.c.id).where(
            own_among(s, leads.c.id, lead_ids),
            leads.c.deleted_at.is_(None),
            ~besides,
            *(~one for one in worked),
        )
    )
    return [row.id for row in rows]


async def delete_leads(s: Session, lead_ids: Collection[UUID], now: datetime) -> None:
    """Delete leads softly."""
    await s.execute(
        leads.update()
        .where(own_among(s, leads.c.id, lead_ids))
        .values(deleted_at=now, updated_at=now, version=leads.c.version + 1)
    )


async def titles(s: Session, lead_ids: Collection[UUID]) -> Mapping[UUID, tuple[int, str]]:
    """(number, title) by id."""
    rows = await s.rows(
        sa.select(leads.c.id, leads.c.number, leads.c.name, leads.c.company).where(
            own_among(s, leads.c.id, lead_ids)
        )
    )
    return {row.id: (row.number, row.name or row.company) for row in rows}


async def still_there(s: Session, import_id: UUID, limit: int) -> list[Row[Any]]:
    """New leads of an import that are not deleted: number, name, company."""
    return await s.rows(
        sa.select(leads.c.number, leads.c.name, leads.c.company)
        .join(import_rows, _row.lead_id == leads.c.id)
        .where(
            _row.organization_id == s.tenant,
            _row.import_id == import_id,
            _row.verdict == "new",
            leads.c.organization_id == s.tenant,
            leads.c.deleted_at.is_(None),
        )
        .order_by(_row.row)
        .limit(limit)
    )
