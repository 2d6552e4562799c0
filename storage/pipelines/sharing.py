"""Queries on the rules by which leads are shared out, and on what people have in hand."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.members import Member
from domain.sharing import Rule, hours_in, shares_in, shares_out
from storage.db import Session
from storage.ids import new_id
from storage.people.members import JOINED, MEMBER, member_in
from storage.tables import assignment_rules, leads, members, people, pipelines, stages

_rules = assignment_rules.c
_TENANT = sa.bindparam("tenant", type_=sa.Uuid)
_OURS = (
    sa.select(assignment_rules).where(_rules.organization_id == _TENANT).order_by(_rules.position, _rules.id)
)
_ENABLED = _OURS.where(_rules.enabled)
_COUNT = sa.select(sa.func.count()).select_from(assignment_rules).where(_rules.organization_id == _TENANT)


def _rule(row: Row[Any]) -> Rule:
    return Rule(
        id=row.id,
        name=row.name,
        position=row.position,
        enabled=row.enabled,
        conditions={name: tuple(values) for name, values in row.conditions.items() if values},
        shares=shares_in(row.members),
        hours=hours_in(row.hours),
        turns=row.turns,
    )


async def all_rules(s: Session) -> list[Rule]:
    """Every rule in the order in which they are asked."""
    return [_rule(row) for row in (await s.execute(_OURS, {"tenant": s.tenant})).all()]


async def enabled_rules(s: Session, *, hold: bool = False) -> list[Rule]:
    """Those in use. `hold` keeps their turns from everybody else until the end of the transaction; rows are
    locked in the order of their ids, so that two who hold several never wait for one another."""
    if hold and s.dialect == "postgresql":
        query = sa.select(assignment_rules).where(_rules.organization_id == s.tenant, _rules.enabled)
        rows = await s.rows(query.order_by(_rules.id).with_for_update())
        return sorted(map(_rule, rows), key=lambda rule: (rule.position, rule.id))
    return [_rule(row) for row in (await s.execute(_ENABLED, {"tenant": s.tenant})).all()]


async def held_rule(s: Session, rule_id: UUID) -> Rule | None:
    """One rule, kept from everybody else until the end of the transaction; None when it is gone."""
    query = sa.select(assignment_rules).where(_rules.organization_id == s.tenant, _rules.id == rule_id)
    row = await s.first(query.with_for_update())
    return _rule(row) if row is not None else None


async def count_rules(s: Session) -> int:
    found: int = (await s.execute(_COUNT, {"tenant": s.tenant})).scalar_one()
    return found


async def add_rule(s: Session, rule: Rule, now: datetime) -> UUID:
    """A rule with a fresh id, at its position."""
    rule_id = new_id()
    await s.execute(
        assignment_rules.insert().values(
            id=rule_id, organization_id=s.tenant, position=rule.position, created_at=now, turns={},
            **columns_of(rule),
        )
    )  # fmt: skip
    return rule_id


def columns_of(rule: Rule) -> dict[str, Any]:
    """What an admin sets, as the columns hold it."""
    return {
        "name": rule.name,
        "enabled": rule.enabled,
        "conditions": {name: list(values) for name, values in rule.conditions.items() if values},
        "members": shares_out(rule.shares),
        "hours": rule.hours.as_json() if rule.hours else {},
    }


async def change_rule(s: Session, rule_id: UUID, **values: object) -> bool:
    """False when the rule is gone."""
    done = await s.execute(
        assignment_rules.update()
        .where(_rules.organization_id == s.tenant, _rules.id == rule_id)
        .values(**values)
    )
    return done.rowcount == 1


async def drop_rule(s: Session, rule_id: UUID) -> bool:
    done = await s.execute(
        assignment_rules.delete().where(_rules.organization_id == s.tenant, _rules.id == rule_id)
    )
    return done.rowcount == 1


async def put_in_order(s: Session, rule_ids: Sequence[UUID]) -> None:
    for position, rule_id in enumerate(rule_ids):
        await change_rule(s, rule_id, position=position)


async def standing_of(s: Session, member_ids: Collection[UUID]) -> dict[UUID, tuple[Member, bool]]:
    """(the member, has blocked the bot) by id: whoever is named in rules, whatever has become of them."""
    rows = await s.rows(
        sa.select(*MEMBER, people.c.blocked_at)
        .select_from(JOINED)
        .where(members.c.organization_id == s.tenant, members.c.id.in_(list(member_ids)))
    )
    return {row.id: (member_in(row), row.blocked_at is not None) for row in rows}


async def loads(s: Session) -> dict[UUID, int]:
    """How many open leads each member is responsible for; who has none is missing."""
    rows = await s.rows(
        sa.select(leads.c.assignee_id, sa.func.count().label("open"))
        .select_from(leads.join(stages, stages.c.id == leads.c.stage_id))
        .where(
            leads.c.organization_id == s.tenant,
            leads.c.assignee_id.is_not(None),
            leads.c.withdrawn_at.is_(None),
            leads.c.deleted_at.is_(None),
            stages.c.kind == "open",
        )
        .group_by(leads.c.assignee_id)
    )
    return {row.assignee_id: row.open for row in rows}


async def pipeline_of(s: Session, stage_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The pipeline of each stage."""
    rows = await s.rows(
        sa.select(stages.c.id, stages.c.pipeline_id).where(
            stages.c.organization_id == s.tenant, stages.c.id.in_(list(stage_ids))
        )
    )
    return {row.id: row.pipeline_id for row in rows}


async def pipelines_in_use(s: Session) -> set[UUID]:
    rows = await s.rows(
        sa.select(pipelines.c.id).where(
            pipelines.c.organization_id == s.tenant, pipelines.c.archived_at.is_(None)
        )
    )
    return {row.id for row in rows}


async def give(
    s: Session, lead_id: UUID, now: datetime, member_id: UUID | None, why: Mapping[str, Any]
) -> None:
    """Make the member responsible, or nobody, whoever was before; the lead's row is held by the caller."""
    await s.execute(
        leads.update()
        .where(leads.c.id == lead_id, leads.c.organization_id == s.tenant)
        .values(
            assignee_id=member_id,
            taken_at=now if member_id is not None else None,
            assigned_by=dict(why),
            updated_at=now,
            version=leads.c.version + 1,
        )
    )
