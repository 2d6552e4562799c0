"""amoCRM in the words of the contract suite, and with its admin at hand."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crm_adapters import build_adapter
from crm_adapters.credentials import Renew
from crm_adapters.http import CrmHttp
from sandbox.amocrm import AmoSandbox
from tests.crm_adapters.served import Served


def adapter(
    crm: AmoSandbox,
    http: CrmHttp,
    overrides: Mapping[str, Any] | None = None,
    renew: Renew | None = None,
    **settings: str,
) -> Any:
    given = {"url": crm.url, **(settings or {"api_key": crm.token})}
    return build_adapter("amocrm", given, overrides or {}, http, crm.clock.now, renew)


def oauth_settings(crm: AmoSandbox) -> dict[str, str]:
    """What an admin pastes for an integration of his own, with a fresh code."""
    keys = crm.keys
    return {
        "client_id": keys.client_id,
        "client_secret": keys.client_secret,
        "redirect_uri": keys.redirect_uri,
        "auth_code": crm.code(),
    }


class AmoStandIn(Served):
    """An account asked with a long-lived token, or with a pair of OAuth's. The suite asks faster than seven
    times a second; the limit has tests of its own."""

    refused: Mapping[str, Any] = {"assignee_external_id": "9"}

    def __init__(self, *, oauth: bool = False) -> None:
        self.crm = AmoSandbox(per_second=0)
        self._oauth = oauth

    def connected(self) -> Mapping[str, str]:
        if not self._oauth:
            return {"url": self.crm.url, "api_key": self.crm.token}
        pair = self.crm.pair()
        ends = self.now() + timedelta(seconds=pair["expires_in"])
        tokens = {name: pair[name] for name in ("access_token", "refresh_token")}
        return {"url": self.crm.url, **oauth_settings(self.crm), **tokens, "expires_at": ends.isoformat()}

    def leads(self) -> list[Mapping[str, Any]]:
        return [self._lead(lead) for lead in self.crm.leads()]

    def _lead(self, lead: Mapping[str, Any]) -> Mapping[str, Any]:
        contacts, companies = lead["_embedded"]["contacts"], lead["_embedded"]["companies"]
        tables = self.crm.state.tables
        contact = tables["contacts"][contacts[0]["id"]] if contacts else None
        return {
            "id": str(lead["id"]),
            "our_id": self.crm.value("leads", lead["id"], "VORONKA_ID"),
            "name": contact["name"] if contact else "",
            "company": tables["companies"][companies[0]["id"]]["name"] if companies else None,
            "status": _status(lead),
            "amount": lead["price"],
            "currency": self.crm.state.account["currency"],
            "phones": self.crm.addresses(contact["id"], "PHONE") if contact else [],
            "emails": self.crm.addresses(contact["id"], "EMAIL") if contact else [],
            "note": self.crm.value("leads", lead["id"], "VORONKA_NOTE"),
        }

    def activities(self, type: str) -> list[Mapping[str, Any]]:
        found = self.crm.records("tasks" if type in ("task", "meeting") else "notes")
        return [
            {
                "id": str(item["id"]),
                "lead": str(item["entity_id"]),
                "due": item.get("complete_till"),
                "done": item.get("is_completed"),
            }
            for item in found
        ]

    def hide_our_id(self) -> None:
        self.crm.fail("field_removed", entity="leads", field="VORONKA_ID")

    def set_status(self, lead_id: str, status: str) -> None:
        pipeline, _, status_id = status.rpartition(":")
        place = {"status_id": int(status_id)} | ({"pipeline_id": int(pipeline)} if pipeline else {})
        self.crm.change("leads", int(lead_id), **place)

    def rename(self, lead_id: str, name: str) -> None:
        first, _, last = name.partition(" ")
        contact = self.crm.state.tables["leads"][int(lead_id)]["contacts"][0]
        self.crm.change("contacts", contact, first_name=first, last_name=last)

    def create_lead(self, name: str) -> str:
        return str(self.crm.create("leads", name=name)["id"])

    def delete_lead(self, lead_id: str) -> None:
        self.crm.delete("leads", int(lead_id))

    def registrations(self) -> list[tuple[str, str]]:
        names = {"add_lead": "leads"}
        return [(names[hook["settings"][0]], hook["destination"]) for hook in self.crm.hooks()]


def _status(lead: Mapping[str, Any]) -> str:
    ends = lead["status_id"] in (142, 143)
    return str(lead["status_id"]) if ends else f"{lead['pipeline_id']}:{lead['status_id']}"
