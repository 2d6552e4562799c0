"""Queries on clicks on messenger links, and on which lead a visitor of the website became."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.ids import new_id
from storage.tables import clicks, leads, members, organizations

_one = clicks.c
FORM = "form"
"""In the place of a channel where the visitor has sent a form."""


@dataclass(frozen=True, slots=True)
class Click:
    """`session` is the visitor's, as the website or the redirect knows it; empty where it is unknown."""

    session: str
    channel: str
    referral_code: str
    page: str
    utm: Mapping[str, str]
    at: datetime


async def add(s: Session, click: Click, lead_id: UUID | None, *, stub: bool = False) -> None:
    await s.execute(
        clicks.insert().values(
            id=new_id(),
            organization_id=s.tenant,
            session=click.session,
            channel=click.channel,
            referral_code=click.referral_code,
            page=click.page,
            utm=dict(click.utm),
            lead_id=lead_id,
            stub=stub,
            at=click.at,
        )
    )


async def lead_of(s: Session, session: str) -> UUID | None:
    """The newest lead of a visitor that is not deleted."""
    if not session:
        return None
    row = await s.first(
        sa.select(_one.lead_id)
        .join(leads, leads.c.id == _one.lead_id)
        .where(
            _one.organization_id == s.tenant,
            leads.c.organization_id == s.tenant,
            _one.session == session,
            leads.c.deleted_at.is_(None),
        )
        .order_by(_one.id.desc())
        .limit(1)
    )
    return row.lead_id if row is not None else None


async def stub_of(s: Session, session: str) -> UUID | None:
    """The lead that a click of the visitor has made, where no form has been merged into it yet."""
    if not session:
        return None
    row = await s.first(
        sa.select(_one.lead_id)
        .where(
            _one.organization_id == s.tenant,
            _one.session == session,
            _one.stub,
            _one.lead_id.is_not(None),
        )
        .order_by(_one.id.desc())
        .limit(1)
    )
    return row.lead_id if row is not None else None


async def was_there(s: Session, click: Click, since: datetime) -> bool:
    """Whether the visitor has pressed the same link since."""
    row = await s.first(
        sa.select(_one.id).where(
            _one.organization_id == s.tenant,
            _one.session == click.session,
            _one.channel == click.channel,
            _one.referral_code == click.referral_code,
            _one.at >= since,
        )
    )
    return row is not None


async def waiting(s: Session, session: str) -> Sequence[Click]:
    """Clicks of a visitor of whom no lead was known, the oldest first."""
    rows = await s.rows(
        sa.select(clicks)
        .where(_one.organization_id == s.tenant, _one.session == session, _one.lead_id.is_(None))
        .order_by(_one.id)
    )
    return [Click(row.session, row.channel, row.referral_code, row.page, row.utm, row.at) for row in rows]


async def settle(s: Session, session: str, lead_id: UUID) -> None:
    """All clicks of the visitor are the lead's, and none of them stands for an unfinished one."""
    await s.execute(
        clicks.update()
        .where(_one.organization_id == s.tenant, _one.session == session)
        .values(lead_id=lead_id, stub=sa.false())
    )


async def organization_of_code(s: Session, code: str) -> UUID | None:
    """Whose partner has the code; of a code that is nobody's, the only organization there is. None where
    that is not certain. System scope."""
    rows = await s.rows(
        sa.select(members.c.organization_id)
        .where(members.c.referral_code == code, members.c.referral_code != "")
        .distinct()
    )
    if not rows:
        rows = await s.rows(sa.select(organizations.c.id.label("organization_id")).limit(2))
    return rows[0].organization_id if len(rows) == 1 else None
