"""Orders: how they are kept, what the staff does with them, and how they are shown."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sandbox.iiko import webhooks
from sandbox.iiko.seed import CAFE, TERMINAL
from sandbox.iiko.state import Record, State

OPEN, CLOSED = "Unconfirmed", "Closed"
MENU = {"Рамен": 1400.0, "Гёдза": 450.0, "Моти": 250.0}


def item(name: str, price: float | None = None, amount: float = 1, **more: Any) -> Record:
    """A line of an order: `discount` off all of it, `modifiers` as (name, price), `deleted` from it."""
    price = MENU.get(name, 100.0) if price is None else price
    return {
        "type": "Product", "product": {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, name)), "name": name},
        "modifiers": [_modifier(*one) for one in more.get("modifiers", ())],
        "price": price, "cost": price * amount, "pricePredefined": True, "positionId": str(uuid.uuid4()),
        "taxPercent": None, "resultSum": price * amount - more.get("discount", 0), "status": "Served",
        "deleted": {"deletionMethod": {"id": str(uuid.uuid4())}} if more.get("deleted") else None,
        "amount": amount, "comment": None, "whenPrinted": None, "size": None, "comboInformation": None,
    }  # fmt: skip


def _modifier(name: str, price: float) -> Record:
    return {
        "product": {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, name)), "name": name}, "amount": 1,
        "amountIndependentOfParentAmount": False, "productGroup": None, "price": price, "resultSum": price,
        "pricePredefined": True, "deleted": None, "positionId": str(uuid.uuid4()),
    }  # fmt: skip


def sum_of(items: Iterable[Record]) -> float:
    """What is to be paid for the lines that were not deleted, modifiers included."""
    kept = [one for one in items if not one["deleted"]]
    return float(sum(one["resultSum"] + sum(more["resultSum"] for more in one["modifiers"]) for one in kept))


def create(state: State, table: str, organization: str = CAFE, **more: Any) -> Record:
    """An order of `deliveries` or of `tables`: `items`, `phone`, `customer` (id), `name`, `status`, `source`;
    with `creation` InProgress or Error it has no order in it."""
    now = state.clock.now()
    items = more.get("items") or [item("Рамен")]
    number = str(more.get("id") or uuid.uuid4())
    order = {
        "id": number, "organization": organization, "table": table,
        "creation": more.get("creation", "Success"),
        "phone": more.get("phone"), "customer": more.get("customer"), "name": more.get("name"),
        "status": more.get("status", "New" if table == "tables" else OPEN), "items": items,
        "at": more.get("at") or now, "created": now, "closed": None, "delivered": None, "deleted": False,
        "cancel": None, "source": more.get("source"), "moved_to": None, "number": 6511, "changed": now,
        "type": more.get("type", "Доставка"), "discount": more.get("discount", 0),
    }  # fmt: skip
    state.table(table)[number] = order
    _changed(state, order)
    return order


def change(state: State, number: str, **values: Any) -> Record:
    """Change an order as the staff does. KeyError when there is none."""
    order = find(state, number)
    order |= values
    if values.get("status") == CLOSED and "closed" not in values:
        order["closed"] = state.clock.now()
    if values.get("status") == "Delivered":
        order["delivered"] = state.clock.now()
    if values.get("status") == "Cancelled":
        order["cancel"] = {"whenCancelled": state.local(state.clock.now()), "cause": None, "comment": None}
    _changed(state, order)
    return order


def find(state: State, number: str) -> Record:
    """The order. KeyError when there is none."""
    for table in ("deliveries", "tables"):
        if number in state.table(table):
            return state.table(table)[number]
    raise KeyError(number)


def _changed(state: State, order: Record) -> None:
    order["revision"], order["changed"] = state.next_revision(), state.clock.now()
    webhooks.tell(state, order, shown(state, order))


def shown(state: State, order: Record) -> Record:
    """OrderInfo. What could not be created has no order."""
    made = order["creation"] == "Success"
    wrong = {"code": "ProductNotFound", "message": "Product not found", "description": None,
             "additionalData": None, "errorReason": None}  # fmt: skip
    return {
        "id": order["id"], "posId": order["id"], "externalNumber": None,
        "organizationId": order["organization"],
        "timestamp": int(order["changed"].timestamp() * 1000), "creationStatus": order["creation"],
        "errorInfo": wrong if order["creation"] == "Error" else None,
        "order": _inside(state, order) if made else None,
    }  # fmt: skip


def _inside(state: State, order: Record) -> Record:
    total = sum_of(order["items"]) - order["discount"]
    paid = [_payment(total)] if order["status"] in ("Delivered", CLOSED) else []
    inside = {
        "customer": _guest(order), "phone": order["phone"], "status": order["status"], "sum": total,
        "whenCreated": state.local(order["created"]), "whenClosed": state.local(order["closed"]),
        "number": order["number"], "sourceKey": order["source"], "guestsInfo": {"count": 1},
        "items": order["items"], "combos": [], "payments": paid, "tips": [], "discounts": [],
        "terminalGroupId": TERMINAL, "processedPaymentsSum": total if paid else 0,
        "loyaltyInfo": {"coupon": None, "appliedManualConditions": None}, "externalData": None,
        "orderType": {
            "id": str(uuid.UUID(int=5)), "name": order["type"], "orderServiceType": "DeliveryByCourier",
        },
    }  # fmt: skip
    if order["table"] == "tables":
        return {"tableIds": [str(uuid.UUID(int=9))], **inside}
    return {
        "parentDeliveryId": None, "phoneExtension": None, "deliveryPoint": None,
        "cancelInfo": order["cancel"],
        "courierInfo": None, "completeBefore": state.local(order["at"]), "whenConfirmed": None,
        "whenPrinted": None, "whenCookingCompleted": None, "whenSended": None, "whenBillPrinted": None,
        "whenDelivered": state.local(order["delivered"]), "comment": None, "problem": None, "operator": None,
        "marketingSource": None, "deliveryDuration": 45, "isDeleted": order["deleted"],
        "movedToDeliveryId": order["moved_to"], "conception": None, **inside,
    }  # fmt: skip


def _guest(order: Record) -> Record | None:
    if order["customer"]:
        return {"type": "regular", "id": order["customer"], "name": order["name"], "surname": None,
                "comment": None, "gender": "NotSpecified", "inBlacklist": False,
                "birthdate": None}  # fmt: skip
    return {"type": "one-time", "name": order["name"]} if order["name"] else None


def _payment(total: float) -> Record:
    kind = {"id": str(uuid.UUID(int=7)), "name": "Карта", "kind": "Card"}
    return {"paymentType": kind, "sum": total, "isPreliminary": False, "isExternal": False, "isPrepay": False,
            "isProcessedExternally": False, "isFiscalizedExternally": False}  # fmt: skip


def within(state: State, order: Record, first: datetime, last: datetime) -> bool:
    """Whether it is to be delivered between two wall clocks of its terminal."""
    told: datetime = order["at"].astimezone(state.zone).replace(tzinfo=None)
    return first <= told <= last
