"""Queries on which message of a chat shows what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from domain.slots import COMING, Shown
from storage.among import among
from storage.db import Session
from storage.tables import notices, slots


def _keep(table: sa.Table) -> dict[str, Any]:
    inserts: dict[str, Any] = {"postgresql": postgresql.insert(table), "sqlite": sqlite.insert(table)}
    return {
        dialect: insert.on_conflict_do_update(
            index_elements=["chat_id", "slot"],
            set_={name: insert.excluded[name] for name in ("message_id", "updated_at")},
        )
        for dialect, insert in inserts.items()
    }


# Built once: to build a statement anew takes longer than to run one.
_KEEP = _keep(slots)
_MESSAGE = sa.select(slots.c.message_id).where(
    slots.c.chat_id == sa.bindparam("chat"), slots.c.slot == sa.bindparam("slot")
)
_FREE = slots.delete().where(
    slots.c.chat_id == sa.bindparam("chat"), slots.c.message_id == sa.bindparam("message")
)
_GIVE_UP = _FREE.where(slots.c.slot == sa.bindparam("what"))


async def show(s: Session, shown: Sequence[Shown], now: datetime) -> None:
    """Write down what messages show; COMING for one that is still to be sent."""
    for one in shown:
        if one.message_id != COMING:
            await s.execute(_FREE, {"chat": one.chat_id, "message": one.message_id})
    await _keep_all(s, [one for one in shown if one.slot], now)


async def sent(s: Session, shown: Sequence[Shown], now: datetime) -> None:
    """Write down which messages took the slots that were COMING; COMING for those that never came."""
    await _keep_all(s, [one for one in shown if one.message_id != COMING], now)
    for one in shown:
        if one.message_id == COMING:
            await s.execute(_GIVE_UP, {"chat": one.chat_id, "message": COMING, "what": one.slot})


async def _keep_all(s: Session, shown: Sequence[Shown], now: datetime) -> None:
    """In one order everywhere, so that no two transactions wait for each other."""
    ordered = sorted(shown, key=lambda one: (one.chat_id, one.slot))
    given = [
        {"chat_id": one.chat_id, "slot": one.slot, "message_id": one.message_id, "updated_at": now}
        for one in ordered
    ]
    if given:
        await s.execute(_KEEP[s.dialect], given if len(given) > 1 else given[0])


async def message_of(s: Session, chat_id: int, slot: str) -> int | None:
    """The message that shows a slot in a chat, COMING if it is still to be sent."""
    found: int | None = (await s.execute(_MESSAGE, {"chat": chat_id, "slot": slot})).scalar()
    return found


async def places(s: Session, names: Sequence[str]) -> list[tuple[int, str]]:
    """(chat, slot) of every message that shows one of the slots, or soon will.

    One that is on its way may have been worded before what has changed now.
    """
    shown = sa.select(slots.c.chat_id, slots.c.slot).where(among(s, slots.c.slot, names))
    coming = sa.select(notices.c.chat_id, notices.c.slot).where(
        notices.c.organization_id == s.tenant,
        among(s, notices.c.slot, names),
        notices.c.state.in_(("pending", "sending")),
    )
    found = {(row.chat_id, row.slot) for query in (shown, coming) for row in await s.rows(query)}
    return sorted(found)
