"""Looking for what is there already: an order by our id, orders and people by their contacts."""

from collections.abc import Iterable, Sequence

from crm_adapters.retailcrm.account import Account
from crm_adapters.retailcrm.api import Record, RetailApi
from crm_adapters.retailcrm.mapping import contacts_of, phone_digits, text_of
from domain.crm import CrmLead
from domain.errors import CrmGone

MOST = 20
"""Records looked at for one contact, and people whose orders are looked at."""


class Search:
    """Lists find by part, so every hit is compared with what was asked. Everything raises CrmError."""

    def __init__(self, api: RetailApi, account: Account) -> None:
        self._api, self._account = api, account

    async def ours(self, our_id: str) -> Record | None:
        """The order that bears our id, or the one it was merged into. Read alone, because lists may lag."""
        try:
            return await self.order(our_id, by="externalId")
        except CrmGone as gone:
            merged = gone.params.get("combined_to")
            return await self.order(str(merged)) if merged else None

    async def order(self, order_id: str, by: str = "id") -> Record:
        """One order. Raises CrmGone."""
        answer = await self._api.get(f"orders/{order_id}", (("by", by), *self._api.of_site()))
        found = answer.get("order")
        if not isinstance(found, dict) or not found.get("id"):
            raise CrmGone("record not found")
        return found

    async def people(self, lead: CrmLead) -> list[Record]:
        """Customers with a phone or an e-mail of the lead: its first contact's first, then the oldest."""
        found: dict[str, Record] = {}
        for params in [*_asked("name", _numbers(lead)), *_asked("email", lead.emails)]:
            hits = await self._api.search("customers", "customers", (*params, *self._sites()), MOST, MOST)
            for hit in sorted((hit for hit in hits if _shares(hit, lead)), key=lambda hit: hit["id"]):
                found.setdefault(str(hit["id"]), hit)
        return list(found.values())

    async def open_orders(self, lead: CrmLead) -> list[Record]:
        """Orders under way that bear a contact of the lead, or belong to a customer who does.

        A finished order is the shop's history and never becomes a new lead.
        """
        found: dict[str, Record] = {}
        for params in [*_asked("customer", _numbers(lead)), *_asked("email", lead.emails)]:
            for hit in await self._orders(params):
                if _shares(hit, lead):
                    found.setdefault(str(hit["id"]), hit)
        for person in (await self.people(lead))[:MOST]:
            for hit in await self._orders((("filter[customerId]", str(person["id"])),)):
                found.setdefault(str(hit["id"]), hit)
        return [
            hit for hit in found.values() if not await self._account.is_finished(text_of(hit.get("status")))
        ]

    async def _orders(self, params: Sequence[tuple[str, str]]) -> list[Record]:
        found = await self._api.search("orders", "orders", (*params, *self._sites()), MOST, MOST)
        return [hit for hit in found if hit.get("id")]

    def _sites(self) -> Sequence[tuple[str, str]]:
        return (("filter[sites][]", self._api.site),) if self._api.site else ()


def _numbers(lead: CrmLead) -> list[str]:
    return [phone_digits(phone) for phone in lead.phones]


def _asked(name: str, values: Iterable[str]) -> list[tuple[tuple[str, str], ...]]:
    return [((f"filter[{name}]", value),) for value in dict.fromkeys(values) if value]


def _shares(raw: Record, lead: CrmLead) -> bool:
    """Whether a record has a phone or an e-mail of the lead."""
    phones, emails = contacts_of(raw)
    return bool(phones & set(_numbers(lead)) or emails & {email.casefold() for email in lead.emails})
