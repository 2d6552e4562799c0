"""Taking out what is older than it is kept, a few rows at a time. What is owed stays."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.delivery import FINISHED
from domain.hooks_out import SendState
from storage.db import Session
from storage.tables import (
    clicks,
    hook_sendings,
    imports,
    inbox,
    leads,
    links,
    notices,
    operations,
    uploads,
)

EMPTY = sa.text("'{}'")
_OVER = ("done", "cancelled", "failed", "discarded", "undone", "purchased")
_FINISHED = [state.value for state in FINISHED]
Fits = list[sa.ColumnElement[bool]]


def _uploads(before: datetime) -> Fits:
    waits = sa.select(inbox.c.id).where(
        inbox.c.id == uploads.c.inbox_id, inbox.c.organization_id == uploads.c.organization_id,
        inbox.c.state.in_(("pending", "running", "failed")),
    )  # fmt: skip
    return [
        uploads.c.file_id.is_(None), uploads.c.inbox_id.is_not(None), uploads.c.created_at < before,
        ~waits.exists(),
    ]  # fmt: skip


def _inbox(before: datetime) -> Fits:
    return [
        inbox.c.state.in_(("done", "ignored", "rejected")), inbox.c.received_at < before, inbox.c.body != b"",
    ]  # fmt: skip


def _sendings(before: datetime) -> Fits:
    over = (SendState.DELIVERED.value, SendState.DROPPED.value, SendState.FAILED.value)
    return [hook_sendings.c.state.in_(over), hook_sendings.c.happened_at < before]


def _operations(before: datetime) -> Fits:
    said = sa.or_(
        operations.c.payload != EMPTY, operations.c.recorded != EMPTY, operations.c.error_reason != ""
    )
    return [operations.c.state.in_(_FINISHED), operations.c.done_at < before, said]


def _notices(before: datetime) -> Fits:
    return [notices.c.state.not_in(("pending", "sending", "held")), notices.c.created_at < before]


def _imports(before: datetime) -> Fits:
    return [imports.c.state.in_(_OVER), imports.c.updated_at < before, imports.c.body.is_not(None)]


def _leads(before: datetime) -> Fits:
    owed = sa.select(operations.c.id).where(
        operations.c.organization_id == leads.c.organization_id, operations.c.record_id == leads.c.id,
        operations.c.state.not_in(_FINISHED),
    )  # fmt: skip
    return [leads.c.deleted_at < before, ~owed.exists()]


_KINDS: Mapping[str, tuple[sa.Table, Callable[[datetime], Fits], Mapping[str, Any] | None]] = {
    "uploads": (uploads, _uploads, {"inbox_id": None, "name": "", "mime": "", "content": None}),
    "clicks": (clicks, lambda before: [clicks.c.at < before], None),
    "inbox": (inbox, _inbox, {"body": b"", "headers": {}, "error": ""}),
    "sendings": (hook_sendings, _sendings, None),
    "operations": (operations, _operations, {"payload": {}, "recorded": {}, "error_reason": ""}),
    "notices": (notices, _notices, None),
    "imports": (imports, _imports, {"body": None}),
    "deleted_leads": (leads, _leads, None),
}
"""The table of a kind, what of it is old and over, and what the row is left with; None: nothing."""


async def expire(s: Session, kind: str, before: datetime, limit: int) -> int:
    """Take out at most `limit` rows of a kind; returns how many. Rows that somebody holds are passed over."""
    table, fits, left = _KINDS[kind]
    found = await s.rows(
        sa.select(table.c.id)
        .where(table.c.organization_id == s.tenant, *fits(before))
        .limit(limit)
        .with_for_update(skip_locked=True, of=table)
    )
    ids = [row.id for row in found]
    if not ids:
        return 0
    chosen = sa.and_(table.c.organization_id == s.tenant, table.c.id.in_(ids))
    if table is leads:
        await s.execute(
            links.delete().where(
                links.c.organization_id == s.tenant, links.c.entity == "lead", links.c.entity_id.in_(ids)
            )
        )
        await s.execute(operations.delete().where(
            operations.c.organization_id == s.tenant, operations.c.record_id.in_(ids)))  # fmt: skip
    change = table.delete() if left is None else table.update().values(**left)
    await s.execute(change.where(chosen))
    return len(ids)
