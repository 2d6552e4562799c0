"""RetailCRM's triggers: what an admin may have set them to send is understood, and proves little."""

import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from crm_adapters import PROVIDERS
from crm_adapters.http import CrmHttp
from domain.crm import CrmEventKind
from domain.errors import BadInput, WebhookRefused
from sandbox.retailcrm.server import RetailSandbox
from sandbox.retailcrm.triggers import SUGGESTED
from tests.crm_adapters.retail import NO_LIMITS, adapter
from tests.crm_adapters.stand_ins import STAGES, lead
from tests.crm_adapters.test_contract_webhooks import mailbox

RETAIL = PROVIDERS["retailcrm"]
SECRET = "9f0c5d7e"


@pytest.fixture
async def crm() -> AsyncIterator[RetailSandbox]:
    async with RetailSandbox(limits=NO_LIMITS) as running:
        yield running


@pytest.mark.parametrize("encoding", ["form", "json"])
async def test_a_change_there_is_told_and_read_back(crm: RetailSandbox, encoding: str) -> None:
    async with CrmHttp(now=crm.clock.now, allow=[crm.url.removeprefix("http://")]) as http, mailbox() as box:
        url, got = box
        retail = adapter(crm, http, webhook_secret=SECRET)
        hook = retail.webhook_by_hand(url)
        assert (hook.event, hook.url, hook.secret) == ("order", url, SECRET)
        params = {**SUGGESTED, "secret": hook.secret}
        for event, name in (("order.created", "order_created"), ("order.changed", "order_status")):
            crm.add_trigger(event, url, encoding=encoding, params={**params, "event": name})
        ref = await retail.create_lead(lead())
        crm.change_order(int(ref.id), status="complete")
        await crm.deliver_now()
        assert len(got) == 2
        events = []
        for headers, body in got:
            RETAIL.verify(headers, body, hook.external_id, hook.secret)
            events += RETAIL.parse(hook.event, body)
        assert [(event.kind, event.external_id) for event in events] == [
            (CrmEventKind.LEAD_CREATED, ref.id),
            (CrmEventKind.LEAD_CHANGED, ref.id),
        ]
        assert "secret" not in events[0].changed
        status = retail.stage_status(STAGES["qualified"].key, "qualified")
        assert (await retail.read_lead(events[1].external_id)).status == status


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


ACTIVITY = {"activity": '{"active":true,"freeze":false}', "systemUrl": "https://acme.retailcrm.ru"}


@pytest.mark.parametrize(
    ("body", "kind", "external_id"),
    [
        (form(event="order_status", id="4107", externalId="x"), CrmEventKind.LEAD_CHANGED, "4107"),
        (form(id="4107"), CrmEventKind.LEAD_CHANGED, "4107"),
        (form(type="order_created", id="4107"), CrmEventKind.LEAD_CREATED, "4107"),
        (form(event="order.delete", id="4107"), CrmEventKind.LEAD_DELETED, "4107"),
        (form(event="customer_changed", id="903"), CrmEventKind.UNKNOWN, "903"),
        (form(event="anything", id="5"), CrmEventKind.UNKNOWN, "5"),
        (b' {"id": 4107, "event": "order_changed"}', CrmEventKind.LEAD_CHANGED, "4107"),
        (b'{"id": "4107", "status": {"code": "new"}}', CrmEventKind.LEAD_CHANGED, "4107"),
        (form(clientId="acct-77", **ACTIVITY), CrmEventKind.UNKNOWN, "acct-77"),
    ],
)
def test_what_an_admin_may_have_set(body: bytes, kind: CrmEventKind, external_id: str) -> None:
    (event,) = RETAIL.parse("order", body)
    assert (event.kind, event.external_id, event.event_id) == (kind, external_id, "")


@pytest.mark.parametrize(
    "body",
    [
        b"id=",
        b"event=order_status",
        b"id=abc",
        b"id=-5",
        "id=٤١".encode(),
        b'{"id": null}',
        b'{"id": true}',
        b'{"id": [1]}',
        b'"4107"',
        b"&".join(b"a=%d" % index for index in range(200)) + b"&id=5",
    ],
)
def test_a_body_that_names_no_order(body: bytes) -> None:
    with pytest.raises(BadInput):
        RETAIL.parse("order", body)


@pytest.mark.parametrize(
    "body",
    [b"", b"id=5", form(id="5", secret=""), form(id="5", secret="9f0c5d7"), b'{"secret": 9}', b"{", b"[]"],
)
def test_an_agreed_secret_is_asked_for(body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        RETAIL.verify({}, body, "by-hand", SECRET)


def test_the_secret_in_a_form_and_in_json_and_none_agreed_on() -> None:
    RETAIL.verify({}, form(id="5", secret=SECRET), "by-hand", SECRET)
    RETAIL.verify({}, json.dumps({"id": 5, "secret": SECRET}).encode(), "by-hand", SECRET)
    RETAIL.verify({}, form(id="5"), "by-hand", "")
