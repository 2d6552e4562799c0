"""Queries on pushes that are held back: for the end of quiet hours, or for what comes right behind them.

A held notice has the state "held" and is due when it is to come. Whoever claims it takes those with it that
wait for the same person, and sends all of them as one: a notice of the kind SUMMARY with params
{"items": [{"kind", "params"}...], "counts": {kind: how many}, "leads": [id...], "spans": [...]}. "leads" are
all that it tells of, each once. Where they are more than MOST_LEADS, leads that are new or were given to the
person are told by when that was: each of "spans" is a Span of domain/lead_query.py.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.lead_query import GIVEN, MADE, LeadQuery, Span, told_by
from domain.urgency import LOW_KINDS
from storage.among import own_among
from storage.db import Session
from storage.ids import new_id
from storage.messages.notices import Notice
from storage.tables import leads as lead_table
from storage.tables import notices

SUMMARY = "summary"
MOST_ITEMS = 60
"""So many are told one by one; of all the rest, how many they are."""

MOST_LEADS = 1000
"""Of more leads a push does not keep the ids."""

LOOKED_BACK = 40


async def hold(s: Session, notice: Notice, until: datetime) -> None:
    """Put a claimed notice back until then; it holds up nothing of its chat meanwhile."""
    await s.execute(
        notices.update()
        .where(notices.c.id == notice.id)
        .values(state="held", due_at=until, lease_until=None, attempts=0)
    )


async def release(s: Session, chat_id: int, now: datetime) -> None:
    """What is held for the person in this organization is due: they have changed their hours."""
    await s.execute(
        notices.update()
        .where(
            notices.c.organization_id == s.tenant,
            notices.c.chat_id == chat_id,
            notices.c.state == "held",
            notices.c.due_at > now,
        )
        .values(due_at=now)
    )


async def sent_lately(s: Session, notice: Notice, since: datetime) -> list[datetime]:
    """When pushes of this kind went to the chat since then, the newest first."""
    newest = (
        sa.select(notices.c.kind, notices.c.state, notices.c.sent_at)
        .where(notices.c.chat_id == notice.chat_id)
        .order_by(notices.c.id.desc())
        .limit(LOOKED_BACK)
        .subquery()
    )
    rows = await s.rows(
        sa.select(newest.c.sent_at).where(
            newest.c.kind == notice.kind, newest.c.state == "sent", newest.c.sent_at > since
        )
    )
    return sorted((row.sent_at for row in rows), reverse=True)


def _behind(notice: Notice) -> sa.ColumnElement[bool]:
    """Pushes of the same kind to the same chat that wait behind this one."""
    return sa.and_(
        notices.c.organization_id == notice.organization_id,
        notices.c.chat_id == notice.chat_id,
        notices.c.kind == notice.kind,
        notices.c.state == "pending",
        notices.c.id > notice.id,
    )


async def waiting_behind(s: Session, notice: Notice) -> int:
    found: int = await s.scalar(sa.select(sa.func.count()).select_from(notices).where(_behind(notice)))
    return found


async def with_those_behind(s: Session, notice: Notice) -> Notice:
    """The claimed notice as one push with all that wait behind it."""
    return await _merged(s, notice, _behind(notice))


async def with_all_held(s: Session, notice: Notice, now: datetime) -> Notice:
    """The claimed notice as one push with all that is held for the same person and due. Announcements come
    one by one: each is read as it was written, and counted."""
    if notice.kind in LOW_KINDS:
        return notice
    return await _merged(
        s,
        notice,
        sa.and_(
            notices.c.organization_id == notice.organization_id,
            notices.c.chat_id == notice.chat_id,
            notices.c.state == "held",
            notices.c.due_at <= now,
            notices.c.kind.not_in(LOW_KINDS),
        ),
    )


async def _merged(s: Session, notice: Notice, others: sa.ColumnElement[bool]) -> Notice:
    """Settle the others as part of this notice. Alone it stays what it is."""
    rows = await s.rows(
        notices.update()
        .where(others, notices.c.id != notice.id)
        .values(state="sent", error="merged", lease_until=None)
        .returning(notices.c.id, notices.c.kind, notices.c.params, notices.c.slot)
    )
    if not rows:
        return notice
    found = [(notice.id, notice.kind, notice.params, notice.slot)]
    found += [(row.id, row.kind, row.params, row.slot) for row in rows]
    scoped = s.scoped(notice.organization_id, False)
    params = await _params(scoped, _distinct(sorted(found, key=lambda one: one[0])))
    values: dict[str, Any] = {"kind": SUMMARY, "params": params, "slot": ""}
    await s.execute(notices.update().where(notices.c.id == notice.id).values(**values))
    return replace(notice, **values)


def _distinct(found: Sequence[tuple[Any, str, dict[str, Any], str]]) -> list[tuple[str, dict[str, Any]]]:
    """One of each that would show the same slot: it shows the newest state."""
    kept: dict[object, tuple[str, dict[str, Any]]] = {}
    for notice_id, kind, params, slot in found:
        kept[(kind, slot) if slot else notice_id] = (kind, params)
    return list(kept.values())


async def _params(s: Session, found: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for kind, params in found:
        # what was a summary already, and was held once more
        inner = params["items"] if kind == SUMMARY else [{"kind": kind, "params": params}]
        told = params["counts"] if kind == SUMMARY else {kind: 1}
        items += inner
        for name, count in told.items():
            counts[name] = counts.get(name, 0) + count
    return {"items": items[:MOST_ITEMS], "counts": counts, **await _leads(s, found)}


async def _leads(s: Session, found: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, list[str]]:
    """Of too many, the last told are kept that no span covers."""
    told = [(kind, told_by(params)) for kind, params in found]
    spans = [span for _kind, query in told for span in query.spans]
    ids = dict.fromkeys(one for _kind, query in told for one in query.ids)
    if len(ids) > MOST_LEADS:
        new = {one for kind, query in told if kind == "lead.new" for one in query.ids}
        spans += await _span(s, MADE, new)
        ids = dict.fromkeys([one for one in ids if one not in new][-MOST_LEADS:])
    return {"leads": [str(one) for one in ids], "spans": [str(one) for one in _joined(spans)]}


async def _span(s: Session, of: str, ids: Collection[UUID]) -> list[Span]:
    """From the first to the last of these leads; none where none of them is left."""
    moment = lead_table.c.taken_at if of == GIVEN else lead_table.c.created_at
    bounds = sa.select(sa.func.min(moment).label("first"), sa.func.max(moment).label("last"))
    row = await s.first(bounds.where(own_among(s, lead_table.c.id, ids)))
    return [Span(of, row.first, row.last)] if row is not None and row.first is not None else []


def _joined(spans: Collection[Span]) -> list[Span]:
    """At most one of a kind, from the first moment to the last."""
    kinds = {span.of: [one for one in spans if one.of == span.of] for span in spans}
    return [
        Span(of, min(one.first for one in same), max(one.last for one in same)) for of, same in kinds.items()
    ]


async def leads_told(s: Session, notice_id: UUID, chat_id: int) -> LeadQuery:
    """The leads that a push to this chat tells of; plain for one that is not there."""
    params = await s.scalar(
        sa.select(notices.c.params).where(
            notices.c.organization_id == s.tenant, notices.c.id == notice_id, notices.c.chat_id == chat_id
        )
    )
    return told_by(params or {})


async def add_up(
    s: Session, chat_id: int, kind: str, leads: Sequence[UUID], now: datetime, after: timedelta
) -> None:
    """Owe a push that tells of leads; one that waits is told of more instead."""
    waiting = await s.first(
        sa.select(notices.c.id, notices.c.params)
        .where(
            notices.c.organization_id == s.tenant,
            notices.c.chat_id == chat_id,
            notices.c.kind == kind,
            notices.c.state == "held",
        )
        .order_by(notices.c.id)
        .limit(1)
        .with_for_update()
    )
    if waiting is not None:
        params = await _added(s, waiting.params, leads)
        await s.execute(notices.update().where(notices.c.id == waiting.id).values(params=params))
        return
    await s.execute(
        notices.insert().values(
            id=new_id(), organization_id=s.tenant, chat_id=chat_id, thread_id=0, kind=kind,
            params=await _added(s, {}, leads), slot="", state="held", due_at=now + after, created_at=now,
        )
    )  # fmt: skip


async def _added(s: Session, params: Mapping[str, Any], leads: Sequence[UUID]) -> dict[str, Any]:
    known = told_by(params)
    ids, told = [*known.ids, *leads], {"count": params.get("count", 0) + len(leads)}
    if not known.spans and len(ids) <= MOST_LEADS:
        return {**told, "leads": [str(one) for one in ids]}
    spans = _joined([*known.spans, *await _span(s, GIVEN, ids)])
    return {**told, "leads": [], "spans": [str(one) for one in spans]}
