"""RetailCRM in the words of the contract suite, and with its admin at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters import build_adapter
from crm_adapters.http import CrmHttp
from sandbox.retailcrm.server import RetailSandbox
from sandbox.retailcrm.state import Limits
from tests.crm_adapters.served import Served

# The contract suite asks faster than ten times a second; the limit has tests of its own.
NO_LIMITS = Limits(others=100_000, telephony=100_000)
WRITES = "orders,tasks,customers/notes"


def adapter(
    crm: RetailSandbox, http: CrmHttp, overrides: Mapping[str, Any] | None = None, **settings: str
) -> Any:
    given = {"url": crm.url, "api_key": crm.api_key, **settings}
    return build_adapter("retailcrm", given, overrides or {}, http, crm.clock.now)


@dataclass
class Pair:
    """An account without a limit on requests, a client and an adapter."""

    crm: RetailSandbox
    http: CrmHttp
    retail: Any

    def order(self) -> dict[str, Any]:
        """The only one there is."""
        (order,) = self.crm.records("orders")
        return order


def client_of(crm: RetailSandbox) -> CrmHttp:
    return CrmHttp(now=crm.clock.now, allow=[crm.url.removeprefix("http://")])


class RetailStandIn(Served):
    """An account with one shop, or with two of which the settings name the first."""

    refused: Mapping[str, Any] = {"phones": ("+7916",)}
    spoils: Mapping[str, Any] = {"path": WRITES}

    def __init__(self, *, two_sites: bool = False, zone: str = "Europe/Moscow") -> None:
        self.crm = RetailSandbox(limits=NO_LIMITS, zone=zone)
        self._two_sites = two_sites

    def connected(self) -> Mapping[str, str]:
        if self._two_sites:
            return {"url": self.crm.url, "api_key": self.crm.keys.two_sites, "site": "main"}
        return super().connected()

    def leads(self) -> list[Mapping[str, Any]]:
        return [
            {
                "id": str(order["id"]),
                "our_id": order.get("externalId"),
                "name": " ".join(filter(None, (order.get("firstName"), order.get("lastName")))),
                "company": order["customFields"].get("voronka_company"),
                "status": order["status"],
                "amount": order["customFields"].get("voronka_amount"),
                "currency": order["customFields"].get("voronka_currency"),
                "phones": [order[part] for part in ("phone", "additionalPhone") if order.get(part)],
                "emails": [order["email"]] if order.get("email") else [],
                "note": order.get("customerComment"),
            }
            for order in self.crm.records("orders")
        ]

    def activities(self, type: str) -> list[Mapping[str, Any]]:
        if type == "task":
            return [
                {
                    "id": f"task:{task['id']}",
                    "lead": str(task["order"]["id"]),
                    "due": task["datetime"],
                    "done": task["complete"],
                }
                for task in self.crm.records("tasks")
            ]
        return [
            {"id": f"note:{note['id']}", "lead": self._order_of(note)} for note in self.crm.records("notes")
        ]

    def _order_of(self, note: Mapping[str, Any]) -> str:
        """A note hangs on the customer and names the order."""
        (order,) = (order for order in self.crm.records("orders") if f"№ {order['number']}" in note["text"])
        assert note["customer"]["id"] == order["customer"]["id"]
        return str(order["id"])

    def show_a_page(self) -> None:
        self.crm.fail("html_200", path="orders")

    def hide_our_id(self) -> None:
        raise NotImplementedError("externalId is a part of every order")

    def set_status(self, lead_id: str, status: str) -> None:
        self.crm.change_order(int(lead_id), status=status)

    def rename(self, lead_id: str, name: str) -> None:
        first, _, last = name.partition(" ")
        self.crm.change_order(int(lead_id), firstName=first, lastName=last)

    def create_lead(self, name: str) -> str:
        return str(self.crm.create_order(firstName=name)["id"])

    def delete_lead(self, lead_id: str) -> None:
        self.crm.delete_order(int(lead_id))

    def registrations(self) -> list[tuple[str, str]]:
        return [(trigger.event, trigger.url) for trigger in self.crm.state.triggers.values()]
