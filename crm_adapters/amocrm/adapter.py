"""amoCRM (Kommo) as the product sees it: one method a call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.amocrm import connection_test, login
from crm_adapters.amocrm import fields as field_list
from crm_adapters.amocrm.activities import find_note, find_task
from crm_adapters.amocrm.api import PAGE, AmoApi, Record, embedded, has_next
from crm_adapters.amocrm.catalogue import Catalogue
from crm_adapters.amocrm.hooks import Hooks
from crm_adapters.amocrm.mapping import (
    DEFAULT_MAPPING,
    FIELD,
    activity_to,
    check_mapping,
    company_of,
    kept,
    lead_from,
    lead_to,
    main_contact,
)
from crm_adapters.amocrm.rehearsal import pretend
from crm_adapters.amocrm.settings import SETTINGS, WAYS, account_of, check_settings
from crm_adapters.amocrm.transactions import OVERLAP, WonLeads
from crm_adapters.amocrm.values import decoded
from crm_adapters.amocrm.webhook import EVENTS, parse, verify
from crm_adapters.amocrm.writing import SHORTEST_QUERY, Writer
from crm_adapters.base import Connection, Login, Manifest, Pace, Provider
from domain.crm import (
    ConnectionReport,
    CrmActivity,
    CrmLead,
    Match,
    MatchedBy,
    RemoteField,
    RemoteLead,
    RemoteRef,
    RemoteStage,
    RemoteUser,
    Subscription,
)
from domain.errors import CrmGone, CrmRejected, CrmUncertain
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window

MANIFEST = Manifest(
    name="amocrm",
    title="amoCRM",
    settings=SETTINGS,
    webhook_events=tuple(EVENTS),
    supported_versions="API v4",
    # 7 within any one second, less one held up on its way; who goes over it again and again is shut out
    pace=Pace(burst=1, per_second=5, at_once=5),
    ways=WAYS,
    extras=("won_statuses",),
    seeded_secret="",
    serves=frozenset({"leads", "transactions"}),
)

_MOST_MATCHES = 20
_MOST_PAGES = 40


class AmoCrm:
    """Fulfils Tests, Leads, Activities, Stages, Users, Changes, Webhooks and Transactions. A mapping that
    cannot be followed is BadInput here and now."""

    overlap = OVERLAP

    def __init__(self, connection: Connection) -> None:
        check_mapping(connection.mapping)
        self._mapping, self._now = connection.mapping, connection.now
        self._api = AmoApi(connection.settings, connection.http, connection.now, connection.renew)
        self._catalogue = Catalogue(self._api, connection.now)
        self._writer = Writer(self._api, self._catalogue, self._mapping)
        self._hooks = Hooks(self._api, self._catalogue)
        self._won = WonLeads(self._api, self._catalogue, connection.settings, connection.now)

    async def test(self) -> ConnectionReport:
        self._catalogue.forget()
        return await connection_test.run(self._api, self._catalogue, self._mapping)

    # Leads

    async def find_lead(self, lead: CrmLead) -> Sequence[Match]:
        """There is no lookup by a custom field without a paid add-on, so the free search is asked and its
        hits are compared."""
        ours = await self._by_our_id(lead.our_id)
        if ours:
            return [Match(found, MatchedBy.OUR_ID) for found in ours]
        ids: dict[int, None] = {}
        for person in await self._writer.people(lead):
            ids |= {int(one["id"]): None for one in embedded(person, "leads")}
        matches = []
        for lead_id in sorted(ids)[:_MOST_MATCHES]:
            try:
                matches.append(Match(await self.read_lead(str(lead_id)), MatchedBy.CONTACT))
            except CrmGone:
                continue
        return matches

    async def _by_our_id(self, our_id: str) -> list[RemoteLead]:
        attribute = rules.attribute_of(self._mapping, "lead", "our_id") or ""
        known = await self._catalogue.fields("leads")
        field = known.find(attribute.removeprefix(FIELD)) if attribute else None
        if field is None or len(our_id) < SHORTEST_QUERY:
            return []
        query = [("query", our_id), ("with", "contacts"), ("limit", "50")]
        hits = embedded(await self._api.get("leads", query), "leads")
        same = [hit for hit in hits if our_id in decoded(hit, field) and not hit.get("is_deleted")]
        return [await self._read(hit) for hit in same[:_MOST_MATCHES]]

    async def read_lead(self, external_id: str) -> RemoteLead:
        return await self._read(await self._lead(external_id))

    async def create_lead(self, lead: CrmLead) -> RemoteRef:
        """Lead, contact and company in one request. Where the account's own duplicate control is on, the
        answer may be an earlier lead that ours was merged into."""
        asked_at = self._now()
        body = await self._writer.new_lead(lead)
        try:
            made = await self._api.post("leads/complex", [body])
        except CrmRejected as error:
            raise self._writer.explained(error, asked_at) from None
        if not isinstance(made, list) or not made or not made[0].get("id"):
            raise CrmUncertain("answer without an id")
        return self._ref(made[0]["id"], lead)

    async def update_lead(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        parts, asked_at = lead_to(lead, self._mapping, fields), self._now()
        if not any(parts.values()):
            return self._ref(external_id, lead)
        raw = await self._lead(external_id)
        # the stages are needed by `stage_status` afterwards, whatever is written
        await self._catalogue.pipelines()
        try:
            if parts["contact"]:
                await self._writer.change_contact(raw, parts["contact"])
            if parts["company"]:
                await self._writer.change_company(raw, parts["company"])
            body = await self._writer.lead_body(lead, parts["lead"], raw) if parts["lead"] else {}
            if body:
                await self._api.patch(f"leads/{external_id}", body)
        except CrmRejected as error:
            raise self._writer.explained(error, asked_at) from None
        return self._ref(external_id, lead)

    def kept(self, lead: CrmLead) -> Mapping[str, Any]:
        return kept(lead, self._mapping)

    def stage_status(self, key: str, kind: str) -> str:
        """The id of the stage that the mapping's word means; the word itself as long as the pipelines have
        not been read, which every call about a lead does."""
        word = rules.stage_status(self._mapping, key, kind)
        pipeline = (self._mapping.get("lead", {}).get("pipeline_id") or {}).get("constant", "")
        known = self._catalogue.known_pipelines
        stage = known.find(word, str(pipeline)) if known else None
        return stage.id if stage else word

    # Activities

    async def find_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef | None:
        """A call by our id; a note by its text since its moment; a task by text, kind and moment."""
        written = activity_to(activity, self._mapping, self._now())
        if written.kind == "task":
            found = await find_task(self._api, lead_external_id, written)
        else:
            found = await find_note(self._api, lead_external_id, written, activity)
        return RemoteRef(str(found), self._api.page("leads", lead_external_id)) if found else None

    async def log_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef:
        """The lead is read first: its deletion is not always told, and its owner answers for the activity."""
        written = activity_to(activity, self._mapping, self._now())
        raw = await self._lead(lead_external_id)
        owner = int(activity.assignee_external_id or raw.get("responsible_user_id") or 0)
        body = {**written.body, "request_id": activity.our_id}
        body |= {"responsible_user_id": owner} if owner else {}
        if written.kind == "task":
            body |= {"entity_id": int(lead_external_id), "entity_type": "leads"}
            made = await self._api.create("tasks", "tasks", body)
        else:
            if written.kind == "call":
                # call statistics count a call only if it was made by the one who answers for it
                body |= {"created_by": owner} if owner else {}
                body["params"] = {**body["params"], "phone": await self._phone(raw)}
            made = await self._api.create(f"leads/{lead_external_id}/notes", "notes", body)
        return RemoteRef(str(made["id"]), self._api.page("leads", lead_external_id))

    async def change_activity(self, lead_external_id: str, external_id: str, activity: CrmActivity) -> bool:
        written = activity_to(activity, self._mapping, self._now())
        if written.kind != "task":
            return False
        owner = {"responsible_user_id": int(activity.assignee_external_id or 0)}
        await self._api.patch(f"tasks/{external_id}", written.body | (owner if any(owner.values()) else {}))
        return True

    async def _phone(self, raw: Record) -> str:
        phones = (await self._read(raw)).phones
        return phones[0] if phones else ""

    # Stages, users, changes

    async def stages(self) -> Sequence[RemoteStage]:
        return (await self._catalogue.pipelines()).listed()

    async def lead_fields(self) -> Sequence[RemoteField]:
        return await field_list.lead_fields(self._api, self._catalogue)

    async def create_field(self, field: RemoteField) -> RemoteField:
        return await field_list.create_field(self._api, self._catalogue, field)

    async def users(self) -> Sequence[RemoteUser]:
        """Active people. Only an administrator's token may list them."""
        found = await self._api.pages("users", "users")
        return [
            RemoteUser(str(user["id"]), str(user.get("name") or ""), str(user.get("email") or ""))
            for user in found
            if (user.get("rights") or {}).get("is_active", True)
        ]

    async def changed_since(self, moment: datetime, limit: int) -> Sequence[RemoteLead]:
        """All pages back to the moment are walked, newest first, and the oldest kept. Phones, e-mails and the
        person's name are not in lists: read the lead for them."""
        since = int(moment.timestamp())
        found: list[Record] = []
        for number in range(1, _MOST_PAGES + 1):
            params = [("order[updated_at]", "desc"), ("with", "contacts"), ("limit", str(PAGE))]
            answer = await self._api.get("leads", [*params, ("page", str(number))])
            page = embedded(answer, "leads")
            fresh = [raw for raw in page if int(raw.get("updated_at") or 0) >= since]
            found += fresh
            if len(fresh) < len(page) or not has_next(answer):
                break
        unique = {raw["id"]: raw for raw in found}
        oldest = sorted(unique.values(), key=lambda raw: (int(raw.get("updated_at") or 0), int(raw["id"])))
        return [await self._shown(raw, None) for raw in oldest[:limit]]

    # Webhooks

    async def subscribe(self, event: str, url: str) -> Subscription:
        return await self._hooks.subscribe(event, url)

    async def unsubscribe(self, external_id: str) -> None:
        await self._hooks.unsubscribe(external_id)

    async def standing(self) -> frozenset[str]:
        return await self._hooks.standing()

    # Purchases

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        return await self._won.transactions(window, after)

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        return await self._won.read_transaction(external_id)

    async def _lead(self, external_id: str) -> Record:
        raw = await self._api.get(f"leads/{external_id}", [("with", "contacts,loss_reason")])
        if not isinstance(raw, dict) or not raw.get("id") or raw.get("is_deleted"):
            raise CrmGone("record deleted")
        return raw

    async def _read(self, raw: Record) -> RemoteLead:
        """A lead with its main contact, which has the name, the phones and the e-mails."""
        contact_id, company_id = main_contact(raw), company_of(raw)
        contact = await self._api.get(f"contacts/{contact_id}") if contact_id else None
        company = await self._api.get(f"companies/{company_id}") if company_id else {}
        return await self._shown(raw, contact, str((company or {}).get("name") or ""))

    async def _shown(
        self, raw: Record, contact: Mapping[str, object] | None, company: str | None = None
    ) -> RemoteLead:
        await self._catalogue.pipelines()
        of_contact = await self._catalogue.fields("contacts") if contact else None
        of_lead = await self._catalogue.fields("leads")
        page = self._api.page("leads", str(raw["id"]))
        return lead_from(raw, contact, self._mapping, of_lead, of_contact, page, company)

    def _ref(self, external_id: object, lead: CrmLead) -> RemoteRef:
        numbered = rules.attribute_of(self._mapping, "lead", "number")
        number = str(lead.number) if numbered and self._catalogue.has_lead_field(numbered) else ""
        return RemoteRef(str(external_id), self._api.page("leads", str(external_id)), number)


PROVIDER = Provider(
    manifest=MANIFEST,
    build=AmoCrm,
    default_mapping=DEFAULT_MAPPING,
    verify=verify,
    parse=parse,
    check_settings=check_settings,
    address=account_of,
    login=Login(login.page, login.settle),
    pretend=pretend,
)
