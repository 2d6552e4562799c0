"""Who sent which lead, as chats."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from storage.among import own_among
from storage.db import Session
from storage.tables import leads, members


async def chats_of_senders(session: Session, lead_ids: Collection[UUID]) -> dict[UUID, int]:
    """The Telegram id of each lead's sender; leads that nobody of ours sent are missing."""
    rows = await session.rows(
        sa.select(leads.c.id, members.c.telegram_id)
        .join(
            members, sa.and_(members.c.id == leads.c.sender_id, members.c.organization_id == session.tenant)
        )
        .where(own_among(session, leads.c.id, lead_ids))
    )
    return {row.id: row.telegram_id for row in rows}
