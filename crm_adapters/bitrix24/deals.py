"""How our lead is kept on a portal without leads: as a deal, with a contact for the person."""

from collections.abc import Sequence

from crm_adapters.bitrix24 import deal_batches
from crm_adapters.bitrix24.api import PAGE, Record
from crm_adapters.bitrix24.finding import Found, find_many, found_ids
from crm_adapters.bitrix24.mapping import lead_to
from crm_adapters.bitrix24.records import TYPE_IDS, LeadRecords, communications
from domain.crm import CrmLead, Match, RemoteLead, RemoteRef
from domain.errors import CrmError, CrmGone, CrmUnavailable, CrmUncertain

CONTACT = "contact"
_PERSONAL = frozenset({"name", "phones", "emails"})


class DealRecords(LeadRecords):
    """Deals: name, phones and e-mails are on the contact, which several deals may share."""

    entity = "deal"

    async def find(self, lead: CrmLead) -> Sequence[Match]:
        """By our id; if none, the deals of contacts with the phone or e-mail."""
        return await self._find(lead, "CONTACT", "contactId")

    async def find_many(self, leads: Sequence[CrmLead]) -> list[Found]:
        return await find_many(self, leads, "CONTACT", "contactId")

    async def create(self, lead: CrmLead) -> RemoteRef:
        """The contact first, found again if an earlier attempt or somebody else has made it."""
        contact = await self._contact_for(lead)
        body = lead_to(lead, self.mapping, self.entity)
        made = await self.add(self.entity, {**body, **({"contactId": contact} if contact else {})})
        return self.ref(made)

    async def create_many(self, leads: Sequence[CrmLead]) -> list[RemoteRef | CrmError]:
        """Three requests for up to fifty leads, and two more where somebody is known."""
        return await deal_batches.create_many(self, leads)

    async def update(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        body = lead_to(lead, self.mapping, self.entity, fields)
        if body:
            await self.change(self.entity, external_id, body)
        if fields & _PERSONAL:
            await self._update_person(external_id, lead, fields & _PERSONAL)
        return RemoteRef(external_id, self.api.page(self.entity, external_id))

    async def remotes(self, rows: Sequence[Record]) -> list[RemoteLead]:
        """The contacts of all of them come in one request for every fifty."""
        ids = sorted({int(raw["contactId"]) for raw in rows if raw.get("contactId")})
        people: dict[int, Record] = {}
        for start in range(0, len(ids), PAGE):
            found = await self.rows({"@id": ids[start : start + PAGE]}, CONTACT)
            people |= {int(person["id"]): person for person in found}
        return [self.remote(raw, people.get(int(raw.get("contactId") or 0), {})) for raw in rows]

    async def reach(self, raw: Record) -> list[Record]:
        person = await self._person(raw)
        return communications(person, TYPE_IDS[CONTACT], int(person["id"])) if person else []

    async def _person(self, raw: Record) -> Record:
        """The contact of a deal; empty without one, or when it was deleted."""
        if not raw.get("contactId"):
            return {}
        try:
            return await self.get(str(raw["contactId"]), CONTACT)
        except CrmGone:
            return {}

    async def _contact_for(self, lead: CrmLead) -> int:
        """The id of the person's contact, made if there is none; 0 for a lead without any person."""
        found = await self.search(lead, "CONTACT", CONTACT)
        ours = self.ours(found, (lead.our_id,), CONTACT)
        if ours:
            return int(ours[0]["id"])
        people = found_ids((found.get("PHONE"), found.get("EMAIL")), "CONTACT")
        if people:
            return people[0]
        if not (lead.name or lead.phones or lead.emails):
            return 0
        try:
            return int((await self.add(CONTACT, lead_to(lead, self.mapping, CONTACT)))["id"])
        except CrmUncertain as error:
            # The deal was surely not made, and a contact that was is found by our id the next time.
            raise CrmUnavailable(error.reason, error.retry_at) from None

    async def _update_person(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> None:
        deal = await self.get(external_id)
        if deal.get("contactId"):
            body = lead_to(lead, self.mapping, CONTACT, fields)
            await self.change(CONTACT, str(deal["contactId"]), body)
            return
        contact = await self._contact_for(lead)
        if contact:
            await self.change(self.entity, external_id, {"contactId": contact})
