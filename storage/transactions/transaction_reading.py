"""Reading purchases: by what belongs together, and for lists."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from domain.purchases import Kept, Listed, Wanted
from domain.transactions import TransactionKind
from storage.among import among
from storage.db import Session
from storage.tables import transaction_sources, transactions
from storage.transactions.transactions import kept_from

_one = transactions.c

NOT_MEDICAL = sa.not_(_one.medical)
"""Every list, figure and offer takes purchases through this: what a patient bought stays with them."""

WAS_ONE = _one.version > 0
"""Leaves out what its source has only told of as cancelled, or booked."""


async def by_ids(s: Session, ids: Collection[UUID]) -> list[Kept]:
    if not ids:
        return []
    rows = await s.rows(
        sa.select(transactions).where(_one.organization_id == s.tenant, among(s, _one.id, ids))
    )
    return [kept_from(row) for row in rows]


async def by_external_ids(s: Session, source_id: UUID, external_ids: Collection[str]) -> list[Kept]:
    if not external_ids:
        return []
    rows = await s.rows(
        sa.select(transactions).where(
            _one.organization_id == s.tenant,
            _one.source_id == source_id,
            among(s, _one.external_id, external_ids),
        )
    )
    return [kept_from(row) for row in rows]


async def of_phones(s: Session, phones: Collection[str]) -> list[Kept]:
    """All that was bought with these phones and not taken back, of every source."""
    rows = await s.rows(
        sa.select(transactions).where(
            _one.organization_id == s.tenant, among(s, _one.phone, phones), sa.not_(_one.cancelled)
        )
    )
    return [kept_from(row) for row in rows]


async def refunded(s: Session, source_id: UUID, sales: Collection[str]) -> dict[str, Decimal]:
    """How much of each sale came back; sales without a refund are missing."""
    if not sales:
        return {}
    rows = await s.rows(
        sa.select(_one.refers_to, sa.func.sum(_one.amount).label("back"))
        .where(
            _one.organization_id == s.tenant,
            _one.source_id == source_id,
            _one.refers_to != "",
            among(s, _one.refers_to, sales),
            _one.kind == TransactionKind.REFUND.value,
            sa.not_(_one.cancelled),
        )
        .group_by(_one.refers_to)
    )
    return {row.refers_to: Decimal(row.back) for row in rows}


async def listed(s: Session, wanted: Wanted, limit: int, offset: int) -> tuple[Sequence[Listed], int]:
    """One page, newest first, and how many there are. Never a medical one, nor what has never been one."""
    fits = sa.and_(_one.organization_id == s.tenant, NOT_MEDICAL, WAS_ONE, *_conditions(wanted))
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(transactions).where(fits))
    source = transaction_sources.c
    rows = await s.rows(
        sa.select(transactions, source.provider, source.name)
        .join(transaction_sources, source.id == _one.source_id)
        .where(fits)
        .order_by(_one.happened_at.desc(), _one.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [Listed(kept_from(row), row.provider, row.name) for row in rows], total


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.source_id is not None:
        found.append(_one.source_id == wanted.source_id)
    if wanted.customer_id is not None:
        found.append(_one.customer_id == wanted.customer_id)
    if wanted.phone:
        found.append(_one.phone == wanted.phone)
    if wanted.since is not None:
        found.append(_one.happened_at >= wanted.since)
    if wanted.until is not None:
        found.append(_one.happened_at < wanted.until)
    return found


async def count(s: Session, source_id: UUID) -> int:
    """How many purchases of a source stand: what is only booked, or was taken back, is none."""
    counted: int = await s.scalar(
        sa.select(sa.func.count())
        .select_from(transactions)
        .where(_one.organization_id == s.tenant, _one.source_id == source_id, sa.not_(_one.cancelled))
    )
    return counted
