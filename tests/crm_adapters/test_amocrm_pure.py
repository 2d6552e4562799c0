"""amoCRM: documented webhook bodies, values of custom fields, mapping slips."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

import pytest

from crm_adapters import PROVIDERS
from crm_adapters.amocrm.catalogue import Field
from crm_adapters.amocrm.mapping import DEFAULT_MAPPING, check_mapping
from crm_adapters.amocrm.values import NoSuchValue, encoded
from crm_adapters.mapping import overlay
from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

CHANGED, CREATED = CrmEventKind.LEAD_CHANGED, CrmEventKind.LEAD_CREATED
DELETED, UNKNOWN = CrmEventKind.LEAD_DELETED, CrmEventKind.UNKNOWN
SECRET = "30111222:acme"
ACCOUNT = {
    "account[id]": "30111222",
    "account[subdomain]": "acme",
    "account[_links][self]": "https://acme.amocrm.ru",
}
verify, parse = PROVIDERS["amocrm"].verify, PROVIDERS["amocrm"].parse


def body(*pairs: tuple[str, str], account: dict[str, str] | None = None) -> bytes:
    account = ACCOUNT if account is None else account
    every = (*pairs, *account.items())
    return "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in every).encode()


def events(raw: bytes) -> list[tuple[CrmEventKind, str]]:
    return [(event.kind, event.external_id) for event in parse("leads", raw)]


STATUS = [("leads[status][0][id]", "19001"), ("leads[status][0][name]", "Telegram @anna_k"),
          ("leads[status][0][status_id]", "43002"), ("leads[status][0][old_status_id]", "43001"),
          ("leads[status][0][tags][0][id]", "77"), ("leads[status][0][custom_fields][0][id]", "705"),
          ("leads[status][0][custom_fields][0][values][0][value]", "Бот"),
          ("leads[status][0][custom_fields][0][values][0][enum]", "9001")]  # fmt: skip


def test_a_moved_lead() -> None:
    (event,) = parse("leads", body(*STATUS))
    assert (event.kind, event.external_id) == (CHANGED, "19001")
    assert (event.changed["status_id"], event.changed["old_status_id"]) == ("43002", "43001")
    assert event.changed["custom_fields"] == {
        "0": {"id": "705", "values": {"0": {"value": "Бот", "enum": "9001"}}}
    }
    assert isinstance(event, CrmEvent)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("leads[add][0][id]", "1"), ("leads[add][1][id]", "2")], [(CREATED, "1"), (CREATED, "2")]),
        ([("leads[add][0][id]", "1"), ("leads[status][0][id]", "1")], [(CREATED, "1"), (CHANGED, "1")]),
        ([("leads[update][3][id]", "1"), ("leads[update][7][id]", "2")], [(CHANGED, "1"), (CHANGED, "2")]),
        ([("leads[responsible][0][id]", "1"), ("leads[responsible][0][old_responsible_user_id]", "8")],
         [(CHANGED, "1")]),
        ([("leads[restore][0][id]", "1")], [(CHANGED, "1")]),
        ([("leads[delete][0][id]", "1"), ("leads[delete][0][status_id]", "143")], [(DELETED, "1")]),
        ([("leads[note][0][note][id]", "5"), ("leads[note][0][note][element_id]", "1")], [(UNKNOWN, "1")]),
        ([("leads[call_in][0][id]", "1")], [(UNKNOWN, "1")]),
        ([("contacts[update][0][id]", "4"), ("contacts[update][0][type]", "company"),
          ("contacts[update][0][linked_leads_id][19001][ID]", "19001")], [(UNKNOWN, "4")]),
        ([("contacts[add][0][id]", "4"), ("contacts[add][0][custom_fields][0][values][0]", "1795161800")],
         [(UNKNOWN, "4")]),
        ([("contacts[add][0][id]", "4"), ("contacts[add][0][custom_fields][0][values][value]", "да")],
         [(UNKNOWN, "4")]),
        ([("task[update][0][id]", "6"), ("task[update][0][complete_till]", "2026-11-21 08:00:00")],
         [(UNKNOWN, "6")]),
        ([("unsorted[delete][0][uid]", "a1f"), ("unsorted[delete][0][action]", "accept"),
          ("unsorted[delete][0][accept_result][leads][]", "19001")], [(UNKNOWN, "a1f")]),
        ([("message[add][0][id]", "0e-1"), ("message[add][0][author][name]", "Анна")], [(UNKNOWN, "0e-1")]),
        ([("talk[add][0][talk_id]", "12")], [(UNKNOWN, "12")]),
    ],
)  # fmt: skip
def test_documented_bodies(pairs: list[tuple[str, str]], expected: list[tuple[CrmEventKind, str]]) -> None:
    assert events(body(*pairs)) == expected


def test_a_body_as_another_encoder_writes_it() -> None:
    raw = b"leads[status][0][id]=19001&leads[status][0][name]=A%20B+C&account[id]=30111222"
    (event,) = parse("leads", raw)
    assert (event.external_id, event.changed["name"]) == ("19001", "A B C")


@pytest.mark.parametrize(
    "raw",
    [
        body(("leads[status][0][name]", "x")),
        body(("leads[status][0][id]", "../1")),
        body(("leads[status][0]", "1")),
        body(("leads", "1")),
        body(("goods[add][0][id]", "1")),
        body(("leads[add][0][id]", "1"), account={"x": "1"}),
        body(("leads[add]", "1"), ("leads[add][0][id]", "1")),
        b"leads[add][0[id]=1&account[id]=1",
        b"leads" + b"[a]" * 50 + b"=1&account[id]=1",
        b"&".join(b"leads[add][%d][id]=1" % at for at in range(30_000)),
        b"leads[add][0][id]=\xff&account[id]=1",
    ],
)
def test_a_body_that_is_none(raw: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        parse("leads", raw)
    assert (caught.value.field, caught.value.reason) == ("body", "invalid")


@pytest.mark.parametrize(
    ("account", "secret", "fine"),
    [
        (ACCOUNT, SECRET, True),
        ({"account[subdomain]": "acme"}, SECRET, True),
        ({"account[subdomain]": "other"}, SECRET, False),
        ({"account[id]": "30111223", "account[subdomain]": "acme"}, SECRET, False),
        (ACCOUNT, "30111222", False),
        (ACCOUNT, ":acme", False),
        (ACCOUNT, "", False),
        ({"account": "30111222"}, SECRET, False),
        ({"account[id]": "", "account[subdomain]": "acme"}, SECRET, False),
        ({}, SECRET, False),
    ],
)
def test_only_bodies_of_our_account_are_taken(account: dict[str, str], secret: str, fine: bool) -> None:
    raw = body(*STATUS, account=account)
    if fine:
        return verify({}, raw, "9", secret)
    with pytest.raises(WebhookRefused):
        verify({}, raw, "9", secret)
    return None


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "x", [{"value": "x"}]),
        ("textarea", ["a", "b"], [{"value": "a, b"}]),
        ("tracking_data", "vk", [{"value": "vk"}]),
        ("numeric", 17, [{"value": "17"}]),
        ("numeric", "семнадцать", None),
        ("checkbox", True, [{"value": True}]),
        ("checkbox", "yes", None),
        ("select", " сайт ", [{"enum_id": 2}]),
        ("select", "1", [{"enum_id": 1}]),
        ("radiobutton", "нет такого", None),
        ("multiselect", ["Бот", "Сайт"], [{"enum_id": 1}, {"enum_id": 2}]),
        ("multitext", ["+7916"], [{"value": "+7916", "enum_code": "WORK"}]),
        ("date", datetime(2026, 3, 2, tzinfo=UTC), [{"value": 1772409600}]),
        ("birthday", "1990-01-12", [{"value": "1990-01-12T00:00:00"}]),
        ("date_time", "скоро", None),
    ],
)
def test_values_by_the_type_of_the_field(kind: str, value: Any, expected: Any) -> None:
    field = Field(705, "Канал", "", kind, ((1, "Бот", ""), (2, "Сайт", "")))
    if expected is None:
        with pytest.raises(NoSuchValue):
            encoded(field, value)
    else:
        assert encoded(field, value) == expected


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"lead": {"colour": {"from": "name"}}}, "lead.colour"),
        ({"company": {"fields.X": {"from": "company"}}}, "company.fields.X"),
        ({"contact": {"first_name": {"from": "nosuch"}}}, "contact.first_name"),
        ({"deal": {}}, "deal"),
        ({"lead": {"price": {"from": "amount", "as": "nosuch"}}}, "lead.price"),
    ],
)
def test_a_slip_in_an_overlay_is_told(change: dict[str, Any], at: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_mapping(overlay(DEFAULT_MAPPING, change))
    assert caught.value.params["at"] == at


def test_the_default_mapping_is_sound() -> None:
    check_mapping(DEFAULT_MAPPING)
