"""What somebody has, and why: every line of the ledger that made it so."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domain.errors import NotAllowed
from domain.loyalty import AccountKind, Line
from domain.members import Member, Right
from domain.phones import read_phone
from services.access import needs, open_to
from services.clock import Clock
from services.leads.customers import Customers
from storage.db import Database
from storage.transactions import customer_phones, loyalty

PAGE = 10
SHARED_PHONE = "shared_phone"
"""The member's own setting that holds the phone which Telegram itself has told us to be theirs."""


@dataclass(frozen=True, slots=True)
class Balance:
    """`free` may be spent. Lines are the newest first; all of them, over all pages, sum up to `free`."""

    free: Decimal
    lines: Sequence[Line]
    phones: tuple[str, ...]


class Balances:
    """Use cases on what people have."""

    def __init__(self, db: Database, clock: Clock, customers: Customers) -> None:
        self.db, self.clock, self.customers = db, clock, customers

    @needs(Right.LEAD_WORK)
    async def of_phone(self, member: Member, phone: str, page: int = 0, size: int = PAGE) -> Balance:
        """Of whoever has this phone. Raises BadInput."""
        return await self._of(member.organization_id, [read_phone(phone, member.region)], page, size)

    @needs(Right.LEAD_SEE_OWN)
    async def of_customer(
        self, member: Member, customer_id: UUID, page: int = 0, size: int = PAGE
    ) -> Balance:
        """Of a customer that the member may see, over all their phones. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            await self.customers.visible(s, member, customer_id)
            phones = await customer_phones.of_customer(s, customer_id)
        return await self._of(member.organization_id, phones, page, size)

    @open_to("the member")
    async def mine(self, member: Member, page: int = 0, size: int = PAGE) -> Balance:
        """One's own. Raises NotAllowed as long as nobody but the person has said that the phone is theirs:
        it has to be shared with Telegram's own button, and kept in the setting SHARED_PHONE."""
        if not member.phone or member.settings.get(SHARED_PHONE) != member.phone:
            raise NotAllowed(right=SHARED_PHONE)
        return await self._of(member.organization_id, [member.phone], page, size)

    async def _of(self, organization_id: UUID, phones: Sequence[str], page: int, size: int) -> Balance:
        async with self.db.reading(organization_id) as s:
            accounts = await loyalty.known_accounts(s, AccountKind.PERSON, phones)
            ids = list(accounts.values())
            found = await loyalty.balances(s, ids)
            lines = await loyalty.lines(s, ids, size, max(page, 0) * size) if ids else []
        return Balance(sum(found.values(), Decimal(0)), lines, tuple(phones))
