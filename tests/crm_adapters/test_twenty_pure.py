"""Twenty's shapes both ways, its signatures and its addresses, without any server."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.twenty import phones
from crm_adapters.twenty.api import TwentyApi, alike, check_settings, inner, site_of
from crm_adapters.twenty.fields import name_of
from crm_adapters.twenty.mapping import DEFAULT_MAPPING, added, kept, own_id, record_of
from crm_adapters.twenty.webhook import parse, verify
from domain.crm import CrmEventKind
from domain.errors import BadInput, WebhookRefused
from domain.leads import Money
from tests.crm_adapters.stand_ins import lead

DEAL = "5f0c7a3e-5a0b-4f57-9d5b-3a1f6b1c0003"
BODY: Mapping[str, Any] = {
    "targetUrl": "https://crm.example/hooks/twenty/abc",
    "eventName": "opportunity.updated",
    "objectMetadata": {"id": "2020", "nameSingular": "opportunity"},
    "webhookId": "hook-1",
    "eventDate": "2026-03-04T10:00:00.000Z",
    "apiKeyId": "key-1",
    "record": {"id": DEAL, "stage": "MEETING", "name": "Лён"},
    "updatedFields": ["stage"],
}
DOCUMENTED: Mapping[str, Any] = {
    "event": "opportunity.created",
    "data": {"id": DEAL, "name": "Лён"},
    "timestamp": "2026-03-04T10:00:00.000Z",
}


def signed(body: bytes, secret: str = "secret") -> dict[str, str]:
    moment = "1772618400000"
    mac = hmac.new(secret.encode(), moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-twenty-webhook-signature": mac, "x-twenty-webhook-timestamp": moment}


def test_both_shapes_of_a_delivery_are_understood() -> None:
    (event,) = parse("", json.dumps(BODY).encode())
    assert (event.kind, event.external_id) == (CrmEventKind.LEAD_CHANGED, DEAL)
    assert event.changed == {"stage": "MEETING"}
    assert event.event_id == f"opportunity.updated:{DEAL}:2026-03-04T10:00:00.000Z"
    (event,) = parse("", json.dumps(DOCUMENTED).encode())
    assert (event.kind, event.external_id, event.changed) == (
        CrmEventKind.LEAD_CREATED,
        DEAL,
        {"name": "Лён"},
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("opportunity.restored", CrmEventKind.LEAD_CHANGED),
        ("opportunity.deleted", CrmEventKind.LEAD_DELETED),
        ("opportunity.destroyed", CrmEventKind.LEAD_DELETED),
        ("person.updated", CrmEventKind.UNKNOWN),
        ("workflowRun.updated", CrmEventKind.UNKNOWN),
    ],
)
def test_kinds(name: str, kind: CrmEventKind) -> None:
    (event,) = parse("opportunity.updated", json.dumps({**BODY, "eventName": name}).encode())
    assert event.kind is kind


def test_the_signature_covers_the_timestamp() -> None:
    body = json.dumps(BODY, ensure_ascii=False).encode()
    headers = signed(body)
    verify(headers, body, "hook-1", "secret")
    verify(signed(json.dumps(DOCUMENTED).encode()), json.dumps(DOCUMENTED).encode(), "hook-1", "secret")
    later = {**headers, "x-twenty-webhook-timestamp": "1772618400001"}
    for forged in (later, {}, {**headers, "x-twenty-webhook-signature": "ё"}):
        with pytest.raises(WebhookRefused):
            verify(forged, body, "hook-1", "secret")
    with pytest.raises(WebhookRefused):
        verify(headers, body, "hook-2", "secret")


@pytest.mark.parametrize(
    ("e164", "parts"),
    [
        ("+79161234567", ("9161234567", "+7", "RU")),
        ("+77011234567", ("7011234567", "+7", "KZ")),
        ("+12025550123", ("2025550123", "+1", "US")),
        ("+390612345678", ("0612345678", "+39", "IT")),
        ("nonsense", ("nonsense", "", "")),
    ],
)
def test_a_phone_is_split_and_read_back(e164: str, parts: tuple[str, str, str]) -> None:
    assert phones.split(e164) == parts
    assert phones.read(phones.composed([e164])) == (e164,)


def test_what_an_emptied_lead_writes() -> None:
    empty = lead(name="", company="", phones=(), emails=(), amount=None, note="")
    fields = frozenset({"name", "phones", "emails", "amount", "note"})
    person = record_of(empty, DEFAULT_MAPPING, "person", fields)
    assert person["name"] == {"firstName": "", "lastName": ""}
    assert person["emails"] == {"primaryEmail": "", "additionalEmails": []}
    assert person["phones"]["primaryPhoneNumber"] == ""
    deal = record_of(empty, DEFAULT_MAPPING, "lead", fields)
    assert deal["amount"] == {"amountMicros": None, "currencyCode": None}
    assert (deal["name"], deal["voronkaNote"]) == ("Lead", None)
    assert record_of(empty, DEFAULT_MAPPING, "person") == {}


def test_money_is_in_micros_and_exact() -> None:
    body = record_of(lead(amount=Money(Decimal("1234567.89"), "USD")), DEFAULT_MAPPING, "lead")
    assert body["amount"] == {"amountMicros": 1_234_567_890_000, "currencyCode": "USD"}
    assert kept(lead(amount=Money(Decimal("0.10"))), DEFAULT_MAPPING)["amount"] == Money(Decimal("0.10"))


def test_our_ids_are_of_a_version_that_passes_and_differ_by_kind() -> None:
    made = {own_id(kind, our_id) for kind in ("opportunity", "person") for our_id in ("a", "b")}
    assert len(made) == 4
    assert {uuid.UUID(one).version for one in made} == {5}


def test_nothing_is_added_to_a_person_who_has_it_all() -> None:
    person = record_of(lead(), DEFAULT_MAPPING, "person")
    assert added(person, lead(emails=("ANNA@example.com",))) == {}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("Лён", 'name[ilike]:"Лён"'), ('a"b,c%d', 'name[ilike]:"a_b_c_d"'), ("a b", 'name[ilike]:"a_b"')],
)
def test_nothing_in_a_value_breaks_out_of_the_filter(text: str, pattern: str) -> None:
    assert alike("name", text) == pattern


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"createPerson": {"id": "1"}}},
        {"data": {"id": "1"}},
        {"id": "1"},
    ],
)
def test_every_envelope_is_opened(answer: Any) -> None:
    assert inner(answer) == {"id": "1"}


@pytest.mark.parametrize(
    ("given", "root", "page"),
    [
        ("https://crm.acme.ru/objects/people", "https://crm.acme.ru", "https://crm.acme.ru"),
        ("https://acme.twenty.com/", "https://api.twenty.com", "https://acme.twenty.com"),
        ("https://api.twenty.com", "https://api.twenty.com", "https://app.twenty.com"),
        (
            "https://twenty.com.evil.example",
            "https://twenty.com.evil.example",
            "https://twenty.com.evil.example",
        ),
    ],
)
def test_the_cloud_has_an_address_for_the_api_and_one_for_people(given: str, root: str, page: str) -> None:
    api = TwentyApi({"url": given, "api_key": "k"}, None, None)  # type: ignore[arg-type]
    assert (api.root, api.page("1")) == (root, f"{page}/object/opportunity/1")
    assert site_of(given) == given.rstrip("/").removesuffix("/objects/people")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"url": "acme", "api_key": "k"}, "url"),
        ({"url": "https://a.example"}, "api_key"),
        ({"url": "https://a.example", "api_key": "ключ"}, "api_key"),
        ({"url": "https://a.example", "api_key": "a b"}, "api_key"),
    ],
)
def test_settings_that_cannot_be_right(settings: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_settings(settings)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("word", "name"), [("vip-level", "vipLevel"), ("UTM Source", "utmSource"), ("x", "x")]
)
def test_names_of_fields(word: str, name: str) -> None:
    assert name_of(word) == name


def test_a_mapping_that_cannot_be_followed() -> None:
    settings = {"url": "https://a.example", "api_key": "k"}
    with pytest.raises(BadInput):
        build_adapter("twenty", settings, {"person": {"emails": {"from": "cat"}}}, None, None)  # type: ignore[arg-type]
    assert PROVIDERS["twenty"].manifest.pace.per_second == 1
