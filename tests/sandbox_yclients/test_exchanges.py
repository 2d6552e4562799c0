"""The stand-in answers the documented requests as YCLIENTS is documented to; the data are invented by us."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox_retailcrm.test_exchanges import fits
from tests.sandbox_yclients.conftest import Chain

BOOKING = {
    "staff_id": 31,
    "services": [{"id": 55, "first_cost": 2000, "discount": 10, "cost": 1800}],
    "client": {"phone": "79990001122", "name": "Мария", "email": ""},
    "datetime": "2026-03-04T15:00:00+03:00",
    "seance_length": 3600,
    "save_if_busy": True,
    "send_sms": False,
    "api_id": "lead-77",
}
SEARCH = {
    "page": 1,
    "page_size": 200,
    "fields": ["id", "name", "phone"],
    "order_by": "id",
    "order_by_direction": "ASC",
    "operation": "AND",
    "filters": [{"type": "quick_search", "state": {"value": "79990001122"}}],
}
HOOKS = {"urls": ["https://crm.example/hooks"], "active": 1, "record": 1, "finances_operation": 1}


@dataclass(frozen=True)
class Exchange:
    """`request` is a method and a path; `has` a part of the answer's data, `meta` of its meta."""

    name: str
    request: str
    body: Any = None
    status: int = 200
    has: Any = None
    meta: Any = None
    user: bool = True


X = Exchange
VISIT = {
    "id": 1891402563,
    "company_id": 4102,
    "staff_id": 31,
    "services": [
        {"id": 55, "title": "Стрижка", "cost": 1800, "discount": 10, "first_cost": 2000, "amount": 1}
    ],
    "goods_transactions": [],
    "client": {"id": 9001, "name": "Мария", "phone": "+79990001122"},
    "datetime": "2026-03-04T15:00:00+03:00",
    "date": "2026-03-04 15:00:00",
    "attendance": 1,
    "visit_attendance": 1,
    "visit_id": "812345",
    "deleted": False,
    "paid_full": 1,
    "activity_id": 0,
    "custom_fields": {},
    "finance_transactions": [],
}
MONEY = {"id": 48151, "amount": 1800.0, "expense": {"id": "5", "title": "Оказание услуг"}, "visit_id": 812345}
ALL = [
    X(
        "who logs in",
        "POST auth",
        {"login": "79161234567", "password": "owner-password"},
        201,
        {"id": 501},
        [],
        False,
    ),
    X("a wrong password", "POST auth", {"login": "79161234567", "password": "1"}, 401, None, {}, False),
    X(
        "a branch, for a partner",
        "GET company/4102/",
        None,
        200,
        {"title": "Миндаль", "timezone": "Europe/Moscow"},
        [],
        False,
    ),
    X("a slash is missing", "GET company/4102", None, 404, None, {"message": "Not Found"}, False),
    X("my branches", "GET companies?my=1", None, 200, [{"id": 4102}, {"id": 4103}]),
    X("visits", "GET records/4102?page=1&count=50", None, 200, [VISIT], {"page": 1, "total_count": 1}),
    X("visits of a day", "GET records/4102?start_date=2026-03-04&end_date=2026-03-04", None, 200, [VISIT]),
    X(
        "visits of another day",
        "GET records/4102?start_date=2026-03-05&end_date=2026-03-06",
        None,
        200,
        [],
        {"total_count": 0},
    ),
    X("a day that is none", "GET records/4102?start_date=05.03.2026", None, 400, None, {"errors": {}}),
    X("visits of a master", "GET records/4102?staff_id=32", None, 200, []),
    X("changed", "GET records/4102?changed_after=2026-03-04T14:00:00", None, 200, [VISIT]),
    X("changed later", "GET records/4102?changed_after=2036-03-04T14:00:00", None, 200, []),
    X("changed in another form", "GET records/4102?changed_after=2026-03-04", None, 400),
    X(
        "with their payments",
        "GET records/4102?include_finance_transactions=1",
        None,
        200,
        [{"finance_transactions": [MONEY]}],
    ),
    X("one visit", "GET record/4102/1891402563", None, 200, VISIT),
    X("one visit, in the plural", "GET records/4102/1891402563", None, 404),
    X("no such visit", "GET record/4102/5", None, 404),
    X("of another branch", "GET record/4103/1891402563", None, 404),
    X("of another owner", "GET records/9900", None, 403, None, {"message": "Недостаточно прав"}),
    X("a booking", "POST records/4102", BOOKING, 201, {"api_id": "lead-77", "services": [{"cost": 1800.0}]}),
    X(
        "half a booking",
        "POST records/4102",
        {"staff_id": 31},
        422,
        None,
        {"errors": {"services": ["Обязательное поле"]}},
    ),
    X("the cash book", "GET transactions/4102?page=1&count=200", None, 200, [MONEY], []),
    X(
        "of a visit",
        "GET timetable/transactions/4102?record_id=1891402563&visit_id=812345",
        None,
        200,
        [MONEY],
        [],
    ),
    X("one of them", "GET finance_transactions/4102/48151", None, 200, MONEY),
    X("a client", "GET client/4102/9001", None, 200, {"id": 9001, "phone": "+79990001122"}),
    X(
        "clients of a phone",
        "POST company/4102/clients/search",
        SEARCH,
        200,
        [{"id": 9001, "name": "Мария"}],
        {"total_count": 1},
    ),
    X(
        "a new client",
        "POST clients/4102",
        {"name": "Олег", "phone": "79990001133"},
        201,
        {"phone": "+79990001133"},
    ),
    X("a client without a phone", "POST clients/4102", {"name": "Олег"}, 422),
    X("webhooks", "GET hooks_settings/4102", None, 200, {"urls": [], "active": 0, "record": 0}),
    X("webhooks are set", "POST hooks_settings/4102", HOOKS, 201, {"active": 1, "client": 0}),
]


@pytest.fixture
async def world(chain: Chain) -> Chain:
    """The chain with a visit that was paid."""
    chain.crm.serve(at=datetime(2026, 3, 4, 12, tzinfo=UTC))
    return chain


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
async def test_exchange(case: Exchange, world: Chain) -> None:
    answer = await world.ask(case.request, case.body, case.user)
    assert answer.status_code == case.status, answer.text
    told = answer.json()
    assert told["success"] is (case.status < 400)
    if case.has is not None:
        assert fits(told["data"], case.has), answer.text[:2000]
    if case.meta is not None:
        assert fits(told["meta"], case.meta), answer.text[:500]


async def test_a_deleted_visit_is_hidden_unless_it_is_asked_for(world: Chain) -> None:
    assert (await world.ask("DELETE record/4102/1891402563")).status_code == 204
    assert (await world.ask("GET records/4102")).json()["data"] == []
    (found,) = (await world.ask("GET records/4102?with_deleted=1")).json()["data"]
    assert found["deleted"] is True


async def test_pages_and_the_longest_of_them(world: Chain) -> None:
    for number in range(4):
        world.crm.book(name=f"Клиент {number}", phone=f"+7999000220{number}")
    world.crm.state.most = 2
    pages = [(await world.ask(f"GET records/4102?page={page}&count=200")).json() for page in (1, 2, 3, 4)]
    assert [len(page["data"]) for page in pages] == [2, 2, 1, 0]
    assert {page["meta"]["total_count"] for page in pages} == {5}
    assert len({one["id"] for page in pages for one in page["data"]}) == 5


async def test_money_given_back_shows_in_the_cash_book_and_not_in_the_price(world: Chain) -> None:
    world.crm.pay(1891402563, -300)
    (visit,) = (await world.ask("GET records/4102?include_finance_transactions=1")).json()["data"]
    assert [one["amount"] for one in visit["finance_transactions"]] == [1800, -300]
    assert (visit["services"][0]["cost"], visit["paid_full"]) == (1800, 0)


async def test_goods_leave_the_stock(world: Chain) -> None:
    world.crm.add_goods(1891402563, 801, 2)
    (visit,) = (await world.ask("GET records/4102")).json()["data"]
    assert fits(visit["goods_transactions"], [{"title": "Шампунь", "amount": -2, "cost": 1980, "type_id": 1}])


async def test_the_other_manner_of_types(world: Chain) -> None:
    world.crm.state.shape = "strings"
    (visit,) = (await world.ask("GET records/4102")).json()["data"]
    assert fits(visit, {"paid_full": "1", "attendance": "1", "deleted": 0, "custom_fields": []})
    assert visit["datetime"].endswith("+0300")
    (money,) = (await world.ask("GET transactions/4102")).json()["data"]
    assert fits(money, {"id": "48151", "amount": "1800.00", "supplier": []})
    branch = (await world.ask("GET company/4102/")).json()["data"]
    assert fits(branch, {"id": "4102", "timezone": 3.0, "timezone_name": "Europe/Moscow"})
