"""Writing opportunities: one with all that hangs on it, or up to sixty at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters import lost
from crm_adapters.twenty.api import DUPLICATE, Record, TwentyApi
from crm_adapters.twenty.mapping import own_id, record_of
from crm_adapters.twenty.model import Model
from crm_adapters.twenty.people import OF_PERSON, People
from crm_adapters.twenty.search import Search
from domain.crm import CrmLead
from domain.errors import CrmError, CrmRejected, CrmUnavailable

NAME = "twenty"


class Opportunities:
    """The record that a lead becomes. Everything raises CrmError."""

    def __init__(
        self, api: TwentyApi, model: Model, search: Search, people: People, mapping: Mapping[str, Any]
    ) -> None:
        self._api, self._model, self._search = api, model, search
        self._people, self._mapping = people, mapping

    async def create(self, lead: CrmLead) -> Record:
        """Person and company first, found or made; the opportunity last, under an id that is ours: a second
        one cannot be made."""
        body = await self._body(lead)
        (links,) = await self._people.links([lead])
        body |= links
        try:
            return await self._api.create("opportunities", body)
        except CrmRejected as error:
            if error.reason != DUPLICATE:
                raise await self._explained(error, body) from None
        ours = (await self._search.ours([lead])).get(lead.our_id)
        if ours:
            return ours[0]
        # It lies in the trash under our id, and cannot be made again: this one gets an id of its own.
        rest = {name: value for name, value in body.items() if name != "id"}
        return await self._api.create("opportunities", rest)

    async def create_many(self, leads: Sequence[CrmLead]) -> list[Record | CrmError]:
        """All in one request. Twenty takes all or none: where it refuses, each is written by itself, and its
        own error told."""
        try:
            bodies = [await self._body(lead) for lead in leads]
            links = await self._people.links(leads)
            whole = [{**body, **link} for body, link in zip(bodies, links, strict=True)]
            return list(await self._api.create_many("opportunities", whole))
        except CrmRejected:
            return [await self._created(lead) for lead in leads]

    async def _created(self, lead: CrmLead) -> Record | CrmError:
        try:
            return await self.create(lead)
        except CrmError as error:
            return error

    async def change(self, record_id: str, lead: CrmLead, fields: frozenset[str]) -> None:
        """The person first, the opportunity last. Raises CrmGone."""
        body = await self._fitted(record_of(lead, self._mapping, "lead", fields))
        if fields & OF_PERSON:
            person = await self._people.change(record_id, lead, fields)
            body |= {"pointOfContactId": person} if person else {}
        if "company" in fields:
            body["companyId"] = await self._people.company(lead)
        if not body:
            return
        try:
            await self._api.change("opportunities", record_id, body)
        except CrmRejected as error:
            raise await self._explained(error, body) from None

    async def _body(self, lead: CrmLead) -> Record:
        body = await self._fitted(record_of(lead, self._mapping, "lead"))
        return {"id": own_id("opportunity", lead.our_id), **body}

    async def _fitted(self, body: Record) -> Record:
        """Without the fields that the workspace does not have: one of them would be a 400 for all."""
        if not body:
            return body
        columns = await self._model.columns("opportunity")
        lost.tell(NAME, "opportunity", set(body) - columns)
        return {name: value for name, value in body.items() if name in columns}

    async def _explained(self, error: CrmRejected, body: Record) -> CrmError:
        """A refusal that a change of the field list explains passes by itself: the next try knows it."""
        self._model.forget()
        gone = set(body) - await self._model.columns("opportunity")
        return CrmUnavailable("the list of fields has changed") if gone else error
