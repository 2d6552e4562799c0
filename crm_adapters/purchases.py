"""What an adapter may do about purchases: Protocols like those of crm_adapters/base.py."""

from datetime import timedelta
from typing import Protocol, runtime_checkable

from domain.leads import Money
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window


@runtime_checkable
class Transactions(Protocol):
    overlap: timedelta
    """How far a walk must reach back before the end of the last one, for what the source tells late."""

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        """The part of the window that follows `after` ("" for the first part, then TransactionPage.next): one
        request's worth, in the source's own order. A record may come again, within a walk and later."""
        ...

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        """The record as it is now. Raises CrmGone when the source no longer has it."""
        ...


@runtime_checkable
class CustomerPhones(Protocol):
    async def phone_of(self, customer: str) -> str:
        """The phone (E.164) of a SourceTransaction.customer that came without one: of a card's holder, say.
        Empty where the source knows none. Raises CrmGone when it knows no such customer."""
        ...


@runtime_checkable
class BonusPayments(Protocol):
    async def pay_with_bonus(self, customer: str, amount: Money, our_id: str) -> None:
        """Tell the source that `amount` was paid with bonuses by its customer (SourceTransaction.customer, or
        the phone where that is empty). `our_id` is the idempotency key. Raises CrmRejected."""
        ...
