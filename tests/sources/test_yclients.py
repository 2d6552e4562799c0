"""What only YCLIENTS does: visits and the cash book, hidden refusals, pages that move, unsigned webhooks."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.http import CrmHttp
from crm_adapters.pace import Paces
from crm_adapters.yclients import reading, walk
from crm_adapters.yclients.reading import Place
from crm_adapters.yclients.walk import Step
from crm_adapters.yclients.webhook import parse, verify
from domain.crm import CrmEventKind
from domain.errors import BadInput, CrmAccessLost, CrmGone, CrmRejected, WebhookRefused
from domain.transactions import SourceTransaction, TransactionKind, Unreadable, Window
from sandbox.yclients.state import Limits
from tests.sources.sides import START, Side, YclientsSide
from tests.sources.walks import HISTORY, Walker, worth

PLACE = Place(ZoneInfo("Europe/Moscow"), "RU", "RUB")
GIVEN = {"partner_token": "partner-1234", "user_token": "user-12345678", "company": "4102"}


@pytest.fixture
async def salon() -> AsyncIterator[Side]:
    async with YclientsSide() as source, CrmHttp(now=source.now, allow=[source.address]) as http:
        yield Side("yclients", source, build_adapter("yclients", source.settings, {}, http, source.now), http)


def other(side: Side, **settings: str) -> Any:
    return build_adapter("yclients", {**side.source.settings, **settings}, {}, side.http, side.source.now)


# Connecting


async def test_a_licence_that_is_not_paid(salon: Side) -> None:
    salon.source.crm.fail("unpaid")
    with pytest.raises(CrmAccessLost) as caught:
        await salon.adapter.test()
    assert caught.value.reason == "account or feature not paid"


@pytest.mark.parametrize(("path", "fatal"), [("records", True), ("transactions", False)])
async def test_a_right_that_is_missing(salon: Side, path: str, fatal: bool) -> None:
    salon.source.crm.fail("no_rights", path=path)
    (problem,) = (await salon.adapter.test()).problems
    assert (problem.code, problem.fatal) == ("no_right", fatal)


@pytest.mark.parametrize("company", ["9900", "777"])
async def test_a_branch_that_the_user_does_not_manage(salon: Side, company: str) -> None:
    report = await other(salon, company=company).test()
    assert [problem.code for problem in report.problems] == ["branch_unknown"]
    assert report.problems[0].params["branches"] == "4102 Миндаль, 4103 Миндаль на Мира"
    assert not report.usable


@pytest.mark.parametrize("name", ["partner_token", "user_token"])
async def test_either_token_may_be_wrong(salon: Side, name: str) -> None:
    with pytest.raises(CrmAccessLost) as caught:
        await other(salon, **{name: "wrong-token-12345"}).test()
    assert caught.value.reason == "key refused"


async def test_a_refusal_inside_of_a_200(salon: Side) -> None:
    salon.source.crm.fail("success_false")
    with pytest.raises(CrmRejected):
        await Walker(salon).go()


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"partner_token": ""}, "partner_token", "required"), ({"user_token": ""}, "user_token", "required"),
        ({"user_token": "Bearer x, User y"}, "user_token", "invalid"),
        ({"company": ""}, "company", "required"),
        ({"company": "4102/records"}, "company", "invalid"), ({"url": "ftp://x"}, "url", "scheme"),
        ({"company": "0"}, "company", "invalid"),
        ({"partner_token": "ключ-ключ"}, "partner_token", "invalid"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_right(change: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        PROVIDERS["yclients"].check_settings({**GIVEN, **change})
    assert (caught.value.field, caught.value.reason) == (field, reason)


def test_the_address_is_known() -> None:
    provider = PROVIDERS["yclients"]
    provider.check_settings(GIVEN)
    assert provider.completed(GIVEN)["url"] == "https://api.yclients.com"
    assert (
        provider.completed({**GIVEN, "url": "https://api.yclients.ru/"})["url"] == "https://api.yclients.ru"
    )


async def test_the_limits_of_the_vendor_are_kept() -> None:
    """5 a second and 200 a minute on the stand-in's clock: nothing is refused."""
    async with YclientsSide() as source, CrmHttp(now=source.now, allow=[source.address]) as http:
        source.crm.state.limits = Limits()

        async def sleep(seconds: float) -> None:
            source.later(seconds)

        paces = Paces(source.now, sleep=sleep)
        settings = source.settings
        adapter = build_adapter("yclients", settings, {}, http, source.now, paces=paces)
        begun = source.now()
        for _ in range(130):
            with pytest.raises(CrmGone):
                await adapter.read_transaction("5")
        assert source.now() - begun >= timedelta(seconds=64)
        assert {seen.status for seen in source.crm.requests()} == {404}


# What is read


async def test_a_booking_is_no_purchase_until_it_is_kept_and_paid(salon: Side) -> None:
    crm, walker = salon.source.crm, Walker(salon)
    number = crm.book(name="Мария", phone="+79990001122", services=[])
    salon.source.later(60)
    told = []
    for change in ({"services": [(55, 1800), (56, 5000)]}, {"attendance": 2}, {"attendance": 1}):
        found = await walker.purchases()
        told.append((found[str(number)].cancelled, found[str(number)].amount.amount))
        crm.change(number, **change)
        salon.source.later(60)
    crm.pay(number)
    salon.source.later(60)
    found = await walker.purchases()
    told.append((found[str(number)].cancelled, found[str(number)].amount.amount))
    assert told == [(True, 0), (True, 6800), (True, 6800), (False, 6800)]
    assert found[str(number)].description == "Стрижка, Окрашивание"


async def test_what_was_paid_counts_and_not_what_it_costs(salon: Side) -> None:
    """The price was raised after the payment: the cash book is the truth."""
    crm = salon.source.crm
    name = salon.source.sell(1800)
    crm.change(int(name), services=[(55, 2500)])
    assert (await salon.adapter.read_transaction(name)).amount.amount == 1800
    crm.pay(int(name), -1800)
    assert (await salon.adapter.read_transaction(name)).cancelled


async def test_a_visit_marked_as_paid_without_the_cash_book(salon: Side) -> None:
    crm = salon.source.crm
    number = crm.book(services=[(55, 1800)], attendance=1, paid_full=1)
    found = await salon.adapter.read_transaction(str(number))
    assert (found.cancelled, found.amount.amount) == (False, 1800)


async def test_goods_within_a_visit(salon: Side) -> None:
    crm = salon.source.crm
    number = crm.book(services=[(55, 1800)], attendance=1)
    crm.add_goods(number, 801, 2)
    crm.pay(number)
    found = await salon.adapter.read_transaction(str(number))
    assert found.amount.amount == 3780
    assert [(line.title, line.quantity, line.amount, line.item, line.group) for line in found.lines] == [
        ("Стрижка", 1, 1800, "55", "service"), ("Шампунь", 2, 1980, "801", "goods"),
    ]  # fmt: skip


async def test_the_cash_book_tells_what_was_sold_without_a_visit(salon: Side) -> None:
    crm, walker = salon.source.crm, Walker(salon)
    sale = crm.sell(990, "Оля", "+79990001133")
    back = crm.sell(-300, "Оля", "+79990001133")
    crm.sell(-40_000, sold="", expense=(1, "Зарплата персонала"))
    crm.sell(15_000, sold="", expense=(12, "Перемещение"))
    abonement = crm.sell(9000, "Оля", "+79990001133", sold="loyalty_abonement")
    visit = salon.source.sell(1800)
    salon.source.later(60)
    found = await walker.purchases()
    assert set(found) == {f"money-{sale}", f"money-{back}", f"money-{abonement}", visit}
    refund = found[f"money-{back}"]
    assert (refund.kind, refund.amount.amount, refund.phone) == (TransactionKind.REFUND, 300, "+79990001133")
    assert worth(found.values()) == 990 - 300 + 9000 + 1800
    assert await salon.adapter.read_transaction(f"money-{sale}") == found[f"money-{sale}"]
    wages = max(crm.state.table("transactions")) - 3
    with pytest.raises(CrmGone):
        await salon.adapter.read_transaction(f"money-{wages}")


@pytest.mark.parametrize("absent", ["null", "object", "list"])
async def test_somebody_who_just_came_in(salon: Side, absent: str) -> None:
    number = salon.source.crm.book(no_client=absent, attendance=1, paid_full=1)
    found = await salon.adapter.read_transaction(str(number))
    assert (found.phone, found.customer, found.cancelled) == ("", "", False)


async def test_phones_that_the_user_may_not_see(salon: Side) -> None:
    name = salon.source.sell(1800)
    salon.source.crm.fail("phones_hidden")
    found = await salon.adapter.read_transaction(name)
    assert (found.phone, found.customer) == ("", "9001")
    salon.source.crm.heal()
    assert await salon.adapter.phone_of(found.customer) == "+79990001122"
    with pytest.raises(CrmGone):
        await salon.adapter.phone_of("1")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "id", "services", "goods_transactions", "client", "datetime", "date", "attendance", "deleted",
    "paid_full", "finance_transactions", "last_change_date", "amount", "expense", "record_id",
    "sold_item_type", "sold_item_id",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=len(NAMES)) | JSON)
def test_a_wild_record_is_read_or_is_unreadable(raw: Any) -> None:
    for found in (reading.visit(raw, PLACE), reading.payment(raw, PLACE)):
        assert found is None or isinstance(found, SourceTransaction | Unreadable)
        if isinstance(found, SourceTransaction):
            assert found.external_id
            assert found.happened_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"datetime": "soon"}, "happened_at", "invalid"), ({"datetime": None}, "happened_at", "required"),
        ({"services": [{"cost": "a lot"}]}, "amount", "invalid"), ({"id": None}, "external_id", "required"),
        ({"services": [{"title": "Стрижка"}]}, "amount", "required"),
        ({"last_change_date": "never"}, "changed_at", "invalid"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(change: dict[str, Any], field: str, reason: str) -> None:
    raw = {"id": 1, "datetime": "2026-03-04T15:00:00+03:00", "services": [], "attendance": 1, **change}
    found = reading.visit(raw, PLACE)
    assert isinstance(found, Unreadable)
    assert (found.field, found.problem, found.external_id) == (
        field,
        reason,
        "" if field == "external_id" else "1",
    )


def test_older_answers_do_not_name_what_was_sold() -> None:
    raw = {
        "id": "1",
        "date": "2026-03-04 16:04:59",
        "amount": "1800.00",
        "expense": {"id": "5"},
        "client": {"id": "9"},
    }
    found = reading.payment(raw, PLACE)
    assert isinstance(found, SourceTransaction)
    assert found.amount.amount == Decimal(1800)
    assert found.happened_at == datetime(2026, 3, 4, 13, 4, 59, tzinfo=UTC)
    assert reading.payment({**raw, "client": []}, PLACE) is None
    assert reading.payment({**raw, "expense": {"id": "2"}}, PLACE) is None


# The walk


def test_pages_go_on_to_the_end() -> None:
    step = Step().following(200, 450)
    assert step is not None
    assert str(step) == "visits.2.1.200.450"
    step = Step.read(str(step)).following(200, 450)
    assert step is not None
    assert step.page == 3
    step = step.following(50, 450)
    assert step == Step("money")
    assert replace(step, page=4, size=200).following(0, None) is None


def test_pages_are_read_again_when_the_list_has_shrunk() -> None:
    step = Step("visits", 3, 2, 200, 600)
    assert [one.page for one in step.moved(599)] == [2]
    assert [one.page for one in step.moved(150)] == [1, 2]
    assert step.moved(600) == step.moved(601) == step.moved(None) == Step().moved(5) == []


def test_a_list_without_an_end_is_left() -> None:
    step = Step("money", asked=walk.MOST_PAGES)
    with pytest.raises(CrmRejected):
        step.following(200, None)


async def test_a_visit_that_leaves_the_list_hides_no_other() -> None:
    """Between two pages one of the first page is moved to another month."""
    async with YclientsSide(most=2) as source, CrmHttp(now=source.now, allow=[source.address]) as http:
        adapter = build_adapter("yclients", source.settings, {}, http, source.now)
        names = [source.sell(100 + number) for number in range(6)]
        now = source.now() + timedelta(seconds=1)
        window, found, after = Window(now - HISTORY, now, first=True), set(), ""
        while True:
            page = await adapter.transactions(window, after)
            found |= {one.external_id for one in page.found}
            if not after:
                source.crm.change(int(names[0]), at=START + timedelta(days=60))
            after = page.next
            if not after:
                break
        assert found == set(names)


def test_both_clocks_that_it_may_be_are_asked_for() -> None:
    window = Window(START, START + timedelta(hours=1))
    asked = dict(walk.asked_for(Step(), window, ZoneInfo("Europe/Moscow")))
    assert asked["changed_after"] == "2026-03-04T12:00:00"
    asked = dict(walk.asked_for(Step(), window, ZoneInfo("America/New_York")))
    assert asked["changed_after"] == "2026-03-04T07:00:00"
    assert "changed_before" not in asked


# Webhooks


CHANGED = "transaction.changed"


@pytest.mark.parametrize(
    ("body", "kind", "external_id"),
    [
        ({"resource": "record", "resource_id": 7, "status": "update", "data": {}}, CHANGED, "7"),
        ({"resource": "record", "resource_id": 7, "status": "delete"}, CHANGED, "7"),
        ({"event": "record.create", "data": {"id": 8}}, CHANGED, "8"),
        ({"id": 9, "services": [], "datetime": "x"}, CHANGED, "9"),
        ({"resource": "finances_operation", "resource_id": 5, "data": {"record_id": 7}}, CHANGED, "7"),
        ({"resource": "finances_operation", "resource_id": 5, "data": []}, CHANGED, "money-5"),
        ({"resource": "goods_operations_sale", "resource_id": 5, "data": {"amount": -1}}, CHANGED, ""),
        ({"resource": "client", "resource_id": 3, "status": "create"}, "unknown", "3"),
        ({"resource": "record", "data": {}}, "unknown", ""),
    ],
)  # fmt: skip
def test_what_a_webhook_tells(body: dict[str, Any], kind: str, external_id: str) -> None:
    (event,) = parse("record", json.dumps(body).encode())
    assert (event.kind, event.external_id) == (CrmEventKind(kind), external_id)


def test_a_webhook_of_another_branch() -> None:
    body = json.dumps({"company_id": 4102, "resource": "record", "resource_id": 7}).encode()
    verify({}, body, "by-hand", "4102")
    verify({}, body, "by-hand", "")
    verify({}, b'{"resource": "record"}', "by-hand", "4102")
    for secret, told in (("4103", body), ("4102", b"{")):
        with pytest.raises(WebhookRefused):
            verify({}, told, "by-hand", secret)


async def test_the_address_is_registered_by_hand(salon: Side) -> None:
    made = salon.adapter.webhook_by_hand("https://crm.example/webhooks/yclients/abc")
    assert made.event.split() == ["record", "finances_operation", "goods_operations_sale"]
    assert made.secret == "4102"
