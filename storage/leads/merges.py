"""What hangs on a lead follows it into another one, and back: contacts, activities, files, CRM records."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from domain.delivery import FINISHED
from storage.among import among, own_among
from storage.db import Session
from storage.tables import activities, archived_activities, contact_points, contacts, files, links, operations

_MOVED: Mapping[str, tuple[sa.Table, ...]] = {
    "contacts": (contacts,),
    "activities": (activities, archived_activities),
    "files": (files,),
}
LEAD = "lead"


async def move(s: Session, loser: UUID, winner: UUID) -> dict[str, list[str]]:
    """Hang everything of the loser on the winner; returns the ids of what was moved, by kind.

    A record of a CRM follows where the winner has none there and nothing is owed for either of them.
    """
    moved: dict[str, list[str]] = {}
    for name, tables in _MOVED.items():
        moved[name] = []
        for table in tables:
            found = await s.rows(
                sa.select(table.c.id).where(table.c.organization_id == s.tenant, table.c.lead_id == loser)
            )
            ids = [row.id for row in found]
            await _hang(s, table, ids, winner)
            moved[name] += [str(one) for one in ids]
    await _points_follow(s, moved["contacts"], winner)
    moved["links"] = [str(one) for one in await _free_links(s, loser, winner)]
    await _relink(s, moved["links"], winner)
    return moved


async def move_back(s: Session, moved: Mapping[str, Sequence[str]], winner: UUID, loser: UUID) -> None:
    """Hang on the loser again what was moved and hangs on the winner still."""
    for table, name in [(table, name) for name, tables in _MOVED.items() for table in tables]:
        found = await s.rows(
            sa.select(table.c.id).where(
                table.c.organization_id == s.tenant,
                table.c.lead_id == winner,
                among(s, table.c.id, [UUID(one) for one in moved.get(name, ())]),
            )
        )
        await _hang(s, table, [row.id for row in found], loser)
    await _points_follow(s, moved.get("contacts", ()), loser)
    await _relink(s, moved.get("links", ()), loser)


async def _hang(s: Session, table: sa.Table, ids: Sequence[UUID], lead_id: UUID) -> None:
    if ids:
        await s.execute(table.update().where(own_among(s, table.c.id, ids)).values(lead_id=lead_id))


async def _points_follow(s: Session, contact_ids: Sequence[str], lead_id: UUID) -> None:
    if contact_ids:
        await s.execute(
            contact_points.update()
            .where(
                contact_points.c.organization_id == s.tenant,
                among(s, contact_points.c.contact_id, [UUID(one) for one in contact_ids]),
            )
            .values(lead_id=lead_id)
        )


async def _free_links(s: Session, loser: UUID, winner: UUID) -> list[UUID]:
    taken = links.alias("taken")
    owed = sa.exists().where(
        operations.c.organization_id == s.tenant,
        operations.c.integration_id == links.c.integration_id,
        operations.c.record_id.in_([loser, winner]),
        operations.c.state.not_in([state.value for state in FINISHED]),
    )
    theirs = sa.exists().where(
        taken.c.organization_id == s.tenant,
        taken.c.integration_id == links.c.integration_id,
        taken.c.entity == LEAD,
        taken.c.entity_id == winner,
    )
    rows = await s.rows(
        sa.select(links.c.id).where(
            links.c.organization_id == s.tenant,
            links.c.entity == LEAD,
            links.c.entity_id == loser,
            ~owed,
            ~theirs,
        )
    )
    return [row.id for row in rows]


async def _relink(s: Session, link_ids: Sequence[str], lead_id: UUID) -> None:
    if link_ids:
        await s.execute(
            links.update()
            .where(own_among(s, links.c.id, [UUID(one) for one in link_ids]))
            .values(entity_id=lead_id)
        )


async def integrations_of(s: Session, link_ids: Sequence[str]) -> frozenset[UUID]:
    """The integrations that these links belong to."""
    if not link_ids:
        return frozenset()
    rows = await s.rows(
        sa.select(links.c.integration_id).where(own_among(s, links.c.id, [UUID(one) for one in link_ids]))
    )
    return frozenset(row.integration_id for row in rows)


async def integrations_knowing(s: Session, lead_id: UUID) -> frozenset[UUID]:
    """The integrations whose CRM has a record of the lead, or is about to get one."""
    linked = sa.select(links.c.integration_id).where(
        links.c.organization_id == s.tenant, links.c.entity == LEAD, links.c.entity_id == lead_id
    )
    owed = sa.select(operations.c.integration_id).where(
        operations.c.organization_id == s.tenant,
        operations.c.record_id == lead_id,
        operations.c.state.not_in([state.value for state in FINISHED]),
    )
    rows = await s.rows(linked.union(owed))
    return frozenset(row.integration_id for row in rows)
