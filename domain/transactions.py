"""A purchase as every source tells it, in one shape. No vendor's words in here."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.leads import Money


class TransactionKind(StrEnum):
    SALE = "sale"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class TransactionLine:
    """One line of a receipt: `amount` is what the whole line cost after discounts. `item` is the source's own
    id of the product or service and `group` its category; loyalty rules leave lines out by either."""

    title: str
    quantity: Decimal
    amount: Decimal
    item: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class SourceTransaction:
    """One purchase, or one refund, as its source holds it now.

    `external_id` is unique in the integration and stays the same through every edit. `amount` is never
    negative: a refund is a kind of its own, and `cancelled` means that the source takes the whole back, or
    that it is no purchase yet (a visit that is only booked): one never told otherwise counts nowhere.
    `happened_at` and `changed_at` are UTC; `changed_at` and `revision` (which only grows) tell which of two
    tellings is the later one, as far as the source has them. `phone` is E.164, or empty: then `customer`,
    the source's own id of the buyer (a card, a keyed hash of a patient's id), may find the person.
    `refers_to` is the external id of the sale that a refund takes back.
    """

    external_id: str
    amount: Money
    happened_at: datetime
    kind: TransactionKind = TransactionKind.SALE
    cancelled: bool = False
    phone: str = ""
    customer: str = ""
    description: str = ""
    lines: tuple[TransactionLine, ...] = ()
    refers_to: str = ""
    changed_at: datetime | None = None
    revision: int = 0
    medical: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be read: kept raw and shown for repair. `field` is the name in
    SourceTransaction that went wrong, `problem` the reason in one word, as BadInput has them;
    `external_id` is empty where not even that was there."""

    field: str
    problem: str
    raw: Mapping[str, Any] = dataclasses.field(repr=False)
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """What one walk through a source covers: all that changed (with `first`: all that happened) from `since`
    up to, and not including, `until`, UTC. It stays frozen from the first page to the last. `mark` is what
    the last finished walk left (TransactionPage.mark), empty before that."""

    since: datetime
    until: datetime
    first: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """Part of a window. `next` leads to the following part and is empty at the end; `mark`, on the last page,
    is the source's own place to go on from (a revision), empty where time is all there is. `total` is how
    many the whole window has, where the source says it."""

    found: Sequence[SourceTransaction | Unreadable]
    next: str = ""
    mark: str = ""
    total: int | None = None
