"""Spending bonuses: reserved while the purchase is rung up, then confirmed or given back."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.errors import BadInput, NotFound, TooLate
from domain.fields import MAX_AMOUNT
from domain.loyalty import CENT, AccountKind, EntryKind, Redemption, RedemptionState
from domain.members import Member, Right
from domain.phones import read_phone
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from storage.db import Database, Session
from storage.transactions import loyalty, loyalty_spending, transaction_sources
from storage.transactions.loyalty import Entry
from storage.transactions.loyalty_spending import OWED

RESERVED_FOR = timedelta(minutes=15)
CURRENCY = "RUB"


@dataclass(frozen=True, slots=True)
class Reserve:
    """So much of the bonuses of a phone. `key` is the caller's own: the same one again is the same
    reservation. With `source_id` that source is told once it is confirmed, where it can be; `customer` is
    its own id of the buyer."""

    phone: str
    amount: Decimal
    key: str
    source_id: UUID | None = None
    customer: str = ""


class Redemptions:
    """Use cases on spending."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.LEAD_WORK)
    @recorded("loyalty.reserve", "redemption")
    async def reserve(self, member: Member, wanted: Reserve) -> Redemption:
        """Set bonuses aside for 15 minutes. Raises BadInput: amount (not_enough, out_of_range, invalid),
        key (required, used) where it was used for something else."""
        phone, key = read_phone(wanted.phone, member.region), wanted.key.strip()[:100]
        if not key:
            raise BadInput("key", "required")
        _check(wanted.amount)
        async with self.db.transaction(member.organization_id) as s:
            now = self.clock()
            account = (await loyalty.accounts(s, AccountKind.PERSON, [phone], now))[phone]
            await loyalty.hold_account(s, account)
            known = await loyalty_spending.by_key(s, key)
            if known is not None:
                if (known.account_id, known.amount) != (account, wanted.amount):
                    raise BadInput("key", "used")
                return known
            if (await loyalty.balances(s, [account]))[account] < wanted.amount:
                raise BadInput("amount", "not_enough")
            redemption_id = await loyalty_spending.add_redemption(
                s, now, account_id=account, source_id=wanted.source_id, amount=wanted.amount,
                currency=CURRENCY, key=key, customer=wanted.customer[:200], made_by=member.id,
                expires_at=now + RESERVED_FOR,
            )  # fmt: skip
            made = await self._of(s, redemption_id)
            await self._move(s, made, EntryKind.RESERVE)
            return made

    @needs(Right.LEAD_WORK)
    async def get(self, member: Member, redemption_id: UUID) -> Redemption:
        """One redemption. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            return await self._of(s, redemption_id)

    @needs(Right.LEAD_WORK)
    @recorded("loyalty.confirm", "redemption")
    async def confirm(self, member: Member, redemption_id: UUID, source_id: UUID | None = None) -> Redemption:
        """The purchase was made; `source_id` is where the bonuses are to be taken off as well. The second
        time changes nothing. Raises NotFound, TooLate("released")."""
        async with self.db.transaction(member.organization_id) as s:
            made = await self._of(s, redemption_id)
            if made.state is RedemptionState.CONFIRMED:
                return made
            if made.state is RedemptionState.RELEASED:
                raise TooLate("released")
            await self._move(s, made, EntryKind.REDEEM)
            told: dict[str, Any] = {}
            if source_id is not None and await transaction_sources.get(s, source_id) is None:
                raise NotFound(record="source")
            if source_id is not None or made.source_id is not None:
                source = source_id or made.source_id
                told = {"pushed": OWED, "due_at": self.clock(), "source_id": source}
            await self._end(s, made, RedemptionState.CONFIRMED, **told)
            return await self._of(s, redemption_id)

    @needs(Right.LEAD_WORK)
    @recorded("loyalty.release", "redemption")
    async def release(self, member: Member, redemption_id: UUID) -> Redemption:
        """Nothing came of it: the bonuses are free again. The second time changes nothing. Raises NotFound,
        TooLate("confirmed")."""
        async with self.db.transaction(member.organization_id) as s:
            made = await self._of(s, redemption_id)
            if made.state is RedemptionState.CONFIRMED:
                raise TooLate("confirmed")
            if made.state is RedemptionState.RESERVED:
                await self._give_back(s, made)
            return await self._of(s, redemption_id)

    @open_to("the scheduler")
    async def release_forgotten(self) -> int:
        """Give back what nobody confirmed in time; returns how many."""
        async with self.db.reading(system=True) as s:
            late = await loyalty_spending.forgotten(s, self.clock())
        for one in late:
            async with self.db.transaction(one.organization_id) as s:
                made = await self._of(s, one.id)
                if made.state is RedemptionState.RESERVED and made.expires_at <= self.clock():
                    await self._give_back(s, made)
        return len(late)

    @open_to("the scheduler")
    async def expire(self) -> int:
        """Take off what has run out; returns from how many people."""
        async with self.db.reading(system=True) as s:
            due = await loyalty_spending.with_expired(s, self.clock())
        for organization_id, account in due:
            async with self.db.transaction(organization_id) as s:
                await self._expire(s, account)
        return len(due)

    async def _expire(self, s: Session, account: UUID) -> None:
        now = self.clock()
        await loyalty.hold_account(s, account)
        over = await loyalty_spending.run_out(s, account, now)
        if over:
            gone = await loyalty.own_account(s, AccountKind.EXPIRED, now)
            # two of one account never at one moment: the account is held, and then looked at
            key = f"expired:{account}:{now.isoformat()}"
            await loyalty.add(s, [Entry(account, gone, over, EntryKind.EXPIRE, key)], now)
        await loyalty_spending.looked_at(s, account, now)

    async def _give_back(self, s: Session, made: Redemption) -> None:
        await self._move(s, made, EntryKind.RELEASE)
        await self._end(s, made, RedemptionState.RELEASED)
        await self._expire(s, made.account_id)

    async def _move(self, s: Session, made: Redemption, kind: EntryKind) -> None:
        now = self.clock()
        held = await loyalty.own_account(s, AccountKind.HELD, now)
        ways = {EntryKind.RESERVE: (made.account_id, held), EntryKind.RELEASE: (held, made.account_id)}
        if kind is EntryKind.REDEEM:
            ways[kind] = (held, await loyalty.own_account(s, AccountKind.SPENT, now))
        key = f"redemption:{made.id}:{kind.value}"
        await loyalty.add(s, [Entry(*ways[kind], made.amount, kind, key, redemption_id=made.id)], now)

    async def _end(self, s: Session, made: Redemption, state: RedemptionState, **values: object) -> None:
        await loyalty_spending.change_redemption(
            s, made.id, state=state.value, settled_at=self.clock(), **values
        )

    async def _of(self, s: Session, redemption_id: UUID) -> Redemption:
        found = await loyalty_spending.redemption(s, redemption_id)
        if found is None:
            raise NotFound(record="redemption")
        return found


def _check(amount: Decimal) -> None:
    if not amount.is_finite() or amount != amount.quantize(CENT):
        raise BadInput("amount", "invalid")
    if not 0 < amount <= MAX_AMOUNT:
        raise BadInput("amount", "out_of_range")
