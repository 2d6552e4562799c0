"""Finding what is there already: opportunities by our id, people by phone and e-mail, companies by name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.twenty import phones
from crm_adapters.twenty.api import Record, TwentyApi, alike, either, one_of
from crm_adapters.twenty.mapping import own_id, shares_contact
from crm_adapters.twenty.model import Model
from domain.crm import CrmLead
from domain.errors import CrmRejected

MOST = 60
TOGETHER = 15  # leads whose contacts one filter names: an address must stay below 8 KB
NEWEST = "createdAt[DescNullsLast]"


class Search:
    """Reads only. Everything raises CrmError."""

    def __init__(self, api: TwentyApi, model: Model, mapping: Mapping[str, Any]) -> None:
        self._api, self._model, self._mapping = api, model, mapping
        self._looks_into_lists = True

    async def ours(self, leads: Sequence[CrmLead]) -> dict[str, list[Record]]:
        """Opportunities by the our_id of the lead: under the id that we give ours, or with our id in the
        field that keeps it."""
        ids = {own_id("opportunity", lead.our_id): lead.our_id for lead in leads}
        conditions = [one_of("id", list(ids))]
        field = rules.attribute_of(self._mapping, "lead", "our_id")
        if field and field in await self._model.columns("opportunity"):
            conditions.append(one_of(field, [lead.our_id for lead in leads]))
        limit = max(MOST, 2 * len(leads))
        found: dict[str, list[Record]] = {}
        for record in await self._api.search("opportunities", either(*conditions), depth=1, limit=limit):
            marked = str(record.get(field or "") or "")
            our_id = marked if marked in ids.values() else ids.get(str(record["id"]), "")
            found.setdefault(our_id, []).append(record)
        return found

    async def by_contact(self, leads: Sequence[CrmLead]) -> list[list[Record]]:
        """For each lead the newest opportunities of people who share a phone or an e-mail with it."""
        people = await self.people(leads)
        ids = list(dict.fromkeys(str(one["id"]) for one in people))
        found: list[Record] = []
        for start in range(0, len(ids), MOST):
            where = one_of("pointOfContactId", ids[start : start + MOST])
            limit = MOST * len(leads)
            found += await self._api.search("opportunities", where, order=NEWEST, depth=1, limit=limit)
        return [list(_of_lead(lead, people, found)) for lead in leads]

    async def people(self, leads: Sequence[CrmLead]) -> list[Record]:
        """People who share a phone or an e-mail with any of them."""
        found: dict[str, Record] = {}
        for start in range(0, len(leads), TOGETHER):
            some = leads[start : start + TOGETHER]
            for person in await self._people(some):
                if any(shares_contact(person, lead) for lead in some):
                    found[str(person["id"])] = person
        return list(found.values())

    async def _people(self, leads: Sequence[CrmLead]) -> list[Record]:
        limit = MOST * len(leads)
        if self._looks_into_lists:
            where = list(_contacts(leads, lists=True))
            if not where:
                return []
            try:
                return await self._api.search("people", either(*where), limit=limit)
            except CrmRejected:
                # Versions before 2025 cannot look into the lists of further phones and e-mails.
                self._looks_into_lists = False
        where = list(_contacts(leads, lists=False))
        return await self._api.search("people", either(*where), limit=limit) if where else []

    async def companies(self, names: Sequence[str]) -> dict[str, Record]:
        """The oldest company of each folded name."""
        wanted = {name.casefold(): name for name in names if name}
        if not wanted:
            return {}
        found: dict[str, Record] = {}
        texts = list(wanted.values())
        for start in range(0, len(texts), TOGETHER):
            where = either(*(alike("name", name) for name in texts[start : start + TOGETHER]))
            order = "createdAt[AscNullsFirst]"
            for record in await self._api.search("companies", where, order=order, limit=MOST * TOGETHER):
                name = str(record.get("name") or "").casefold()
                if name in wanted:
                    found.setdefault(name, record)
        return found


def _of_lead(lead: CrmLead, people: Sequence[Record], found: Sequence[Record]) -> Iterator[Record]:
    ids = {str(person["id"]) for person in people if shares_contact(person, lead)}
    return (record for record in found if str(record.get("pointOfContactId")) in ids)


def _contacts(leads: Sequence[CrmLead], *, lists: bool) -> Iterator[str]:
    numbers = list(dict.fromkeys(phones.split(phone)[0] for lead in leads for phone in lead.phones))
    emails = list(dict.fromkeys(email.casefold() for lead in leads for email in lead.emails))
    if numbers:
        yield one_of("phones.primaryPhoneNumber", numbers)
    yield from (alike("emails.primaryEmail", email) for email in emails)
    if lists:
        yield from (alike("phones.additionalPhones", number, within=True) for number in numbers)
        yield from (alike("emails.additionalEmails", email, within=True) for email in emails)
