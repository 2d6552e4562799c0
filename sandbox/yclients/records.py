"""Visits, money and clients as they are kept, and what people at the desk do with them."""

from datetime import datetime
from typing import Any

from sandbox.yclients import webhooks
from sandbox.yclients.seed import COMPANY, GOODS, SERVICES
from sandbox.yclients.state import Record, State


def client(state: State, name: str, phone: str, company: int = COMPANY) -> Record:
    """A client's card; the same phone in the same branch is the same card."""
    for card in state.table("clients").values():
        if phone and (card["phone"], card["company_id"]) == (phone, company):
            return card
    number = state.new_id("clients", 9001)
    card = {"id": number, "company_id": company, "name": name, "surname": "", "patronymic": "",
            "phone": phone, "card": "", "email": "", "last_change": state.clock.now()}  # fmt: skip
    state.table("clients")[number] = card
    webhooks.tell(state, company, "client", number, "create", {"id": number, "name": name})
    return card


def book(state: State, at: datetime, company: int = COMPANY, **more: Any) -> Record:
    """A visit booked: `services` are (id, cost after discount), `name` and `phone` of the client, `staff`."""
    person = (
        client(state, str(more["name"]), str(more.get("phone", "")), company) if more.get("name") else None
    )
    number = state.new_id("records", 1_891_402_563)
    record = {
        "id": number, "company_id": company, "staff_id": more.get("staff", 31), "goods": [],
        "services": [_service(*line) for line in more.get("services", [(55, 1800)])],
        "client_id": person["id"] if person else None, "no_client": more.get("no_client", "null"), "at": at,
        "created": state.clock.now(), "changed": state.clock.now(), "attendance": more.get("attendance", 0),
        "visit_id": state.new_id("visits", 812_345), "deleted": False, "comment": more.get("comment", ""),
        "length": 3600, "api_id": more.get("api_id", ""), "paid_full": int(more.get("paid_full", 0)),
        "activity_id": more.get("activity_id", 0),
    }  # fmt: skip
    state.table("records")[number] = record
    webhooks.tell(state, company, "record", number, "create", {"id": number, "services": []})
    return record


def _service(number: int, cost: float) -> Record:
    title, first = SERVICES.get(number, ("Услуга", cost))
    discount = round(100 - cost * 100 / first) if first and cost < first else 0
    return {"id": number, "title": title, "cost": cost, "manual_cost": cost, "cost_per_unit": cost,
            "discount": discount, "first_cost": max(first, cost), "amount": 1}  # fmt: skip


def change(state: State, number: int, **values: Any) -> Record:
    """Change a visit as a person does; `services` as in `book`. KeyError when there is none."""
    record = state.table("records")[number]
    if "services" in values:
        values["services"] = [_service(*line) for line in values["services"]]
    record |= {**values, "changed": state.clock.now()}
    told = {name: value for name, value in values.items() if name in ("attendance", "paid_full", "deleted")}
    status = "delete" if values.get("deleted") else "update"
    webhooks.tell(state, record["company_id"], "record", number, status, {"id": number, **told})
    return record


def cost_of(record: Record) -> float:
    """What the visit costs: the record itself bears no total."""
    return float(sum(line["cost"] for line in (*record["services"], *record["goods"])))


def pay(state: State, number: int, amount: float | None = None, account: str = "Карты") -> Record:
    """Money taken for a visit, or given back where it is negative; who owes nothing has paid in full."""
    record = state.table("records")[number]
    due = cost_of(record) if amount is None else amount
    made = money(state, due, record["company_id"], record_id=number, visit_id=record["visit_id"],
                 client_id=record["client_id"], account=account, sold="service")  # fmt: skip
    paid = sum(one["amount"] for one in state.table("transactions").values() if one["record_id"] == number)
    change(state, number, paid_full=int(paid >= cost_of(record) > 0))
    return made


def money(state: State, amount: float, company: int = COMPANY, **more: Any) -> Record:
    """A line of the cash book: `sold` service, goods_transaction, loyalty_abonement, or nothing."""
    number = state.new_id("transactions", 48_151)
    sold = more.get("sold", "")
    expense = more.get("expense") or (
        (7, "Продажа товаров") if sold == "goods_transaction" else (5, "Оказание услуг")
    )
    made = {
        "id": number, "company_id": company, "document_id": state.new_id("documents", 2225),
        "amount": amount, "at": more.get("at") or state.clock.now(), "changed": state.clock.now(),
        "expense": expense, "account": more.get("account", "Карты"), "client_id": more.get("client_id"),
        "record_id": more.get("record_id", 0), "visit_id": more.get("visit_id", 0), "sold": sold,
        "item": more.get("item", 0), "comment": more.get("comment", ""), "deleted": False,
    }  # fmt: skip
    state.table("transactions")[number] = made
    webhooks.tell(state, company, "finances_operation", number, "create",
                  {"id": number, "amount": amount, "record_id": made["record_id"]})  # fmt: skip
    return made


def add_goods(state: State, number: int, good: int, amount: int = 1) -> Record:
    """Goods sold within a visit: what is taken from the stock is negative, what it costs is not."""
    title, price = GOODS[good]
    record = state.table("records")[number]
    line = {"id": state.new_id("goods", 5001), "good_id": good, "title": title, "amount": -amount,
            "cost": price * amount, "cost_per_unit": price, "type_id": 1}  # fmt: skip
    return change(state, number, goods=[*record["goods"], line])
