"""How our lead is kept at a portal: as a lead. What leads and deals share, and what leads do their way."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_adapters import lost
from crm_adapters import mapping as rules
from crm_adapters.bitrix24.api import PAGE, BitrixApi, Command, Record, branch, listed, moment_text
from crm_adapters.bitrix24.faults import NO_SUCH_FILTER
from crm_adapters.bitrix24.finding import Found, contact_searches, find_many, found_ids
from crm_adapters.bitrix24.mapping import (
    ORIGINATOR,
    changed_fm,
    kept,
    lead_from,
    lead_to,
    originator_of,
    our_id_of,
    values_of,
)
from domain.crm import CrmLead, Match, MatchedBy, RemoteLead, RemoteRef
from domain.errors import CrmError, CrmGone, CrmRejected, CrmUncertain

TYPE_IDS = {"lead": 1, "deal": 2, "contact": 3}
_NAMES = {"useOriginalUfNames": "Y"}
_FILLED_IN = "$result["


class LeadRecords:
    """Leads: name, phones and e-mails are their own."""

    entity = "lead"

    def __init__(self, api: BitrixApi, mapping: Mapping[str, Any]) -> None:
        self.api, self.mapping = api, mapping
        self.type_id = TYPE_IDS[self.entity]

    async def find(self, lead: CrmLead) -> Sequence[Match]:
        """By our id; if none, by phone and e-mail. Two requests at most, the first one a batch."""
        return await self._find(lead, "LEAD", "id")

    async def find_many(self, leads: Sequence[CrmLead]) -> list[Found]:
        """The same for each of any number of leads; one request for some four hundred new ones."""
        return await find_many(self, leads, "LEAD", "id")

    async def read(self, external_id: str) -> RemoteLead:
        """The record as it is now. Raises CrmGone."""
        return (await self.remotes([await self.get(external_id)]))[0]

    async def create(self, lead: CrmLead) -> RemoteRef:
        """A new record. Raises CrmUncertain when the answer was lost."""
        return self.ref(await self.add(self.entity, lead_to(lead, self.mapping, self.entity)))

    async def create_many(self, leads: Sequence[CrmLead]) -> list[RemoteRef | CrmError]:
        """One request for up to fifty leads. Raises what became of the request as a whole."""
        bodies = [lead_to(lead, self.mapping, self.entity) for lead in leads]
        made = await self.add_many(self.entity, bodies)
        return [one if isinstance(one, CrmError) else self.ref(one) for one in made]

    async def add_many(self, entity: str, bodies: Sequence[Record]) -> list[Record | CrmError]:
        """Up to fifty records in one request: each of them, or its own error."""
        if any(_FILLED_IN in str(body) for body in bodies):
            return [await self._add_alone(entity, body) for body in bodies]
        params = {"entityTypeId": TYPE_IDS[entity], **_NAMES}
        commands = {
            f"n{n}": Command("crm.item.add", {**params, "fields": body}) for n, body in enumerate(bodies)
        }
        made = await self.api.batch(commands, repeatable=False)
        return [_item(entity, made[key], body) for key, body in zip(commands, bodies, strict=True)]

    async def _add_alone(self, entity: str, body: Record) -> Record | CrmError:
        try:
            return await self.add(entity, body)
        except CrmError as error:
            return error

    async def update(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        """Write the named fields. Raises CrmGone."""
        body = lead_to(lead, self.mapping, self.entity, fields)
        if body:
            await self.change(self.entity, external_id, body)
        return RemoteRef(external_id, self.api.page(self.entity, external_id))

    async def changed_since(self, moment: datetime, limit: int) -> Sequence[RemoteLead]:
        """Pages in order of change; `limit` records at most."""
        rows: list[Record] = []
        query = {"filter": {">=updatedTime": moment_text(moment)}}
        order, start = {"updatedTime": "ASC", "id": "ASC"}, 0
        while len(rows) < limit:
            params = {"entityTypeId": self.type_id, "select": ["*"], **query, "order": order, **_NAMES}
            page = await self.api.page_of("crm.item.list", {**params, "start": start})
            rows += records(page.result)
            if page.next is None:
                break
            start = page.next
        return await self.remotes(rows[:limit])

    def kept(self, lead: CrmLead) -> dict[str, Any]:
        """What reading back would tell of the lead."""
        return kept(lead, self.mapping, self.entity)

    async def remotes(self, rows: Sequence[Record]) -> list[RemoteLead]:
        """Records as read -> ours."""
        return [self.remote(raw, raw) for raw in rows]

    def remote(self, raw: Record, person: Record) -> RemoteLead:
        """A record, and the one that has the person's name and phones, -> ours."""
        return lead_from(raw, self.mapping, self.entity, self.ref(raw), person)

    def ref(self, raw: Record) -> RemoteRef:
        """Id, page and number of a record."""
        number = raw.get(rules.attribute_of(self.mapping, self.entity, "number") or "")
        page = self.api.page(self.entity, str(raw["id"]))
        return RemoteRef(str(raw["id"]), page, str(number) if number else "")

    async def reach(self, raw: Record) -> list[Record]:
        """How the person is reached: COMMUNICATIONS of an activity, phones first."""
        return communications(raw, self.type_id, int(raw["id"]))

    # What leads and deals share

    async def get(self, external_id: str, entity: str = "") -> Record:
        """A whole record. Raises CrmGone."""
        type_id = TYPE_IDS[entity or self.entity]
        answer = await self.api.read("crm.item.get", {"entityTypeId": type_id, "id": external_id, **_NAMES})
        raw = branch(answer, "item")
        if not isinstance(raw, dict) or not raw.get("id"):
            raise CrmGone("record not found")
        return raw

    async def add(self, entity: str, body: Record) -> Record:
        """Make a record. Raises CrmUncertain when the answer shows none."""
        params = {"entityTypeId": TYPE_IDS[entity], "fields": body, **_NAMES}
        made = branch(await self.api.write("crm.item.add", params), "item")
        if not isinstance(made, dict) or not made.get("id"):
            raise CrmUncertain("answer without an id")
        tell_dropped(entity, body, made)
        return made

    async def change(self, entity: str, external_id: str, body: Record) -> None:
        """Write fields; phones and e-mails are compared with those that are there."""
        if "fm" in body:
            stored = await self.get(external_id, entity)
            found = stored.get("fm")
            fm = changed_fm(found if isinstance(found, list) else [], body["fm"])
            body = {key: value for key, value in body.items() if key != "fm"} | ({"fm": fm} if fm else {})
        if not body:
            return
        params = {"entityTypeId": TYPE_IDS[entity], "id": external_id, "fields": body, **_NAMES}
        changed = branch(await self.api.read("crm.item.update", params), "item")
        if isinstance(changed, dict):
            tell_dropped(entity, body, changed)

    async def rows(self, where: Record, entity: str = "") -> list[Record]:
        """Up to a page of whole records, oldest first."""
        return records(await self.api.read("crm.item.list", self.query(where, entity)))

    def query(self, where: Record, entity: str = "") -> Record:
        """Parameters of crm.item.list. `fm` comes with select * alone; start -1 counts nothing."""
        type_id = TYPE_IDS[entity or self.entity]
        return {"entityTypeId": type_id, "select": ["*"], "filter": where, "order": {"id": "ASC"},
                "start": -1, **_NAMES}  # fmt: skip

    async def all_rows(self, where: Record) -> list[Record]:
        """Whole records, oldest first, page after page."""
        rows = page = await self.rows(where)
        while len(page) >= PAGE:
            page = await self.rows({**where, ">id": page[-1]["id"]})
            rows = [*rows, *page]
        return rows

    def ours_where(self, our_ids: Sequence[str], entity: str) -> Record:
        """The filter for ids of ours; empty where the mapping has no place for them."""
        key, owner = rules.attribute_of(self.mapping, entity, "our_id"), originator_of(self.mapping, entity)
        if key is None:
            return {}
        ids = {f"={key}": our_ids[0]} if len(our_ids) == 1 else {f"@{key}": list(our_ids)}
        return ids | ({f"={owner}": ORIGINATOR} if owner else {})

    def ours(self, found: Mapping[str, Any], our_ids: Collection[str], entity: str = "") -> list[Record]:
        """The records of a search by ids of ours; a field that was taken away finds none.

        Compared once more here: a filter that the portal passed over would bring everybody.
        """
        answer = found.get("ours")
        if isinstance(answer, CrmRejected) and answer.reason == NO_SUCH_FILTER:
            return []
        if isinstance(answer, CrmError):
            raise answer
        entity = entity or self.entity
        return [raw for raw in records(answer) if our_id_of(raw, self.mapping, entity) in our_ids]

    async def search(self, lead: CrmLead, kind: str, entity: str) -> dict[str, Any]:
        """One batch: `ours` by our id among records of `entity`, PHONE and EMAIL among those of `kind`."""
        where = self.ours_where((lead.our_id,), entity)
        commands = {"ours": Command("crm.item.list", self.query(where, entity))} if where else {}
        commands |= contact_searches(lead, kind)
        return await self.api.batch(commands) if commands else {}

    async def _find(self, lead: CrmLead, kind: str, by: str) -> Sequence[Match]:
        found = await self.search(lead, kind, self.entity)
        ours = self.ours(found, (lead.our_id,))
        if ours:
            return [Match(one, MatchedBy.OUR_ID) for one in await self.remotes(ours)]
        ids = found_ids((found.get("PHONE"), found.get("EMAIL")), kind)
        same = await self.rows({f"@{by}": ids}) if ids else []
        return [Match(one, MatchedBy.CONTACT) for one in await self.remotes(same)]


def _item(entity: str, answer: Any, body: Record) -> Record | CrmError:
    """What one command of a batch has made."""
    if isinstance(answer, CrmError):
        return answer
    item = branch(answer, "item")
    if not isinstance(item, dict) or not item.get("id"):
        return CrmUncertain("answer without an id")
    tell_dropped(entity, body, item)
    return item


def records(result: Any) -> list[Record]:
    """The items of crm.item.list; anything without an id is left out."""
    return [item for item in listed(result, "items") if item.get("id")]


def communications(raw: Mapping[str, Any], type_id: int, record_id: int) -> list[Record]:
    """Phones, then e-mails, of a record, as activities name them."""
    found = (*values_of(raw, "PHONE"), *values_of(raw, "EMAIL"))
    return [{"VALUE": value, "ENTITY_ID": record_id, "ENTITY_TYPE_ID": type_id} for value in found]


def tell_dropped(entity: str, sent: Iterable[str], answer: Mapping[str, Any]) -> None:
    """Bitrix24 takes fields that do not exist without a word: their names are logged, never values."""
    lost.tell("bitrix24", entity, (name for name in sent if name not in answer))
