"""Bonuses that are reserved, spent, or past their time."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.loyalty import AccountKind, EntryKind, Redemption, RedemptionState
from storage.db import Session
from storage.ids import new_id
from storage.tables import loyalty_accounts, loyalty_entries, redemptions

_entry, _one, _account = loyalty_entries.c, redemptions.c, loyalty_accounts.c
OWED, PUSHED, REFUSED = "owed", "done", "failed"
"""How far the source has been told of a redemption."""


def _redemption(row: Row[Any]) -> Redemption:
    kept = {name: getattr(row, name) for name in Redemption.__dataclass_fields__}
    return Redemption(**{**kept, "state": RedemptionState(row.state)})


async def add_redemption(s: Session, now: datetime, **values: object) -> UUID:
    redemption_id = new_id()
    await s.execute(
        redemptions.insert().values(id=redemption_id, organization_id=s.tenant, created_at=now, **values)
    )
    return redemption_id


async def by_key(s: Session, key: str) -> Redemption | None:
    row = await s.first(sa.select(redemptions).where(_one.organization_id == s.tenant, _one.key == key))
    return _redemption(row) if row is not None else None


async def redemption(s: Session, redemption_id: UUID) -> Redemption | None:
    """Held for the rest of the transaction."""
    row = await s.first(
        sa.select(redemptions)
        .where(_one.organization_id == s.tenant, _one.id == redemption_id)
        .with_for_update()
    )
    return _redemption(row) if row is not None else None


async def change_redemption(s: Session, redemption_id: UUID, **values: object) -> None:
    await s.execute(
        redemptions.update()
        .where(_one.organization_id == s.tenant, _one.id == redemption_id)
        .values(**values)
    )


async def forgotten(s: Session, now: datetime, limit: int = 500) -> list[Redemption]:
    """Reserved ones that nobody confirmed in time; system scope."""
    rows = await s.rows(
        sa.select(redemptions)
        .where(_one.state == RedemptionState.RESERVED.value, _one.expires_at <= now)
        .order_by(_one.expires_at)
        .limit(limit)
    )
    return [_redemption(row) for row in rows]


async def take_owed(s: Session, now: datetime, until: datetime, limit: int = 50) -> list[Redemption]:
    """Redemptions that a source is to be told of, put off until `until` for everybody else; system scope."""
    rows = await s.rows(sa.select(_one.id).where(_one.due_at <= now).order_by(_one.due_at).limit(limit))
    taken = await s.rows(
        redemptions.update()
        .where(_one.id.in_([row.id for row in rows]), _one.due_at <= now)
        .values(due_at=until)
        .returning(redemptions)
    )
    return [_redemption(row) for row in taken]


async def with_expired(s: Session, now: datetime, limit: int = 500) -> list[tuple[UUID, UUID]]:
    """(organization, account) of people with bonuses that ran out since anybody looked; system scope."""
    rows = await s.rows(
        sa.select(_account.organization_id, _account.id)
        .join(loyalty_entries, _entry.to_id == _account.id)
        .where(
            _account.kind == AccountKind.PERSON.value,
            _entry.expires_at <= now,
            sa.or_(_entry.expires_at > _account.checked_at, _entry.created_at > _account.checked_at),
        )
        .distinct()
        .limit(limit)
    )
    return [(row.organization_id, row.id) for row in rows]


async def looked_at(s: Session, account_id: UUID, now: datetime) -> None:
    """What has run out by now is taken off."""
    await s.execute(
        loyalty_accounts.update()
        .where(_account.organization_id == s.tenant, _account.id == account_id)
        .values(checked_at=now)
    )


async def run_out(s: Session, account_id: UUID, now: datetime) -> Decimal:
    """How much of the account has run out by now and is still on it. What is spent is taken from what runs
    out first; a purchase that came back takes its own bonuses with it. The account must be held."""
    gained = await s.rows(
        sa.select(_entry.transaction_id, _entry.id, _entry.amount, _entry.expires_at, _entry.kind).where(
            _entry.organization_id == s.tenant, _entry.to_id == account_id
        )
    )
    lost = await s.rows(
        sa.select(_entry.transaction_id, _entry.id, _entry.amount, _entry.kind).where(
            _entry.organization_id == s.tenant, _entry.from_id == account_id
        )
    )
    lots: dict[UUID, Decimal] = {}
    ends: dict[UUID, datetime | None] = {}
    spent = balance = Decimal(0)
    for row in gained:
        balance += row.amount
        if row.kind == EntryKind.RELEASE.value:
            spent -= row.amount
            continue
        lot = row.transaction_id or row.id
        lots[lot] = lots.get(lot, Decimal(0)) + row.amount
        ends[lot] = row.expires_at
    for row in lost:
        balance -= row.amount
        if row.kind == EntryKind.REVERSAL.value and row.transaction_id in lots:
            lots[row.transaction_id] -= row.amount
        else:
            spent += row.amount
    over = sum(
        (left for lot, left in lots.items() if (end := ends[lot]) is not None and end <= now), Decimal(0)
    )
    return max(Decimal(0), min(balance, over - spent))
