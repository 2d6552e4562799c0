"""Purchases, their sources and bonuses as the API takes and shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from domain.loyalty import Redemption, Rule, told_terms
from domain.purchases import Listed, Run
from services.loyalty.balances import Balance
from services.transactions.log import UnreadableView
from services.transactions.view import SourceView, Statistics
from web.api.models.base import Given, Key, Line, Paging, Resource, Shown

Sum = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Words = Annotated[list[Line], Field(max_length=1000)]


class SourceOut(Resource):
    """Where purchases come from. No secret is in it. While `loaded` is false the first load is under way:
    `months` of `all_months` are read. Counts are of the run under way, or of the last one."""

    id: UUID
    provider: str
    title: str
    name: str
    account: str
    active: bool
    running: bool
    loaded: bool
    months: int
    all_months: int
    found: int
    added: int
    changed: int
    unreadable: int
    total: int | None
    last_error: str
    error_reason: str
    failures: int
    last_success_at: datetime | None
    next_at: datetime


class SourceList(Shown):
    items: list[SourceOut]
    total: int


class StatisticsOut(Shown):
    """Of the last 30 days, `transactions` and `unreadable` of all time; no `success_rate` without runs."""

    transactions: int
    unreadable: int
    last_success_at: datetime | None
    successes: int
    failures: int
    success_rate: float | None
    mean_seconds: float


class RunOut(Shown):
    """One run. Verdicts: done, goes_on, waits, failed, stopped."""

    id: UUID
    kind: str
    verdict: str
    started_at: datetime
    finished_at: datetime
    counts: dict[str, int]
    error: str
    reason: str


class RunList(Shown):
    items: list[RunOut]
    total: int


class UnreadableOut(Shown):
    """A record that could not be read; persons in `raw` are starred."""

    id: UUID
    source_id: UUID
    external_id: str
    field: str
    problem: str
    raw: str
    created_at: datetime


class UnreadableAsked(Paging):
    source_id: UUID | None = None


class Repair(Given):
    """What could not be read, given by hand, as people write it."""

    amount: Line
    happened_at: Line
    phone: Key = ""
    description: Line = ""


class LineOut(Shown):
    title: str
    quantity: Decimal
    amount: Decimal


class TransactionOut(Resource):
    """A purchase, or with the kind refund money that came back. Medical ones are never here."""

    id: UUID
    source_id: UUID
    source: str
    external_id: str
    kind: str
    cancelled: bool
    amount: Decimal
    currency: str
    happened_at: datetime
    phone: str | None
    customer_id: UUID | None
    description: str
    lines: list[LineOut]


class TransactionsAsked(Paging):
    source_id: UUID | None = None
    customer_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class BonusLine(Shown):
    """An entry of the ledger: `amount` is negative where bonuses went away; `why` says how it came about."""

    id: UUID
    at: datetime
    kind: str
    amount: Decimal
    transaction_id: UUID | None
    expires_at: datetime | None
    why: dict[str, str]


class BonusOut(Shown):
    """What may be spent, and a page of the lines that sum up to it, newest first."""

    balance: Decimal
    lines: list[BonusLine]


class BonusAsked(Paging):
    phone: Key


class RedemptionIn(Given):
    """Bonuses to be set aside for 15 minutes. The same `key` again is the same reservation."""

    phone: Key
    amount: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)]
    key: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")]
    source_id: UUID | None = None


class RedemptionOut(Resource):
    """States: reserved, confirmed, released."""

    id: UUID
    amount: Decimal
    currency: str
    state: str
    key: str
    created_at: datetime
    expires_at: datetime


class StepIn(Given):
    since: Sum
    percent: Percent


class RuleIn(Given):
    """What purchases earn from now, or from `starts_at` on: `percent`, or that of the highest step reached by
    the purchase's sum, or (`by` total) by that of all that its buyer has bought up to then; nothing below
    `least`, never more than `most`; bonuses live `days`."""

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*\S[^\x00]*$")]
    percent: Percent
    steps: Annotated[list[StepIn], Field(max_length=20)] = []
    least: Sum = Decimal(0)
    most: Sum | None = None
    without_items: Words = []
    without_groups: Words = []
    medical: bool = False
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    by: Literal["purchase", "total"] = "purchase"
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class RuleOut(Resource):
    id: UUID
    name: str
    terms: dict[str, Any]
    starts_at: datetime
    ends_at: datetime | None


class RuleList(Shown):
    items: list[RuleOut]
    total: int


def source_out(one: SourceView) -> SourceOut:
    run = one.progress
    return SourceOut(
        id=one.id, provider=one.provider, title=one.title, name=one.name, account=one.account,
        active=one.active, running=run.running, loaded=run.loaded, months=run.months,
        all_months=run.all_months, found=run.found, added=run.added, changed=run.changed,
        unreadable=run.unreadable, total=run.total, last_error=one.last_error,
        error_reason=one.error_reason, failures=one.failures, last_success_at=one.last_success_at,
        next_at=one.next_at,
    )  # fmt: skip


def statistics_out(one: Statistics) -> StatisticsOut:
    return StatisticsOut(
        transactions=one.transactions, unreadable=one.unreadable, last_success_at=one.last_success_at,
        successes=one.good, failures=one.failures, success_rate=one.rate, mean_seconds=one.seconds,
    )  # fmt: skip


def run_out(one: Run) -> RunOut:
    return RunOut(
        id=one.id, kind=one.kind, verdict=one.verdict, started_at=one.started_at,
        finished_at=one.finished_at, counts=dict(one.counts), error=one.error, reason=one.reason,
    )  # fmt: skip


def unreadable_out(one: UnreadableView) -> UnreadableOut:
    return UnreadableOut(**{name: getattr(one, name) for name in UnreadableOut.model_fields})


def transaction_out(one: Listed) -> TransactionOut:
    kept = one.kept
    return TransactionOut(
        id=kept.id, source_id=kept.source_id, source=one.source_name or one.provider,
        external_id=kept.external_id, kind=kept.kind.value, cancelled=kept.cancelled, amount=kept.amount,
        currency=kept.currency, happened_at=kept.happened_at, phone=kept.phone or None,
        customer_id=kept.customer_id, description=kept.description,
        lines=[LineOut(title=line.title, quantity=line.quantity, amount=line.amount) for line in kept.lines],
    )  # fmt: skip


def bonus_out(one: Balance) -> BonusOut:
    names = BonusLine.model_fields
    lines = [
        BonusLine(**{name: getattr(line, name) for name in names if name not in ("why", "kind")},
                  kind=line.kind.value, why=dict(line.why))
        for line in one.lines
    ]  # fmt: skip
    return BonusOut(balance=one.free, lines=lines)


def redemption_out(one: Redemption) -> RedemptionOut:
    return RedemptionOut(
        id=one.id, amount=one.amount, currency=one.currency, state=one.state.value, key=one.key,
        created_at=one.created_at, expires_at=one.expires_at,
    )  # fmt: skip


def rule_out(one: Rule) -> RuleOut:
    return RuleOut(
        id=one.id, name=one.name, terms=told_terms(one.terms), starts_at=one.starts_at, ends_at=one.ends_at
    )
