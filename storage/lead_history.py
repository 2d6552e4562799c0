"""What happened to a lead: every change with who, when and by which way."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.leads import HistoryEntry
from storage.db import Session
from storage.ids import new_id
from storage.tables import lead_history, members


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
