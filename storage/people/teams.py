"""Queries on teams: which groups get what, and what their messages show."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain import slots as names
from domain.teams import Team
from storage.db import Session
from storage.ids import new_id
from storage.messages.notices import Notice, Owed
from storage.tables import leads, notices, slots, stages, teams

# Built once: to build a statement anew takes longer than to run one.
_TENANT = sa.bindparam("tenant", type_=sa.Uuid)
_FOR_LEAD = sa.select(teams).where(
    teams.c.organization_id == _TENANT,
    sa.or_(
        teams.c.pipeline_id.is_(None),
        teams.c.pipeline_id
        == sa.select(stages.c.pipeline_id)
        .join(leads, leads.c.stage_id == stages.c.id)
        .where(leads.c.id == sa.bindparam("lead", type_=sa.Uuid), leads.c.organization_id == _TENANT)
        .scalar_subquery(),
    ),
)


def _team(row: Row[Any]) -> Team:
    return Team(
        row.id, row.organization_id, row.name, row.chat_id, row.thread_id, row.pipeline_id, dict(row.settings)
    )


async def alerts(s: Session, lead_id: UUID) -> list[Owed]:
    """What groups are told of a new lead: once a group, in the topic that is for its pipeline if there is."""
    rows = (await s.execute(_FOR_LEAD, {"tenant": s.tenant, "lead": lead_id})).all()
    by_chat: dict[int, Team] = {}
    for team in sorted(map(_team, rows), key=lambda one: one.pipeline_id is None):
        by_chat.setdefault(team.chat_id, team)
    return [
        Owed(
            team.chat_id,
            "team.lead",
            {"lead": str(lead_id), "team": str(team.id)},
            names.team_card(lead_id),
            team.thread_id,
        )
        for team in by_chat.values()
    ]


async def all_teams(s: Session) -> list[Team]:
    rows = await s.rows(
        sa.select(teams).where(teams.c.organization_id == s.tenant).order_by(teams.c.name, teams.c.id)
    )
    return [_team(row) for row in rows]


async def get_team(s: Session, team_id: UUID) -> Team | None:
    row = await s.first(sa.select(teams).where(teams.c.organization_id == s.tenant, teams.c.id == team_id))
    return _team(row) if row is not None else None


async def in_chat(s: Session, chat_id: int) -> list[Team]:
    """Teams of every organization in the group; system scope."""
    rows = await s.rows(sa.select(teams).where(teams.c.chat_id == chat_id).order_by(teams.c.id))
    return [_team(row) for row in rows]


async def keep_team(
    s: Session, chat_id: int, thread_id: int, name: str, pipeline_id: UUID | None, now: object
) -> UUID:
    """Bind the place, or change what it is bound to."""
    place = (
        teams.c.organization_id == s.tenant,
        teams.c.chat_id == chat_id,
        teams.c.thread_id == thread_id,
    )
    known: UUID | None = await s.scalar(sa.select(teams.c.id).where(*place))
    if known is not None:
        await s.execute(teams.update().where(*place).values(name=name, pipeline_id=pipeline_id))
        return known
    team_id = new_id()
    await s.execute(
        teams.insert().values(
            id=team_id, organization_id=s.tenant, chat_id=chat_id, thread_id=thread_id, name=name,
            pipeline_id=pipeline_id, settings={}, created_at=now,
        )
    )  # fmt: skip
    return team_id


async def keep_settings(s: Session, team_id: UUID, settings: Mapping[str, Any]) -> None:
    await s.execute(
        teams.update()
        .where(teams.c.organization_id == s.tenant, teams.c.id == team_id)
        .values(settings=dict(settings))
    )


async def drop_team(s: Session, team_id: UUID) -> bool:
    """False where it is gone already."""
    done = await s.execute(teams.delete().where(teams.c.organization_id == s.tenant, teams.c.id == team_id))
    return done.rowcount == 1


async def move_chat(s: Session, old: int, new: int) -> None:
    """The group has another id from now on, and so has what is owed to it; system scope."""
    await s.execute(teams.update().where(teams.c.chat_id == old).values(chat_id=new))
    await s.execute(
        notices.update()
        .where(notices.c.chat_id == old, notices.c.state.in_(("pending", "sending")))
        .values(chat_id=new)
    )


async def forget_owed(s: Session, chat_id: int, thread_id: int | None) -> None:
    """Nothing more is sent to a group, or to one topic of it; system scope."""
    fits = [notices.c.chat_id == chat_id, notices.c.state == "pending"]
    if thread_id is not None:
        fits.append(notices.c.thread_id == thread_id)
    await s.execute(notices.update().where(*fits).values(state="dropped", error="team gone"))


async def gather(s: Session, notice: Notice, most: int) -> list[str]:
    """Leads of alerts that wait behind this one in the same topic: they come with it, so they are settled."""
    waiting = (
        sa.select(notices.c.id)
        .where(
            notices.c.organization_id == s.tenant,
            notices.c.chat_id == notice.chat_id,
            notices.c.thread_id == notice.thread_id,
            notices.c.kind == notice.kind,
            notices.c.state == "pending",
            notices.c.id > notice.id,
        )
        .order_by(notices.c.id)
        .limit(most)
    )
    rows = await s.rows(
        notices.update()
        .where(notices.c.organization_id == s.tenant, notices.c.id.in_(waiting.scalar_subquery()))
        .values(state="sent", error="merged")
        .returning(notices.c.id, notices.c.params)
    )
    found = [str(row.params["lead"]) for row in sorted(rows, key=lambda row: row.id)]
    if found:
        notice.params["also"] = [*notice.params.get("also", ()), *found]
        await s.execute(
            notices.update()
            .where(notices.c.organization_id == s.tenant, notices.c.id == notice.id)
            .values(params=notice.params)
        )
    return found


async def settle_edits(s: Session, notice: Notice, lead_ids: Sequence[UUID]) -> None:
    """One edit shows all leads of its message: those that wait for the same message are settled."""
    await s.execute(
        notices.update()
        .where(
            notices.c.organization_id == s.tenant,
            notices.c.chat_id == notice.chat_id,
            notices.c.kind == notice.kind,
            notices.c.slot.in_([names.team_card(lead_id) for lead_id in lead_ids]),
            notices.c.state == "pending",
            notices.c.id != notice.id,
        )
        .values(state="sent", error="merged")
    )


async def shown_together(s: Session, chat_id: int, message_id: int) -> list[UUID]:
    """The leads that a message of a group tells of; slots are of every organization."""
    rows = await s.rows(
        sa.select(slots.c.slot).where(slots.c.chat_id == chat_id, slots.c.message_id == message_id)
    )
    return [UUID(row.slot.removeprefix("team:")) for row in rows if names.is_team_card(row.slot)]
