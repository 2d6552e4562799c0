"""One lead and its contact points: reading it, writing it, and what only one of two may do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.answer_times import OPEN_TO_ALL
from domain.leads import Lead, Money, Stage, StageKind
from storage.db import Session
from storage.finding.finding import reindex
from storage.ids import new_id
from storage.pipelines.stages import first_stage
from storage.tables import contact_points, counters, leads, members, stages

_assignee = members.alias("assignee")
_sender = members.alias("sender")
JOINED = (
    leads.join(stages, stages.c.id == leads.c.stage_id)
    .outerjoin(_assignee, _assignee.c.id == leads.c.assignee_id)
    .outerjoin(_sender, _sender.c.id == leads.c.sender_id)
)
LEAD = (
    leads,
    stages.c.key.label("stage_key"),
    stages.c.name.label("stage_name"),
    stages.c.position.label("stage_position"),
    stages.c.color.label("stage_color"),
    stages.c.kind.label("stage_kind"),
    stages.c.pipeline_id.label("stage_pipeline_id"),
    _assignee.c.name.label("assignee_name"),
    _sender.c.name.label("sender_name"),
)

_FOUND_BY = frozenset({"name", "company", "inn"})

OWN_POINT = sa.and_(contact_points.c.lead_id == leads.c.id, contact_points.c.contact_id.is_(None))
"""The lead's own phones and e-mails; those of its contacts count in the duplicate check alone."""

# Built once: to build a statement anew takes longer than to run one.
_TENANT = sa.bindparam("tenant", type_=sa.Uuid)
_ADD_POINT = contact_points.insert()
_ONE_LEAD = (
    sa.select(*LEAD, contact_points.c.kind, contact_points.c.value)
    .select_from(JOINED.outerjoin(contact_points, OWN_POINT))
    .where(leads.c.id == sa.bindparam("lead"), leads.c.organization_id == _TENANT)
    .order_by(contact_points.c.position)
)
_POINTS = (
    sa.select(contact_points)
    .where(
        contact_points.c.organization_id == _TENANT,
        contact_points.c.lead_id.in_(sa.bindparam("leads", expanding=True)),
        contact_points.c.contact_id.is_(None),
    )
    .order_by(contact_points.c.lead_id, contact_points.c.position)
)
_ADD_AT_FIRST_STAGE = leads.insert().values(stage_id=first_stage(_TENANT))
_HOLD_NUMBERS = (
    counters.update()
    .where(counters.c.organization_id == _TENANT, counters.c.name == "lead")
    .values(value=counters.c.value)
)
_NEXT_NUMBER = (
    counters.update()
    .where(counters.c.organization_id == _TENANT, counters.c.name == "lead")
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)


def _stage(row: Row[Any]) -> Stage:
    return Stage(
        row.stage_id,
        row.stage_key,
        row.stage_name,
        row.stage_position,
        row.stage_color,
        StageKind(row.stage_kind),
        row.stage_pipeline_id,
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
        stage=_stage(row),
        assignee_id=row.assignee_id,
        assignee_name=row.assignee_name or "",
        sender_id=row.sender_id,
        sender_name=row.sender_name or "",
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        taken_at=row.taken_at,
        withdrawn_at=row.withdrawn_at,
        deleted_at=row.deleted_at,
        segment=row.segment,
        product=row.product,
        region=row.region,
        customer_id=row.customer_id,
        assigned_by=row.assigned_by,
        escalate_at=row.escalate_at,
        escalations=row.escalations,
    )


async def with_points(s: Session, rows: Sequence[Row[Any]]) -> list[Lead]:
    """Leads out of rows of LEAD, with their contact points in one more query."""
    found = await s.execute(_POINTS, {"tenant": s.tenant, "leads": [row.id for row in rows]})
    points = found.all()
    return [_lead(row, [point for point in points if point.lead_id == row.id]) for row in rows]


async def get_lead(s: Session, lead_id: UUID) -> Lead | None:
    # a row a contact point; one with empty points when it has none
    rows = (await s.execute(_ONE_LEAD, {"tenant": s.tenant, "lead": lead_id})).all()
    return _lead(rows[0], rows) if rows else None


async def next_number(s: Session) -> int:
    """The next short number of a lead; the row's lock keeps numbers without doubles."""
    number: int = (await s.execute(_NEXT_NUMBER, {"tenant": s.tenant})).scalar_one()
    return number


async def hold_numbers(s: Session) -> None:
    """Take the lock of `next_number` without taking a number."""
    await s.execute(_HOLD_NUMBERS, {"tenant": s.tenant})


async def add_lead(s: Session, now: datetime, *, stage_id: UUID | None = None, **values: object) -> UUID:
    """A lead at the given stage; at the first one of the default pipeline without."""
    lead_id = new_id()
    given = {"id": lead_id, "organization_id": s.tenant, "created_at": now, "updated_at": now, **values}
    if stage_id is None:
        await s.execute(_ADD_AT_FIRST_STAGE, {"tenant": s.tenant, **given})
    else:
        await s.execute(leads.insert(), {**given, "stage_id": stage_id})
    return lead_id


async def add_contact_points(
    s: Session, lead_id: UUID, points: Sequence[tuple[str, str, str]], start: int = 0
) -> None:
    """Points are (kind, normalised value, as typed); the first of a kind is the primary one."""
    if points:
        await s.execute(
            _ADD_POINT,
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
            contact_points.c.contact_id.is_(None),
        )
    )
    await add_contact_points(s, lead_id, points)
    await reindex(s, [lead_id])


async def keep_typed(s: Session, lead_id: UUID, kind: str, value: str, typed: str) -> None:
    """Keep beside a contact point what the person wrote for it."""
    await s.execute(
        contact_points.update()
        .where(
            contact_points.c.organization_id == s.tenant,
            contact_points.c.lead_id == lead_id,
            contact_points.c.kind == kind,
            contact_points.c.value == value,
        )
        .values(typed=typed[:254])
    )


async def hold_lead(s: Session, lead_id: UUID) -> None:
    """Keep others from changing the lead until the end of this transaction."""
    await s.execute(
        sa.select(leads.c.id)
        .where(leads.c.id == lead_id, leads.c.organization_id == s.tenant)
        .with_for_update()
    )


async def update_lead(s: Session, lead_id: UUID, now: datetime, **values: object) -> None:
    await s.execute(
        leads.update()
        .where(leads.c.id == lead_id, leads.c.organization_id == s.tenant)
        .values(updated_at=now, version=leads.c.version + 1, **values)
    )
    if _FOUND_BY & values.keys():
        await reindex(s, [lead_id])


async def take_if_free(s: Session, lead_id: UUID, member_id: UUID, now: datetime) -> bool:
    """Make the member responsible for a lead that nobody has, or nobody has answered; one of two at once
    wins, and no clock runs any more."""
    result = await s.execute(
        leads.update()
        .where(
            leads.c.id == lead_id,
            leads.c.organization_id == s.tenant,
            sa.or_(leads.c.assignee_id.is_(None), leads.c.escalations >= OPEN_TO_ALL),
            leads.c.withdrawn_at.is_(None),
            leads.c.deleted_at.is_(None),
        )
        .values(
            assignee_id=member_id,
            taken_at=now,
            updated_at=now,
            version=leads.c.version + 1,
            escalate_at=None,
            escalations=0,
            assigned_by={},
        )
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
            leads.c.deleted_at.is_(None),
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
