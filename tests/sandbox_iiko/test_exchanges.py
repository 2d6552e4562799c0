"""The stand-in answers the documented requests as iiko is documented to; the data are invented by us."""

from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.iiko.orders import item
from sandbox.iiko.seed import BAR, CAFE, FOREIGN, TERMINAL
from tests.sandbox_iiko.conftest import Chain
from tests.sandbox_retailcrm.test_exchanges import fits

ORDER = "f2c10000-0000-0000-0000-000000000001"
HALL = "f2c10000-0000-0000-0000-000000000002"
DAY = {"deliveryDateFrom": "2026-03-04 00:00:00.000", "deliveryDateTo": "2026-03-04 23:59:59.999"}
CLOSED = {
    "id": ORDER,
    "organizationId": CAFE,
    "timestamp": 1772625600000,
    "creationStatus": "Success",
    "errorInfo": None,
    "order": {
        "phone": "+79990001122",
        "status": "Closed",
        "sum": 1350.0,
        "isDeleted": False,
        "customer": {"type": "one-time", "name": "Олег"},
        "completeBefore": "2026-03-04 15:00:00.000",
        "whenCreated": "2026-03-04 15:00:00.000",
        "whenClosed": "2026-03-04 15:00:00.000",
        "whenSended": None,
        "movedToDeliveryId": None,
        "sourceKey": "site",
        "items": [
            {
                "type": "Product",
                "product": {"name": "Рамен"},
                "price": 1400.0,
                "cost": 1400.0,
                "resultSum": 1300.0,
                "amount": 1,
                "deleted": None,
                "modifiers": [{"product": {"name": "Яйцо"}, "price": 50.0, "resultSum": 50.0, "amount": 1}],
            },
            {"product": {"name": "Моти"}, "deleted": {"deletionMethod": {}}},
        ],
        "payments": [{"sum": 1350.0, "isPreliminary": False, "paymentType": {"kind": "Card"}}],
        "processedPaymentsSum": 1350.0,
        "terminalGroupId": TERMINAL,
    },
}
INVALID = {"error": "VALIDATION_ERROR"}


@dataclass(frozen=True)
class Exchange:
    """A path after /api/1/, a body, and a part of the answer."""

    name: str
    path: str
    body: Any = None
    status: int = 200
    has: Any = None


X = Exchange
OWN, BOTH = {"organizationIds": [CAFE]}, {"organizationIds": [CAFE, BAR]}
BY_DATE, BY_REVISION = "deliveries/by_delivery_date_and_status", "deliveries/by_revision"
INFO, UPSERT = "loyalty/iiko/customer/info", "loyalty/iiko/customer/create_or_update"
WEBHOOK = {
    "organizationId": CAFE,
    "webHooksUri": "https://crm.example/hooks/iiko/abc",
    "authToken": "long-random",
    "webHooksFilter": {
        "deliveryOrderFilter": {"orderStatuses": ["Delivered", "Closed"], "itemStatuses": [], "errors": True}
    },
}
ALL = [
    X("restaurants", "organizations", {"organizationIds": None, "returnAdditionalInfo": True}, 200,
      {"organizations": [{"responseType": "Extended", "id": CAFE, "name": "Кафе Юг", "code": "31",
                          "currencyIsoName": "RUB", "timezone": "Europe/Moscow"}, {"id": BAR}]}),
    X("restaurants in short", "organizations", {"organizationIds": [CAFE]}, 200,
      {"organizations": [{"responseType": "Simple", "id": CAFE, "name": "Кафе Юг", "code": "31"}]}),
    X("terminals", "terminal_groups", {**OWN, "includeDisabled": True}, 200,
      {"terminalGroups": [{"organizationId": CAFE, "items": [{"id": TERMINAL}]}]}),
    X("orders of a day", BY_DATE, {**OWN, **DAY}, 200,
      {"ordersByOrganizations": [{"organizationId": CAFE, "orders": [CLOSED]}]}),
    X("orders of both", BY_DATE, {**BOTH, **DAY}, 200,
      {"ordersByOrganizations": [{"organizationId": CAFE}, {"organizationId": BAR, "orders": []}]}),
    X("in a status", BY_DATE, {**OWN, **DAY, "statuses": ["Cancelled"]}, 200,
      {"ordersByOrganizations": [{"orders": []}]}),
    X("of the evening", BY_DATE, {**OWN, "deliveryDateFrom": "2026-03-04 15:00:00.001"}, 200,
      {"ordersByOrganizations": [{"orders": []}]}),
    X("of no day", BY_DATE, OWN, 400, INVALID),
    X("of a day in another form", BY_DATE, {**OWN, "deliveryDateFrom": "2026-03-04T00:00:00Z"}, 400, INVALID),
    X("of nobody", BY_DATE, DAY, 400, INVALID),
    X("of a stranger", BY_DATE, {"organizationIds": [FOREIGN], **DAY}, 400, INVALID),
    X("by revision", BY_REVISION, {**OWN, "startRevision": 1772625599999}, 200,
      {"ordersByOrganizations": [{"orders": [CLOSED]}]}),
    X("by the newest revision", BY_REVISION, {**OWN, "startRevision": 1772625699999}, 200,
      {"ordersByOrganizations": [{"orders": []}]}),
    X("by a revision of yesterday", BY_REVISION, {**OWN, "startRevision": 1}, 400,
      {"error": "TOO_OLD_REVISION"}),
    X("by a revision in a text", BY_REVISION, {**OWN, "startRevision": "1"}, 400, INVALID),
    X("one order", "deliveries/by_id", {"organizationId": CAFE, "orderIds": [ORDER]}, 200,
      {"orders": [CLOSED]}),
    X("one of another restaurant", "deliveries/by_id", {"organizationId": BAR, "orderIds": [ORDER]}, 200,
      {"orders": []}),
    X("an order of the hall", "order/by_id", {**OWN, "orderIds": [HALL]}, 200,
      {"orders": [{"id": HALL, "order": {"status": "New", "sum": 450.0, "phone": None}}]}),
    X("a guest by phone", INFO, {"type": "phone", "phone": "+79990001133", "organizationId": CAFE}, 200,
      {"name": "Анна", "phone": "+79990001133", "cards": [{"number": "C-17", "track": "C-17"}], "sex": 0}),
    X("a guest by card", INFO, {"type": "cardNumber", "cardNumber": "C-17", "organizationId": CAFE}, 200,
      {"phone": "+79990001133"}),
    X("no such guest", INFO, {"type": "phone", "phone": "+79990009999", "organizationId": CAFE}, 400,
      {"error": "Validation_IncorrectPhone"}),
    X("a guest by nothing", INFO, {"organizationId": CAFE}, 400, INVALID),
    X("a guest is mended", UPSERT, {"organizationId": CAFE, "phone": "+79990001133", "name": "Аня"}, 200, {}),
    X("a made up guest", UPSERT, {"organizationId": CAFE, "id": "x"}, 400),
    X("no webhook", "webhooks/settings", {"organizationId": CAFE}, 200,
      {"apiLoginName": "Voronka", "webHooksUri": None, "webHooksFilter": None}),
    X("a webhook", "webhooks/update_settings", WEBHOOK, 200, {}),
    X("a webhook to nowhere", "webhooks/update_settings", {"organizationId": CAFE}, 400, INVALID),
    X("no such method", "nothing", {}, 404),
]  # fmt: skip


@pytest.fixture
async def world(chain: Chain) -> Chain:
    """An order that was closed, one in the hall, and a guest with a card."""
    lines = [item("Рамен", 1400.0, discount=100.0, modifiers=[("Яйцо", 50.0)]), item("Моти", deleted=True)]
    chain.crm.sell(id=ORDER, items=lines, source="site")
    chain.crm.order(hall=True, id=HALL, items=[item("Гёдза")])
    chain.crm.guest("+79990001133", "Анна", "C-17")
    return chain


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
async def test_exchange(case: Exchange, world: Chain) -> None:
    answer = await world.ask(case.path, case.body)
    assert answer.status_code == case.status, answer.text
    if case.has is not None:
        assert fits(answer.json(), case.has), answer.text[:2000]
    if not case.path.startswith("loyalty") or case.status >= 400:
        assert answer.json()["correlationId"]


async def test_what_was_set_is_read_back(world: Chain) -> None:
    await world.ask("webhooks/update_settings", WEBHOOK)
    told = (await world.ask("webhooks/settings", {"organizationId": CAFE})).json()
    assert fits(
        told, {"apiLoginName": "Voronka", "webHooksUri": WEBHOOK["webHooksUri"], "authToken": "long-random"}
    )


async def test_days_are_the_terminal_s_own_and_kept_for_a_week(world: Chain) -> None:
    asked = {
        **OWN,
        "deliveryDateFrom": "2026-03-04 14:59:00.000",
        "deliveryDateTo": "2026-03-04 15:01:00.000",
    }
    answer = (await world.ask(BY_DATE, asked)).json()
    assert len(answer["ordersByOrganizations"][0]["orders"]) == 1
    world.crm.clock.advance(8 * 86_400)
    await world.login()
    assert (await world.ask(BY_DATE, asked)).json()["ordersByOrganizations"][0]["orders"] == []


async def test_revisions_grow_and_tell_each_change_once(world: Chain) -> None:
    before = (await world.ask(BY_DATE, {**OWN, **DAY})).json()["maxRevision"]
    world.crm.change(ORDER, status="Cancelled")
    answer = (await world.ask(BY_REVISION, {**OWN, "startRevision": before})).json()
    (order,) = answer["ordersByOrganizations"][0]["orders"]
    assert order["order"]["status"] == "Cancelled"
    assert order["order"]["cancelInfo"]
    assert answer["maxRevision"] > before
    again = await world.ask(BY_REVISION, {**OWN, "startRevision": answer["maxRevision"]})
    assert again.json()["ordersByOrganizations"][0]["orders"] == []


@pytest.mark.parametrize("creation", ["InProgress", "Error"])
async def test_what_is_not_made_yet_has_no_order(chain: Chain, creation: str) -> None:
    number = chain.crm.order(creation=creation)
    (told,) = (await chain.ask("deliveries/by_id", {"organizationId": CAFE, "orderIds": [number]})).json()[
        "orders"
    ]
    assert told["order"] is None
    assert bool(told["errorInfo"]) is (creation == "Error")
