"""Purchases and bonuses of somebody, by their phones: as a file, and without the person."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from storage.among import among
from storage.db import Session
from storage.tables import (
    customer_phones,
    loyalty_accounts,
    loyalty_entries,
    redemptions,
    transaction_buyers,
    transactions,
)

_bought = transactions.c
NOBODY = "#"
"""Stands before the id of an account that is nobody's any more, where its phone was."""


def _of(s: Session, phones: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.and_(_bought.organization_id == s.tenant, among(s, _bought.phone, list(phones)))


async def bought(s: Session, phones: Sequence[str]) -> list[sa.Row[Any]]:
    """Their purchases."""
    shown = (
        _bought.id, _bought.external_id, _bought.kind, _bought.amount, _bought.currency, _bought.happened_at,
        _bought.phone, _bought.customer, _bought.description, _bought.lines, _bought.medical,
    )  # fmt: skip
    return await s.rows(sa.select(*shown).where(_of(s, phones)).order_by(_bought.happened_at))


async def bonuses(s: Session, phones: Sequence[str]) -> list[sa.Row[Any]]:
    """Every line of their bonus accounts."""
    accounts = sa.select(loyalty_accounts.c.id).where(
        loyalty_accounts.c.organization_id == s.tenant, among(s, loyalty_accounts.c.phone, list(phones))
    )
    line = loyalty_entries.c
    return await s.rows(
        sa.select(line.id, line.kind, line.amount, line.created_at, line.to_id.in_(accounts).label("given"))
        .where(line.organization_id == s.tenant, sa.or_(line.to_id.in_(accounts), line.from_id.in_(accounts)))
        .order_by(line.id)
    )


async def erase(s: Session, phones: Sequence[str]) -> int:
    """Purchases stay as sums without their buyer; accounts stay in the books, and are nobody's."""
    given = [phone for phone in phones if phone]
    if not given:
        return 0
    tenant = s.tenant
    done = await s.execute(
        transactions.update()
        .where(_of(s, given))
        .values(phone="", customer="", description="", lines={}, customer_id=None)
    )
    for table in (transaction_buyers, customer_phones):
        await s.execute(
            table.delete().where(table.c.organization_id == tenant, among(s, table.c.phone, given))
        )
    account = loyalty_accounts.c
    held = await s.rows(
        sa.select(account.id).where(account.organization_id == tenant, among(s, account.phone, given))
    )
    for row in held:
        await s.execute(
            redemptions.update()
            .where(redemptions.c.organization_id == tenant, redemptions.c.account_id == row.id)
            .values(customer="")
        )
        await s.execute(
            loyalty_accounts.update()
            .where(account.organization_id == tenant, account.id == row.id)
            .values(phone=f"{NOBODY}{row.id.hex[-30:]}")
        )
    return int(done.rowcount)
