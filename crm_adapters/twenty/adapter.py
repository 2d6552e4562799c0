"""Twenty as the product sees it: one method a call. A lead is an opportunity, its person and its company."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.base import Connection, Manifest, Pace, Provider, Setting, Way
from crm_adapters.twenty import connection_test
from crm_adapters.twenty import fields as field_list
from crm_adapters.twenty.activities import ActivityLog
from crm_adapters.twenty.api import PAGE, Record, TwentyApi, check_settings, moment_text, one_of, site_of
from crm_adapters.twenty.hooks import Hooks
from crm_adapters.twenty.mapping import DEFAULT_MAPPING, check_mapping, full_name, kept, lead_from, text_of
from crm_adapters.twenty.model import Model
from crm_adapters.twenty.opportunities import Opportunities
from crm_adapters.twenty.people import People
from crm_adapters.twenty.rehearsal import pretend
from crm_adapters.twenty.search import MOST, Search
from crm_adapters.twenty.webhook import EVENTS, parse, verify
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
from domain.errors import CrmError

MANIFEST = Manifest(
    name="twenty",
    title="Twenty",
    settings=(Setting("url"), Setting("api_key", secret=True)),
    webhook_events=EVENTS,
    supported_versions="REST, 2025 - 2026",
    ways=(Way("key", ("url", "api_key")),),
    # 100 a minute for all integrations of the workspace together
    pace=Pace(burst=20, per_second=1, at_once=3),
)
_MOST_USERS = 1000
OLDEST_FIRST = "updatedAt[AscNullsFirst]"


class Twenty:
    """Fulfils Tests, Leads, LeadBatches, Activities, Stages, Users, Fields, FieldMaker, Changes, ReadsBack,
    Webhooks and WebhooksListed. A mapping that cannot be followed is BadInput here and now."""

    batch_size = PAGE

    def __init__(self, connection: Connection) -> None:
        check_mapping(connection.mapping)
        self._mapping = connection.mapping
        self._api = TwentyApi(connection.settings, connection.http, connection.now)
        self._model = Model(self._api, connection.now)
        self._search = Search(self._api, self._model, self._mapping)
        people = People(self._api, self._search, self._mapping)
        self._opportunities = Opportunities(self._api, self._model, self._search, people, self._mapping)
        self._log = ActivityLog(self._api, self._model, self._mapping)
        self._hooks = Hooks(self._api)

    async def test(self) -> ConnectionReport:
        return await connection_test.run(self._api, self._model, self._mapping)

    # Leads

    async def find_lead(self, lead: CrmLead) -> Sequence[Match]:
        (found,) = await self.find_leads([lead])
        return found

    async def find_leads(self, leads: Sequence[CrmLead]) -> Sequence[Sequence[Match]]:
        """Two or three requests, however many they are; a few more where there are very many contacts."""
        ours = await self._search.ours(leads)
        others = [lead for lead in leads if lead.our_id not in ours]
        same = await self._search.by_contact(others) if others else []
        known = {lead.our_id: found for lead, found in zip(others, same, strict=True)}
        return [
            [Match(self._read(raw), MatchedBy.OUR_ID) for raw in ours.get(lead.our_id, ())]
            or [Match(self._read(raw), MatchedBy.CONTACT) for raw in known.get(lead.our_id, ())]
            for lead in leads
        ]

    async def read_lead(self, external_id: str) -> RemoteLead:
        return self._read(await self._api.read("opportunities", external_id))

    async def create_lead(self, lead: CrmLead) -> RemoteRef:
        return self._ref(await self._opportunities.create(lead))

    async def create_leads(self, leads: Sequence[CrmLead]) -> Sequence[RemoteRef | CrmError]:
        made = await self._opportunities.create_many(leads)
        return [one if isinstance(one, CrmError) else self._ref(one) for one in made]

    async def update_lead(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        await self._opportunities.change(external_id, lead, fields)
        return RemoteRef(external_id, self._api.page(external_id), str(lead.number))

    def stage_status(self, key: str, kind: str) -> str:
        return rules.stage_status(self._mapping, key, kind)

    def kept(self, lead: CrmLead) -> Mapping[str, Any]:
        return kept(lead, self._mapping)

    # Activities

    async def find_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef | None:
        return await self._log.find(lead_external_id, activity)

    async def log_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef:
        return await self._log.write(lead_external_id, activity)

    async def change_activity(self, lead_external_id: str, external_id: str, activity: CrmActivity) -> bool:
        return await self._log.change(external_id, activity)

    # Stages, users, fields, changes

    async def stages(self) -> Sequence[RemoteStage]:
        """The options of the stage in their order. Which of them end an opportunity Twenty does not know."""
        attribute = rules.attribute_of(self._mapping, "lead", "stage") or "stage"
        found = await field_list.lead_fields(self._model)
        options = (one.options for one in found if (one.record, one.name) == ("lead", attribute))
        return [RemoteStage(value, title) for value, title in next(options, ())]

    async def users(self) -> Sequence[RemoteUser]:
        found = await self._api.search("workspaceMembers", limit=_MOST_USERS)
        return [
            RemoteUser(str(one["id"]), full_name(one) or str(one["id"]), text_of(one.get("userEmail")))
            for one in found
        ]

    async def lead_fields(self) -> Sequence[RemoteField]:
        return await field_list.lead_fields(self._model)

    async def create_field(self, field: RemoteField) -> RemoteField:
        return await field_list.create_field(self._api, self._model, field)

    async def changed_since(self, moment: datetime, limit: int) -> Sequence[RemoteLead]:
        """A change of the person is one of the lead, but Twenty does not count it as one: both are asked."""
        since = f'updatedAt[gte]:"{moment_text(moment)}"'
        changed = await self._api.search("opportunities", since, order=OLDEST_FIRST, depth=1, limit=limit)
        people = await self._api.search("people", since, order=OLDEST_FIRST, limit=limit)
        by_id = {str(raw["id"]): raw for raw in [*await self._of_people(people), *changed]}
        found = [self._read(raw) for raw in by_id.values()]
        return sorted(found, key=lambda remote: remote.modified_at or moment)[:limit]

    async def _of_people(self, people: Sequence[Record]) -> list[Record]:
        ids, found = [str(one["id"]) for one in people], []
        for start in range(0, len(ids), MOST):
            where = one_of("pointOfContactId", ids[start : start + MOST])
            found += await self._api.search("opportunities", where, depth=1, limit=MOST * PAGE)
        return found

    # Webhooks

    async def subscribe(self, event: str, url: str) -> Subscription:
        return await self._hooks.subscribe(event, url)

    async def unsubscribe(self, external_id: str) -> None:
        await self._hooks.unsubscribe(external_id)

    async def standing(self) -> frozenset[str]:
        return await self._hooks.standing()

    # What the calls share

    def _read(self, raw: Record) -> RemoteLead:
        return lead_from(raw, self._mapping, self._api.page(str(raw["id"])))

    def _ref(self, raw: Record) -> RemoteRef:
        return self._read(raw).ref


PROVIDER = Provider(
    manifest=MANIFEST,
    build=Twenty,
    default_mapping=DEFAULT_MAPPING,
    verify=verify,
    parse=parse,
    check_settings=check_settings,
    address=site_of,
    pretend=pretend,
)
