"""RetailCRM as the product sees it: one method a call. A lead is an order and its customer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.base import Connection, Manifest, Pace, Provider, Setting, Way
from crm_adapters.lost import tell
from crm_adapters.retailcrm import connection_test
from crm_adapters.retailcrm import fields as field_list
from crm_adapters.retailcrm.account import GROUP_KINDS, Account, keyed
from crm_adapters.retailcrm.activities import ActivityLog
from crm_adapters.retailcrm.api import Record, RetailApi, check_settings, site_of
from crm_adapters.retailcrm.changes import changed
from crm_adapters.retailcrm.mapping import (
    CUSTOM,
    DEFAULT_MAPPING,
    check_mapping,
    fitted,
    kept,
    lead_from,
    lead_to,
    text_of,
)
from crm_adapters.retailcrm.people import People
from crm_adapters.retailcrm.rehearsal import pretend
from crm_adapters.retailcrm.search import Search
from crm_adapters.retailcrm.webhook import BY_HAND, EVENTS, parse, verify
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
from domain.errors import CrmRejected, CrmUnavailable

MANIFEST = Manifest(
    name="retailcrm",
    title="RetailCRM",
    settings=(
        Setting("url"),
        Setting("api_key", secret=True),
        Setting("site", required=False),
        Setting("webhook_secret", secret=True, required=False),
    ),
    webhook_events=EVENTS,
    supported_versions="API 5.0",
    # 10 within any one second, less one that was held up on its way
    pace=Pace(burst=1, per_second=8, at_once=5),
    ways=(Way("key", ("url", "api_key", "site")),),
    extras=("webhook_secret",),
    seeded_secret="webhook_secret",  # noqa: S106 - a setting's name
)


class RetailCrm:
    """Fulfils Tests, Leads, Activities, Stages, Users, Changes and WebhooksByHand. A mapping that cannot be
    followed is BadInput here and now."""

    def __init__(self, connection: Connection) -> None:
        check_mapping(connection.mapping)
        self._mapping, self._now = connection.mapping, connection.now
        self._webhook_secret = connection.settings.get("webhook_secret", "")
        self._api = RetailApi(connection.settings, connection.http, connection.now)
        self._account = Account(self._api, connection.now)
        self._search = Search(self._api, self._account)
        self._people = People(self._api, self._search, self._mapping)
        self._log = ActivityLog(self._api, self._account, self._search, self._people, self._mapping)

    async def test(self) -> ConnectionReport:
        return await connection_test.run(self._api, self._account, self._mapping)

    # Leads

    async def find_lead(self, lead: CrmLead) -> Sequence[Match]:
        ours = await self._search.ours(lead.our_id)
        if ours is not None:
            return [Match(await self._read(ours), MatchedBy.OUR_ID)]
        same = await self._search.open_orders(lead)
        return [Match(await self._read(order), MatchedBy.CONTACT) for order in same]

    async def read_lead(self, external_id: str) -> RemoteLead:
        return await self._read(await self._search.order(external_id))

    async def create_lead(self, lead: CrmLead) -> RemoteRef:
        """The customer first, found or made, then the order. Our id is the order's externalId, which is
        unique in a shop: an order that stands already is refused, and is a success."""
        body = await self._fitted(lead_to(lead, self._mapping))
        customer = await self._people.customer(lead)
        if customer is not None:
            body["customer"] = {"id": customer}
        try:
            made = await self._api.create("orders/create", {"order": body})
        except CrmRejected as error:
            ours = await self._search.ours(lead.our_id)
            if ours is None:
                raise await self._explained(error, body) from None
            return self._ref(ours)
        return self._ref(made.get("order") or {}, str(made["id"]))

    async def update_lead(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        body = lead_to(lead, self._mapping, fields)
        our_id = body.pop("externalId", None)
        if not body and not our_id:
            return self._ref({}, external_id)
        answer = await self._edit(external_id, await self._fitted(body)) if body else {}
        order = answer.get("order") or {}
        if our_id:
            order = await self._named(external_id, str(our_id))
        return self._ref(order, external_id)

    async def _named(self, external_id: str, our_id: str) -> Record:
        """Give an order our id, unless the shop has given it one of its own. An edit does not do it."""
        order = await self._search.order(external_id)
        if not order.get("externalId"):
            named = [{"id": int(external_id), "externalId": our_id}]
            await self._api.post("orders/fix-external-ids", {"orders": named}, repeatable=True)
        return order

    async def _edit(self, external_id: str, body: Record) -> Record:
        try:
            return await self._api.post(
                f"orders/{external_id}/edit", {"by": "id", "order": body}, repeatable=True
            )
        except CrmRejected as error:
            raise await self._explained(error, body) from None

    def kept(self, lead: CrmLead) -> Mapping[str, Any]:
        return kept(lead, self._mapping)

    def stage_status(self, key: str, kind: str) -> str:
        return rules.stage_status(self._mapping, key, kind)

    # Activities

    async def find_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef | None:
        return await self._log.find(lead_external_id, activity)

    async def log_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef:
        return await self._log.write(lead_external_id, activity, self._now())

    async def change_activity(self, lead_external_id: str, external_id: str, activity: CrmActivity) -> bool:
        return await self._log.change(lead_external_id, external_id, activity)

    # Stages, users, changes

    async def stages(self) -> Sequence[RemoteStage]:
        """Statuses in use, group by group; the kind is the group's, unknown for groups of the account."""
        groups = keyed((await self._api.get("reference/status-groups")).get("statusGroups"))
        statuses = [item for item in (await self._account.statuses()).values() if item.get("active", True)]

        def place(status: Record) -> tuple[int, int]:
            group = groups.get(text_of(status.get("group")), {})
            return int(group.get("ordering") or 0), int(status.get("ordering") or 0)

        return [
            RemoteStage(
                text_of(item.get("code")),
                text_of(item.get("name")),
                GROUP_KINDS.get(text_of(item.get("group"))),
            )
            for item in sorted(statuses, key=place)
        ]

    async def lead_fields(self) -> Sequence[RemoteField]:
        return await field_list.lead_fields(self._api, self._account)

    async def create_field(self, field: RemoteField) -> RemoteField:
        return await field_list.create_field(self._api, self._account, field)

    async def users(self) -> Sequence[RemoteUser]:
        return await self._people.managers()

    async def changed_since(self, moment: datetime, limit: int) -> Sequence[RemoteLead]:
        found = await changed(self._api, self._account, moment, limit)
        return [replace(await self._read(raw), modified_at=at, dated=True) for raw, at in found]

    def webhook_by_hand(self, url: str) -> Subscription:
        """The address for a trigger that the admin makes. Its key is a proof by itself; with the setting
        webhook_secret the trigger's parameter `secret` must bear it besides."""
        return Subscription(EVENTS[0], url, BY_HAND, self._webhook_secret)

    # What the calls share

    async def _read(self, raw: Record) -> RemoteLead:
        page = self._api.page(str(raw["id"]))
        return lead_from(raw, self._mapping, page, await self._account.zone())

    def _ref(self, raw: Record, external_id: str = "") -> RemoteRef:
        """Only `id` is sure to be in the answer to a write."""
        number = external_id or str(raw["id"])
        return RemoteRef(number, self._api.page(number), text_of(raw.get("number")))

    async def _fitted(self, body: Mapping[str, Any]) -> Record:
        """Without the custom fields that the account does not have: one of them would be a 400 for all."""
        made = dict(body)
        if CUSTOM in made:
            made[CUSTOM], lost = fitted(made[CUSTOM], await self._account.fields())
            tell(MANIFEST.name, "order", (f"{CUSTOM}.{code}" for code in lost))
        return made

    async def _explained(self, error: CrmRejected, body: Record) -> CrmRejected | CrmUnavailable:
        """A refusal that a change of the field list explains passes by itself: the next try knows it."""
        if not error.field.startswith(CUSTOM):
            return error
        self._account.forget_fields()
        gone = set(body.get(CUSTOM) or ()) - set(await self._account.fields())
        return CrmUnavailable("the list of fields has changed") if gone else error


PROVIDER = Provider(
    manifest=MANIFEST,
    build=RetailCrm,
    default_mapping=DEFAULT_MAPPING,
    verify=verify,
    parse=parse,
    check_settings=check_settings,
    address=site_of,
    pretend=pretend,
)
