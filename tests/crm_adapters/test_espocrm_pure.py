"""EspoCRM's pure parts: attributes both ways, signatures, deliveries."""

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters.espocrm.api import read_moment, site_of
from crm_adapters.espocrm.mapping import DEFAULT_MAPPING, check_mapping, dropped, lead_from, lead_to
from crm_adapters.espocrm.webhook import parse, verify
from domain.crm import CrmEventKind, CrmLead, CrmStage
from domain.errors import BadInput, WebhookRefused
from domain.leads import Money, StageKind
from tests.crm_adapters.stand_ins import lead

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORD = st.text("абвгд", min_size=1, max_size=8)
LEADS = st.builds(
    CrmLead,
    our_id=st.uuids().map(str),
    number=st.integers(1, 10**6),
    name=TEXT,
    company=TEXT,
    phones=st.lists(st.from_regex(r"\A\+79\d{9}\Z"), max_size=4, unique=True).map(tuple),
    emails=st.lists(st.from_regex(r"\A[a-z]{1,9}@example\.com\Z"), max_size=4, unique=True).map(tuple),
    inn=TEXT,
    amount=st.none() | st.builds(Money, st.decimals(0, 10**9, places=2)),
    note=TEXT,
    source=TEXT,
    referral_code=TEXT,
    utm=st.dictionaries(st.sampled_from(["source", "term", "other"]), TEXT),
    custom=st.dictionaries(st.sampled_from(["language", "scholarship", "other"]), TEXT),
    stage=st.builds(CrmStage, st.sampled_from(["new", "refused", "x"]), TEXT, st.sampled_from(StageKind)),
    assignee_external_id=st.none() | st.just("65a"),
)


def test_the_shipped_mapping_can_be_followed() -> None:
    check_mapping(DEFAULT_MAPPING)


@given(LEADS)
def test_whatever_is_written_is_read_back(written: CrmLead) -> None:
    sent = lead_to(written, DEFAULT_MAPPING)
    json.dumps(sent, allow_nan=False)
    remote = lead_from({"id": "6b0", **sent}, DEFAULT_MAPPING)
    assert (remote.our_id, remote.ref.number) == (written.our_id, str(written.number))
    assert (remote.phones, remote.emails) == (written.phones, written.emails)
    assert remote.status == sent["status"]
    assert not set("<>=\0") & set(remote.name)
    assert dropped(sent, sent) == ()


@given(LEADS, st.sets(st.sampled_from(["stage", "phones", "amount", "utm", "name", "note"])))
def test_an_update_writes_what_a_create_would_and_nothing_else(written: CrmLead, fields: set[str]) -> None:
    whole = lead_to(written, DEFAULT_MAPPING)
    part = lead_to(written, DEFAULT_MAPPING, frozenset(fields))
    assert all(whole.get(name) == value for name, value in part.items() if value not in (None, []))
    assert all(name not in whole for name, value in part.items() if value in (None, []))
    assert ("status" in part) == ("stage" in fields)
    assert "cExternalId" not in part


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Анна Кузнецова", "Анна", "Кузнецова"),
        ("Анна Мария Кузнецова", "Анна", "Мария Кузнецова"),
        ("Анна", None, "Анна"),
        ("  Анна   Кузнецова ", "Анна", "Кузнецова"),
        ("<i>Анна</i>", "i", "Анна /i"),
        ("===", None, None),
        ("", None, None),
    ],
)
def test_names_are_split(name: str, first: str | None, last: str | None) -> None:
    sent = lead_to(lead(name=name), DEFAULT_MAPPING)
    assert (sent.get("firstName"), sent.get("lastName")) == (first, last)


@given(st.lists(WORD, min_size=1, max_size=5))
def test_no_word_of_a_name_is_lost(words: list[str]) -> None:
    sent = lead_to(lead(name=" ".join(words)), DEFAULT_MAPPING)
    assert [*sent.get("firstName", "").split(), *sent.get("lastName", "").split()] == words


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("website", "Web Site"),
        ("telegram", "Partner"),
        ("forward", "Partner"),
        ("moon", "Other"),
        ("", "Other"),
    ],
)
def test_sources(source: str, expected: str) -> None:
    assert lead_to(lead(source=source), DEFAULT_MAPPING)["source"] == expected


@pytest.mark.parametrize(
    ("key", "kind", "expected"),
    [
        ("new", StageKind.OPEN, "New"),
        ("call", StageKind.OPEN, "Assigned"),
        ("meeting", StageKind.OPEN, "In Process"),
        ("negotiation", StageKind.OPEN, "In Process"),
        ("qualified", StageKind.QUALIFIED, "Converted"),
        ("refused", StageKind.FAILED, "Dead"),
        ("0193", StageKind.OPEN, "In Process"),
        ("0193", StageKind.QUALIFIED, "Converted"),
        ("0193", StageKind.FAILED, "Dead"),
    ],
)
def test_stages(key: str, kind: StageKind, expected: str) -> None:
    assert lead_to(lead(stage=CrmStage(key, "x", kind)), DEFAULT_MAPPING)["status"] == expected


@pytest.mark.parametrize(
    ("sent", "kept", "lost"),
    [
        ({"a": "x"}, {"a": "x"}, ()),
        ({"a": "x "}, {"a": "x"}, ()),
        ({"a": "x"}, {}, ("a",)),
        ({"a": "x"}, {"a": "y"}, ("a",)),
        ({"a": None}, {}, ()),
        ({"a": None}, {"a": "x"}, ("a",)),
        ({"a": 100}, {"a": 100.0}, ()),
        ({"a": 100.5}, {"a": "100.5000"}, ()),
        ({"a": 100}, {"a": "many"}, ("a",)),
        ({"a": True}, {"a": True}, ()),
        ({"a": True}, {"a": False}, ("a",)),
        ({"p": []}, {}, ()),
        ({"p": [{"phoneNumber": "+7"}]}, {"p": [{"phoneNumber": "+7", "type": "Mobile"}]}, ()),
        ({"p": [{"phoneNumber": "+7"}, {"phoneNumber": "+8"}]}, {"p": [{"phoneNumber": "+7"}]}, ("p",)),
        ({"p": [{"emailAddress": "a@b.c"}]}, {"p": [{"emailAddress": "A@b.c"}]}, ()),
    ],
)
def test_silent_drops(sent: dict[str, Any], kept: dict[str, Any], lost: tuple[str, ...]) -> None:
    assert dropped(sent, kept) == lost


def test_money_is_exact() -> None:
    for amount in ("3000000", "0.10", "1234567.89", "999999999999.99"):
        sent = lead_to(lead(amount=Money(Decimal(amount), "USD")), DEFAULT_MAPPING)
        assert Decimal(json.dumps(sent["opportunityAmount"])) == Decimal(amount)
        assert sent["opportunityAmountCurrency"] == "USD"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"id": "1", "name": "+79161234567", "firstName": None, "lastName": "Орлова"}, "Орлова"),
        ({"id": "1", "name": "Анна Орлова"}, "Анна Орлова"),
        ({"id": "1"}, ""),
    ],
)
def test_the_computed_name_is_not_trusted(raw: dict[str, Any], name: str) -> None:
    assert lead_from(raw, DEFAULT_MAPPING).name == name


def test_phones_come_primary_first_and_from_lists_too() -> None:
    data = [{"phoneNumber": "+71", "primary": False}, {"phoneNumber": "+72", "primary": True}]
    assert lead_from({"id": "1", "phoneNumberData": data}, DEFAULT_MAPPING).phones == ("+72", "+71")
    assert lead_from({"id": "1", "phoneNumber": "+73"}, DEFAULT_MAPPING).phones == ("+73",)
    assert lead_from({"id": "1", "phoneNumberData": [], "phoneNumber": None}, DEFAULT_MAPPING).phones == ()


@pytest.mark.parametrize("text", [None, "", "soon", "2026-11-21", 5, "2026-13-01 00:00:00"])
def test_a_moment_that_is_none(text: object) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize("url", ["https://a.ru/espo", "https://a.ru/espo/", "https://a.ru/espo/api/v1/"])
def test_a_site_in_a_sub_folder(url: str) -> None:
    assert site_of(url) == "https://a.ru/espo"


# Webhooks

SECRETS = st.text("0123456789abcdef", min_size=1, max_size=32)
IDS = st.text("0123456789abcdef", min_size=1, max_size=17)


def signature(hook: str, secret: str, body: bytes, *, old: bool = False) -> dict[str, str]:
    """Written from the protocol, not from our code."""
    mac = hmac.new(secret.encode(), body, hashlib.sha256)
    shown = mac.digest() if old else mac.hexdigest().encode()
    value = base64.b64encode(hook.encode() + b":" + shown).decode()
    return {"x-signature" if old else "signature": value}


@given(IDS, SECRETS, st.binary(max_size=200), st.booleans())
def test_their_signature_is_accepted(hook: str, secret: str, body: bytes, old: bool) -> None:
    verify(signature(hook, secret, body, old=old), body, hook, secret)


@given(IDS, SECRETS, st.binary(max_size=50), st.integers(0, 500), st.integers(1, 255))
def test_one_changed_byte_anywhere_is_refused(
    hook: str, secret: str, body: bytes, place: int, flip: int
) -> None:
    token = bytearray(base64.b64decode(signature(hook, secret, body)["signature"]))
    token[place % len(token)] ^= flip
    headers = {"signature": base64.b64encode(token).decode()}
    with pytest.raises(WebhookRefused):
        verify(headers, body, hook, secret)


@given(st.text(max_size=80))
def test_any_other_header_is_refused(value: str) -> None:
    for name in ("signature", "x-signature"):
        with pytest.raises(WebhookRefused):
            verify({name: value}, b"[]", "6b0", "secret")


def test_a_wrong_new_signature_is_not_saved_by_a_right_old_one() -> None:
    headers = signature("6b0", "wrong", b"[]") | signature("6b0", "right", b"[]", old=True)
    with pytest.raises(WebhookRefused):
        verify(headers, b"[]", "6b0", "right")


@pytest.mark.parametrize(("hook", "secret"), [("", "s"), ("6b0", ""), ("", "")])
def test_without_a_subscription_nothing_is_accepted(hook: str, secret: str) -> None:
    with pytest.raises(WebhookRefused):
        verify(signature(hook, secret, b"[]"), b"[]", hook, secret)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("Lead.create", CrmEventKind.LEAD_CREATED),
        ("Lead.update", CrmEventKind.LEAD_CHANGED),
        ("Lead.delete", CrmEventKind.LEAD_DELETED),
        ("Lead.fieldUpdate.status", CrmEventKind.LEAD_CHANGED),
        ("Task.create", CrmEventKind.UNKNOWN),
    ],
)
def test_the_event_is_that_of_the_url(event: str, kind: CrmEventKind) -> None:
    body = json.dumps([{"id": "6b0", "status": "Новый"}, {"id": "6b1", "assignedUserId": None}]).encode()
    first, second = parse(event, body)
    assert (first.kind, first.external_id, first.changed) == (kind, "6b0", {"status": "Новый"})
    assert (second.external_id, second.changed, second.event_id) == ("6b1", {"assignedUserId": None}, "")


@given(st.binary(max_size=60))
def test_noise_is_bad_input_or_no_events(body: bytes) -> None:
    try:
        events = list(parse("Lead.update", body))
    except BadInput:
        return
    assert events == []
