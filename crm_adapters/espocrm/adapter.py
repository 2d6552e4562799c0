"""EspoCRM as the product sees it: one method a call."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crm_adapters import lost
from crm_adapters import mapping as rules
from crm_adapters.base import Connection, Manifest, Pace, Provider, Setting, Way
from crm_adapters.espocrm import connection_test, hooks
from crm_adapters.espocrm import fields as field_list
from crm_adapters.espocrm.api import (
    KEY_REFUSED,
    EspoApi,
    Record,
    Where,
    check_settings,
    equals,
    moment_text,
    read_moment,
    records,
    site_of,
)
from crm_adapters.espocrm.mapping import (
    DEFAULT_MAPPING,
    LEAD_FIELDS,
    activity_to,
    check_mapping,
    dropped,
    lead_from,
    lead_to,
    values_of,
)
from crm_adapters.espocrm.people import People
from crm_adapters.espocrm.rehearsal import pretend
from crm_adapters.espocrm.webhook import EVENTS, parse, verify
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
from domain.errors import CrmAccessLost, CrmGone, CrmRejected
from domain.leads import StageKind

MANIFEST = Manifest(
    name="espocrm",
    title="EspoCRM",
    settings=(
        Setting("url"),
        Setting("api_key", secret=True),
        Setting("secret", secret=True, required=False),
    ),
    webhook_events=tuple(EVENTS),
    supported_versions="9.0 - 10.0",
    # no limit of requests, but two cores make twenty leads a second at most
    pace=Pace(burst=5, per_second=float("inf"), at_once=5),
    ways=(Way("key", ("url", "api_key")), Way("hmac", ("url", "api_key", "secret"))),
)

FIELDS_STAY_KNOWN = timedelta(minutes=10)
_MOST_MATCHES = 20
_STREAM_LOOKED_THROUGH = 50
_CLOCKS_DIFFER = timedelta(minutes=1)


class EspoCrm:
    """Fulfils Tests, Leads, Activities, Stages, Users, Changes and Webhooks. A mapping that cannot be
    followed is BadInput here and now."""

    def __init__(self, connection: Connection) -> None:
        check_mapping(connection.mapping)
        self._mapping, self._now = connection.mapping, connection.now
        self._api = EspoApi(connection.settings, connection.http, connection.now)
        self._fields: dict[tuple[str, str], tuple[bool, datetime]] = {}
        self._people = People(self._api)

    async def test(self) -> ConnectionReport:
        return await connection_test.run(self._api, self._mapping)

    # Leads

    async def find_lead(self, lead: CrmLead) -> Sequence[Match]:
        key = rules.attribute_of(self._mapping, "lead", "our_id")
        if key and await self._has_field("Lead", key):
            ours = await self._leads([equals(key, lead.our_id)], limit=_MOST_MATCHES)
            if ours:
                return [Match(found, MatchedBy.OUR_ID) for found in ours]
        contacts = [equals("phoneNumber", phone) for phone in lead.phones]
        contacts += [equals("emailAddress", email) for email in lead.emails]
        if not contacts:
            return []
        same = await self._leads([{"type": "or", "value": contacts}], limit=_MOST_MATCHES)
        return [Match(found, MatchedBy.CONTACT) for found in same]

    async def read_lead(self, external_id: str) -> RemoteLead:
        return self._read(await self._lead(external_id))

    async def create_lead(self, lead: CrmLead) -> RemoteRef:
        """The outbox searches before it creates, and people decide what a duplicate is; EspoCRM's own check
        would refuse every namesake with a 409, so it is skipped."""
        body = lead_to(lead, self._mapping)
        try:
            made = await self._api.create("Lead", body, {"X-Skip-Duplicate-Check": "true"})
        except CrmRejected as error:
            if error.reason != "duplicate":
                raise
            # A proxy may have eaten the header. Our own record among the duplicates is a success.
            matches = await self.find_lead(lead)
            if not matches or matches[0].by is not MatchedBy.OUR_ID:
                raise
            return matches[0].lead.ref
        self._tell_dropped("Lead", body, made)
        return self._written(made)

    async def update_lead(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        body = lead_to(lead, self._mapping, fields)
        if not body:
            return RemoteRef(external_id, self._api.page("Lead", external_id))
        answer = await self._api.put(f"Lead/{external_id}", body)
        if not isinstance(answer, dict) or answer.get("id") != external_id:
            return (await self.read_lead(external_id)).ref
        self._tell_dropped("Lead", body, answer)
        return self._written(answer)

    def kept(self, lead: CrmLead) -> Mapping[str, Any]:
        return values_of(lead_to(lead, self._mapping, frozenset(LEAD_FIELDS)), self._mapping)

    def stage_status(self, key: str, kind: str) -> str:
        return rules.stage_status(self._mapping, key, kind)

    # Activities

    async def find_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef | None:
        """By our id where the entity has the field; else a record of the same lead, name and moment, and
        for notes the same text written since."""
        entity, body = activity_to(activity, self._mapping, self._now())
        if entity == "Note":
            return await self._find_note(lead_external_id, str(body.get("post", "")), activity.at)
        key = rules.attribute_of(self._mapping, entity.lower(), "our_id")
        if key and await self._has_field(entity, key):
            where = [equals(key, activity.our_id)]
        else:
            marks = ("name", "dateStart") if "dateStart" in body else ("name", "dateEnd")
            where = [equals("parentId", lead_external_id)]
            where += [equals(mark, str(body[mark])) for mark in marks if mark in body]
        found = await self._api.search(entity, where, ["id"], limit=1)
        return RemoteRef(found[0]["id"], self._api.page(entity, found[0]["id"])) if found else None

    async def log_activity(self, lead_external_id: str, activity: CrmActivity) -> RemoteRef:
        entity, body = activity_to(activity, self._mapping, self._now())
        body |= {"parentType": "Lead", "parentId": lead_external_id}
        if entity == "Note":
            body |= {"type": "Post", "isInternal": False}
        else:
            owner = activity.assignee_external_id
            if not owner:
                owner = await self._people.whoever_has(await self._lead(lead_external_id))
            body["assignedUserId"] = owner
        if entity in ("Call", "Meeting"):
            body["leadsIds"] = [lead_external_id]
        try:
            made = await self._api.create(entity, body)
        except (CrmAccessLost, CrmRejected) as error:
            # EspoCRM answers a missing parent with a 403: find out whether the lead is gone. A refused
            # key is not asked again: denied requests lock the address out.
            if error.reason != KEY_REFUSED:
                await self._lead(lead_external_id)
            raise
        page = ("Lead", lead_external_id) if entity == "Note" else (entity, str(made["id"]))
        return RemoteRef(str(made["id"]), self._api.page(*page))

    async def change_activity(self, lead_external_id: str, external_id: str, activity: CrmActivity) -> bool:
        entity, body = activity_to(activity, self._mapping, self._now())
        if entity not in ("Task", "Meeting"):
            return False
        if activity.assignee_external_id:
            body["assignedUserId"] = activity.assignee_external_id
        await self._api.put(f"{entity}/{external_id}", body)
        return True

    # Stages, users, changes

    async def stages(self) -> Sequence[RemoteStage]:
        attribute = rules.attribute_of(self._mapping, "lead", "stage") or "status"
        field = await self._api.metadata(f"entityDefs.Lead.fields.{attribute}")
        field = field if isinstance(field, dict) else {}
        style, closed = field.get("style") or {}, field.get("notActualOptions") or ()
        return [
            RemoteStage(option, option, _kind(option in closed, style.get(option)))
            for option in field.get("options") or ()
            if option
        ]

    async def lead_fields(self) -> Sequence[RemoteField]:
        return await field_list.lead_fields(self._api)

    async def users(self) -> Sequence[RemoteUser]:
        return await self._people.all()

    async def changed_since(self, moment: datetime, limit: int) -> Sequence[RemoteLead]:
        since = {"type": "greaterThanOrEquals", "attribute": "modifiedAt", "value": moment_text(moment)}
        return await self._leads([since], order_by="modifiedAt", limit=limit)

    # Webhooks

    async def subscribe(self, event: str, url: str) -> Subscription:
        return await hooks.subscribe(self._api, event, url)

    async def unsubscribe(self, external_id: str) -> None:
        await hooks.unsubscribe(self._api, external_id)

    async def standing(self) -> frozenset[str]:
        return await hooks.standing(self._api)

    # What the calls share

    async def _lead(self, external_id: str) -> Record:
        raw = await self._api.get(f"Lead/{external_id}")
        if not isinstance(raw, dict) or not raw.get("id") or raw.get("deleted"):
            raise CrmGone("record deleted")
        return raw

    async def _leads(
        self, where: Sequence[Where], order_by: str = "createdAt", limit: int = _MOST_MATCHES
    ) -> list[RemoteLead]:
        ours = (rules.attribute_of(self._mapping, "lead", name) for name in ("our_id", "stage", "number"))
        select = ["firstName", "lastName", "name", "status", "phoneNumber", "emailAddress", "modifiedAt"]
        select = list(dict.fromkeys([*select, *filter(None, ours)]))
        found = await self._api.search("Lead", where, select, order_by, limit)
        return [self._read(raw) for raw in found]

    def _written(self, answer: Record) -> RemoteRef:
        """A write is answered with the whole record."""
        remote = self._read(answer)
        return replace(remote.ref, held=remote.values)

    def _read(self, raw: Record) -> RemoteLead:
        return lead_from(raw, self._mapping, self._api.page("Lead", str(raw["id"])))

    async def _has_field(self, entity: str, field: str) -> bool:
        """Searching by a field that does not exist is a 400; the metadata of a missing one is empty."""
        known = self._fields.get((entity, field))
        if known is None or known[1] <= self._now():
            definition = await self._api.metadata(f"entityDefs.{entity}.fields.{field}")
            known = (bool(definition), self._now() + FIELDS_STAY_KNOWN)
            self._fields[entity, field] = known
        return known[0]

    async def _find_note(self, lead_external_id: str, post: str, at: datetime) -> RemoteRef | None:
        query = {"maxSize": str(_STREAM_LOOKED_THROUGH)}
        for note in records(await self._api.get(f"Lead/{lead_external_id}/stream", query)):
            written = read_moment(note.get("createdAt"))
            same = note.get("type") == "Post" and str(note.get("post") or "").strip() == post.strip()
            if same and written and written >= at - _CLOCKS_DIFFER:
                return RemoteRef(note["id"], self._api.page("Lead", lead_external_id))
        return None

    def _tell_dropped(self, entity: str, sent: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        lost.tell(MANIFEST.name, entity, dropped(sent, answer))


def _kind(closed: bool, style: str | None) -> StageKind:
    if not closed:
        return StageKind.OPEN
    return StageKind.QUALIFIED if style == "success" else StageKind.FAILED


PROVIDER = Provider(
    manifest=MANIFEST,
    build=EspoCrm,
    default_mapping=DEFAULT_MAPPING,
    verify=verify,
    parse=parse,
    check_settings=check_settings,
    address=site_of,
    pretend=pretend,
)
