"""Rules whose steps go by all that somebody has bought so far: a purchase's bonus hangs on those before it.

Whenever one of somebody's purchases is written, all of theirs are brought to what they should have earned, in
the order in which they were made. So it does not matter in which order they were told. Whoever does that
holds the accounts of these people first: two sources that tell of the same person take turns.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.loyalty import AccountKind
from domain.purchases import Kept
from domain.transactions import TransactionKind
from storage.db import Session
from storage.transactions import loyalty, transaction_reading

_ZERO = Decimal(0)


async def followed(s: Session, concerned: Sequence[Kept], now: datetime) -> list[Kept]:
    """With all purchases of the people whose purchases were written, as they stand once these are held."""
    phones = {phone for one in concerned for phone in (one.phone, one.phone_before) if phone}
    if not phones:
        return list(concerned)
    accounts = await loyalty.accounts(s, AccountKind.PERSON, phones, now)
    await loyalty.hold_accounts(s, accounts.values())
    found = {one.id: one for one in await transaction_reading.of_phones(s, phones)}
    return list((found | {one.id: one for one in concerned}).values())


def totals_before(purchases: Sequence[Kept], back: Mapping[tuple[UUID, str], Decimal]) -> dict[UUID, Decimal]:
    """Purchase -> what its buyer had bought before it, less what came back. Medical purchases count in no
    total, which the reason of a bonus tells. `back` is how much of a sale came back."""
    sums: dict[str, Decimal] = {}
    found: dict[UUID, Decimal] = {}
    for one in sorted(purchases, key=_place):
        if one.cancelled or not one.phone or one.refers_to:
            continue
        before = sums.get(one.phone, _ZERO)
        counts = _ZERO if one.medical else one.amount
        if one.kind is TransactionKind.SALE:
            found[one.id] = before
            sums[one.phone] = before + max(_ZERO, counts - back.get((one.source_id, one.external_id), _ZERO))
        else:
            # it goes by the step that was reached before it
            found[one.id] = before - one.amount
            sums[one.phone] = before - counts
    return found


def _place(one: Kept) -> tuple[datetime, UUID, str]:
    return one.happened_at, one.source_id, one.external_id
