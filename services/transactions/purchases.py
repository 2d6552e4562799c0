"""Purchases for people: lists of an organization and of a customer, never a medical one; and whose card."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.errors import NotFound
from domain.members import Member, Right
from domain.phones import read_phone
from domain.purchases import Listed, Wanted
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.leads.customers import Customers
from services.loyalty import accrual
from services.transactions.storing import TransactionStore
from storage.db import Database
from storage.transactions import customer_phones, transaction_reading, transaction_sources

PAGE = 20
ALL = Wanted()


@dataclass(frozen=True, slots=True)
class TransactionList:
    """One page, newest first; pages count from 0."""

    items: Sequence[Listed]
    total: int


class Transactions:
    """Use cases on purchases."""

    def __init__(self, db: Database, clock: Clock, customers: Customers, store: TransactionStore) -> None:
        self.db, self.clock, self.customers, self.store = db, clock, customers, store

    @needs(Right.LEAD_SEE_ALL)
    async def browse(
        self, member: Member, wanted: Wanted = ALL, page: int = 0, size: int = PAGE
    ) -> TransactionList:
        """All of the organization's that fit."""
        async with self.db.reading(member.organization_id) as s:
            return TransactionList(*await transaction_reading.listed(s, wanted, size, max(page, 0) * size))

    @needs(Right.LEAD_SEE_OWN)
    async def of_customer(
        self, member: Member, customer_id: UUID, page: int = 0, size: int = PAGE
    ) -> TransactionList:
        """Those of a customer that the member may see. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            await self.customers.visible(s, member, customer_id)
            wanted = Wanted(customer_id=customer_id)
            return TransactionList(*await transaction_reading.listed(s, wanted, size, max(page, 0) * size))

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.buyer", "transaction_source")
    async def name_buyer(self, member: Member, source_id: UUID, customer: str, phone: str) -> int:
        """Say whose card, or whatever the source calls its buyers by, it is; returns how many purchases got
        their person by that. Raises BadInput, NotFound."""
        number = read_phone(phone, member.region)
        async with self.db.transaction(member.organization_id) as s:
            if await transaction_sources.hold(s, source_id) is None:
                raise NotFound(record="source")
            now = self.clock()
            await customer_phones.learn(s, source_id, {customer[:200]: number}, now)
            woken = await self.store.matched(s, source_id, {customer[:200]: number})
            await accrual.settle(s, source_id, woken, now)
            return len(woken)

    @open_to("the scheduler")
    async def match(self) -> int:
        """Give purchases that are nobody's to the customers who have their phones by now: one that was made
        at the very moment of the purchase may have missed it. Returns how many."""
        async with self.db.transaction(system=True) as s:
            return await customer_phones.match_all(s)
