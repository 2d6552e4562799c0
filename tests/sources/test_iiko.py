"""What only iiko does: tokens of an hour, revisions and days, lines with modifiers, halls, guests."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.http import CrmHttp
from crm_adapters.iiko import reading, walk
from crm_adapters.iiko.reading import OrderId, Restaurant
from crm_adapters.iiko.walk import Days
from crm_adapters.iiko.webhook import parse, verify
from domain.crm import CrmEventKind
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmGone,
    CrmRejected,
    CrmUnavailable,
    CrmUncertain,
    WebhookRefused,
)
from domain.leads import Money
from domain.transactions import SourceTransaction, Unreadable, Window
from sandbox.iiko.orders import item
from sandbox.iiko.seed import BAR, CAFE, FOREIGN
from tests.sources.sides import START, IikoSide, Side
from tests.sources.test_yclients import JSON
from tests.sources.walks import HISTORY, Walker

PLACE = Restaurant(CAFE, "Кафе Юг", ZoneInfo("Europe/Moscow"), "RUB", "RU")
TOKEN = "1/access_token"
BY_REVISION, BY_DAY = "1/deliveries/by_revision", "1/deliveries/by_delivery_date_and_status"


@pytest.fixture
async def cafe() -> AsyncIterator[Side]:
    async with IikoSide() as source, CrmHttp(now=source.now, allow=[source.address]) as http:
        yield Side("iiko", source, build_adapter("iiko", source.settings, {}, http, source.now), http)


def other(side: Side, **settings: str) -> Any:
    return build_adapter("iiko", {**side.source.settings, **settings}, {}, side.http, side.source.now)


def asked(side: Side, path: str) -> int:
    return len(side.source.crm.requests(path=path))


# Tokens and connecting


async def test_one_token_for_all_who_ask_at_once(cafe: Side) -> None:
    await asyncio.gather(*(cafe.adapter.test() for _ in range(5)))
    assert asked(cafe, TOKEN) == 1


async def test_a_token_is_replaced_before_it_ends(cafe: Side) -> None:
    await cafe.adapter.test()
    cafe.source.later(49 * 60)
    await cafe.adapter.test()
    assert asked(cafe, TOKEN) == 1
    cafe.source.later(2 * 60)
    await asyncio.gather(*(cafe.adapter.test() for _ in range(3)))
    assert asked(cafe, TOKEN) == 2
    assert 401 not in {seen.status for seen in cafe.source.crm.requests()}


async def test_a_token_that_is_refused_is_replaced_once(cafe: Side) -> None:
    await cafe.adapter.test()
    cafe.source.later(120)
    cafe.source.crm.state.tokens.clear()
    await asyncio.gather(*(Walker(cafe).go() for _ in range(3)))
    assert asked(cafe, TOKEN) == 2


async def test_a_method_that_is_not_granted_does_not_eat_tokens(cafe: Side) -> None:
    cafe.source.crm.fail("no_rights", path="deliveries")
    for _ in range(3):
        with pytest.raises(CrmAccessLost) as caught:
            await Walker(cafe).go()
        assert caught.value.reason == "method not granted"
    assert asked(cafe, TOKEN) == 1


@pytest.mark.parametrize(("path", "fatal"), [("deliveries/by_delivery", True), ("deliveries/by_rev", False)])
async def test_a_right_that_is_missing(cafe: Side, path: str, fatal: bool) -> None:
    cafe.source.crm.fail("no_rights", path=path)
    (problem,) = (await cafe.adapter.test()).problems
    assert (problem.code, problem.fatal) == ("no_right", fatal)


async def test_a_licence_without_the_api(cafe: Side) -> None:
    cafe.source.crm.fail("unpaid")
    with pytest.raises(CrmAccessLost) as caught:
        await cafe.adapter.test()
    assert caught.value.reason == "account or feature not paid"


async def test_a_key_that_nobody_knows(cafe: Side) -> None:
    with pytest.raises(CrmAccessLost) as caught:
        await other(cafe, api_login="wrong-login").test()
    assert caught.value.reason == "key refused"


async def test_a_terminal_that_is_slow(cafe: Side) -> None:
    cafe.source.crm.fail("terminal_slow", path="deliveries")
    with pytest.raises(CrmUnavailable):
        await Walker(cafe).go()


async def test_restaurants_that_were_chosen(cafe: Side) -> None:
    cafe.source.crm.sell(organization=BAR)
    ours = cafe.source.crm.sell(organization=CAFE)
    cafe.source.later(60)
    one = other(cafe, organizations=CAFE)
    assert (await one.test()).account == "Кафе Юг"
    found = await Walker(Side("iiko", cafe.source, one, cafe.http)).purchases()
    assert set(found) == {f"{CAFE}:{ours}"}


async def test_restaurants_that_the_key_does_not_see(cafe: Side) -> None:
    lacking = other(cafe, organizations=FOREIGN)
    assert [problem.code for problem in (await lacking.test()).problems] == ["restaurant_unknown"]
    with pytest.raises(CrmAccessLost):
        await Walker(Side("iiko", cafe.source, lacking, cafe.http)).go()
    cafe.source.crm.state.organizations.clear()
    crm = cafe.source.crm.state
    crm.keys = {name: key.__class__(key.name, (), key.app_id, key.secret) for name, key in crm.keys.items()}
    crm.tokens.clear()
    assert [one.code for one in (await other(cafe).test()).problems] == ["no_restaurants"]


@pytest.mark.parametrize(
    ("settings", "field", "reason"),
    [
        ({}, "api_login", "required"), ({"api_login": "a b c d"}, "api_login", "invalid"),
        ({"api_key": "abcdef"}, "app_id", "required"),
        ({"api_key": "abcdef", "app_id": "abcdef"}, "client_secret", "required"),
        ({"api_login": "abcdef", "organizations": "Кафе"}, "organizations", "invalid"),
        ({"api_login": "abcdef", "url": "ftp://x"}, "url", "scheme"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_right(settings: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        PROVIDERS["iiko"].check_settings(settings)
    assert (caught.value.field, caught.value.reason) == (field, reason)


def test_the_address_is_known_and_accounts_are_told_apart() -> None:
    completed = PROVIDERS["iiko"].completed
    assert completed({}) == {"url": "https://api-ru.iiko.services"}
    one, two = (completed({"api_login": login}) for login in ("a1b2c3d4", "a1b2c3d5"))
    assert one["url"] == two["url"]
    assert one["account"] != two["account"]
    assert "a1b2c3d4" not in one["account"]


# The walk


async def test_a_recent_mark_needs_one_request_and_an_old_one_the_days(cafe: Side) -> None:
    walker = Walker(cafe)
    cafe.source.sell(100)
    await walker.go()
    assert walker.mark
    cafe.source.crm.state.requests.clear()
    cafe.source.later(300)
    new = cafe.source.sell(200)
    cafe.source.later(1)
    assert set(await walker.purchases()) == {new}
    assert (asked(cafe, BY_REVISION), asked(cafe, BY_DAY)) == (1, 0)
    cafe.source.later(4 * 3600)
    late = cafe.source.sell(300)
    cafe.source.later(1)
    assert late in await walker.purchases()
    assert asked(cafe, BY_REVISION) == 1
    assert asked(cafe, BY_DAY) == 1, "nine days of two restaurants"
    assert int(walker.mark) == cafe.source.crm.state.revision


async def test_a_mark_that_is_refused_falls_back_on_the_days(cafe: Side) -> None:
    name = cafe.source.sell(100)
    cafe.source.later(1)
    walker = Walker(cafe, ended=cafe.source.now(), mark="5")
    assert name in await walker.purchases()
    assert asked(cafe, BY_REVISION) == 1
    assert int(walker.mark) == cafe.source.crm.state.revision


async def test_days_that_are_too_much_for_one_answer_are_asked_one_by_one(cafe: Side) -> None:
    name = cafe.source.sell(100)
    cafe.source.later(1)
    cafe.source.crm.fail("terminal_slow", times=1, path="deliveries/by_delivery")
    assert set(await Walker(cafe).purchases()) == {name}
    assert asked(cafe, BY_DAY) == 1 + len(range(-HISTORY.days - 1, 2)), "from a day before to a day after"


async def test_what_changes_while_we_walk_is_told_by_the_next_walk(cafe: Side) -> None:
    walker, name = Walker(cafe), cafe.source.sell(100)
    now = cafe.source.now() + timedelta(seconds=1)
    window, after = Window(now - timedelta(days=5), now, first=True), ""
    while True:
        page = await cafe.adapter.transactions(window, after)
        if not after:
            cafe.source.later(1)
            cafe.source.edit(name, 150)
        after = page.next
        if not after:
            break
    walker.ended, walker.mark = now, page.mark
    cafe.source.later(60)
    assert (await walker.purchases())[name].amount.amount == 150


async def test_a_month_of_last_year_costs_nothing(cafe: Side) -> None:
    await cafe.adapter.test()
    cafe.source.crm.state.requests.clear()
    until = START - timedelta(days=300)
    page = await cafe.adapter.transactions(Window(until - timedelta(days=30), until, first=True), "")
    assert (list(page.found), page.next, cafe.source.crm.requests()) == ([], "", [])


def test_parts_of_a_walk() -> None:
    part = Days(date(2026, 3, 5))
    second = part.following(2, date(2026, 3, 4), 0)
    assert str(second) == "2026-03-05.1.0.1"
    third = Days.read(str(second)).following(2, date(2026, 3, 4), 90)
    assert third == Days(date(2026, 3, 4), 0, 90)
    assert third.following(2, date(2026, 3, 4), 70) == Days(date(2026, 3, 4), 1, 90)
    assert Days(date(2026, 3, 4), 1, 90).following(2, date(2026, 3, 4), 99) is None
    window = Window(START, START, mark="80")
    assert [walk.by_days(window, restaurants).many for restaurants in (1, 2, 12, 13, 60)] == [25, 12, 2, 1, 1]
    fours = Days(date(2026, 3, 9), many=4).following(1, date(2026, 3, 2), 0)
    assert fours is not None
    assert (fours.begins(date(2026, 3, 2)), fours.day) == (date(2026, 3, 2), date(2026, 3, 5))
    assert fours.following(1, date(2026, 3, 2), 0) is None
    assert Days.read("2026-03-05.0.7") == Days(date(2026, 3, 5), 0, 7), "a walk begun by an older release"
    assert [walk.mark_of(window, revision) for revision in (0, 70, 90)] == ["80", "80", "90"]
    assert walk.mark_of(Window(START, START), 0) == ""


def test_a_mark_that_is_none() -> None:
    for mark in ("", "x", "-5", "1.5"):
        assert not walk.goes_by_revision(Window(START, START, mark=mark), START)


# What is read


async def test_lines_with_modifiers_and_discounts(cafe: Side) -> None:
    lines = [
        item("Рамен", 1400, discount=100, modifiers=[("Яйцо", 50.0)]), item("Моти", 250, deleted=True),
        item("Гёдза", 450, 2),
    ]  # fmt: skip
    order = cafe.source.crm.sell(items=lines)
    found = await cafe.adapter.read_transaction(f"{CAFE}:{order}")
    assert found.amount.amount == 1300 + 50 + 900
    assert [(line.title, line.quantity, line.amount) for line in found.lines] == [
        ("Рамен", 1, 1300), ("Яйцо", 1, 50), ("Гёдза", 2, 900),
    ]  # fmt: skip
    assert found.description == "Кафе Юг: Рамен, Яйцо, Гёдза"


@pytest.mark.parametrize("status", ["Unconfirmed", "CookingStarted", "OnWay", "Cancelled"])
async def test_only_what_was_delivered_or_closed_counts(cafe: Side, status: str) -> None:
    order = cafe.source.crm.order(items=[item("Рамен")])
    for now, bought in ((status, False), ("Delivered", True), ("Closed", True)):
        cafe.source.crm.change(order, status=now)
        found = await cafe.adapter.read_transaction(f"{CAFE}:{order}")
        assert found.cancelled is not bought


async def test_an_order_that_was_moved_counts_where_it_went(cafe: Side) -> None:
    order = cafe.source.crm.sell()
    cafe.source.crm.change(order, moved_to="other")
    assert (await cafe.adapter.read_transaction(f"{CAFE}:{order}")).cancelled


@pytest.mark.parametrize(
    "more", [{"source": "Яндекс Еда"}, {"type": "Delivery Club"}, {"source": "yandex-eda"}]
)
async def test_an_aggregator_s_phone_is_nobody_s(cafe: Side, more: dict[str, str]) -> None:
    order = cafe.source.crm.sell(customer="c0a1", **more)
    found = await cafe.adapter.read_transaction(f"{CAFE}:{order}")
    assert (found.phone, found.customer, found.cancelled) == ("", "", False)


async def test_a_masked_phone(cafe: Side) -> None:
    order = cafe.source.crm.sell(phone="+7999***1122")
    assert (await cafe.adapter.read_transaction(f"{CAFE}:{order}")).phone == ""


async def test_a_guest_with_a_card_and_no_phone_is_found_by_the_card(cafe: Side) -> None:
    guest = cafe.source.crm.guest("+79990001133", "Анна", "C-17")
    order = cafe.source.crm.sell(phone=None, customer=guest)
    found = await cafe.adapter.read_transaction(f"{CAFE}:{order}")
    assert (found.phone, found.customer) == ("", guest)
    assert await cafe.adapter.phone_of(found.customer) == "+79990001133"
    with pytest.raises(CrmGone):
        await cafe.adapter.phone_of("nobody")


@pytest.mark.parametrize("creation", ["InProgress", "Error"])
async def test_what_is_not_made_yet(cafe: Side, creation: str) -> None:
    order = cafe.source.crm.order(creation=creation)
    cafe.source.later(60)
    assert await Walker(cafe).go() == []
    with pytest.raises(CrmUnavailable):
        await cafe.adapter.read_transaction(f"{CAFE}:{order}")


@pytest.mark.parametrize("external_id", ["", "x", f"{CAFE}:", f"{FOREIGN}:x", f"{CAFE}:x:bar", f"{CAFE}:x"])
async def test_ids_of_nobody(cafe: Side, external_id: str) -> None:
    with pytest.raises(CrmGone):
        await cafe.adapter.read_transaction(external_id)


NAMES = (
    "id", "timestamp", "order", "sum", "status", "items", "phone", "customer", "whenClosed", "isDeleted",
    "type", "product", "modifiers", "amount", "resultSum", "sourceKey", "movedToDeliveryId", "deleted",
)  # fmt: skip
WILD = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=len(NAMES))


@given(st.fixed_dictionaries({"id": st.just("a"), "order": WILD | JSON, "timestamp": JSON}) | WILD | JSON)
def test_a_wild_record_is_read_or_is_unreadable(raw: Any) -> None:
    found = reading.order(raw, PLACE)
    assert found is None or isinstance(found, SourceTransaction | Unreadable)
    if isinstance(found, SourceTransaction):
        assert found.happened_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"sum": None}, "amount", "required"), ({"sum": -1}, "amount", "negative"),
        ({"whenClosed": "today"}, "happened_at", "invalid"),
        ({"whenClosed": None}, "happened_at", "required"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(change: dict[str, Any], field: str, reason: str) -> None:
    inside = {"sum": 100, "status": "Closed", "whenClosed": "2026-03-04 15:00:00.000", **change}
    found = reading.order({"id": "a", "order": inside}, PLACE)
    assert isinstance(found, Unreadable)
    assert (found.field, found.problem, found.external_id) == (field, reason, f"{CAFE}:a")


def test_a_closed_order_without_the_moment_of_it() -> None:
    inside = {"sum": 100, "status": "Closed", "whenClosed": None, "whenDelivered": "2026-03-04 14:58:00.000"}
    found = reading.order({"id": "a", "order": inside}, PLACE)
    assert isinstance(found, SourceTransaction)
    assert found.happened_at == datetime(2026, 3, 4, 11, 58, tzinfo=UTC)


# Bonuses

OURS = "0193aaaa-0000-7000-8000-000000000001"
CHARGED = "1/loyalty/iiko/customer/wallet/chargeoff"


async def pays(side: Side, customer: str, amount: str, our_id: str = OURS) -> None:
    await side.adapter.pay_with_bonus(customer, Money(Decimal(amount)), our_id)


async def test_bonuses_are_taken_off_once(cafe: Side) -> None:
    crm = cafe.source.crm
    guest = crm.guest("+79990001133", "Анна", bonus=500)
    for _ in range(2):
        await pays(cafe, guest, "120.50")
    await pays(cafe, "+79990001133", "79.50", "0193aaaa-0000-7000-8000-000000000002")
    assert crm.bonuses(guest) == 300
    assert asked(cafe, CHARGED) == 2
    assert [OURS in one["comment"] for one in crm.state.movements] == [True, False]


async def test_an_answer_that_is_lost_does_not_take_them_twice(cafe: Side) -> None:
    crm = cafe.source.crm
    guest = crm.guest("+79990001133", bonus=500)
    for number in range(60):
        await pays(cafe, guest, "1", f"another-{number}")
    crm.fail("drop_after_commit", path="loyalty/iiko/customer/wallet")
    with pytest.raises(CrmUncertain):
        await pays(cafe, guest, "100")
    await pays(cafe, guest, "100")
    assert crm.bonuses(guest) == 340


@pytest.mark.parametrize(
    ("customer", "reason"), [("+79990009999", "no such guest"), ("+79990001133", "not enough bonuses")]
)
async def test_bonuses_that_cannot_be_taken(cafe: Side, customer: str, reason: str) -> None:
    cafe.source.crm.guest("+79990001133", bonus=99)
    with pytest.raises(CrmRejected) as caught:
        await pays(cafe, customer, "100")
    assert caught.value.reason == reason
    assert not cafe.source.crm.state.movements


# Webhooks

URL = "https://crm.example/webhooks/iiko/abc"


async def test_a_webhook_is_set_in_every_restaurant_and_told_of(cafe: Side) -> None:
    made = await cafe.adapter.subscribe("orders", URL)
    hooks = cafe.source.crm.state.hooks
    assert {place[0] for place in hooks} == {CAFE, BAR}
    assert {hook["authToken"] for hook in hooks.values()} == {made.secret}
    assert await cafe.adapter.standing() == {made.external_id}
    again = await cafe.adapter.subscribe("orders", URL)
    assert again.external_id == made.external_id
    assert again.secret != made.secret
    await cafe.adapter.unsubscribe(made.external_id)
    assert await cafe.adapter.standing() == frozenset()
    cafe.source.crm.sell()
    assert not cafe.source.crm.state.outgoing


async def test_another_integrator_s_webhook_is_left_alone(cafe: Side) -> None:
    body = {"webHooksUri": "https://other.example/x", "authToken": "t",
            "webHooksFilter": {"stopListUpdateFilter": {"updates": True}}}  # fmt: skip
    cafe.source.crm.state.hooks[BAR, "Voronka"] = body
    with pytest.raises(CrmRejected):
        await cafe.adapter.subscribe("orders", URL)
    assert list(cafe.source.crm.state.hooks) == [(BAR, "Voronka")]
    await cafe.adapter.unsubscribe("whatever")
    assert cafe.source.crm.state.hooks[BAR, "Voronka"] == body


async def test_an_order_of_the_hall_is_told_and_read(cafe: Side) -> None:
    await cafe.adapter.subscribe("orders", URL)
    order = cafe.source.crm.order(hall=True, items=[item("Рамен")], phone="+79990001122")
    cafe.source.crm.change(order, status="Closed")
    (outgoing,) = cafe.source.crm.state.outgoing
    verify({"authorization": outgoing.token}, b"", "", outgoing.token)
    (event,) = parse("orders", json.dumps(outgoing.events).encode())
    assert (event.kind, event.external_id) == (CrmEventKind.TRANSACTION_CHANGED, f"{CAFE}:{order}:table")
    assert event.event_id
    found = await cafe.adapter.read_transaction(event.external_id)
    assert (found.amount.amount, found.cancelled, found.phone) == (1400, False, "+79990001122")
    cafe.source.crm.state.outgoing.clear()


@pytest.mark.parametrize("shown", ["secret-token", "Bearer secret-token", "bearer secret-token"])
def test_our_token_bare_or_with_its_kind(shown: str) -> None:
    verify({"authorization": shown}, b"[]", "", "secret-token")


@pytest.mark.parametrize(
    ("shown", "secret"), [("", "s"), ("x", "s"), ("Bearer ", "s"), ("", ""), ("s", ""), ("токен", "s")]
)
def test_a_webhook_that_nobody_vouches_for(shown: str, secret: str) -> None:
    with pytest.raises(WebhookRefused):
        verify({"authorization": shown}, b"[]", "", secret)


def test_other_events_are_unknown_and_one_event_may_come_without_a_list() -> None:
    told = {"eventType": "StopListUpdate", "organizationId": CAFE, "eventInfo": {}}
    assert [one.kind for one in parse("orders", json.dumps([told, told]).encode())] == [
        CrmEventKind.UNKNOWN
    ] * 2
    told = {
        "eventType": "DeliveryOrderUpdate",
        "organizationId": CAFE,
        "eventInfo": {"id": "a", "timestamp": 5},
    }
    (event,) = parse("orders", json.dumps(told).encode())
    assert event.external_id == str(OrderId(CAFE, "a"))
