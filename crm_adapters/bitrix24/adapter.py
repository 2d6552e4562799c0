"""Bitrix24 as the product sees it: one method a call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.base import Connection, Login, Manifest, Pace, Provider
from crm_adapters.bitrix24 import connection_test, login
from crm_adapters.bitrix24 import fields as field_list
from crm_adapters.bitrix24.activities import ActivityLog
from crm_adapters.bitrix24.api import MOST_COMMANDS, BitrixApi, listed
from crm_adapters.bitrix24.deals import DealRecords
from crm_adapters.bitrix24.mapping import DEFAULT_MAPPING, check_mapping, for_entity
from crm_adapters.bitrix24.records import LeadRecords
from crm_adapters.bitrix24.rehearsal import pretend
from crm_adapters.bitrix24.settings import SETTINGS, WAYS, check_settings, completed, entity_of, portal_of
from crm_adapters.bitrix24.webhook import (
    AS_DEAL,
    BY_HAND,
    EVENTS,
    introduced,
    parse,
    subscription_id,
    verify,
)
from domain.crm import (
    ConnectionReport,
    CrmActivity,
    CrmLead,
    Match,
    RemoteField,
    RemoteLead,
    RemoteRef,
    RemoteStage,
    RemoteUser,
    Subscription,
)
from domain.errors import CrmError, CrmUnsupported
from domain.leads import StageKind

MANIFEST = Manifest(
    name="bitrix24",
    title="Bitrix24",
    settings=SETTINGS,
    webhook_events=tuple(EVENTS),
    supported_versions="cloud, REST v1 and v2",
    # a bucket of 50 that drains 2 a second; two places are left for requests that overtake others
    pace=Pace(burst=48, per_second=2, at_once=10),
    ways=WAYS,
    extras=("application_token", "entity"),
    seeded_secret="application_token",  # noqa: S106 - a setting's name
)

_MOST_USERS = 1000
_KINDS = {"S": StageKind.QUALIFIED, "F": StageKind.FAILED}
_BOOKS = {"lead": LeadRecords, "deal": DealRecords}


class Bitrix24:
    """By an inbound webhook: fulfils Tests, Leads, LeadBatches, Activities, Stages, Users, Changes and
    WebhooksByHand.
    A mapping that cannot be followed is BadInput here and now."""

    batch_size = MOST_COMMANDS

    def __init__(self, connection: Connection) -> None:
        self._entity = entity_of(connection.settings)
        self._mapping = for_entity(connection.mapping, self._entity)
        check_mapping(self._mapping)
        self._settings = connection.settings
        self._api = BitrixApi(connection.settings, connection.http, connection.now, connection.renew)
        self._book = _BOOKS[self._entity](self._api, self._mapping)
        self._log = ActivityLog(self._api, self._mapping, self._book, connection.now)

    async def test(self) -> ConnectionReport:
        return await connection_test.run(self._api, self._mapping, self._entity)

    async def find_lead(self, lead: CrmLead) -> Sequence[Match]:
        return await self._book.find(lead)

    async def read_lead(self, external_id: str) -> RemoteLead:
        return await self._book.read(external_id)

    async def create_lead(self, lead: CrmLead) -> RemoteRef:
        return await self._book.create(lead)

    async def find_leads(self, leads: Sequence[CrmLead]) -> Sequence[Sequence[Match] | CrmError]:
        """Any number of leads: the more at once, the fewer requests for each of them."""
        return await self._book.find_many(leads) if leads else []

    async def create_leads(self, leads: Sequence[CrmLead]) -> Sequence[RemoteRef | CrmError]:
        if len(leads) > MOST_COMMANDS:
            raise ValueError(f"more than {MOST_COMMANDS} leads")
        return await self._book.create_many(leads) if leads else []

    async def update_lead(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        return await self._book.update(external_id, lead, fields)

    def kept(self, lead: CrmLead) -> Mapping[str, Any]:
        return self._book.kept(lead)

    def stage_status(self, key: str, kind: str) -> str:
        return rules.stage_status(self._mapping, key, kind)

    async def find_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef | None:
        return await self._log.find(lead_external_id, activity)

    async def log_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef:
        return await self._log.write(lead_external_id, activity)

    async def change_activity(self, lead_external_id: str, external_id: str, activity: CrmActivity) -> bool:
        return await self._log.change(lead_external_id, external_id, activity)

    async def stages(self) -> Sequence[RemoteStage]:
        where = {"ENTITY_ID": connection_test.stage_list(self._mapping, self._entity)}
        rows = await self._api.read("crm.status.list", {"filter": where, "order": {"SORT": "ASC"}})
        return [
            RemoteStage(
                str(row["STATUS_ID"]),
                str(row.get("NAME") or row["STATUS_ID"]),
                _KINDS.get(str(row.get("SEMANTICS") or ""), StageKind.OPEN),
            )
            for row in listed(rows)
            if row.get("STATUS_ID")
        ]

    async def lead_fields(self) -> Sequence[RemoteField]:
        return await field_list.lead_fields(self._api, self._entity, self._mapping)

    async def create_field(self, field: RemoteField) -> RemoteField:
        return await field_list.create_field(self._api, self._entity, self._mapping, field)

    async def users(self) -> Sequence[RemoteUser]:
        found: list[RemoteUser] = []
        start: int | None = 0
        while start is not None and len(found) < _MOST_USERS:
            params = {"FILTER": {"ACTIVE": True, "USER_TYPE": "employee"}, "start": start}
            page = await self._api.page_of("user.get", params)
            found += [_user(row) for row in listed(page.result) if row.get("ID")]
            start = page.next
        return found

    async def changed_since(self, moment: datetime, limit: int) -> Sequence[RemoteLead]:
        return await self._book.changed_since(moment, limit)

    def webhook_by_hand(self, url: str) -> Subscription:
        """The outgoing webhook that the admin makes: its events, at `url`, proved by the application token
        that is pasted into the settings. Without the token its deliveries are refused."""
        secret = self._settings.get("application_token", "")
        return Subscription(" ".join(self._events()), url, BY_HAND, secret)

    def _events(self) -> list[str]:
        return [AS_DEAL[event] for event in EVENTS] if self._entity == "deal" else list(EVENTS)


class Bitrix24App(Bitrix24):
    """As an application, by OAuth: fulfils Webhooks besides."""

    async def subscribe(self, event: str, url: str) -> Subscription:
        """The secret is the application token: Bitrix24 has no other. Where the installation brought none
        it is learnt from the first delivery at this secret address."""
        if event not in EVENTS:
            raise CrmUnsupported("no such event")
        real = AS_DEAL[event] if self._entity == "deal" else event
        await self.unsubscribe(subscription_id(real, url))
        await self._api.read("event.bind", {"event": real, "handler": url})
        return Subscription(
            event, url, subscription_id(real, url), self._settings.get("application_token", "")
        )

    async def unsubscribe(self, external_id: str) -> None:
        for row in listed(await self._api.read("event.get", {})):
            event, handler = str(row.get("event", "")).upper(), str(row.get("handler", ""))
            if subscription_id(event, handler) == external_id:
                await self._api.read("event.unbind", {"event": event, "handler": handler})

    async def standing(self) -> frozenset[str]:
        rows = listed(await self._api.read("event.get", {}))
        named = ((str(row.get("event", "")).upper(), str(row.get("handler", ""))) for row in rows)
        return frozenset(subscription_id(event, handler) for event, handler in named)


def _user(row: dict[str, Any]) -> RemoteUser:
    name = " ".join(str(row[part]) for part in ("NAME", "LAST_NAME") if row.get(part))
    email = str(row.get("EMAIL") or "")
    phone = next((str(row[part]) for part in ("PERSONAL_MOBILE", "WORK_PHONE") if row.get(part)), "")
    return RemoteUser(str(row["ID"]), name or email or f"#{row['ID']}", email, phone)


def build(connection: Connection) -> Bitrix24:
    """The adapter for the way of signing in that the settings are of."""
    return Bitrix24(connection) if connection.settings.get("api_key") else Bitrix24App(connection)


PROVIDER = Provider(
    manifest=MANIFEST,
    build=build,
    default_mapping=DEFAULT_MAPPING,
    verify=verify,
    parse=parse,
    check_settings=check_settings,
    address=portal_of,
    completed=completed,
    login=Login(login.page, login.settle),
    introduced=introduced,
    pretend=pretend,
)
