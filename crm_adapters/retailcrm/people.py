"""Who a lead is about and who works on it: the order's customer, and the performer of a task."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.retailcrm.api import Record, RetailApi
from crm_adapters.retailcrm.mapping import lead_to
from crm_adapters.retailcrm.search import Search
from domain.crm import CrmActivity, CrmLead, RemoteUser
from domain.errors import CrmGone, CrmRejected

_MOST_USERS = 1000


class People:
    """Customers and users of an account. Everything raises CrmError."""

    def __init__(self, api: RetailApi, search: Search, mapping: Mapping[str, Any]) -> None:
        self._api, self._search, self._mapping = api, search, mapping
        self._fallback = 0

    async def customer(self, lead: CrmLead) -> int | None:
        """The customer with a contact of the lead, else a new one; None for a lead without name, phone and
        e-mail: RetailCRM makes a nameless one for the order itself."""
        if not (lead.name or lead.phones or lead.emails):
            return None
        found = await self._search.people(lead)
        if found:
            return int(found[0]["id"])
        given = lead_to(lead, self._mapping, record="customer")
        try:
            # Our id is unique there, so a second one cannot come of sending it again.
            made = await self._api.create("customers/create", {"customer": given}, repeatable=True)
        except CrmRejected:
            earlier = await self._made_before(lead.our_id)
            if earlier is None:
                raise
            made = earlier
        return int(made["id"])

    async def _made_before(self, our_id: str) -> Record | None:
        """The customer of an attempt that got no further, when the order itself was never made."""
        params = (("by", "externalId"), *self._api.of_site())
        try:
            found = (await self._api.get(f"customers/{our_id}", params)).get("customer")
        except CrmGone:
            return None
        return found if isinstance(found, dict) and found.get("id") else None

    async def performer(self, order: Record, activity: CrmActivity) -> int:
        """Who a task is for: whom we name, else who has the order, else the first manager. A task without
        one is refused."""
        named = activity.assignee_external_id or order.get("managerId") or self._fallback
        if not named:
            users = await self.managers()
            if not users:
                raise CrmRejected("no manager for the task", "performerId")
            named = self._fallback = int(users[0].id)
        return int(named)

    async def managers(self) -> Sequence[RemoteUser]:
        """Active users who can be made responsible."""
        only = (("filter[active]", "1"), ("filter[isManager]", "1"))
        found = await self._api.search("users", "users", only, _MOST_USERS)
        return [
            RemoteUser(
                str(user["id"]), _name(user), str(user.get("email") or ""), str(user.get("phone") or "")
            )
            for user in found
            if user.get("id")
        ]


def _name(user: Record) -> str:
    parts = [str(user.get(part) or "") for part in ("firstName", "lastName")]
    return " ".join(filter(None, parts)) or str(user.get("email") or user["id"])
