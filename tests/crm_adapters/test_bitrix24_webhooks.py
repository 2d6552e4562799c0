"""Bitrix24's events and installation bodies, as its servers post them; and the webhook made by hand."""

from urllib.parse import urlencode

import pytest

from crm_adapters import build_adapter
from crm_adapters.base import Webhooks, WebhooksByHand
from crm_adapters.bitrix24.webhook import BY_HAND, installed, parse, subscription_id, verify
from crm_adapters.http import CrmHttp
from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused
from sandbox.bitrix24.server import Bitrix24Sandbox
from tests.crm_adapters.test_contract_webhooks import mailbox

TOKEN = "9zkexample"
FORM = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
URL = "https://bot.example/webhooks/bitrix24/key"


def body(event: str = "ONCRMLEADUPDATE", number: str = "812", **auth: str) -> bytes:
    """A delivery without event_handler_id, as older portals send it."""
    pairs = {
        "event": event,
        "data[FIELDS][ID]": number,
        "ts": "1795161723",
        "auth[domain]": "acme.bitrix24.ru",
    }
    shown = {"member_id": "3f0c", "application_token": TOKEN, **auth}
    return urlencode({**pairs, **{f"auth[{name}]": value for name, value in shown.items()}}).encode()


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("ONCRMLEADADD", CrmEventKind.LEAD_CREATED),
        ("OnCrmLeadUpdate", CrmEventKind.LEAD_CHANGED),
        ("ONCRMLEADDELETE", CrmEventKind.LEAD_DELETED),
        ("ONCRMDEALADD", CrmEventKind.LEAD_CREATED),
        ("ONCRMDEALUPDATE", CrmEventKind.LEAD_CHANGED),
        ("ONCRMDEALMOVETOCATEGORY", CrmEventKind.LEAD_CHANGED),
        ("ONCRMDEALDELETE", CrmEventKind.LEAD_DELETED),
        ("ONCRMCONTACTUPDATE", CrmEventKind.UNKNOWN),
        ("ONCRMACTIVITYADD", CrmEventKind.UNKNOWN),
    ],
)
def test_every_event_is_understood(event: str, kind: CrmEventKind) -> None:
    assert parse("", body(event)) == [CrmEvent(kind, "812")]


def test_an_uninstallation_has_no_record() -> None:
    pairs = {"event": "ONAPPUNINSTALL", "data[LANGUAGE_ID]": "ru", "data[CLEAN]": "1", "ts": "1795161723"}
    assert parse("", urlencode(pairs).encode()) == [CrmEvent(CrmEventKind.UNKNOWN, "")]


@pytest.mark.parametrize("number", ["", "x", "812'--", "-1", "१२"])
def test_a_lead_without_a_readable_id(number: str) -> None:
    with pytest.raises(BadInput):
        parse("", body(number=number))


def test_too_many_pairs_are_no_delivery() -> None:
    with pytest.raises(BadInput):
        parse("", b"event=ONCRMLEADADD&" + b"&".join(b"a=1" for _ in range(600)))


@pytest.mark.parametrize("external_id", [subscription_id("ONCRMLEADUPDATE", URL), BY_HAND])
def test_the_token_proves_a_delivery(external_id: str) -> None:
    verify(FORM, body(), external_id, TOKEN)
    for headers, raw, whose, secret in (
        (FORM, body(application_token="другой"), external_id, TOKEN),
        (FORM, body(application_token=""), external_id, ""),
        (FORM, body(), external_id, "another"),
        ({"content-type": "application/json"}, body(), external_id, TOKEN),
        (FORM, b"{}", external_id, TOKEN),
        (FORM, b"\xff", external_id, TOKEN),
    ):
        with pytest.raises(WebhookRefused):
            verify(headers, raw, whose, secret)


def test_a_registered_event_is_not_another_one() -> None:
    with pytest.raises(WebhookRefused):
        verify(FORM, body("ONCRMLEADDELETE"), subscription_id("ONCRMLEADUPDATE", URL), TOKEN)
    verify(FORM, body("ONCRMLEADDELETE"), BY_HAND, TOKEN)


def test_an_id_of_a_registration_fits_its_column() -> None:
    assert len(subscription_id("ONCRMDEALMOVETOCATEGORY", URL * 10)) <= 64


def test_an_installation_brings_the_settings() -> None:
    auth = {"access_token": "a1", "refresh_token": "r1", "expires_in": "3600", "scope": "crm",
            "client_endpoint": "https://acme.bitrix24.ru/rest/", "status": "L", "user_id": "7"}  # fmt: skip
    expected = {"url": "https://acme.bitrix24.ru", "access_token": "a1", "refresh_token": "r1",
                "application_token": TOKEN, "member_id": "3f0c"}  # fmt: skip
    assert installed(body("ONAPPINSTALL", **auth)) == expected
    opened = {"AUTH_ID": "a1", "REFRESH_ID": "r1", "AUTH_EXPIRES": "3600", "member_id": "3f0c",
              "APPLICATION_TOKEN": TOKEN, "DOMAIN": "acme.bitrix24.ru"}  # fmt: skip
    assert installed(urlencode(opened).encode()) == expected


@pytest.mark.parametrize("raw", [b"", b"{}", b"event=ONAPPINSTALL", b"AUTH_ID=a&DOMAIN=acme.bitrix24.ru"])
def test_an_installation_without_tokens(raw: bytes) -> None:
    with pytest.raises(BadInput):
        installed(raw)


async def test_a_webhook_made_by_hand_is_proved_by_the_token_of_the_settings() -> None:
    async with Bitrix24Sandbox() as portal, CrmHttp(now=portal.clock.now) as http, mailbox() as (url, got):
        settings = {"url": portal.url, "api_key": portal.hook_url}
        adapter = build_adapter("bitrix24", settings, {}, http, portal.clock.now)
        assert isinstance(adapter, WebhooksByHand)
        assert not isinstance(adapter, Webhooks)
        assert adapter.webhook_by_hand(url).secret == ""
        events = adapter.webhook_by_hand(url).event.split()
        token = portal.outgoing_webhook(url, events)
        portal.delete(portal.create(title="x")["id"])
        await portal.deliver_now()
        pasted = build_adapter(
            "bitrix24", {**settings, "application_token": token}, {}, http, portal.clock.now
        ).webhook_by_hand(url)
        assert [event.kind for headers, raw in got for event in parse("", raw)] == [
            CrmEventKind.LEAD_CREATED,
            CrmEventKind.LEAD_DELETED,
        ]
        for headers, raw in got:
            verify(headers, raw, pasted.external_id, pasted.secret)
