"""Bonuses for purchases: what a rule says, and what a purchase earns by it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.errors import BadInput
from domain.fields import MAX_AMOUNT
from domain.transactions import TransactionLine

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
NONE = Decimal(0)
PURCHASE, TOTAL = "purchase", "total"
"""What the steps of a rule go by."""

MOST_STEPS, MOST_EXCLUDED, LONGEST_LIFE = 20, 1000, 3660


class AccountKind(StrEnum):
    """person: somebody's bonuses, by phone. The others are the organization's side of the ledger: program
    gives bonuses and takes them back, held keeps what is reserved, spent and expired hold what is gone."""

    PERSON = "person"
    PROGRAM = "program"
    HELD = "held"
    SPENT = "spent"
    EXPIRED = "expired"


class EntryKind(StrEnum):
    """accrual and reversal follow a purchase, reserve, release and redeem a redemption."""

    ACCRUAL = "accrual"
    REVERSAL = "reversal"
    RESERVE = "reserve"
    RELEASE = "release"
    REDEEM = "redeem"
    EXPIRE = "expire"
    GIFT = "gift"


class RedemptionState(StrEnum):
    RESERVED = "reserved"
    CONFIRMED = "confirmed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Step:
    """From this sum on, so many percent."""

    since: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a purchase earns: `percent` of what counts in it, or that of the highest step that its sum
    reaches, with `by_total` the sum of all that its buyer has bought up to and with it; nothing below
    `least`, never more than `most`. Lines of excluded items and groups do not count. Medical purchases earn
    only where `medical`. Bonuses live `days` from the purchase on (None: for ever)."""

    percent: Decimal
    steps: tuple[Step, ...] = ()
    least: Decimal = Decimal(0)
    most: Decimal | None = None
    without_items: frozenset[str] = frozenset()
    without_groups: frozenset[str] = frozenset()
    medical: bool = False
    days: int | None = None
    by_total: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Holds for purchases made from `starts_at` up to `ends_at` (UTC). A rule is never changed: a new one
    takes its place from a moment on, so old purchases go by what was promised then."""

    id: UUID
    name: str
    terms: Terms
    starts_at: datetime
    ends_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class Earned:
    """The bonus, and why it is this one."""

    amount: Decimal
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as one account sees it: `amount` is negative where it went away. `medical` tells of the
    purchase behind it, as `description` does."""

    id: UUID
    at: datetime
    kind: EntryKind
    amount: Decimal
    transaction_id: UUID | None
    redemption_id: UUID | None
    expires_at: datetime | None
    why: Mapping[str, str]
    description: str
    medical: bool


@dataclass(frozen=True, slots=True)
class Redemption:
    """Bonuses taken for a purchase. `pushed` is empty where the source need not be told. `made_by` is gone
    with the member."""

    id: UUID
    organization_id: UUID
    account_id: UUID
    source_id: UUID | None
    amount: Decimal
    currency: str
    state: RedemptionState
    key: str
    customer: str
    pushed: str
    attempts: int
    error: str
    created_at: datetime
    expires_at: datetime
    made_by: UUID | None = None


NOTHING = Earned(Decimal(0), {})


def rule_at(rules: Sequence[Rule], at: datetime) -> Rule | None:
    """The rule that holds: the one that began last."""
    return max((one for one in rules if one.holds(at)), key=lambda one: (one.starts_at, one.id), default=None)


def earned(
    terms: Terms, amount: Decimal, lines: Sequence[TransactionLine], refunded: Decimal, medical: bool,
    before: Decimal = NONE,
) -> Earned:  # fmt: skip
    """What a purchase of `amount` earns of which `refunded` came back. Rounded down to the hundredth.
    `before` is what its buyer had bought until then."""
    left = amount - refunded
    if left <= 0 or left < terms.least or (medical and not terms.medical):
        return NOTHING
    counts = left * _share(terms, lines)
    total = before + left if terms.by_total else left
    reached = [step for step in terms.steps if step.since <= total]
    percent = max(reached, key=lambda step: step.since).percent if reached else terms.percent
    bonus = (counts * percent / HUNDRED).quantize(CENT, ROUND_DOWN)
    why = {"sum": str(left), "counts": str(counts.quantize(CENT, ROUND_DOWN)), "percent": str(percent)}
    if terms.by_total:
        why["total"] = str(total)
    if terms.most is not None and bonus > terms.most:
        return Earned(terms.most, {**why, "most": str(terms.most)})
    return Earned(bonus, why)


def _share(terms: Terms, lines: Sequence[TransactionLine]) -> Decimal:
    """How much of the purchase counts: lines may sum up to something else than was paid."""
    whole = sum((max(line.amount, Decimal(0)) for line in lines), Decimal(0))
    if whole <= 0 or not (terms.without_items or terms.without_groups):
        return Decimal(1)
    counted = sum((max(line.amount, Decimal(0)) for line in lines if not _excluded(terms, line)), Decimal(0))
    return counted / whole


def _excluded(terms: Terms, line: TransactionLine) -> bool:
    return line.item in terms.without_items or line.group in terms.without_groups


def read_terms(given: Mapping[str, Any]) -> Terms:
    """Terms as they are stored or sent. Raises BadInput with the field that is wrong."""
    steps = given.get("steps") or ()
    if len(steps) > MOST_STEPS:
        raise BadInput("steps", "too_many")
    read = [Step(_number("steps", one.get("since"), MAX_AMOUNT), _percent(one)) for one in steps]
    if len({one.since for one in read}) != len(read):
        raise BadInput("steps", "doubled")
    most = given.get("most")
    return Terms(
        percent=_percent(given),
        steps=tuple(sorted(read, key=lambda one: one.since)),
        least=_number("least", given.get("least") or 0, MAX_AMOUNT),
        most=None if most in (None, "") else _number("most", most, MAX_AMOUNT),
        without_items=_words("without_items", given),
        without_groups=_words("without_groups", given),
        medical=bool(given.get("medical", False)),
        days=_days(given.get("days")),
        by_total=_by(given.get("by")),
    )


def told_terms(terms: Terms) -> dict[str, Any]:
    """Terms as JSON takes them; `read_terms` reads them again."""
    return {
        "percent": str(terms.percent),
        "steps": [{"since": str(one.since), "percent": str(one.percent)} for one in terms.steps],
        "least": str(terms.least),
        "most": None if terms.most is None else str(terms.most),
        "without_items": sorted(terms.without_items),
        "without_groups": sorted(terms.without_groups),
        "medical": terms.medical,
        "days": terms.days,
        "by": TOTAL if terms.by_total else PURCHASE,
    }


def _percent(given: Mapping[str, Any]) -> Decimal:
    return _number("percent", given.get("percent"), HUNDRED)


def _number(field: str, value: Any, most: Decimal | int) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise BadInput(field, "invalid") from error
    if not number.is_finite():
        raise BadInput(field, "invalid")
    if number < 0 or number > most:
        raise BadInput(field, "out_of_range")
    if number != number.quantize(CENT, ROUND_DOWN):
        raise BadInput(field, "invalid")
    return number


def _words(field: str, given: Mapping[str, Any]) -> frozenset[str]:
    words = given.get(field) or ()
    if isinstance(words, str) or len(words) > MOST_EXCLUDED:
        raise BadInput(field, "invalid" if isinstance(words, str) else "too_many")
    return frozenset(str(one)[:200] for one in words if str(one))


def _by(value: Any) -> bool:
    if value not in (None, "", PURCHASE, TOTAL):
        raise BadInput("by", "invalid")
    return bool(value == TOTAL)


def _days(value: Any) -> int | None:
    if value in (None, "", 0):
        return None
    try:
        days = int(value)
    except (TypeError, ValueError) as error:
        raise BadInput("days", "invalid") from error
    if not 0 < days <= LONGEST_LIFE:
        raise BadInput("days", "out_of_range")
    return days
