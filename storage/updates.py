"""Queries on the update journal and the dialogs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storage.db import Session
from storage.tables import dialogs, updates


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An update as Telegram sent it. `lane` is the chat: entries of one lane are handled in order."""

    update_id: int
    lane: int
    body: str
    state: str
    answers: str | None


async def journal(
    s: Session, entries: Sequence[tuple[int, int, str]], now: datetime, lease: datetime
) -> list[int]:
    """Store (update_id, lane, body); returns the ids that were not there yet."""
    insert = postgresql.insert if s.dialect == "postgresql" else sqlite.insert
    statement = (
        insert(updates)
        .values(
            [
                {
                    "update_id": update_id,
                    "lane": lane,
                    "body": body,
                    "received_at": now,
                    "lease_until": lease,
                }
                for update_id, lane, body in entries
            ]
        )
        .on_conflict_do_nothing(index_elements=["update_id"])
        .returning(updates.c.update_id)
    )
    return [row.update_id for row in (await s.execute(statement)).all()]


_DIALOG = sa.select(dialogs.c.state, dialogs.c.data).where(
    dialogs.c.chat_id == sa.bindparam("chat"), dialogs.c.telegram_id == sa.bindparam("person")
)


async def unfinished(s: Session, now: datetime, limit: int) -> list[JournalEntry]:
    """Entries nobody works on: left by a crash, or stored by a web-only process. In order."""
    rows = await s.rows(
        sa.select(updates)
        .where(
            updates.c.state.in_(("pending", "handled")),
            sa.or_(updates.c.lease_until.is_(None), updates.c.lease_until <= now),
        )
        .order_by(updates.c.update_id)
        .limit(limit)
    )
    return [JournalEntry(row.update_id, row.lane, row.body, row.state, row.answers) for row in rows]


async def lease(s: Session, update_ids: Sequence[int], until: datetime) -> None:
    await s.execute(updates.update().where(updates.c.update_id.in_(update_ids)).values(lease_until=until))


async def release_leases(s: Session) -> None:
    await s.execute(
        updates.update().where(updates.c.state.in_(("pending", "handled"))).values(lease_until=None)
    )


async def is_pending(s: Session, update_id: int) -> bool:
    """Whether the update's effect has not happened yet. Locks the row where the engine can."""
    query = sa.select(updates.c.state).where(updates.c.update_id == update_id)
    if s.dialect == "postgresql":
        query = query.with_for_update()
    return bool(await s.scalar(query) == "pending")


async def mark(s: Session, update_ids: Sequence[int], state: str, **values: object) -> None:
    await s.execute(updates.update().where(updates.c.update_id.in_(update_ids)).values(state=state, **values))


async def forget_older(s: Session, moment: datetime) -> int:
    """Drop finished entries received before `moment`."""
    result = await s.execute(
        updates.delete().where(updates.c.received_at < moment, updates.c.state.in_(("done", "parked")))
    )
    return result.rowcount


async def load_dialog(s: Session, chat_id: int, telegram_id: int) -> tuple[str | None, dict[str, Any]]:
    row = (await s.execute(_DIALOG, {"chat": chat_id, "person": telegram_id})).first()
    return (row.state, row.data) if row else (None, {})


async def save_dialog(
    s: Session, chat_id: int, telegram_id: int, state: str | None, data: dict[str, Any], now: datetime
) -> None:
    insert = postgresql.insert if s.dialect == "postgresql" else sqlite.insert
    statement = insert(dialogs).values(
        chat_id=chat_id, telegram_id=telegram_id, state=state, data=data, updated_at=now
    )
    await s.execute(
        statement.on_conflict_do_update(
            index_elements=["chat_id", "telegram_id"],
            set_={"state": state, "data": data, "updated_at": now},
        )
    )
