"""How much waits in each queue, and since when the first of it is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.delivery import OperationState
from storage.db import Session
from storage.tables import hook_sendings, hooks_out, inbox, notices, operations, updates


@dataclass(frozen=True, slots=True)
class Waiting:
    """`depth` counts what is not finished. `oldest` is when the first of what is due by now came due (UTC);
    None where nothing is due."""

    queue: str
    depth: int
    oldest: datetime | None


_OF_HOOKS = hook_sendings.c.hook_id.in_(sa.select(hooks_out.c.id).where(hooks_out.c.state == "on"))
"""Without it the index of sendings, which begins with the hook, would not serve."""

_QUEUES: dict[str, tuple[sa.Column[object], tuple[str, ...], tuple[sa.ColumnElement[bool], ...]]] = {
    "updates": (updates.c.received_at, ("pending", "handled"), ()),
    "operations": (operations.c.due_at, ("pending", "running"), ()),
    "inbox": (inbox.c.due_at, ("pending", "running"), ()),
    "notices": (notices.c.due_at, ("pending", "sending"), ()),
    "hooks": (hook_sendings.c.due_at, ("pending", "sending"), (_OF_HOOKS,)),
}
QUEUES = tuple(_QUEUES)
"""updates: not answered yet; operations: owed to CRMs; inbox: told by CRMs and forms; notices: pushes owed to
people; hooks: webhooks that we owe."""

_NOW = sa.bindparam("now", type_=operations.c.due_at.type)


def _part(
    queue: str, moment: sa.Column[object], state: str, fits: tuple[sa.ColumnElement[bool], ...]
) -> sa.Select[str, int, Any]:
    # the state stands in the statement itself: indexes on one state serve no parameter
    found = moment.table.c.state == sa.literal_column(f"'{state}'")
    due = sa.func.min(sa.case((moment <= _NOW, moment)), type_=moment.type)
    return sa.select(
        sa.literal_column(f"'{queue}'", sa.String).label("queue"),
        sa.func.count().label("depth"),
        due.label("oldest"),
    ).where(found, *fits)


_TENANT = sa.bindparam("tenant", type_=sa.Uuid)


def _all(*, own: bool) -> sa.CompoundSelect[Any]:
    """The statement for every queue; `own`: those of one organization. Updates belong to none."""
    parts = []
    for queue, (moment, states, fits) in _QUEUES.items():
        own_column = moment.table.c.get("organization_id")
        if own and own_column is None:
            continue
        more = (own_column == _TENANT,) if own and own_column is not None else ()
        parts += [_part(queue, moment, state, (*fits, *more)) for state in states]
    return sa.union_all(*parts)


_EVERYBODYS, _OWN = _all(own=False), _all(own=True)


async def waiting(s: Session, now: datetime) -> list[Waiting]:
    """Every queue, over all organizations (system scope)."""
    return _told((await s.execute(_EVERYBODYS, {"now": now})).all(), QUEUES)


async def waiting_of(s: Session, now: datetime) -> list[Waiting]:
    """The queues of the session's organization."""
    rows = (await s.execute(_OWN, {"now": now, "tenant": s.tenant})).all()
    return _told(rows, [one for one in QUEUES if one != "updates"])


async def failed(s: Session) -> int:
    """Operations of the organization that wait for a person's decision."""
    one = operations.c
    given_up = sa.select(sa.func.count()).where(
        one.organization_id == s.tenant, one.state == OperationState.PERMANENTLY_FAILED.value
    )
    return int(await s.scalar(given_up))


def _told(rows: Sequence[Any], queues: Sequence[str]) -> list[Waiting]:
    found = []
    for queue in queues:
        mine = [row for row in rows if row.queue == queue]
        oldest = [row.oldest for row in mine if row.oldest is not None]
        found.append(Waiting(queue, sum(row.depth for row in mine), min(oldest, default=None)))
    return found
