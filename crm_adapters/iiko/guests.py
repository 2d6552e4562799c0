"""Guests of the restaurants' loyalty programme: whose card it is, and bonuses that are taken off.

Calls of the section "Customers" of the official description: customer/info, customer/wallet/chargeoff (right
"Loyalty: wallets"), customer/transactions/by_date. Taking off has no key that would make it happen once, so
our id goes into its comment, and the guest's movements are looked through for it first.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from crm_adapters.iiko import reading
from crm_adapters.iiko.api import IikoApi, Record
from crm_adapters.iiko.reading import Restaurant
from domain.errors import CrmGone, CrmRejected
from domain.leads import Money

NO_GUEST, NOT_ENOUGH = "no such guest", "not enough bonuses"
BONUS = 1
"""The type of a wallet: 0 deposit, 1 bonus, 2 product, 3 discount, 4 certificate."""

LOOK_BACK, LOOK_AHEAD = timedelta(days=14), timedelta(days=1)
SIZE, MOST_PAGES = 100, 50
_LOYALTY = "loyalty/iiko/customer"


class Guests:
    """Asks for guests; `ours` are the restaurants of the connection."""

    def __init__(self, api: IikoApi, now: Callable[[], datetime], region: str) -> None:
        self._api, self._now, self._region = api, now, region

    async def phone_of(self, customer: str, ours: Sequence[Restaurant]) -> str:
        """E.164 of a guest's id, empty where none is kept. Raises CrmGone."""
        try:
            answer = await self._info(customer, ours[0])
        except CrmRejected:
            raise CrmGone(NO_GUEST) from None
        return reading.phone_of(str(answer.get("phone") or ""), self._region)

    async def take_off(self, customer: str, amount: Money, our_id: str, ours: Sequence[Restaurant]) -> None:
        """Take `amount` off the bonuses of a guest, by id or phone, once for an id of ours. Raises
        CrmRejected where no restaurant knows the guest or the bonuses are fewer."""
        guest, place = await self._known(customer, ours)
        if await self._is_taken(guest, place, our_id):
            return
        asked = {
            "customerId": str(guest["id"]),
            "walletId": _wallet(guest, amount.amount),
            "sum": float(amount.amount),
            "comment": _comment(our_id),
            "organizationId": place.id,
        }
        await self._api.post(f"{_LOYALTY}/wallet/chargeoff", asked, writes=True, repeatable=False)

    async def _known(self, customer: str, ours: Sequence[Restaurant]) -> tuple[Record, Restaurant]:
        """The guest, at the first restaurant that knows them: not all share one programme."""
        for place in ours:
            try:
                found = await self._info(customer, place)
            except CrmRejected:
                continue
            if found.get("id"):
                return found, place
        raise CrmRejected(NO_GUEST)

    async def _info(self, customer: str, place: Restaurant) -> Record:
        """Raises CrmRejected for nobody: that is a 400 here."""
        kind = "phone" if customer.startswith("+") else "id"
        return await self._api.post(
            f"{_LOYALTY}/info", {"type": kind, kind: customer, "organizationId": place.id}
        )

    async def _is_taken(self, guest: Record, place: Restaurant, our_id: str) -> bool:
        now = self._now()
        asked = {
            "customerId": str(guest["id"]),
            "dateFrom": _moment(now - LOOK_BACK),
            "dateTo": _moment(now + LOOK_AHEAD),
            "pageSize": SIZE,
            "organizationId": place.id,
        }
        for page in range(MOST_PAGES):
            answer = await self._api.post(f"{_LOYALTY}/transactions/by_date", {**asked, "pageNumber": page})
            told = answer.get("transactions")
            rows = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
            if any(_comment(our_id) in str(one.get("comment") or "") for one in rows):
                return True
            if not rows:
                return False
        raise CrmRejected("too many movements")


def _wallet(guest: Record, amount: Decimal) -> str:
    """The id of the first bonus wallet that holds so much. Raises CrmRejected."""
    told = guest.get("walletBalances")
    for one in told if isinstance(told, list) else []:
        if isinstance(one, dict) and one.get("type") == BONUS and _balance(one) >= amount:
            return str(one.get("id"))
    raise CrmRejected(NOT_ENOUGH)


def _balance(wallet: Record) -> Decimal:
    try:
        return Decimal(str(wallet.get("balance") or 0))
    except InvalidOperation:
        return Decimal(0)


def _comment(our_id: str) -> str:
    return f"Voronka {our_id}"


def _moment(at: datetime) -> str:
    """In UTC, as reports of movements want it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
