"""The ledger of bonuses: entries from one account to another, added and never changed.

An account's balance is what came to it less what went from it, so all balances together are zero at any
time, and each is told line by line by its own entries.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from domain.loyalty import AccountKind, EntryKind, Line, Rule, read_terms, told_terms
from storage.among import among
from storage.bulk import Native, insert_many
from storage.db import Session
from storage.ids import new_id
from storage.tables import loyalty_accounts, loyalty_entries, loyalty_rules, transactions

_account, _entry, _rule = loyalty_accounts.c, loyalty_entries.c, loyalty_rules.c
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_COLUMNS = ("id", "organization_id", "from_id", "to_id", "amount", "kind", "transaction_id", "redemption_id",
            "rule_id", "expires_at", "key", "why", "created_at")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount` goes from one account to another. `key` names the cause: it is there once."""

    from_id: UUID
    to_id: UUID
    amount: Decimal
    kind: EntryKind
    key: str
    transaction_id: UUID | None = None
    redemption_id: UUID | None = None
    rule_id: UUID | None = None
    expires_at: datetime | None = None
    why: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a purchase has brought so far: net per account, and how many entries there are."""

    nets: Mapping[UUID, Decimal]
    entries: int


async def rules(s: Session) -> list[Rule]:
    """All of the organization's, oldest first; read once a transaction."""
    known: list[Rule] | None = s.remembered.get(loyalty_rules)
    if known is None:
        rows = await s.rows(
            sa.select(loyalty_rules)
            .where(_rule.organization_id == s.tenant)
            .order_by(_rule.starts_at, _rule.id)
        )
        known = s.remembered[loyalty_rules] = [
            Rule(row.id, row.name, read_terms(row.terms), row.starts_at, row.ends_at) for row in rows
        ]
    return known


async def add_rule(s: Session, rule: Rule, member_id: UUID, now: datetime) -> None:
    await s.execute(
        loyalty_rules.insert().values(
            id=rule.id, organization_id=s.tenant, name=rule.name, terms=told_terms(rule.terms),
            starts_at=rule.starts_at, ends_at=rule.ends_at, made_by=member_id, created_at=now,
        )
    )  # fmt: skip
    s.remembered.pop(loyalty_rules, None)


async def end_rule(s: Session, rule_id: UUID, at: datetime) -> bool:
    """Let a rule that has no end yet, or a later one, end; False for any other."""
    result = await s.execute(
        loyalty_rules.update()
        .where(
            _rule.organization_id == s.tenant,
            _rule.id == rule_id,
            sa.or_(_rule.ends_at.is_(None), _rule.ends_at > at),
        )
        .values(ends_at=at)
    )
    s.remembered.pop(loyalty_rules, None)
    return result.rowcount == 1


async def accounts(s: Session, kind: AccountKind, phones: Collection[str], now: datetime) -> dict[str, UUID]:
    """Phone -> account, made where there is none. The organization's own accounts have the phone ""."""
    wanted = sorted(set(phones))
    if not wanted:
        return {}
    found = await known_accounts(s, kind, wanted)
    missing = [phone for phone in wanted if phone not in found]
    if not missing:
        return found
    make = sqlite.insert if s.dialect == "sqlite" else postgresql.insert
    names = ["organization_id", "kind", "phone"]
    await s.execute(
        make(loyalty_accounts).on_conflict_do_nothing(index_elements=names),
        [
            {
                "id": new_id(),
                "organization_id": s.tenant,
                "kind": kind.value,
                "phone": phone,
                "checked_at": NEVER,
                "created_at": now,
            }
            for phone in missing
        ],
    )
    return await known_accounts(s, kind, wanted)


async def known_accounts(s: Session, kind: AccountKind, phones: Collection[str]) -> dict[str, UUID]:
    rows = await s.rows(
        sa.select(_account.phone, _account.id).where(
            _account.organization_id == s.tenant,
            _account.kind == kind.value,
            among(s, _account.phone, phones),
        )
    )
    return {row.phone: row.id for row in rows}


async def own_account(s: Session, kind: AccountKind, now: datetime) -> UUID:
    """One of the organization's own."""
    return (await accounts(s, kind, [""], now))[""]


async def phone_of(s: Session, account_id: UUID) -> str:
    found: str = await s.scalar(
        sa.select(_account.phone).where(_account.organization_id == s.tenant, _account.id == account_id)
    )
    return found


async def hold_account(s: Session, account_id: UUID) -> None:
    """Whoever spends from an account does so alone."""
    await s.execute(
        sa.select(_account.id)
        .where(_account.organization_id == s.tenant, _account.id == account_id)
        .with_for_update()
    )


async def hold_accounts(s: Session, account_ids: Collection[UUID]) -> None:
    """As `hold_account`, for several: all take them in the same order, so that nobody waits for ever."""
    await s.execute(
        sa.select(_account.id)
        .where(_account.organization_id == s.tenant, among(s, _account.id, list(account_ids)))
        .order_by(_account.id)
        .with_for_update()
    )


async def standings(s: Session, transaction_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """What purchases have brought to people so far; those without an entry are missing."""
    if not transaction_ids:
        return {}
    rows = await s.rows(
        sa.select(_entry.transaction_id, _entry.from_id, _entry.to_id, _entry.amount, _entry.kind).where(
            _entry.organization_id == s.tenant, among(s, _entry.transaction_id, transaction_ids)
        )
    )
    nets: dict[UUID, dict[UUID, Decimal]] = {}
    counts: dict[UUID, int] = {}
    for row in rows:
        own = nets.setdefault(row.transaction_id, {})
        account, sign = (row.to_id, 1) if row.kind == EntryKind.ACCRUAL.value else (row.from_id, -1)
        own[account] = own.get(account, Decimal(0)) + sign * row.amount
        counts[row.transaction_id] = counts.get(row.transaction_id, 0) + 1
    return {one: Standing(own, counts[one]) for one, own in nets.items()}


async def add(s: Session, entries: Sequence[Entry], now: datetime) -> None:
    """Add entries. A key that is there already fails, and with it the whole transaction."""
    native = Native(s.dialect)
    tenant, moment = native.id(s.tenant), native.moment(now)
    rows = [
        (
            native.new_id(), tenant, native.id(one.from_id), native.id(one.to_id), int(one.amount * 100),
            one.kind.value, native.id(one.transaction_id), native.id(one.redemption_id),
            native.id(one.rule_id), native.moment(one.expires_at), one.key,
            json.dumps(dict(one.why or {})), moment,
        )
        for one in entries
    ]  # fmt: skip
    await insert_many(s, loyalty_entries, _COLUMNS, rows)


async def has_key(s: Session, key: str) -> bool:
    return (
        await s.first(sa.select(_entry.id).where(_entry.organization_id == s.tenant, _entry.key == key))
    ) is not None


async def balances(s: Session, account_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """Account -> what is on it; zero where nothing ever moved."""
    found = dict.fromkeys(account_ids, Decimal(0))
    for column, sign in ((_entry.to_id, 1), (_entry.from_id, -1)):
        rows = await s.rows(
            sa.select(column.label("account"), sa.func.sum(_entry.amount).label("moved"))
            .where(_entry.organization_id == s.tenant, among(s, column, account_ids))
            .group_by(column)
        )
        for row in rows:
            found[row.account] += sign * Decimal(row.moved)
    return found


async def lines(s: Session, account_ids: Collection[UUID], limit: int, offset: int) -> list[Line]:
    """Entries of these accounts, newest first."""
    purchase = transactions.c
    rows = await s.rows(
        sa.select(loyalty_entries, purchase.description, purchase.medical)
        .outerjoin(transactions, purchase.id == _entry.transaction_id)
        .where(
            _entry.organization_id == s.tenant,
            sa.or_(among(s, _entry.from_id, account_ids), among(s, _entry.to_id, account_ids)),
        )
        .order_by(_entry.created_at.desc(), _entry.id.desc())
        .limit(limit)
        .offset(offset)
    )
    own = frozenset(account_ids)
    return [_line(row, row.to_id in own) for row in rows]


def _line(row: Row[Any], came: bool) -> Line:
    return Line(
        id=row.id,
        at=row.created_at,
        kind=EntryKind(row.kind),
        amount=row.amount if came else -row.amount,
        transaction_id=row.transaction_id,
        redemption_id=row.redemption_id,
        expires_at=row.expires_at,
        why={} if row.medical else row.why,
        description="" if row.medical else row.description or "",
        medical=bool(row.medical),
    )


async def ledger(s: Session) -> list[tuple[str, UUID, Decimal]]:
    """(kind, account, balance) of every account: the balances of all of them together are zero."""
    rows = await s.rows(
        sa.select(_account.kind, _account.id)
        .where(_account.organization_id == s.tenant)
        .order_by(_account.kind, _account.id)
    )
    found = await balances(s, [row.id for row in rows])
    return [(row.kind, row.id, found[row.id]) for row in rows]
