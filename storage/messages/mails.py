"""Queries on e-mails owed: rows of the notices' table in states of their own, so that no push takes them.

mail -> mailing -> mailed, or mail_failed when it is given up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from storage.db import Session
from storage.ids import new_id
from storage.tables import contact_points, notices

_row = notices.c
KIND = "mail"
OWED, SENDING, SENT, FAILED = "mail", "mailing", "mailed", "mail_failed"


@dataclass(frozen=True, slots=True)
class OwedMail:
    """A letter that is to go out, about a lead or about none: `chat_id` is the Telegram id of whoever wrote
    it, or gets it from us."""

    id: UUID
    organization_id: UUID
    chat_id: int
    lead_id: UUID | None
    to: str
    subject: str
    text: str
    sender_name: str
    reply_to: str
    attempts: int


async def owe(s: Session, chat_id: int, lead_id: UUID | None, letter: dict[str, str], now: datetime) -> UUID:
    """Owe a letter: to, subject, text, sender_name, reply_to. It is about a lead, or about none."""
    mail_id, about = new_id(), {} if lead_id is None else {"lead": str(lead_id)}
    await s.execute(
        notices.insert().values(
            id=mail_id,
            organization_id=s.tenant,
            chat_id=chat_id,
            kind=KIND,
            params={**about, **letter},
            state=OWED,
            due_at=now,
            created_at=now,
        )
    )
    return mail_id


async def claim(s: Session, now: datetime, lease: timedelta, limit: int) -> list[OwedMail]:
    """Lease due letters, oldest first. System scope."""
    due = sa.or_(
        sa.and_(_row.state == OWED, _row.due_at <= now),
        sa.and_(_row.state == SENDING, _row.lease_until <= now),
    )
    chosen = sa.select(_row.id).where(due).order_by(_row.id).limit(limit)
    if s.dialect == "postgresql":
        chosen = chosen.with_for_update(skip_locked=True)
    found = await s.execute(
        notices.update()
        .where(_row.id.in_(chosen.scalar_subquery()))
        .values(state=SENDING, lease_until=now + lease, attempts=_row.attempts + 1)
        .returning(notices)
    )
    return [
        OwedMail(
            id=row.id,
            organization_id=row.organization_id,
            chat_id=row.chat_id,
            lead_id=UUID(row.params["lead"]) if "lead" in row.params else None,
            to=row.params["to"],
            subject=row.params["subject"],
            text=row.params["text"],
            sender_name=row.params["sender_name"],
            reply_to=row.params["reply_to"],
            attempts=row.attempts,
        )
        for row in found.all()
    ]


async def settle(s: Session, mail_id: UUID, state: str, **values: object) -> None:
    """What has become of a letter. System scope."""
    await s.execute(
        notices.update().where(_row.id == mail_id).values(state=state, lease_until=None, **values)
    )


async def known_addresses(s: Session, lead_id: UUID) -> list[str]:
    """Every e-mail address of a lead and of its contacts."""
    rows = await s.rows(
        sa.select(contact_points.c.value).where(
            contact_points.c.organization_id == s.tenant,
            contact_points.c.lead_id == lead_id,
            contact_points.c.kind == "email",
        )
    )
    return [row.value for row in rows]
