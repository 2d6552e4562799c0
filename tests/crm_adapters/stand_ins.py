"""What the contract suite needs of a CRM stand-in, in words that suit every provider.

A new provider adds a class here and a line in STAND_INS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, Self

from crm_adapters.http import CrmHttp
from domain.crm import CrmActivity, CrmLead, CrmStage
from domain.leads import Money, StageKind
from sandbox.espocrm.server import EspoSandbox
from sandbox.twenty.state import OLDER
from tests.crm_adapters.amo import AmoStandIn
from tests.crm_adapters.bitrix import BitrixStandIn
from tests.crm_adapters.retail import RetailStandIn
from tests.crm_adapters.served import Served
from tests.crm_adapters.twenty import TwentyStandIn


class StandIn(Protocol):
    """The other side. Every fault stays until `heal`. `refused`: a change of a lead that the CRM refuses."""

    refused: Mapping[str, Any]
    settings: Mapping[str, str]

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *error: Any) -> None: ...

    @property
    def address(self) -> str: ...

    def now(self) -> datetime: ...

    def requests(self) -> int: ...

    def leads(self) -> list[Mapping[str, Any]]: ...

    def activities(self, type: str) -> list[Mapping[str, Any]]: ...

    def lose_answers(self) -> None: ...

    def cut_answers(self) -> None: ...

    def go_down(self) -> None: ...

    def limit_rate(self, seconds: int) -> None: ...

    def show_a_page(self) -> None: ...

    def revoke_key(self) -> None: ...

    def hide_our_id(self) -> None: ...

    def heal(self) -> None: ...

    def set_status(self, lead_id: str, status: str) -> None: ...

    def rename(self, lead_id: str, name: str) -> None: ...

    def create_lead(self, name: str) -> str: ...

    def delete_lead(self, lead_id: str) -> None: ...

    def registrations(self) -> list[tuple[str, str]]: ...

    async def deliver(self) -> None: ...


class EspoStandIn(Served):
    """EspoCRM of one version, asked with a plain key or with signed requests."""

    refused: Mapping[str, Any] = {"phones": ("+7916",)}

    def __init__(self, version: str, *, signed: bool) -> None:
        self.crm = EspoSandbox(version=version)
        self._signed = signed

    def connected(self) -> Mapping[str, str]:
        if not self._signed:
            return super().connected()
        return {"url": self.crm.url, "api_key": self.crm.hmac_key, "secret": self.crm.hmac_secret}

    def leads(self) -> list[Mapping[str, Any]]:
        return [
            {
                "id": lead["id"],
                "our_id": lead.get("cExternalId"),
                "name": " ".join(filter(None, (lead.get("firstName"), lead.get("lastName")))),
                "company": lead.get("accountName"),
                "status": lead.get("status"),
                "amount": lead.get("opportunityAmount"),
                "currency": lead.get("opportunityAmountCurrency"),
                "phones": [item["phoneNumber"] for item in lead.get("phoneNumberData") or []],
                "emails": [item["emailAddress"] for item in lead.get("emailAddressData") or []],
                "note": lead.get("description"),
            }
            for lead in self.crm.leads()
        ]

    def activities(self, type: str) -> list[Mapping[str, Any]]:
        entity = {"call": "Call", "meeting": "Meeting", "task": "Task"}.get(type)
        found = self.crm.records(entity) if entity else self.crm.notes()
        return [
            {
                **item,
                "lead": item["parentId"],
                "due": item.get("dateStart") or item.get("dateEnd"),
                "done": item.get("status") in ("Completed", "Canceled", "Held", "Not Held"),
            }
            for item in found
        ]

    def hide_our_id(self) -> None:
        self.crm.fail("field_removed", entity="Lead", field="cExternalId")

    def set_status(self, lead_id: str, status: str) -> None:
        self.crm.set_status(lead_id, status)

    def rename(self, lead_id: str, name: str) -> None:
        first, _, last = name.partition(" ")
        self.crm.change("Lead", lead_id, firstName=first, lastName=last)

    def create_lead(self, name: str) -> str:
        return str(self.crm.create("Lead", lastName=name)["id"])

    def delete_lead(self, lead_id: str) -> None:
        self.crm.delete("Lead", lead_id)

    def registrations(self) -> list[tuple[str, str]]:
        return [(hook["event"], hook["url"]) for hook in self.crm.hooks()]


# externalId is a part of every record there, or the record's own id is made of ours: no account is without.
NATIVE_ID = frozenset({"retailcrm", "twenty"})

STAND_INS: Mapping[str, Mapping[str, Callable[[], StandIn]]] = {
    "espocrm": {
        "10.0.0": lambda: EspoStandIn("10.0.0", signed=False),
        "10.0.0 signed": lambda: EspoStandIn("10.0.0", signed=True),
        "9.2.7": lambda: EspoStandIn("9.2.7", signed=False),
        "9.2.7 signed": lambda: EspoStandIn("9.2.7", signed=True),
    },
    "amocrm": {
        "long-lived token": AmoStandIn,
        "oauth": lambda: AmoStandIn(oauth=True),
    },
    "retailcrm": {
        "one shop": RetailStandIn,
        "two shops": lambda: RetailStandIn(two_sites=True, zone="Asia/Novosibirsk"),
    },
    "twenty": {
        "newest": TwentyStandIn,
        "older": lambda: TwentyStandIn(OLDER),
    },
    "bitrix24": {
        "hook": BitrixStandIn,
        "oauth": lambda: BitrixStandIn(oauth=True),
        "hook without leads": lambda: BitrixStandIn(deals=True),
        "oauth without leads": lambda: BitrixStandIn(oauth=True, deals=True),
    },
}


@dataclass(frozen=True, slots=True)
class Side:
    """An adapter, its stand-in and the client between them."""

    provider: str
    crm: Any
    adapter: Any
    http: CrmHttp
    variant: str = ""


STAGES = {
    "new": CrmStage("new", "Новый", StageKind.OPEN),
    "call": CrmStage("call", "Звонок", StageKind.OPEN),
    "qualified": CrmStage("qualified", "Квалифицирован", StageKind.QUALIFIED),
}


def lead(**changes: Any) -> CrmLead:
    """A full lead; `changes` replace its fields."""
    values: dict[str, Any] = {
        "our_id": "01936b1e-0000-7000-8000-000000000001",
        "number": 17,
        "name": "Анна Кузнецова",
        "company": "ООО Лён",
        "phones": ("+79161234567", "+74951112233"),
        "emails": ("anna@example.com",),
        "inn": "7707083893",
        "amount": Money(Decimal("3000000")),
        "note": "ипотека",
        "source": "website",
        "referral_code": "promo7",
        "utm": {"source": "vk", "campaign": "осень"},
        "custom": {"language": "ru", "scholarship": "yes"},
        "stage": STAGES["new"],
    }
    return CrmLead(**{**values, **changes})


def activity(type: str, at: datetime | None = None, **changes: Any) -> CrmActivity:
    """An activity of that type; `changes` replace its fields."""
    values: dict[str, Any] = {
        "our_id": f"01936b1e-0000-7000-8000-{type:0>12.12}",
        "type": type,
        "title": "Дозвонились",
        "text": "Перезвонить в пятницу",
        "result": "reached" if type == "call" else "",
        "at": at or datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1),
        "duration": 180,
    }
    return CrmActivity(**{**values, **changes})
