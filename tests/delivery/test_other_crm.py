"""The road with a CRM of another kind: it names its deliveries, keeps no activities, and has faults."""

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from crm_adapters import PROVIDERS
from crm_adapters.base import Connection, Manifest, Provider, Setting
from domain.activities import CallResult
from domain.crm import (
    ConnectionReport,
    CrmEvent,
    CrmEventKind,
    CrmLead,
    Match,
    MatchedBy,
    RemoteLead,
    RemoteRef,
    Subscription,
)
from domain.delivery import Delivery
from domain.errors import BadInput, CrmGone, WebhookRefused
from tests.delivery.doors import Doors, open_doors
from tests.delivery.house import House

LEADS: dict[str, dict[str, str]] = {}


class OtherCrm:
    """Fulfils Tests, Leads and Webhooks over a dictionary."""

    def __init__(self, connection: Connection) -> None:
        self.settings = connection.settings

    async def test(self) -> ConnectionReport:
        return ConnectionReport("bot", "1")

    async def find_lead(self, lead: CrmLead) -> Sequence[Match]:
        if self.settings.get("faulty"):
            raise ZeroDivisionError
        return [
            Match(_remote(id), MatchedBy.OUR_ID) for id, one in LEADS.items() if one["our"] == lead.our_id
        ]

    async def read_lead(self, external_id: str) -> RemoteLead:
        if external_id not in LEADS:
            raise CrmGone
        return _remote(external_id)

    async def create_lead(self, lead: CrmLead) -> RemoteRef:
        external_id = f"n{len(LEADS) + 1}"
        LEADS[external_id] = {"our": lead.our_id, "status": lead.stage.kind.value}
        return RemoteRef(external_id, number=f"№{len(LEADS)}")

    async def update_lead(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        return RemoteRef(external_id)

    def stage_status(self, key: str, kind: str) -> str:
        return kind

    async def subscribe(self, event: str, url: str) -> Subscription:
        return Subscription(event, url, "s1", "shared secret")

    async def unsubscribe(self, external_id: str) -> None:
        return


def _remote(external_id: str) -> RemoteLead:
    one = LEADS[external_id]
    return RemoteLead(RemoteRef(external_id), one["our"], one["status"])


def _verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    if not hmac.compare_digest(headers.get("x-secret", ""), secret):
        raise WebhookRefused


def _parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    value = json.loads(body)
    if "id" not in value:
        raise BadInput("body", "invalid")
    kind = CrmEventKind.UNKNOWN if value.get("kind") == "party" else CrmEventKind.LEAD_CHANGED
    return [CrmEvent(kind, value["id"], event_id=value.get("event", ""))]


PROVIDER = Provider(
    manifest=Manifest("othercrm", "Other CRM", (Setting("faulty", required=False),), ("changed",)),
    build=OtherCrm,
    default_mapping={},
    verify=_verify,
    parse=_parse,
    check_settings=lambda settings: None,
)


@pytest.fixture(autouse=True)
def other_crm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROVIDERS, "othercrm", PROVIDER)
    LEADS.clear()


async def post(doors: Doors, secret: str = "shared secret", **value: str) -> Any:
    hook = await doors.hook("changed")
    return await doors.client.post(f"/webhooks/othercrm/{hook.key}", json=value, headers={"X-Secret": secret})


async def test_a_delivery_is_kept_once_by_its_id_and_moves_the_lead(house_alone: House) -> None:
    house = house_alone
    async with open_doors(house) as doors:
        await house.integrations.connect(house.owner, "othercrm", {})
        lead_id = await house.send()
        await house.work()
        state = await house.state(lead_id)
        assert (state.state, state.number) == (Delivery.DELIVERED, "№1")
        LEADS["n1"]["status"] = "failed"
        assert (await post(doors, "guess", id="n1")).status_code == 403
        answers = [(await post(doors, id="n1", event="e1")).json() for _ in range(2)]
        assert answers == [{"status": "accepted"}, {"status": "duplicate"}]
        assert await house.inbox.work_once() == 1
        assert (await house.leads.get(house.owner, lead_id)).stage.key == "refused"


async def test_unknown_kinds_are_kept_as_ignored(house_alone: House) -> None:
    async with open_doors(house_alone) as doors:
        await house_alone.integrations.connect(house_alone.owner, "othercrm", {})
        await post(doors, id="n1", kind="party")
        await house_alone.inbox.work_once()
    assert [row.state for row in await house_alone.rows("inbox")] == ["ignored"]


async def test_a_hook_takes_only_its_own_provider(house_alone: House) -> None:
    async with open_doors(house_alone) as doors:
        await house_alone.integrations.connect(house_alone.owner, "othercrm", {})
        hook = await doors.hook("changed")
        answer = await doors.client.post(f"/webhooks/espocrm/{hook.key}", json={"id": "n1"})
    assert answer.status_code == 404


async def test_a_crm_without_activities_refuses_the_call_but_has_the_lead(house_alone: House) -> None:
    house = house_alone
    await house.integrations.connect(house.owner, "othercrm", {})
    lead_id = await house.send()
    await house.activities.log_call(house.manager, lead_id, CallResult.REACHED)
    await house.work()
    state = await house.state(lead_id)
    assert (state.state, state.error, state.number) == (Delivery.FAILED, "crm_unsupported", "№1")


async def test_a_fault_of_ours_is_told_and_kept(house_alone: House) -> None:
    house = house_alone
    await house.integrations.connect(house.owner, "othercrm", {"faulty": "yes"})
    lead_id = await house.send()
    await house.work()
    state = await house.state(lead_id)
    assert (state.state, state.error) == (Delivery.FAILED, "unexpected")
    assert await house.told("crm.failed") == 1


async def test_a_mapping_that_cannot_work_stops_the_integration(house: House) -> None:
    async with house.db.transaction(system=True) as session:
        broken = '{"values": {"url": "' + house.crm.url + '"}, "mapping": {"lead": {"x": {"from": "no"}}}}'
        table = sa.table("integrations", sa.column("settings", sa.JSON))
        await session.execute(table.update().values(settings=json.loads(broken)))
    lead_id = await house.send()
    await house.work()
    state = await house.state(lead_id)
    assert (state.state, state.error) == (Delivery.STUCK, "crm_misconfigured")
    assert house.crm.leads() == []


async def test_another_crm_takes_over_and_the_first_keeps_its_records(house: House) -> None:
    first = await house.send()
    await house.work()
    await house.integrations.connect(house.owner, "othercrm", {})
    assert (await house.state(first)).state is Delivery.NONE
    second = await house.send("Пётр", "+79161234568")
    await house.work()
    assert [one["our"] for one in LEADS.values()] == [str(second)]
    assert [one["cExternalId"] for one in house.crm.leads()] == [str(first)]
