"""Purchases, each of them once.

Whoever writes holds the row of the source first (transaction_sources.hold): all writers of one source take
turns, so that a sale and its refund, or a poll and a webhook, always see one another. The unique key stands
behind that. Rows that have not changed are not written.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.purchases import Kept
from domain.transactions import SourceTransaction, TransactionKind, TransactionLine
from storage.bulk import Native, insert_many
from storage.db import Session
from storage.tables import transactions

_one = transactions.c
COLUMNS = ("id", "organization_id", "source_id", "external_id", "kind", "cancelled", "amount", "currency",
           "happened_at", "changed_at", "revision", "phone", "customer", "description", "lines", "refers_to",
           "medical", "digest", "customer_id", "created_at", "updated_at", "version")  # fmt: skip
_LONGEST = {"external_id": 200, "customer": 200, "refers_to": 200, "description": 1000, "phone": 32}


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a page: rows that were written, and how many were left as they were."""

    written: Sequence[Kept]
    unchanged: int
    older: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the page's phones and buyers are known as."""

    phones: Mapping[str, str]
    """Customer of the source -> phone."""

    customers: Mapping[str, UUID]
    """Phone -> customer of ours."""


def kept_from(row: Row[Any]) -> Kept:
    return Kept(
        id=row.id,
        source_id=row.source_id,
        external_id=row.external_id,
        kind=TransactionKind(row.kind),
        cancelled=row.cancelled,
        amount=row.amount,
        currency=row.currency,
        happened_at=row.happened_at,
        phone=row.phone,
        customer=row.customer,
        description=row.description,
        lines=tuple(_line(one) for one in row.lines or ()),
        refers_to=row.refers_to,
        medical=row.medical,
        version=row.version,
        customer_id=row.customer_id,
    )


def _line(told: Mapping[str, str]) -> TransactionLine:
    return TransactionLine(
        told["title"], Decimal(told["quantity"]), Decimal(told["amount"]), told["item"], told["group"]
    )


def cut(told: SourceTransaction, name: str) -> str:
    """A text as it fits into its column; PostgreSQL takes no zero character."""
    text: str = getattr(told, name)
    text = text.replace("\x00", "") if "\x00" in text else text
    longest = _LONGEST[name]
    if len(text) <= longest:
        return text
    if name == "description":
        return text[:longest]
    # a key must stay unique when it is cut
    return text[: longest - 33] + "~" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _lines_text(told: SourceTransaction) -> str:
    if not told.lines:
        return "[]"
    return json.dumps(
        [
            {
                "title": one.title.replace("\x00", "")[:300],
                "quantity": str(one.quantity),
                "amount": str(one.amount),
                "item": one.item.replace("\x00", ""),
                "group": one.group.replace("\x00", ""),
            }
            for one in told.lines
        ],
        ensure_ascii=False,
    )


def digest_of(told: SourceTransaction, lines: str) -> str:
    """The same for two tellings that do not differ. A later moment or revision makes a difference: what was
    told between the two must not win afterwards."""
    changed = told.changed_at.timestamp() if told.changed_at is not None else ""
    content = (
        told.kind.value, told.cancelled, str(told.amount.amount.normalize()), told.amount.currency,
        told.happened_at.timestamp(), changed, told.revision, told.phone, told.customer, told.description,
        lines, told.refers_to, told.medical,
    )  # fmt: skip
    return hashlib.blake2b(repr(content).encode("utf-8", "replace"), digest_size=16).hexdigest()


def is_older(told: SourceTransaction, asked_at: datetime, known: Row[Any]) -> bool:
    """Whether what stands here was told later: by the revision, else by the source's moment of the change,
    else by when we asked."""
    if told.revision and known.revision and told.revision != known.revision:
        return told.revision < int(known.revision)
    if told.changed_at is not None and known.changed_at is not None:
        return bool(told.changed_at < known.changed_at)
    return bool(asked_at < known.updated_at)


def newest_each(told: Sequence[SourceTransaction]) -> dict[str, SourceTransaction]:
    """Each record once, in its newest telling; of equally old ones the last, by its key here."""
    found: dict[str, SourceTransaction] = {}
    for one in told:
        key = cut(one, "external_id")
        other = found.get(key)
        if other is None or _rank(one) >= _rank(other):
            found[key] = one
    return found


def _rank(told: SourceTransaction) -> tuple[int, datetime]:
    return told.revision, told.changed_at or datetime.min.replace(tzinfo=UTC)


_STANDING = (_one.id, _one.external_id, _one.digest, _one.revision, _one.changed_at, _one.updated_at,
             _one.version, _one.phone)  # fmt: skip


async def standing(s: Session, source_id: UUID, external_ids: Collection[str]) -> dict[str, Row[Any]]:
    """What must be known of rows to tell whether they change; those that are not here are missing.

    On PostgreSQL each is looked up by itself: while a first load goes on the planner knows nothing of the
    table yet, and for a list it would read all that there is.
    """
    own = sa.and_(_one.organization_id == s.tenant, _one.source_id == source_id)
    if s.dialect == "sqlite":
        rows = await s.rows(sa.select(*_STANDING).where(own, _one.external_id.in_(external_ids)))
    else:
        rows = await s.rows(each_by_itself(own, sa.literal(list(external_ids), sa.ARRAY(sa.String))))
    return {row.external_id: row for row in rows}


def each_by_itself(own: sa.ColumnElement[bool], external_ids: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """What `standing` asks PostgreSQL: `external_ids` is an array, `own` narrows to the source."""
    wanted = sa.func.unnest(external_ids).table_valued("external_id", name="wanted").render_derived()
    found = sa.select(*_STANDING).where(own, _one.external_id == wanted.c.external_id).limit(1)
    each = found.lateral("each_of_them")
    return sa.select(*each.c).select_from(wanted.join(each, sa.true()))


async def store(
    s: Session, source_id: UUID, told: Sequence[SourceTransaction], asked_at: datetime, known: Known
) -> Stored:
    """Write what is new and what has changed. The source's row must be held. `asked_at` is when the source
    was asked (UTC)."""
    newest = newest_each(told)
    here = await standing(s, source_id, list(newest)) if newest else {}
    native = Native(s.dialect)
    fresh: list[tuple[Any, ...]] = []
    changes: list[dict[str, Any]] = []
    written: list[Kept] = []
    unchanged = older = 0
    for key, one in newest.items():
        lines = _lines_text(one)
        digest, row = digest_of(one, lines), here.get(key)
        if row is None:
            kept = _kept(native.known(native.new_id()), source_id, key, one, known, int(not one.cancelled))
            written.append(kept)
            fresh.append(_native_row(native, s.tenant, kept, one, lines, digest, asked_at))
        elif row.digest == digest:
            unchanged += 1
        elif is_older(one, asked_at, row):
            older += 1
        else:
            version = row.version + 1 if row.version or not one.cancelled else 0
            kept = _kept(row.id, source_id, key, one, known, version)
            written.append(replace(kept, phone_before=row.phone) if row.phone != kept.phone else kept)
            changes.append(_values(kept, one, lines, digest, max(asked_at, row.updated_at)))
    await insert_many(s, transactions, COLUMNS, fresh)
    if changes:
        await s.execute(_UPDATE, [{**one, "tenant": s.tenant} for one in changes])
    return Stored(written, unchanged, older)


def _kept(
    row_id: UUID, source_id: UUID, key: str, told: SourceTransaction, known: Known, version: int
) -> Kept:
    phone = cut(told, "phone") or (known.phones.get(told.customer, "") if told.customer else "")
    return Kept(
        id=row_id,
        source_id=source_id,
        external_id=key,
        kind=told.kind,
        cancelled=told.cancelled,
        amount=told.amount.amount,
        currency=told.amount.currency[:3],
        happened_at=told.happened_at,
        phone=phone,
        customer=cut(told, "customer"),
        description=cut(told, "description"),
        lines=told.lines,
        refers_to=cut(told, "refers_to"),
        medical=told.medical,
        version=version,
        customer_id=known.customers.get(phone) if phone else None,
    )


def _native_row(
    native: Native, tenant: UUID, kept: Kept, told: SourceTransaction, lines: str, digest: str, at: datetime
) -> tuple[Any, ...]:
    moment = native.moment(at)
    return (
        native.id(kept.id), native.id(tenant), native.id(kept.source_id), kept.external_id, kept.kind.value,
        kept.cancelled, int(kept.amount * 100), kept.currency, native.moment(kept.happened_at),
        native.moment(told.changed_at), told.revision, kept.phone, kept.customer, kept.description, lines,
        kept.refers_to, kept.medical, digest, native.id(kept.customer_id), moment, moment, kept.version,
    )  # fmt: skip


def _values(kept: Kept, told: SourceTransaction, lines: str, digest: str, at: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "kind": kept.kind.value, "cancelled": kept.cancelled, "amount": kept.amount,
        "currency": kept.currency, "happened_at": kept.happened_at, "changed_at": told.changed_at,
        "revision": told.revision, "phone": kept.phone, "customer": kept.customer,
        "description": kept.description, "lines": json.loads(lines), "refers_to": kept.refers_to,
        "medical": kept.medical, "digest": digest, "version": kept.version,
        "customer_id": kept.customer_id, "updated_at": at,
    }  # fmt: skip
    return {"row": kept.id, **{f"new_{name}": value for name, value in values.items()}}


_SET = (*COLUMNS[4:19], "version", "updated_at")
_UPDATE = (
    transactions.update()
    .where(_one.organization_id == sa.bindparam("tenant"), _one.id == sa.bindparam("row"))
    .values({name: sa.bindparam(f"new_{name}") for name in _SET})
)


async def cancel(s: Session, source_id: UUID, external_id: str, asked_at: datetime) -> Kept | None:
    """Take a purchase back that its source does not have any more; None where nothing changes. The digest is
    emptied, so that whatever the source tells next is another telling."""
    row = await s.first(
        transactions.update()
        .where(
            _one.organization_id == s.tenant,
            _one.source_id == source_id,
            _one.external_id == external_id,
            sa.not_(_one.cancelled),
            _one.updated_at <= asked_at,
        )
        .values(cancelled=True, digest="", version=_one.version + 1, updated_at=asked_at)
        .returning(transactions)
    )
    return kept_from(row) if row is not None else None
