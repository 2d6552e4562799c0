"""What of a lead or an activity goes to a CRM."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.activities import ActivityType
from domain.crm import CrmActivity, CrmLead, CrmStage
from domain.delivery import Operation
from domain.leads import Money, StageKind
from domain.plans import CAME_TO_NOTHING
from storage.among import own_among
from storage.db import Session
from storage.planning.archive import every
from storage.tables import contact_points, leads, links, stages

MEMBER = "member"
"""Entity of a link between a member of ours and a user of the CRM."""


_GIVEN = tuple(
    leads.c[name]
    for name in (
        *("id", "number", "name", "company", "inn", "amount", "currency", "note", "source"),
        *("referral_code", "utm", "custom", "stage_id", "segment", "product", "region"),
    )
)
"""Columns of a lead that a CRM gets."""

_AS_TASK = dict.fromkeys((ActivityType.CALL.value, ActivityType.EMAIL.value), ActivityType.TASK.value)
"""A call or letter that is still to be done is a task: CRMs keep calls as something that has happened."""


async def crm_lead(session: Session, integration_id: UUID, lead_id: UUID) -> CrmLead | None:
    """The lead as it is now. A stage that nobody has renamed goes by its key, another by its id."""
    return (await crm_leads(session, integration_id, [lead_id])).get(lead_id)


async def crm_leads(
    session: Session, integration_id: UUID, lead_ids: Collection[UUID]
) -> dict[UUID, CrmLead]:
    """Leads as they are now, by their ids; those that no longer exist are missing."""
    rows = await session.rows(
        sa.select(
            *_GIVEN, stages.c.key, stages.c.name.label("stage_name"), stages.c.kind, links.c.external_id
        )
        .join(stages, stages.c.id == leads.c.stage_id)
        .outerjoin(links, _is_user_of(integration_id, leads.c.assignee_id))
        .where(own_among(session, leads.c.id, lead_ids))
    )
    points: dict[UUID, list[Row[Any]]] = {row.id: [] for row in rows}
    found = await session.rows(
        sa.select(contact_points.c.lead_id, contact_points.c.kind, contact_points.c.value)
        .where(
            own_among(session, contact_points.c.lead_id, points.keys()),
        )
        .order_by(contact_points.c.lead_id, contact_points.c.position, contact_points.c.id)
    )
    for point in found:
        points[point.lead_id].append(point)
    return {row.id: _lead(row, points[row.id]) for row in rows}


async def crm_activity(session: Session, integration_id: UUID, activity_id: UUID) -> CrmActivity | None:
    """One as it stands: what is still to be done as a task or a meeting at the time it is planned for."""
    whose = sa.func.coalesce(every.c.assignee_id, every.c.author_id)
    statement = (
        sa.select(every, links.c.external_id)
        .outerjoin(links, _is_user_of(integration_id, whose))
        .where(every.c.organization_id == session.tenant, every.c.id == activity_id)
    )
    row = await session.first(statement)
    if row is None:
        return None
    coming = row.completed_at is None and row.scheduled_at is not None
    return CrmActivity(
        our_id=str(row.id),
        type=_AS_TASK.get(row.type, row.type) if coming else row.type,
        title=row.title,
        text=row.text,
        result=row.result,
        at=row.scheduled_at if coming else row.completed_at or row.created_at,
        duration=row.duration,
        assignee_external_id=row.external_id,
    )


async def crm_plan(session: Session, operation: Operation) -> CrmActivity | None:
    """The planned activity that an operation is about, as its task or meeting in the CRM should stand now."""
    row = await session.first(
        sa.select(every.c.type, every.c.scheduled_at, every.c.completed_at).where(
            every.c.organization_id == session.tenant,
            every.c.id == operation.entity_id,
            every.c.scheduled_at.is_not(None),
        )
    )
    made = await crm_activity(session, operation.integration_id, operation.entity_id)
    if row is None or made is None:
        return None
    ended = "cancelled" if made.result in CAME_TO_NOTHING else "done"
    return replace(
        made,
        type=_AS_TASK.get(row.type, row.type),
        title=operation.payload.get("title") or made.title,
        at=row.scheduled_at,
        outcome="open" if row.completed_at is None else ended,
    )


async def owed_activity(session: Session, operation: Operation) -> tuple[UUID, CrmActivity | None]:
    """(the id under which the CRM gets it, what an operation about an activity writes); None where there is
    nothing to write any more.

    A planned activity may leave several records: the plan itself, the call it became, notes on what happened
    to it. All but the first have an id of their own in the payload. A `change` brings the plan's own record
    up to date (crm_plan); its note is for a CRM where that cannot be done.
    """
    payload, plain = operation.payload, operation.entity_id
    key = UUID(payload["as"]) if "as" in payload else plain
    made = await crm_activity(session, operation.integration_id, operation.entity_id)
    if payload.get("change") and "note" not in payload:
        return key, None
    if made is None or not {"plan", "outcome", "note"} & payload.keys():
        return key, made
    if "note" in payload:
        note = replace(made, type=ActivityType.NOTE.value, title="", text=payload["note"], result="")
        return key, replace(note, our_id=str(key), at=operation.created_at, duration=0)
    made = replace(made, title=payload.get("title") or made.title)
    ended = await session.scalar(
        sa.select(every.c.completed_at).where(every.c.organization_id == session.tenant, every.c.id == plain)
    )
    if "plan" in payload:
        return key, made if ended is None else None
    return key, replace(made, our_id=str(key)) if ended is not None else None


def _is_user_of(integration_id: UUID, member: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(
        links.c.integration_id == integration_id, links.c.entity == MEMBER, links.c.entity_id == member
    )


def _lead(row: Row[Any], points: list[Row[Any]]) -> CrmLead:
    return CrmLead(
        our_id=str(row.id),
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
        stage=CrmStage(row.key or str(row.stage_id), row.stage_name, StageKind(row.kind)),
        assignee_external_id=row.external_id,
        segment=row.segment,
        product=row.product,
        region=row.region,
    )
