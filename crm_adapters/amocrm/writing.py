"""How a lead, its contact and its company are put together out of what the account has already."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_adapters.amocrm.api import AmoApi, Record, embedded
from crm_adapters.amocrm.catalogue import ENDS, Catalogue
from crm_adapters.amocrm.mapping import (
    company_of,
    custom_values,
    lead_to,
    main_contact,
    missing_addresses,
    same_person,
    tail,
)
from crm_adapters.lost import tell
from domain.crm import CrmLead
from domain.errors import CrmRejected, CrmUnavailable

SHORTEST_QUERY = 3
MOST_FOUND = 50
SOURCE_TYPE = "widget"
_INSIDE = ("status", "pipeline_id", "tags", "source")


class Writer:
    """Builds the bodies of writes and makes those that a lead needs beside itself."""

    def __init__(self, api: AmoApi, catalogue: Catalogue, mapping: Mapping[str, Any]) -> None:
        self._api, self._catalogue, self._mapping = api, catalogue, mapping

    async def people(self, lead: CrmLead, *, first: bool = False) -> list[Record]:
        """Contacts that have one of the lead's phones or e-mails, with the ids of their leads; `first` stops
        at the first. The search is fuzzy, so every hit is compared."""
        known = await self._catalogue.fields("contacts")
        found: dict[int, Record] = {}
        for words in dict.fromkeys((*map(tail, lead.phones), *lead.emails)):
            if len(words) < SHORTEST_QUERY:
                continue
            query = [("query", words), ("with", "leads"), ("limit", str(MOST_FOUND))]
            hits = embedded(await self._api.get("contacts", query), "contacts")
            found |= {int(hit["id"]): hit for hit in hits if same_person(hit, known, lead)}
            if found and first:
                break
        return list(found.values())

    async def new_lead(self, lead: CrmLead) -> Record:
        """The body of a complex create. A person or company that is there already is linked by its id."""
        parts = lead_to(lead, self._mapping)
        body = await self.lead_body(lead, parts["lead"], None)
        contact, company = await self._contact(lead, parts["contact"]), await self._company(parts["company"])
        inside = body.pop("_embedded", {})
        inside |= {"contacts": [contact]} if contact else {}
        inside |= {"companies": [company]} if company else {}
        return {**body, "request_id": lead.our_id, **({"_embedded": inside} if inside else {})}

    async def lead_body(
        self, lead: CrmLead, attributes: Mapping[str, Any], existing: Record | None
    ) -> Record:
        """The lead's own part of a create (`existing` None) or an update."""
        body = {
            name: value
            for name, value in attributes.items()
            if name not in _INSIDE and not name.startswith("fields.")
        }
        custom, lost = custom_values(attributes, await self._catalogue.fields("leads"))
        if body.get("price") is not None and lead.amount is not None:
            currency = (await self._catalogue.account()).get("currency")
            if currency and currency != lead.amount.currency:
                del body["price"]
                lost.append("price")
        elif "price" in body:
            body["price"] = 0
        body |= {"custom_fields_values": custom} if custom else {}
        body |= {"tags_to_add": [{"name": attributes["tags"]}]} if attributes.get("tags") else {}
        if attributes.get("source") and existing is None:
            body["_embedded"] = {"source": {"external_id": attributes["source"], "type": SOURCE_TYPE}}
        if "status" in attributes:
            body |= await self._place(str(attributes["status"]), existing)
        tell("amocrm", "leads", lost)
        return body

    async def _place(self, word: str, existing: Record | None) -> Record:
        """status_id and pipeline_id, always both. Won and lost keep the pipeline that the lead is in."""
        pipeline = (self._mapping.get("lead", {}).get("pipeline_id") or {}).get("constant", "")
        stage = (await self._catalogue.pipelines()).find(word, str(pipeline))
        if stage is None:
            raise CrmRejected("no such stage", "status")
        if existing is not None and stage.id in ENDS and existing.get("pipeline_id"):
            return {"status_id": stage.status_id, "pipeline_id": existing["pipeline_id"]}
        return {"status_id": stage.status_id, "pipeline_id": stage.pipeline_id}

    async def _contact(self, lead: CrmLead, attributes: Mapping[str, Any]) -> Record | None:
        known = await self.people(lead, first=True)
        if not known:
            return await self._contact_body(attributes) or None
        person = min(known, key=lambda one: int(one["id"]))
        more = missing_addresses(person, await self._catalogue.fields("contacts"), lead)
        if more:
            await self._api.patch(f"contacts/{person['id']}", {"custom_fields_values": more})
        return {"id": person["id"]}

    async def _contact_body(self, attributes: Mapping[str, Any]) -> Record:
        custom, lost = custom_values(attributes, await self._catalogue.fields("contacts"))
        body = {name: value or "" for name, value in attributes.items() if not name.startswith("fields.")}
        tell("amocrm", "contacts", lost)
        return {**body, **({"custom_fields_values": custom} if custom else {})}

    async def _company(self, attributes: Mapping[str, Any]) -> Record | None:
        """The company of that name, else one to be made."""
        name = str(attributes.get("name") or "")
        if not name:
            return None
        hits: list[Record] = []
        if len(name) >= SHORTEST_QUERY:
            query = [("query", name), ("limit", str(MOST_FOUND))]
            hits = embedded(await self._api.get("companies", query), "companies")
        same = [hit for hit in hits if str(hit.get("name") or "").strip().casefold() == name.casefold()]
        return {"id": min(int(hit["id"]) for hit in same)} if same else {"name": name}

    async def change_contact(self, raw: Record, attributes: Mapping[str, Any]) -> None:
        """Bring the main contact of a lead up to date; a lead without one gets one."""
        body = await self._contact_body(attributes)
        contact_id = main_contact(raw)
        if contact_id and body:
            await self._api.patch(f"contacts/{contact_id}", body)
        elif any(attributes.values()):
            made = await self._api.create("contacts", "contacts", body)
            await self._link(raw, made["id"], "contacts", {"metadata": {"is_main": True}})

    async def change_company(self, raw: Record, attributes: Mapping[str, Any]) -> None:
        """Link the lead to the company of that name in place of the one it has; to none for an empty name."""
        before, company = company_of(raw), await self._company(attributes)
        if company is not None and "id" not in company:
            company = await self._api.create("companies", "companies", company)
        after = int(company["id"]) if company else 0
        if after == before:
            return
        if before:
            old = {"to_entity_id": before, "to_entity_type": "companies"}
            await self._api.post(f"leads/{raw['id']}/unlink", [old], repeatable=True)
        if after:
            await self._link(raw, after, "companies", {})

    async def _link(self, raw: Record, other: Any, kind: str, more: Mapping[str, Any]) -> None:
        link = {"to_entity_id": other, "to_entity_type": kind, **more}
        await self._api.post(f"leads/{raw['id']}/link", [link], repeatable=True)

    def explained(self, error: CrmRejected, asked_at: datetime) -> CrmRejected | CrmUnavailable:
        """A field or stage that we remembered may have been removed meanwhile: nothing was written then, and
        the next attempt reads them anew."""
        if self._catalogue.read_since(asked_at):
            return error
        self._catalogue.forget()
        return CrmUnavailable("fields or stages have changed")
