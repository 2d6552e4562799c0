"""The stand-in answers the documented requests as RetailCRM is documented to."""

from typing import Any

import pytest

from tests.sandbox_retailcrm.conftest import Account
from tests.sandbox_retailcrm.exchanges import ALL, ANNA, NOTE, ORDER, TASK, Exchange

CHANNELS = {
    "name": "Каналы",
    "code": "channels",
    "elements": [{"name": "Бот", "code": "bot", "ordering": 10}],
}


@pytest.fixture
async def world(account: Account) -> Account:
    """The account with the records that the requests are about."""
    field = {"code": "tg_user", "name": "Telegram", "type": "string"}
    chosen = {"code": "channel", "name": "Канал", "type": "dictionary", "dictionary": "channels"}
    answers = [
        await account.post("custom-fields/dictionaries/create", customDictionary=CHANNELS),
        await account.post("custom-fields/order/create", customField=field),
        await account.post("custom-fields/order/create", customField=chosen),
        await account.post("custom-fields/customer/create", customField=field),
        await account.post("customers/create", customer=ANNA),
        await account.post("orders/create", site="main", order=ORDER),
        await account.post("tasks/create", site="main", task=TASK),
        await account.post("customers/notes/create", note=NOTE),
    ]
    assert [answer.status_code for answer in answers] == [201] * 8
    return account


def fits(found: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there: maps may hold more, lists must be as long."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            name in found and fits(found[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        pairs = zip(found, wanted, strict=False)
        return isinstance(found, list) and len(found) == len(wanted) and all(fits(*pair) for pair in pairs)
    return type(found) is type(wanted) and bool(found == wanted)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
async def test_exchange(case: Exchange, world: Account) -> None:
    method, _, path = case.request.partition(" ")
    answer = await (world.get(path) if method == "GET" else world.post(path, **case.form))
    assert answer.status_code == case.status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert fits(answer.json(), case.has), answer.text[:2000]


async def test_history_grows_and_is_read_by_the_last_id(world: Account) -> None:
    first = (await world.get("orders/history?limit=100")).json()
    assert [(entry["created"], entry["field"]) for entry in first["history"]] == [(True, "status")]
    assert first["history"][0]["apiKey"] == {"current": True}
    since = first["history"][-1]["id"]
    world.crm.change_order(4107, status="client-confirmed")
    world.crm.delete_order(4107)
    changed, deleted = (await world.get(f"orders/history?filter[sinceId]={since}")).json()["history"]
    assert (changed["source"], changed["user"]) == ("user", {"id": 27})
    assert (changed["oldValue"], changed["newValue"]) == ({"code": "new"}, {"code": "client-confirmed"})
    assert changed["order"]["externalId"] == "tg-lead-123"
    assert deleted["deleted"] is True
    assert (await world.get(f"orders/history?filter[sinceId]={deleted['id']}")).json()["history"] == []


async def test_history_by_date_is_in_the_time_of_the_account(world: Account) -> None:
    entry = (await world.get("orders/history")).json()["history"][0]
    moment = entry["createdAt"]
    assert (
        len((await world.get("orders/history", params={"filter[startDate]": moment})).json()["history"]) == 1
    )
    later = {"filter[startDate]": "2099-01-01 00:00:00"}
    assert (await world.get("orders/history", params=later)).json()["history"] == []
    assert (await world.get("customers/history")).json()["history"][0]["customer"]["id"] == 903
    assert (await world.get("tasks/history")).json()["history"][0]["task"]["id"] == 551


async def test_a_merged_record_names_the_one_it_lives_on_in(world: Account) -> None:
    other = (await world.post("orders/create", order={"phone": "+79990000001"})).json()["id"]
    merged = await world.post(
        "orders/combine", order={"id": 4107}, resultOrder={"id": other}, technique="ours"
    )
    assert merged.json() == {"success": True}
    for path in ("orders/4107?by=id", "orders/tg-lead-123"):
        answer = await world.get(path)
        assert (answer.status_code, answer.json()) == (
            404,
            {"success": False, "errorMsg": "Not found", "combinedTo": other},
        )
    customers = [record["id"] for record in world.crm.records("customers")]
    await world.post("customers/combine", customers=[{"id": 903}], resultCustomer={"id": customers[1]})
    assert (await world.get("customers/903?by=id")).json()["combinedTo"] == customers[1]


async def test_an_order_without_a_customer_finds_or_makes_one(world: Account) -> None:
    same = await world.post("orders/create", order={"phone": "7 916 123-45-67"})
    assert same.json()["order"]["customer"]["id"] == 903
    other = await world.post("orders/create", order={"phone": "+79990000001", "firstName": "Олег"})
    assert other.json()["order"]["customer"]["id"] == 904
    assert len(world.crm.records("customers")) == 2


async def test_pages(world: Account) -> None:
    for index in range(21):
        await world.post("orders/create", order={"externalId": f"page-{index}"})
    first = (await world.get("orders?limit=20")).json()
    second = (await world.get("orders?limit=20&page=2")).json()
    assert first["pagination"] == {"limit": 20, "totalCount": 22, "currentPage": 1, "totalPageCount": 2}
    assert (len(first["orders"]), len(second["orders"])) == (20, 2)
    assert not {o["id"] for o in first["orders"]} & {o["id"] for o in second["orders"]}


async def test_an_empty_map_is_a_list(world: Account) -> None:
    made = (await world.post("orders/create", order={"firstName": "Я"})).json()
    assert made["order"]["customFields"] == []


async def test_older_accounts_answer_with_the_id_alone(world: Account) -> None:
    world.crm.state.shows_order = False
    made = (await world.post("orders/create", order={"firstName": "Я"})).json()
    assert set(made) == {"success", "id"}
