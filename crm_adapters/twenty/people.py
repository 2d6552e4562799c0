"""The person and the company of a lead: found or made, one lead or many at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.twenty.api import DUPLICATE, Record, TwentyApi
from crm_adapters.twenty.mapping import added, own_id, record_of, shares_contact
from crm_adapters.twenty.search import Search
from domain.crm import CrmLead
from domain.errors import CrmRejected

OF_PERSON = frozenset({"name", "phones", "emails"})


class People:
    """Writes people and companies. Everything raises CrmError."""

    def __init__(self, api: TwentyApi, search: Search, mapping: Mapping[str, Any]) -> None:
        self._api, self._search, self._mapping = api, search, mapping

    async def links(self, leads: Sequence[CrmLead]) -> list[dict[str, str]]:
        """For each lead what its opportunity is linked by: pointOfContactId and companyId, as far as it
        names a person and a company."""
        companies = await self._companies(leads)
        people = await self._people(leads, companies)
        made: list[dict[str, str]] = []
        for lead, person in zip(leads, people, strict=True):
            company = companies.get(lead.company.casefold(), "")
            both = {"pointOfContactId": person, "companyId": company}
            made.append({name: value for name, value in both.items() if value})
        return made

    async def company(self, lead: CrmLead) -> str | None:
        """The id of its company; None without one."""
        return (await self._companies([lead])).get(lead.company.casefold())

    async def change(self, opportunity: str, lead: CrmLead, fields: frozenset[str]) -> str | None:
        """Bring the person of an opportunity up to date; the id of a new one where it had none."""
        body = record_of(lead, self._mapping, "person", fields)
        raw = await self._api.read("opportunities", opportunity, depth=0)
        person = raw.get("pointOfContactId")
        if not body:
            return None
        if not person:
            return (await self._people([lead], {}))[0] or None
        try:
            await self._api.change("people", str(person), body)
        except CrmRejected as error:
            if error.reason == DUPLICATE:
                raise CrmRejected("belongs to another person", "emails") from None
            raise
        return None

    async def _companies(self, leads: Sequence[CrmLead]) -> dict[str, str]:
        """Ids by folded name."""
        named = {lead.company.casefold(): lead for lead in leads if lead.company}
        bodies = {name: record_of(lead, self._mapping, "company") for name, lead in named.items()}
        bodies = {name: body for name, body in bodies.items() if body}
        known = await self._search.companies([named[name].company for name in bodies])
        ids = {name: str(record["id"]) for name, record in known.items()}
        new = [name for name in bodies if name not in ids]
        made = await self._make("companies", [bodies[name] for name in new])
        return ids | {name: str(one["id"]) for name, one in zip(new, made, strict=True)}

    async def _people(self, leads: Sequence[CrmLead], companies: Mapping[str, str]) -> list[str]:
        """Ids, empty for a lead without a person. Leads of one batch may share a person who is new."""
        known = await self._search.people(leads)
        drafts: list[tuple[CrmLead, Record]] = []
        found: list[str] = []
        for lead in leads:
            body = record_of(lead, self._mapping, "person")
            if not body:
                found.append("")
                continue
            person = next((one for one in known if shares_contact(one, lead)), None)
            if person is None:
                body = {"id": own_id("person", lead.our_id), **body}
                company = companies.get(lead.company.casefold())
                person = body | ({"companyId": company} if company else {})
                drafts.append((lead, person))
                known.append(person)
            elif (more := added(person, lead)) and not self._draft(person, drafts, more):
                await self._extend(person, more)
            found.append(str(person["id"]))
        renamed = await self._make_people(drafts)
        return [renamed.get(one, one) for one in found]

    def _draft(self, person: Record, drafts: Sequence[tuple[CrmLead, Record]], more: Record) -> bool:
        """Whether the person is only about to be made, and then with this too."""
        if not any(draft is person for _, draft in drafts):
            return False
        person.update(more)
        return True

    async def _extend(self, person: Record, more: Record) -> None:
        """A further phone or e-mail is a courtesy: the lead goes on without it where it cannot be added."""
        try:
            person |= await self._api.change("people", str(person["id"]), more)
        except CrmRejected:
            pass

    async def _make_people(self, drafts: Sequence[tuple[CrmLead, Record]]) -> dict[str, str]:
        """Our ids of new people -> theirs, where Twenty has chosen others."""
        bodies = [draft for _, draft in drafts]
        made = await self._make("people", bodies)
        return {str(body["id"]): str(one["id"]) for body, one in zip(bodies, made, strict=True)}

    async def _make(self, plural: str, bodies: Sequence[Record]) -> list[Record]:
        """New records. One that an earlier attempt has made already is the one."""
        if not bodies:
            return []
        if len(bodies) == 1:
            return [await self._make_one(plural, bodies[0])]
        try:
            return await self._api.create_many(plural, bodies)
        except CrmRejected as error:
            if error.reason != DUPLICATE:
                raise
            return [await self._make_one(plural, body) for body in bodies]

    async def _make_one(self, plural: str, body: Record) -> Record:
        try:
            return await self._api.create(plural, body)
        except CrmRejected as error:
            if error.reason != DUPLICATE or "id" not in body:
                raise
            where = f'id[eq]:"{body["id"]}"'
            ours = await self._api.search(plural, where, limit=1)
            # The one with our id lies in the trash: a new one gets an id of its own.
            rest = {name: value for name, value in body.items() if name != "id"}
            return ours[0] if ours else await self._api.create(plural, rest)
