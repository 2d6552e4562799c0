"""The Bitrix24 stand-in in the contract suite's words: by webhook or OAuth, with leads or with deals."""

from collections.abc import Mapping
from typing import Any

from sandbox.bitrix24.schema import CONTACT, DEAL, LEAD
from sandbox.bitrix24.server import Bitrix24Sandbox
from tests.crm_adapters.served import Served

ACTIVITIES = {"call": ("TYPE_ID", "2"), "meeting": ("TYPE_ID", "1"), "task": ("PROVIDER_ID", "CRM_TODO")}


class BitrixStandIn(Served):
    """A portal. `deals`: one without leads."""

    refused: Mapping[str, Any] = {"emails": ("no address",)}

    def __init__(self, *, oauth: bool = False, deals: bool = False) -> None:
        self.crm = Bitrix24Sandbox(mode=2 if deals else 1)
        self._oauth, self._deals = oauth, deals
        self.type_id = DEAL if deals else LEAD

    def connected(self) -> Mapping[str, str]:
        settings = {"url": self.crm.url, "api_key": self.crm.hook_url}
        if self._oauth:
            keys = self.crm.keys
            app = {"client_id": keys.client_id, "client_secret": keys.client_secret}
            token = {"application_token": keys.application_token}
            settings = {"url": self.crm.url, "oauth_url": self.crm.url, **app, **self.crm.tokens(), **token}
        return settings | ({"entity": "deal"} if self._deals else {})

    @property
    def spoils(self) -> Mapping[str, Any]:  # type: ignore[override]
        """With deals the contact is made before: only the answer about the deal is lost."""
        return {"method": "" if not self._deals or self.crm.records("deal") else "crm.item.add:2"}

    def leads(self) -> list[Mapping[str, Any]]:
        people = {contact["id"]: contact for contact in self.crm.records("contact")}
        return [
            self._shown(lead, people.get(lead["contactId"], {}) if self._deals else lead)
            for lead in self.crm.records("deal" if self._deals else "lead")
        ]

    def _shown(self, lead: Mapping[str, Any], person: Mapping[str, Any]) -> Mapping[str, Any]:
        def values(kind: str) -> list[str]:
            return [item["value"] for item in person.get("fm", []) if item["typeId"] == kind]

        return {
            "id": str(lead["id"]),
            "our_id": lead.get("originId"),
            "name": " ".join(filter(None, (person.get("name"), person.get("lastName")))),
            "company": lead.get("additionalInfo" if self._deals else "companyTitle") or None,
            "status": lead["stageId"],
            "amount": lead["opportunity"],
            "currency": lead["currencyId"],
            "phones": values("PHONE"),
            "emails": values("EMAIL"),
            "note": lead.get("comments"),
        }

    def activities(self, type: str) -> list[Mapping[str, Any]]:
        if type not in ACTIVITIES:
            return [
                {**note, "id": note["ID"], "lead": note["ENTITY_ID"]} for note in self.crm.records("comment")
            ]
        column, value = ACTIVITIES[type]
        found = [one for one in self.crm.records("activity") if one[column] == value]
        more = [{"due": one["START_TIME"], "done": one["COMPLETED"] == "Y"} for one in found]
        return [
            {**one, **two, "id": one["ID"], "lead": one["OWNER_ID"]}
            for one, two in zip(found, more, strict=True)
        ]

    def hide_our_id(self) -> None:
        self.crm.fail("field_removed", type="deal" if self._deals else "lead", field="originId")

    def set_status(self, lead_id: str, status: str) -> None:
        self.crm.change(lead_id, self.type_id, stageId=status)

    def rename(self, lead_id: str, name: str) -> None:
        first, _, last = name.partition(" ")
        if self._deals:
            (deal,) = (deal for deal in self.crm.records("deal") if str(deal["id"]) == lead_id)
            self.crm.change(deal["contactId"], CONTACT, name=first, lastName=last)
        else:
            self.crm.change(lead_id, name=first, lastName=last)

    def create_lead(self, name: str) -> str:
        return str(self.crm.create(self.type_id, title=name)["id"])

    def delete_lead(self, lead_id: str) -> None:
        self.crm.delete(lead_id, self.type_id)

    def registrations(self) -> list[tuple[str, str]]:
        return [(one.event.replace("DEAL", "LEAD"), one.handler) for one in self.crm.handlers()]
