"""Queries on the members whom pushes are for."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from domain.members import Member
from storage.among import among
from storage.db import Session
from storage.people.members import JOINED, MEMBER, member_in
from storage.tables import members

Recipient = tuple[UUID, int]
"""An organization and a person; a private chat bears the person's id."""


async def members_of(s: Session, wanted: Collection[Recipient]) -> dict[Recipient, Member]:
    """The memberships that there are; system scope."""
    rows = await s.rows(
        sa.select(*MEMBER)
        .select_from(JOINED)
        .where(
            among(s, members.c.telegram_id, [person for _, person in wanted]),
            among(s, members.c.organization_id, list({organization for organization, _ in wanted})),
        )
    )
    return {(row.organization_id, row.telegram_id): member_in(row) for row in rows}
