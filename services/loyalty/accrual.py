"""What purchases earn, in the transaction that writes them.

A purchase's entries are always brought to what it should have earned by now, whatever it was before: new,
edited, cancelled, refunded, told of another person. So doing it again changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.loyalty import NOTHING, AccountKind, Earned, EntryKind, Rule, earned, rule_at
from domain.purchases import Kept
from domain.transactions import TransactionKind
from services.loyalty import totals
from storage.db import Session
from storage.transactions import loyalty, transaction_reading
from storage.transactions.loyalty import Entry, Standing

_ZERO = Decimal(0)
CANCELLED = Earned(_ZERO, {"cause": "cancelled"})
_EMPTY = Standing({}, 0)
_Place = tuple[UUID, str]
"""A source, and the id of a purchase in it."""


@dataclass(frozen=True, slots=True)
class _Due:
    """What a purchase should have brought: so much to the account of a phone, by a rule."""

    purchase: Kept
    phone: str
    bonus: Earned
    rule: Rule | None


async def settle(s: Session, source_id: UUID, written: Sequence[Kept], now: datetime) -> int:
    """Bring the bonuses of purchases that were just written, and of sales that they take back, up to date.
    The source's row must be held. Returns how many entries that took."""
    rules = await loyalty.rules(s)
    if not rules or not written:
        return 0
    concerned = await _concerned(s, source_id, written)
    by_total = any(rule.terms.by_total for rule in rules)
    if by_total:
        concerned = await totals.followed(s, concerned, now)
    fresh = {one.id for one in written if one.version <= 1}
    standings = await loyalty.standings(s, [one.id for one in concerned if one.id not in fresh])
    back = await _refunded(s, concerned)
    before = totals.totals_before(concerned, back) if by_total else {}
    due = [_due(rules, one, back, before.get(one.id, _ZERO)) for one in concerned]
    entries = await _entries(s, due, standings, now)
    await loyalty.add(s, entries, now)
    return len(entries)


async def _concerned(s: Session, source_id: UUID, written: Sequence[Kept]) -> list[Kept]:
    """Those that were written, and the sales that refunds among them take back."""
    here = {one.external_id for one in written}
    referred = {one.refers_to for one in written if one.refers_to} - here
    return [*written, *await transaction_reading.by_external_ids(s, source_id, referred)]


async def _refunded(s: Session, purchases: Sequence[Kept]) -> dict[_Place, Decimal]:
    """How much of each sale came back."""
    sales: dict[UUID, list[str]] = {}
    for one in purchases:
        if one.kind is TransactionKind.SALE:
            sales.setdefault(one.source_id, []).append(one.external_id)
    found: dict[_Place, Decimal] = {}
    for source_id, external_ids in sales.items():
        back = await transaction_reading.refunded(s, source_id, external_ids)
        found |= {(source_id, name): amount for name, amount in back.items()}
    return found


def _due(rules: Sequence[Rule], one: Kept, back: Mapping[_Place, Decimal], before: Decimal) -> _Due:
    rule = rule_at(rules, one.happened_at)
    if rule is None or one.cancelled or not one.phone or one.refers_to:
        # a refund that names its sale takes back the sale's own bonus
        return _Due(one, "", CANCELLED if one.cancelled else NOTHING, rule)
    if one.kind is TransactionKind.SALE:
        refunded = back.get((one.source_id, one.external_id), _ZERO)
        bonus = earned(rule.terms, one.amount, one.lines, refunded, one.medical, before)
        return _Due(one, one.phone, bonus, rule)
    lost = earned(rule.terms, one.amount, one.lines, _ZERO, one.medical, before)
    return _Due(one, one.phone, Earned(-lost.amount, lost.why), rule)


async def _entries(
    s: Session, due: Sequence[_Due], standings: Mapping[UUID, Standing], now: datetime
) -> list[Entry]:
    moving = [one for one in due if one.bonus.amount or one.purchase.id in standings]
    if not moving:
        return []
    program = await loyalty.own_account(s, AccountKind.PROGRAM, now)
    phones = [one.phone for one in moving if one.bonus.amount]
    accounts = await loyalty.accounts(s, AccountKind.PERSON, phones, now)
    found: list[Entry] = []
    for one in moving:
        standing = standings.get(one.purchase.id, _EMPTY)
        wanted = {accounts[one.phone]: one.bonus.amount} if one.bonus.amount else {}
        changes = {}
        for account in sorted({*standing.nets, *wanted}):
            changes[account] = wanted.get(account, _ZERO) - standing.nets.get(account, _ZERO)
        moved = [(account, change) for account, change in changes.items() if change]
        for number, (account, change) in enumerate(moved, standing.entries):
            found.append(_entry(one, program, account, change, number))
    return found


def _entry(one: _Due, program: UUID, account: UUID, change: Decimal, number: int) -> Entry:
    ways = (program, account) if change > 0 else (account, program)
    days = one.rule.terms.days if one.rule is not None else None
    ends = one.purchase.happened_at + timedelta(days=days) if days is not None and change > 0 else None
    return Entry(
        *ways,
        amount=abs(change),
        kind=EntryKind.ACCRUAL if change > 0 else EntryKind.REVERSAL,
        key=f"purchase:{one.purchase.id}:{number}",
        transaction_id=one.purchase.id,
        rule_id=one.rule.id if one.rule is not None else None,
        expires_at=ends,
        why=one.bonus.why,
    )
