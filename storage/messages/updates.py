"""Queries on the update journal and the dialogs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from domain.members import Member
from domain.slots import QUESTION
from storage.db import Session
from storage.people.members import CURRENT, JOINED, MEMBER, member_in
from storage.tables import dialogs, members, slots, updates


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An update as Telegram sent it. `lane` is the chat: entries of one lane are handled in order."""

    update_id: int
    lane: int
    body: str
    state: str
    answers: str | None


def _upserts(table: sa.Table) -> dict[str, Any]:
    return {"postgresql": postgresql.insert(table), "sqlite": sqlite.insert(table)}


# Built once: to build a statement anew takes longer than to run one.
_JOURNAL = {
    dialect: insert.on_conflict_do_nothing(index_elements=["update_id"]).returning(updates.c.update_id)
    for dialect, insert in _upserts(updates).items()
}
_KEEP_DIALOG = {
    dialect: insert.on_conflict_do_update(
        index_elements=["chat_id", "telegram_id"],
        set_={name: insert.excluded[name] for name in ("state", "data", "updated_at")},
    )
    for dialect, insert in _upserts(dialogs).items()
}
# one visit to the database brings everything that a conversation begins with
_OPEN = (
    sa.select(
        updates.c.state.label("update_state"),
        updates.c.holder.label("update_holder"),
        dialogs.c.state.label("dialog_state"),
        dialogs.c.data.label("dialog_data"),
        slots.c.message_id.label("question_id"),
        *MEMBER,
    )
    .select_from(
        updates.outerjoin(
            dialogs,
            sa.and_(
                dialogs.c.chat_id == sa.bindparam("chat"), dialogs.c.telegram_id == sa.bindparam("person")
            ),
        )
        .outerjoin(slots, sa.and_(slots.c.chat_id == sa.bindparam("chat"), slots.c.slot == QUESTION))
        .outerjoin(JOINED, members.c.id == CURRENT)
    )
    .where(updates.c.update_id == sa.bindparam("update"))
    .with_for_update(of=updates)
)
_OF_THESE = updates.update().where(updates.c.update_id.in_(sa.bindparam("ids", expanding=True)))
# what people wrote, typed keys included, is kept no longer than it is needed
_HANDLED = _OF_THESE.values(state="handled", answers=sa.bindparam("texts"), body="")
_DONE = _OF_THESE.values(state="done", answers=None, body="")
_PARKED = _OF_THESE.values(state="parked", error=sa.bindparam("reason"))


def _unfinished(table: sa.FromClause) -> sa.ColumnElement[bool]:
    # the states stand in the statement itself: the index on them serves no parameter
    return table.c.state.in_([sa.literal_column("'pending'"), sa.literal_column("'handled'")])


_NOW = sa.bindparam("now", type_=updates.c.lease_until.type)
_ME: sa.BindParameter[str] = sa.bindparam("me")
_FREE = sa.and_(_unfinished(updates), sa.or_(updates.c.lease_until.is_(None), updates.c.lease_until <= _NOW))
_earlier = updates.alias("earlier")
_FIRST = (
    sa.select(updates.c.lane)
    .where(
        _FREE,
        ~sa.exists().where(
            _earlier.c.lane == updates.c.lane,
            _earlier.c.update_id < updates.c.update_id,
            _unfinished(_earlier),
            ~sa.and_(_earlier.c.holder == _ME, sa.func.coalesce(_earlier.c.lease_until, _NOW) > _NOW),
        ),
    )
    .order_by(updates.c.update_id)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(of=updates, skip_locked=True)
)
_TAKE = (
    updates.update()
    .where(_FREE, updates.c.lane.in_(sa.bindparam("lanes", expanding=True)))
    .values(holder=_ME, lease_until=sa.bindparam("until", type_=updates.c.lease_until.type))
    .returning(updates)
)
_MINE = sa.and_(
    updates.c.update_id.in_(sa.bindparam("ids", expanding=True)),
    updates.c.holder == _ME,
    _unfinished(updates),
)
_RENEW = (
    updates.update()
    .where(
        # what is being handled right now is locked, and needs no lease
        updates.c.update_id.in_(sa.select(updates.c.update_id).where(_MINE).with_for_update(skip_locked=True))
    )
    .values(lease_until=sa.bindparam("until", type_=updates.c.lease_until.type))
)
_GIVE_BACK = updates.update().where(_MINE).values(lease_until=None)
_OF_OTHERS = sa.select(updates.c.lane).where(_unfinished(updates), updates.c.holder != _ME).distinct()


@dataclass(frozen=True, slots=True)
class Opened:
    """An update about to be handled: whether its effect is still to come, the person's dialog, the
    message that shows its question, and who the person is in the organization they are working in.
    """

    pending: bool
    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    question_id: int | None = None
    member: Member | None = None


async def journal(
    s: Session, entries: Sequence[tuple[int, int, str]], now: datetime, lease: datetime, holder: str = ""
) -> list[int]:
    """Store (update_id, lane, body); returns the ids that were not there yet."""
    rows = [
        {
            "update_id": update_id,
            "lane": lane,
            "body": body,
            "received_at": now,
            "lease_until": lease,
            "holder": holder,
        }
        for update_id, lane, body in entries
    ]
    return [row.update_id for row in (await s.execute(_JOURNAL[s.dialect], rows)).all()] if rows else []


async def claim(s: Session, now: datetime, until: datetime, holder: str, most: int) -> list[JournalEntry]:
    """Entries nobody works on, of at most `most` lanes, leased to `holder`, in order.

    A lane belongs to whoever has its first unfinished entry: only they get the later ones.
    """
    given = {"now": now, "me": holder, "most": most}
    lanes = {row.lane for row in (await s.execute(_FIRST, given)).all()}
    if not lanes:
        return []
    taken = {"now": now, "me": holder, "until": until, "lanes": list(lanes)}
    rows = (await s.execute(_TAKE, taken)).all()
    found = [JournalEntry(row.update_id, row.lane, row.body, row.state, row.answers) for row in rows]
    return sorted(found, key=lambda entry: entry.update_id)


async def renew(s: Session, update_ids: Sequence[int], holder: str, until: datetime) -> None:
    await s.execute(_RENEW, {"ids": list(update_ids), "me": holder, "until": until})


async def give_back(s: Session, update_ids: Sequence[int], holder: str) -> None:
    """Whoever looks next may have them."""
    await s.execute(_GIVE_BACK, {"ids": list(update_ids), "me": holder})


async def lanes_of_others(s: Session, holder: str) -> frozenset[int]:
    """Lanes with unfinished entries that are not the holder's."""
    return frozenset(row.lane for row in (await s.execute(_OF_OTHERS, {"me": holder})).all())


async def holders(s: Session) -> frozenset[str]:
    """Who holds, or held, what is unfinished."""
    rows = await s.rows(sa.select(updates.c.holder).where(_unfinished(updates)).distinct())
    return frozenset(row.holder for row in rows)


async def release_leases(s: Session, of: Collection[str]) -> None:
    """Free what these have left unfinished."""
    await s.execute(
        updates.update().where(_unfinished(updates), updates.c.holder.in_(list(of))).values(lease_until=None)
    )


async def open_update(s: Session, update_id: int, chat_id: int, telegram_id: int, holder: str) -> Opened:
    """The update's state with what its conversation begins with. Locks the update where the engine can. What
    somebody else has taken over meanwhile is theirs."""
    given = {"update": update_id, "chat": chat_id, "person": telegram_id}
    row = (await s.execute(_OPEN, given)).first()
    if row is None:
        return Opened(False)
    return Opened(
        pending=row.update_state == "pending" and row.update_holder == holder,
        state=row.dialog_state,
        data=row.dialog_data or {},
        question_id=row.question_id,
        member=member_in(row) if row.id is not None else None,
    )


async def handled(s: Session, update_id: int, answers: str) -> None:
    """The effect is there; `answers` are still to be sent."""
    await s.execute(_HANDLED, {"ids": [update_id], "texts": answers})


async def done(s: Session, update_ids: Sequence[int]) -> None:
    await s.execute(_DONE, {"ids": list(update_ids)})


async def park(s: Session, update_id: int, reason: str) -> None:
    await s.execute(_PARKED, {"ids": [update_id], "reason": reason})


async def forget_older(s: Session, moment: datetime) -> int:
    """Drop finished entries received before `moment`."""
    result = await s.execute(
        updates.delete().where(updates.c.received_at < moment, updates.c.state.in_(("done", "parked")))
    )
    return result.rowcount


async def save_dialog(
    s: Session, chat_id: int, telegram_id: int, state: str | None, data: dict[str, Any], now: datetime
) -> None:
    given = {"chat_id": chat_id, "telegram_id": telegram_id, "state": state, "data": data, "updated_at": now}
    await s.execute(_KEEP_DIALOG[s.dialect], given)


async def replace_dialog(
    s: Session,
    chat_id: int,
    telegram_id: int,
    waiting: str,
    state: str | None,
    data: dict[str, Any],
    now: datetime,
) -> bool:
    """Give a dialog another state and data as long as its state is still `waiting`."""
    result = await s.execute(
        dialogs.update()
        .where(dialogs.c.chat_id == chat_id, dialogs.c.telegram_id == telegram_id, dialogs.c.state == waiting)
        .values(state=state, data=data, updated_at=now)
    )
    return result.rowcount == 1
