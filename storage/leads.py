"""Queries on leads, their contact points and history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.leads import HistoryEntry, Lead, LeadFilter, Money, Stage, StageKind
from storage.db import Session
from storage.ids import new_id
from storage.stages import first_stage
from storage.tables import contact_points, counters, lead_history, leads, members, stages

_assignee = members.alias("assignee")
_sender = members.alias("sender")
_JOINED = (
    leads.join(stages, stages.c.id == leads.c.stage_id)
    .outerjoin(_assignee, _assignee.c.id == leads.c.assignee_id)
    .outerjoin(_sender, _sender.c.id == leads.c.sender_id)
)
_LEAD = (
    leads,
    stages.c.key.label("stage_key"),
    stages.c.name.label("stage_name"),
    stages.c.position.label("stage_position"),
    stages.c.color.label("stage_color"),
    stages.c.kind.label("stage_kind"),
    _assignee.c.name.label("assignee_name"),
    _sender.c.name.label("sender_name"),
)

# Built once: to build a statement anew takes longer than to run one.
_TENANT = sa.bindparam("tenant", type_=sa.Uuid)
_ONE_LEAD = (
    sa.select(*_LEAD, contact_points.c.kind, contact_points.c.value)
    .select_from(_JOINED.outerjoin(contact_points, contact_points.c.lead_id == leads.c.id))
    .where(leads.c.id == sa.bindparam("lead"), leads.c.organization_id == _TENANT)
    .order_by(contact_points.c.position)
)
_POINTS = (
    sa.select(contact_points)
    .where(
        contact_points.c.organization_id == _TENANT,
        contact_points.c.lead_id.in_(sa.bindparam("leads", expanding=True)),
    )
    .order_by(contact_points.c.lead_id, contact_points.c.position)
)
_BY_POINT = (
    sa.select(leads.c.id, leads.c.number)
    .join(contact_points, contact_points.c.lead_id == leads.c.id)
    .where(
        contact_points.c.organization_id == _TENANT,
        contact_points.c.value.in_(sa.bindparam("values", expanding=True)),
        leads.c.organization_id == _TENANT,
        leads.c.withdrawn_at.is_(None),
    )
)
_BY_POINT_OR_INN = _BY_POINT.union(
    sa.select(leads.c.id, leads.c.number).where(
        leads.c.organization_id == _TENANT,
        leads.c.inn == sa.bindparam("inn"),
        leads.c.inn != "",
        leads.c.withdrawn_at.is_(None),
    )
)
_ADD_AT_FIRST_STAGE = leads.insert().values(stage_id=first_stage(_TENANT))
_NEXT_NUMBER = (
    counters.update()
    .where(counters.c.organization_id == _TENANT, counters.c.name == "lead")
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)


def _lead(row: Row[Any], points: Sequence[Row[Any]]) -> Lead:
    return Lead(
        id=row.id,
        organization_id=row.organization_id,
        number=row.number,
        name=row.name,
        company=row.company,
        phones=tuple(point.value for point in points if point.kind == "phone"),
        emails=tuple(point.value for point in points if point.kind == "email"),
        inn=row.inn,
        amount=Money(row.amount, row.currency) if row.amount is not None else None,
        note=row.note,
        source=row.source,
        referral_code=row.referral_code,
        utm=row.utm,
        custom=row.custom,
        stage=Stage(
            row.stage_id,
            row.stage_key,
            row.stage_name,
            row.stage_position,
            row.stage_color,
            StageKind(row.stage_kind),
        ),
        assignee_id=row.assignee_id,
        assignee_name=row.assignee_name or "",
        sender_id=row.sender_id,
        sender_name=row.sender_name or "",
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        taken_at=row.taken_at,
        withdrawn_at=row.withdrawn_at,
    )


async def _with_points(s: Session, rows: Sequence[Row[Any]]) -> list[Lead]:
    found = await s.execute(_POINTS, {"tenant": s.tenant, "leads": [row.id for row in rows]})
    points = found.all()
    return [_lead(row, [point for point in points if point.lead_id == row.id]) for row in rows]


async def get_lead(s: Session, lead_id: UUID) -> Lead | None:
    # a row a contact point; one with empty points when it has none
    rows = (await s.execute(_ONE_LEAD, {"tenant": s.tenant, "lead": lead_id})).all()
    return _lead(rows[0], rows) if rows else None


async def list_leads(
    s: Session, conditions: Sequence[sa.ColumnElement[bool]], limit: int, offset: int
) -> tuple[list[Lead], int]:
    """One page, newest first, and the count of all that fit."""
    fits = sa.and_(leads.c.organization_id == s.tenant, *conditions)
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(leads).where(fits))
    rows = await s.rows(
        sa.select(*_LEAD)
        .select_from(_JOINED)
        .where(fits)
        .order_by(leads.c.number.desc())
        .limit(limit)
        .offset(offset)
    )
    return (await _with_points(s, rows) if rows else []), total


def visible_to(member_id: UUID, see_all: bool, see_unassigned: bool) -> sa.ColumnElement[bool]:
    """What a member may see: everything; or their own (sent or assigned), and the free ones."""
    if see_all:
        return sa.true()
    own = sa.or_(leads.c.sender_id == member_id, leads.c.assignee_id == member_id)
    return sa.or_(own, leads.c.assignee_id.is_(None)) if see_unassigned else own


def matching(chosen: LeadFilter, member_id: UUID) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if chosen.stage is not None:
        conditions.append(leads.c.stage_id == chosen.stage)
    owners: dict[str, sa.ColumnElement[bool]] = {
        "mine": leads.c.assignee_id == member_id,
        "unassigned": sa.and_(leads.c.assignee_id.is_(None), leads.c.withdrawn_at.is_(None)),
        "sent": leads.c.sender_id == member_id,
    }
    if chosen.owner in owners:
        conditions.append(owners[chosen.owner])
    return conditions


async def next_number(s: Session) -> int:
    """The next short number of a lead; the row's lock keeps numbers without doubles."""
    number: int = (await s.execute(_NEXT_NUMBER, {"tenant": s.tenant})).scalar_one()
    return number


async def add_lead(s: Session, now: datetime, **values: object) -> UUID:
    """A lead at the first stage."""
    lead_id = new_id()
    given = {"id": lead_id, "organization_id": s.tenant, "created_at": now, "updated_at": now, **values}
    await s.execute(_ADD_AT_FIRST_STAGE, {"tenant": s.tenant, **given})
    return lead_id


async def add_contact_points(
    s: Session, lead_id: UUID, points: Sequence[tuple[str, str, str]], start: int = 0
) -> None:
    """Points are (kind, normalised value, as typed); the first of a kind is the primary one."""
    if points:
        await s.execute(
            contact_points.insert(),
            [
                {
                    "id": new_id(),
                    "organization_id": s.tenant,
                    "lead_id": lead_id,
                    "kind": kind,
                    "value": value,
                    "typed": typed[:254],
                    "position": start + position,
                }
                for position, (kind, value, typed) in enumerate(points)
            ],
        )


async def replace_contact_points(
    s: Session, lead_id: UUID, kind: str, points: Sequence[tuple[str, str, str]]
) -> None:
    await s.execute(
        contact_points.delete().where(
            contact_points.c.organization_id == s.tenant,
            contact_points.c.lead_id == lead_id,
            contact_points.c.kind == kind,
        )
    )
    await add_contact_points(s, lead_id, points)


async def update_lead(s: Session, lead_id: UUID, now: datetime, **values: object) -> None:
    await s.execute(
        leads.update()
        .where(leads.c.id == lead_id, leads.c.organization_id == s.tenant)
        .values(updated_at=now, version=leads.c.version + 1, **values)
    )


async def take_if_free(s: Session, lead_id: UUID, member_id: UUID, now: datetime) -> bool:
    """Make the member responsible for a lead nobody has; one of two at once wins."""
    result = await s.execute(
        leads.update()
        .where(
            leads.c.id == lead_id,
            leads.c.organization_id == s.tenant,
            leads.c.assignee_id.is_(None),
            leads.c.withdrawn_at.is_(None),
        )
        .values(assignee_id=member_id, taken_at=now, updated_at=now, version=leads.c.version + 1)
    )
    return result.rowcount == 1


async def withdraw_if_free(s: Session, lead_id: UUID, now: datetime, stage_id: UUID | None) -> bool:
    values: dict[str, object] = {"withdrawn_at": now, "updated_at": now, "version": leads.c.version + 1}
    if stage_id is not None:
        values["stage_id"] = stage_id
    result = await s.execute(
        leads.update()
        .where(
            leads.c.id == lead_id,
            leads.c.organization_id == s.tenant,
            leads.c.assignee_id.is_(None),
            leads.c.withdrawn_at.is_(None),
        )
        .values(**values)
    )
    return result.rowcount == 1


async def move_from(s: Session, lead_id: UUID, old: UUID, new: UUID, now: datetime) -> bool:
    """Move a lead that still stands at stage `old`; False when somebody was faster."""
    result = await s.execute(
        leads.update()
        .where(leads.c.id == lead_id, leads.c.organization_id == s.tenant, leads.c.stage_id == old)
        .values(stage_id=new, updated_at=now, version=leads.c.version + 1)
    )
    return result.rowcount == 1


async def find_duplicates(s: Session, values: Sequence[str], inn: str) -> list[UUID]:
    """Leads, newest first, with one of these phones or e-mails, or this INN; not the withdrawn ones."""
    given: dict[str, Any] = {"tenant": s.tenant, "values": list(values) or [""]}
    if inn:
        found = await s.execute(_BY_POINT_OR_INN, {**given, "inn": inn})
    else:
        found = await s.execute(_BY_POINT, given)
    rows = found.all()
    return [row.id for row in sorted(rows, key=lambda row: row.number, reverse=True)]


async def add_history(
    s: Session,
    lead_id: UUID,
    actor_id: UUID | None,
    origin: str,
    changes: Sequence[tuple[str, str, str]],
    now: datetime,
) -> None:
    """Changes are (field, old, new)."""
    if changes:
        await s.execute(
            lead_history.insert(),
            [
                {
                    "id": new_id(),
                    "organization_id": s.tenant,
                    "lead_id": lead_id,
                    "actor_id": actor_id,
                    "origin": origin,
                    "field": field,
                    "old": old,
                    "new": new,
                    "at": now,
                }
                for field, old, new in changes
            ],
        )


async def history(
    s: Session, lead_id: UUID, limit: int, offset: int, hidden: Sequence[str] = ()
) -> list[HistoryEntry]:
    """Newest first, without the fields in `hidden`."""
    rows = await s.rows(
        sa.select(lead_history, members.c.name.label("actor"))
        .select_from(lead_history.outerjoin(members, members.c.id == lead_history.c.actor_id))
        .where(
            lead_history.c.organization_id == s.tenant,
            lead_history.c.lead_id == lead_id,
            lead_history.c.field.not_in(hidden),
        )
        .order_by(lead_history.c.at.desc(), lead_history.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [HistoryEntry(row.at, row.actor or "", row.field, row.old, row.new, row.origin) for row in rows]
