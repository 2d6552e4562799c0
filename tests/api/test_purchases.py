"""Purchases and bonuses over the API; what is medical is in no answer and no report."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from crm_adapters import PROVIDERS
from storage.leads import customers as customer_rows
from tests.api.office import Office
from tests.transactions.shop import PROVIDER_NAME, TILL, TILLS, Till, sale
from web.api.table import ENDPOINTS

PHONE = "+79161234567"
DIAGNOSIS, PATIENT, SECRET_SUM = "Cardiologist", "patienthash7", "8461.53"


@pytest.fixture
def till(monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    monkeypatch.setitem(PROVIDERS, PROVIDER_NAME, TILL)
    TILLS.clear()
    TILLS["one"] = Till()
    yield TILLS["one"]
    TILLS.clear()


async def connected(office: Office, till: Till) -> tuple[str, str]:
    """(source, customer) with purchases of theirs, one of them medical; a rule gives ten percent."""
    services = office.product.services
    rule = await office.http.post(
        "/api/loyalty-rules", json={"name": "All", "percent": "10", "medical": True}
    )
    assert rule.status_code == 201, rule.text
    async with office.product.db.transaction(office.owner.organization_id) as s:
        number = await customer_rows.next_number(s)
        customer = await customer_rows.add_customer(
            s, office.clock(), number=number, name="Анна", phones=[PHONE]
        )
    _, source = await services.transaction_sources.connect(
        office.owner, PROVIDER_NAME, {"shop": "one"}, months=0
    )
    office.clock.advance(60)
    at = office.clock()
    till.put(
        sale("s1", "1000.00", at, PHONE, description="Coffee"),
        sale("m1", SECRET_SUM, at, PHONE, description=DIAGNOSIS, customer=PATIENT, medical=True),
    )
    office.clock.advance(timedelta(minutes=10).total_seconds())
    assert await services.transaction_sync.run("test") == 1
    return str(source), str(customer)


async def test_a_purchase_is_listed_paid_for_with_bonuses_and_its_source_is_watched(
    office: Office, till: Till
) -> None:
    source, customer = await connected(office, till)
    http = office.http
    listed = (await http.get("/api/transactions", params={"source_id": source})).json()
    (only,) = listed["items"]
    assert (only["external_id"], Decimal(only["amount"]), only["customer_id"]) == (
        "s1",
        Decimal(1000),
        customer,
    )
    assert (await http.get(f"/api/customers/{customer}/transactions")).json()["total"] == 1
    asked = {"phone": PHONE, "amount": "50.00", "key": "order-1"}
    made = await http.post("/api/redemptions", json=asked)
    assert made.status_code == 201, made.text
    for _ in range(2):
        confirmed = await http.post(f"{made.headers['Location']}/confirm")
        assert confirmed.json()["state"] == "confirmed"
    refused = await http.post("/api/redemptions", json={**asked, "amount": "99999", "key": "order-2"})
    assert refused.status_code in (400, 422)
    assert (await http.get(f"/api/customers/{customer}/bonuses")).json()["balance"] == "896.15"

    assert (await http.post(f"/api/transaction-sources/{source}/sync")).status_code == 200
    (seen,) = (await http.get("/api/transaction-sources")).json()["items"]
    assert (seen["title"], seen["added"], seen["last_error"]) == ("Till", 2, "")
    figures = (await http.get(f"/api/transaction-sources/{source}/statistics")).json()
    assert (figures["transactions"], figures["success_rate"]) == (2, 1.0)
    (run,) = (await http.get(f"/api/transaction-sources/{source}/log")).json()["items"]
    assert (run["verdict"], run["counts"]["added"]) == ("done", 2)


async def test_no_answer_and_no_report_tells_of_a_medical_purchase(office: Office, till: Till) -> None:
    source, customer = await connected(office, till)
    ids = {"/api/transaction-sources/": source, "/api/customers/": customer}
    asked = 0
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET":
            continue
        known = next((one for start, one in ids.items() if endpoint.path.startswith(start)), source)
        path = endpoint.path
        for place in endpoint.places:
            path = path.replace(f"{{{place}}}", known)
        answer = await office.http.get(path, params={"phone": PHONE} if "bonuses" in path else {})
        asked += answer.status_code == 200
        for secret in (DIAGNOSIS, PATIENT, SECRET_SUM, SECRET_SUM.replace(".", ",")):
            assert secret not in answer.text, (path, secret)
    assert asked > 15, "hardly anything was scanned"
    services, owner = office.product.services, office.owner
    reports = [
        await services.balances.of_phone(owner, PHONE),
        await services.transactions.browse(owner),
        await services.transaction_log.lines(owner),
        await services.transaction_sources.every(owner),
    ]
    for secret in (DIAGNOSIS, PATIENT, SECRET_SUM):
        assert secret not in repr(reports)


async def test_a_table_comes_by_the_api_once_however_often(office: Office) -> None:
    http, services = office.http, office.product.services
    day = office.clock().strftime("%Y-%m-%d")
    body = f"id;Day;amount;phone\nA1;{day} 00:10;1.000,50;{PHONE}\nA2;{day};much;\n".encode()
    asked = {"name": "sales.csv", "columns": "id,date,amount,phone", "system": "Till in Omsk"}
    for times in range(2):
        sent = await http.post(
            "/api/transaction-tables", params=asked, content=body, headers={"Content-Type": "text/csv"}
        )
        assert sent.status_code == 201, sent.text
        assert not sent.json()["finished"]
        assert await services.purchase_tables.advance() == 1
        told = (await http.get(sent.headers["Location"])).json()
        assert told["finished"]
        assert (told["counts"]["found"], told["counts"]["wrong"], told["counts"]["added"]) == (
            2,
            1,
            1 - times,
        )
        assert not told["failed"]
    listed = (await http.get("/api/transactions")).json()
    assert [one["external_id"] for one in listed["items"]] == ["A1"]
    named = (await http.get("/api/transaction-sources")).json()
    assert [one["name"] for one in named["items"]] == ["Till in Omsk"]
    wrong = await http.post(
        "/api/transaction-tables", params={"columns": "id,oops"}, content=body,
        headers={"Content-Type": "text/csv"},
    )  # fmt: skip
    assert wrong.status_code == 422
